"""Competing events of an endpoint: incidence, Gray's test and Fine-Gray through the whole study, by hand and beside cmprsk."""

from __future__ import annotations

import csv
import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.special import chdtrc

from equipoise import stats
from equipoise.records.reasons import reason
from equipoise.report.figures import cumulative_incidence
from equipoise.study import run_study
from sheet import Sheet

STATS = Path(__file__).parents[1] / "stats"
CONTRAST = "a-vs-b"
CODES = {"column": "etype", "is": ["1"], "competing": ["2"], "censored": ["0"]}


def effect(study, rest, design="unadjusted"):
    return study.estimates.get(f"effect.os.{design}.{rest}")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    with gzip.open(STATS / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = Sheet(tmp_path_factory.mktemp("cohort"))
    sheet.columns = {n: [r[n] for r in rows] for n in ("x1", "x3", "etype")} | {
        "id": [r["id"] for r in rows],
        "arm": ["A" if r["treat"] == "1" else "B" for r in rows],
        "days": [r["time"] for r in rows],
    }
    sheet.protocol["covariates"] = {n: {"label": n, "kind": "continuous", "from": n} for n in ("x1", "x3")}
    sheet.protocol["endpoints"]["os"]["event"] = CODES
    sheet.protocol["endpoints"]["early"] = {
        "kind": "binary", "label": "Early", "short": "E", "event_label": "Early event", "of": "os", "within_days": 365,
    }  # fmt: skip
    del sheet.protocol["design"]
    sheet.protocol |= {"landmarks": [365, 730, 1095], "propensity": ["x1", "x3"], "cox": {}, "primary": "matched"}
    sheet.protocol["designs"] = {"matched": {"kind": "match"}, "att": {"kind": "weights", "target": "att"}}
    return sheet


@pytest.fixture(scope="module")
def study(cohort):
    return run_study(cohort.write())


def test_cmprsk_on_the_synthetic_cohort(study):
    """cuminc by arm, log-log limits from its variance, and Gray's test: reference/cohort_1000.R."""
    r = json.loads((STATS / "reference" / "cohort_1000.json").read_text(encoding="utf-8"))["results"]["cuminc"]
    for arm, name in (("a", "1 1"), ("b", "0 1")):
        i = r["groups"].index(name)
        for j, day in enumerate((365, 730, 1095)):
            row = effect(study, f"incidence.{day}_days.{arm}.incidence")
            F, se = r["est"][i][j], math.sqrt(r["var"][i][j])
            reach = 1.959963984540054 * se / (F * abs(math.log(F)))
            assert (row.value, row.low, row.high) == pytest.approx((F, F ** math.exp(reach), F ** math.exp(-reach)), rel=1e-8)
    chi2 = next(v for k, v in r.items() if k.startswith("gray"))[0]
    assert effect(study, "incidence.p").value == pytest.approx(chdtrc(1, chi2), rel=1e-8)


def test_the_competing_events_are_counted_by_arm(study, cohort):
    columns = cohort.columns
    for arm in "AB":
        n = sum(a == arm and e == "2" for a, e in zip(columns["arm"], columns["etype"], strict=True))
        assert effect(study, f"incidence.competing.{arm.lower()}.n").value == n


def test_weights_have_incidence_and_no_gray(study):
    row = effect(study, "incidence.p", "att")
    assert math.isnan(row.value) and "Gray" in reason(row.method)
    assert 0 < effect(study, "incidence.365_days.b.incidence", "att").value < 1
    assert not math.isnan(effect(study, f"fine_gray.{CONTRAST}.hr", "att").low)
    assert "without regard to pairs" in effect(study, "incidence.p", "matched").method


def test_without_censoring_fine_gray_is_cox_with_the_competing_at_risk_for_ever(cohort, tmp_path):
    """Algebra: the weights of those with the other event are 1, so that they stay; Breslow ties, the robust variance."""
    keep = [i for i, e in enumerate(cohort.columns["etype"]) if e != "0"]
    columns = {n: [v[i] for i in keep] for n, v in cohort.columns.items()}
    study = run_study(Sheet(tmp_path, columns, cohort.protocol).write())
    time = np.array([float(t) for t in columns["days"]])
    event = np.array([e == "1" for e in columns["etype"]])
    arm = np.array([float(a == "A") for a in columns["arm"]])[:, None]
    fit = stats.cox(np.where(event, time, time.max() + 1), event.astype(int), arm, ties="breslow", robust=True)
    row = effect(study, f"fine_gray.{CONTRAST}.hr")
    assert (row.value, row.low, row.high) == pytest.approx((fit.hr[0], fit.low[0], fit.high[0]), rel=1e-8)


def test_whoever_had_the_competing_event_is_known_not_to_have_the_other(study, cohort):
    rows = list(zip(cohort.columns["days"], cohort.columns["etype"], strict=True))
    lost = sum(e == "0" and float(d) < 365 for d, e in rows)
    found = [study.estimates.get(f"effect.early.unadjusted.risk.unknown.censored_before_day_365.{a}.n") for a in "ab"]
    assert sum(r.value for r in found if r) == lost


def test_sources_with_dates(tiny):
    """Progression with death competing, from raw tables: the earlier one decides."""
    tiny.protocol = tiny.protocol.replace(
        "events: [radiologic_progression, death]", "events: [radiologic_progression]\n    competing: [death]"
    )
    study = run_study(tiny.write())
    times, os = study.outcomes.endpoints["ttp"], study.outcomes.endpoints["os"]
    assert times.competing is not None and times.competing.any()
    assert not (times.event[times.competing] == 1).any()
    assert (times.time[times.competing] == os.time[times.competing]).all() and (os.event[times.competing] == 1).all()
    dead = (os.event == 1) & (times.event == 0)
    assert (times.competing == dead).all()


@pytest.mark.parametrize(
    ("competing", "said"), [("[dead]", "there is no source 'dead'"), ("[last_scan]", "named as competing and as something else")]
)
def test_competing_sources_that_cannot_be(tiny, competing, said):
    tiny.protocol = tiny.protocol.replace(
        "events: [radiologic_progression, death]", f"events: [radiologic_progression]\n    competing: {competing}"
    )
    with pytest.raises(Exception, match=said):
        run_study(tiny.write())


@pytest.mark.parametrize("design", ["unadjusted", "att"])
def test_survfit_draws_the_same_curves(study, design):
    """Aalen-Johansen of both causes, as they are and weighted, and who is at risk: reference/incidence_curves.R."""
    r = json.loads((Path(__file__).parent / "reference" / "incidence_curves.json").read_text(encoding="utf-8"))
    days = np.array(r["days"], dtype=float)
    curves = study.estimates.curves
    for arm in "ab":
        for cause in ("event", "competing"):
            fit = curves[f"incidence.os.{design}.all.{cause}.{arm}"].fit
            assert fit.at(days).incidence == pytest.approx(np.array(r[design][arm][cause]), rel=1e-8)
        at_risk = curves[f"os.{design}.all.{arm}"].fit
        assert at_risk.at_risk_at(days).tolist() == r["at_risk"][arm]
        if design == "att":
            assert at_risk.effective_at_risk_at(days) == pytest.approx(np.array(r["effective"][arm]), rel=1e-8)


def test_the_figure_has_a_panel_for_the_event_and_one_for_what_competes(study):
    figure = cumulative_incidence(study, "os", ["att"])
    assert [axes.get_title(loc="left").split() for axes in figure.axes] == [
        ["A", "Death,", "weighted", "cohort", "(ATT)"],
        ["B", "Competing", "event,", "weighted", "cohort", "(ATT)"],
    ]
    texts = [t.get_text() for axes in figure.axes for t in axes.texts]
    assert texts.count("effective number") == 4 and "707" in texts
    assert not any("Gray" in t for t in texts)


def test_where_nothing_competes_there_is_no_figure(sheet):
    assert cumulative_incidence(run_study(sheet.write()), "os") is None
