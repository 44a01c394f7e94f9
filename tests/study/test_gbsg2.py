"""The spreadsheet study on real patients, against R: survival 3.5-3 for the effects, MatchIt 4.7.2 for the match."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.study import run_study


@pytest.fixture(scope="module")
def study(repository):
    return run_study(repository / "examples" / "gbsg2" / "study.yaml")


@pytest.mark.parametrize(
    ("key", "value", "low", "high", "digits"),
    [
        ("attrition.arm.hormone.n", 246, None, None, 0),
        ("attrition.arm.none.n", 440, None, None, 0),
        ("survival.rfs.unadjusted.event_count.total.events", 299, None, None, 0),
        ("survival.rfs.unadjusted.kaplan_meier.hormone.median", 2018, 1918, np.nan, 0),
        ("survival.rfs.unadjusted.kaplan_meier.none.median", 1528, 1296, 1814, 0),
        ("survival.rfs.unadjusted.logrank.chi2", 8.565, None, None, 3),
        ("survival.rfs.unadjusted.cox.hormone-vs-none.hr", 0.695, 0.544, 0.888, 3),
        ("design.matched.pairs.value", 243, None, None, 0),
        ("design.matched.max_abs_smd.value", 0.0795, None, None, 4),
        ("survival.rfs.matched.cox.hormone-vs-none.hr", 0.6667, 0.5087, 0.8739, 4),
        ("survival.rfs.matched.logrank.chi2", 8.756, None, None, 3),
    ],
)
def test_known_numbers(study, key, value, low, high, digits):
    row = study.estimates[key]
    assert round(row.value, digits) == value
    if low is not None:
        assert round(row.low, digits) == low
        assert np.isnan(high) == np.isnan(row.high) and (np.isnan(high) or round(row.high, digits) == high)


def test_every_number_has_one_key_and_names_its_convention(study):
    frame = study.estimates.frame()
    assert frame["key"].is_unique
    assert set(frame["convention"]) == {"r"}
    assert (frame["key"] == frame["key"].str.lower()).all()


def test_hazard_ratio_interval_and_p_come_from_one_fit(study):
    """For Wald rows the hazard ratio is the geometric mean of its limits, and P follows from both."""
    from scipy.special import ndtr

    checked = 0
    for key, row in study.estimates.rows.items():
        if row.statistic != "hr" or np.isnan(row.value):
            continue
        p = study.estimates[key.removesuffix("hr") + "p"].value
        z = np.log(row.value) / ((np.log(row.high) - np.log(row.low)) / (2 * 1.959963984540054))
        assert row.value == pytest.approx(np.sqrt(row.low * row.high), rel=1e-9)
        assert 2 * ndtr(-abs(z)) == pytest.approx(p, rel=1e-6)
        checked += 1
    assert checked > 15


def test_the_third_party_pairs_do_not_depend_on_the_file_order(study, repository, tmp_path):
    import openpyxl

    source = openpyxl.load_workbook(repository / "examples" / "gbsg2" / "gbsg2.xlsx")
    rows = list(source["patients"].values)
    book = openpyxl.Workbook()
    book.active.title = "patients"
    for row in [rows[0], *reversed(rows[1:])]:
        book.active.append(row)
    book.save(tmp_path / "gbsg2.xlsx")
    (tmp_path / "study.yaml").write_text((repository / "examples" / "gbsg2" / "study.yaml").read_text(encoding="utf-8"))
    again = run_study(tmp_path / "study.yaml")
    assert again.design("matched").pair.tolist() == study.design("matched").pair.tolist()
    assert again.estimates.frame().equals(study.estimates.frame())


GOLDEN = json.loads((Path(__file__).parent / "reference" / "gbsg2.json").read_text())


@pytest.mark.parametrize("key", GOLDEN)
def test_every_number_agrees_with_r(study, key):
    """At 1e-8 relative, given the pairs."""
    row = study.estimates[key]
    for ours, theirs in zip((row.value, row.low, row.high), GOLDEN[key], strict=True):
        if theirs is not None:
            assert ours == pytest.approx(theirs, rel=1e-8)


def test_the_pairs_behind_the_golden_values_are_ours(study):
    with (Path(__file__).parent / "reference" / "gbsg2_analysis.csv").open() as f:
        stored = {row["patient_id"]: int(row["pair"]) for row in csv.DictReader(f)}
    assert stored == dict(zip(study.cohort.patient, study.design("matched").pair, strict=True))
