"""Marks of censored patients: all of them on the curve of a study as most are, few enough to see the curve in a large one."""

import numpy as np
import pytest

from equipoise.report.figures import kaplan_meier
from equipoise.report.figures.censor_marks import CELLS, MOST, marked_times
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.study import run_study
from sheet import invented


def test_a_hundred_times_are_all_marked_and_times_of_deaths_are_not():
    censored = np.tile([1, 0], MOST)
    assert np.array_equal(marked_times(np.arange(1.0, 2 * MOST + 1), censored, 250.0), censored > 0)


def test_of_more_the_last_time_in_each_part_of_the_axis_is_marked():
    time = np.arange(1.0, 5001.0)
    kept = np.flatnonzero(marked_times(time, np.ones(5000), 5000.0))
    assert len(kept) == CELLS and kept[-1] == 4999
    assert np.all(np.diff(kept) > 5000 / CELLS - 2)


@pytest.mark.slow
def test_five_thousand_patients_do_not_bury_their_curves(sheet):
    sheet.columns = invented(5000)
    sheet.columns["days"] = [d + i / 5000 for i, d in enumerate(sheet.columns["days"])]
    study = run_study(sheet.write())
    (axes,) = kaplan_meier(study, "unadjusted").axes
    marks = [line for line in axes.lines if line.get_marker() == "|"]
    fits = [study.estimates.curves[f"os.unadjusted.all.{arm}"].fit for arm in "ab"]
    for mark, fit in zip(marks, fits, strict=True):
        assert (fit.censored > 0).sum() > MOST >= len(mark.get_xdata())
        on_curve = dict(zip(fit.time, fit.survival, strict=True))
        assert all(on_curve[x] == y for x, y in zip(*mark.get_data(), strict=True))
    assert "at most one tick in each 80th of the time axis" in captions.curves(Numbers(study))


def test_the_caption_of_a_small_study_says_no_more_than_what_ticks_are(tiny_study):
    assert "Ticks: censored patients." in captions.curves(Numbers(tiny_study))
