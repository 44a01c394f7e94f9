"""Patients at risk under the ticks of curves, counted by hand from the times of the data."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from equipoise.records import Study
from equipoise.records.ticks import tick_level, tick_of, time_ticks
from equipoise.records.units import unit
from equipoise.report.figures import kaplan_meier
from equipoise.study import run_study
from sheet import Sheet


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    made = Sheet(tmp_path_factory.mktemp("at_risk"))
    del made.protocol["design"]
    made.protocol |= {
        "propensity": ["age", "vi"],
        "primary": "weighted",
        "designs": {"weighted": {"kind": "weights", "target": "ate"}},
    }
    made.protocol["subgroups"] = {"age": {"label": "Age", "levels": {"older": "age > 60", "younger": "age <= 60"}}}
    return made


@pytest.fixture(scope="module")
def study(sheet: Sheet) -> Study:
    return run_study(sheet.write())


def rows(study: Study, statistic: str, **parts: str) -> dict[float, float]:
    """Tick -> value."""
    found = (r for r in study.estimates.rows.values() if r.statistic == statistic)
    asked = {"design": "unadjusted", "population": "all"} | parts
    return {tick_of(r.level): r.value for r in found if all(getattr(r, k) == v for k, v in asked.items())}


@pytest.mark.parametrize(("arm", "value"), [("a", "A"), ("b", "B")])
@pytest.mark.parametrize("population", ["all", "age older"])
def test_who_is_at_risk_has_a_time_of_that_length_or_more(study: Study, sheet: Sheet, arm: str, value: str, population: str):
    columns = zip(sheet.columns["days"], sheet.columns["arm"], sheet.columns["age"], strict=True)
    times = np.array([days for days, a, age in columns if a == value and (population == "all" or age > 60)])
    found = rows(study, "at_risk", group=arm, population=population)
    assert len(found) > 3 and min(found) == 0
    assert found == {tick: float((times >= tick).sum()) for tick in found}


def test_the_same_times_in_every_design_and_population(study: Study):
    known = [r for r in study.estimates.rows.values() if r.statistic == "at_risk"]
    curves: dict[tuple[str, ...], list[float]] = {}
    for r in known:
        curves.setdefault((r.design, r.population, r.group), []).append(tick_of(r.level))
    assert len(curves) >= 6 and len({tuple(ticks) for ticks in curves.values()}) == 1
    assert {unit(r, study.protocol) for r in known} == {"patients"}


def test_what_weighted_patients_are_worth_is_the_square_of_their_sum_over_that_of_squares(study: Study, sheet: Sheet):
    """Kish LJ. Survey Sampling. New York: Wiley 1965."""
    design = study.design("weighted")
    days, arm = np.array(sheet.columns["days"]), study.cohort.in_arm("a")
    found = rows(study, "effective_at_risk", group="a", design="weighted")
    for tick, worth in found.items():
        w = design.weight[arm & design.include & (days >= tick)]
        assert worth == pytest.approx(w.sum() ** 2 / (w**2).sum() if len(w) else 0, rel=1e-12)


def test_a_figure_prints_them(study: Study):
    figure = kaplan_meier(study, "unadjusted")
    drawn = [text.get_text() for axes in figure.axes for text in axes.texts]
    ticks = [float(t.get_text().replace(",", "")) for t in figure.axes[0].get_xticklabels()]
    for arm in ("a", "b"):
        found = rows(study, "at_risk", group=arm)
        counts = [f"{found[tick]:,.0f}" for tick in ticks]
        at = next(i for i in range(len(drawn)) if drawn[i : i + len(counts)] == counts)
        assert re.match("Alfa|Beta", drawn[at - 1])


def test_levels_are_times_in_words():
    assert [tick_level(t, u) for t, u in ((0, "months"), (1, "months"), (0.5, "years"), (1095, "days"))] == [
        "0 months", "1 month", "0.5 years", "1095 days",
    ]  # fmt: skip
    assert tick_of("0.5 years") == 0.5
    assert time_ticks(31.4, "months") == [0, 6, 12, 18, 24, 30]


def test_few_patients_at_risk_are_masked_in_rows_and_figure(tmp_path: Path):
    made = Sheet(tmp_path)
    made.protocol["minimum_cell"] = 5
    shown = run_study(made.write())
    values = [r.value for r in shown.estimates.rows.values() if r.statistic == "at_risk"]
    assert any(np.isnan(v) for v in values) and not any(0 < v < 5 for v in values)
    figure = kaplan_meier(shown, "unadjusted")
    drawn = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert not {"1", "2", "3", "4"} & set(drawn) and "<5" in drawn
