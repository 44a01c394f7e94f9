"""Binary endpoints: risks and their contrasts by hand and beside R's glm with a sandwich, who is unknown, what is refused."""

from __future__ import annotations

import csv
import gzip
import json
import math
from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.study import run_study
from sheet import Sheet

STATS = Path(__file__).parents[1] / "stats"
CONTRAST = "a-vs-b"
Z = 1.959963984540054


def binary(**way):
    return {"kind": "binary", "label": "Early death", "short": "E", "event_label": "Dead", **way}


def risk(study, rest, design="unadjusted", endpoint="early"):
    return study.estimates.get(f"effect.{endpoint}.{design}.risk.{rest}")


@pytest.fixture
def ten(tmp_path):
    """Five patients of each arm; by day 30: 2 of 4 known and 1 of 5, one of the first arm was censored on day 29."""
    sheet = Sheet(tmp_path)
    sheet.columns = {
        "id": [f"P{i}" for i in range(10)],
        "arm": list("AAAAABBBBB"),
        "days": [30, 5, 29, 30, 90, 10, 31, 40, 50, 60],
        "dead": [1, 1, 0, 0, 1, 1, 1, 0, 1, 1],
        "age": [50, 60, 55, 70, 52, 66, 58, 61, 59, 63],
        "answer": ["yes", "no", "", "no", "yes", "no", "no", "yes", "no", ""],
    }
    sheet.protocol["covariates"] = {"age": {"label": "Age", "kind": "continuous", "from": "age"}}
    sheet.protocol["cox"] = {}
    return sheet


def test_an_event_within_days_by_hand(ten):
    """An event on the day itself counts, and whoever is censored on it is known to be free of it. Odds 2/2 against 1/4."""
    ten.protocol["endpoints"]["early"] = binary(of="os", within_days=30)
    study = run_study(ten.write())
    one, other = risk(study, "a.percent"), risk(study, "b.percent")
    assert (one.value, one.n, one.events) == (50, 4, 2) and (other.value, other.n, other.events) == (20, 5, 1)
    assert risk(study, f"{CONTRAST}.difference").value == pytest.approx(0.3, rel=1e-12)
    assert risk(study, f"{CONTRAST}.ratio").value == pytest.approx(2.5, rel=1e-12)
    odds = risk(study, f"{CONTRAST}.odds_ratio")
    assert odds.value == pytest.approx(4, rel=1e-12)
    # Woolf's limits, which the sandwich of a saturated logistic regression gives: sqrt(1/2 + 1/2 + 1/1 + 1/4)
    assert math.log(odds.high / odds.value) == pytest.approx(Z * math.sqrt(2.25), rel=1e-12)
    assert risk(study, "unknown.censored_before_day_30.a.n").value == 1
    assert risk(study, "unknown.censored_before_day_30.b.n").value == 0


def test_the_absence_of_the_event_turns_everything_around(ten):
    ten.protocol["endpoints"] |= {"early": binary(of="os", within_days=30), "alive": binary(of="os", within_days=30, absent=True)}
    study = run_study(ten.write())
    dead, alive = (risk(study, f"{CONTRAST}.difference", endpoint=e) for e in ("early", "alive"))
    assert (alive.value, alive.low, alive.high) == pytest.approx((-dead.value, -dead.high, -dead.low), rel=1e-12)
    odds = [risk(study, f"{CONTRAST}.odds_ratio", endpoint=e).value for e in ("early", "alive")]
    assert odds[0] * odds[1] == pytest.approx(1, rel=1e-12)


def test_an_empty_cell_is_unknown(ten):
    ten.protocol["endpoints"]["early"] = binary(event="answer = 'yes'")
    study = run_study(ten.write())
    assert risk(study, "unknown.not_recorded.a.n").value == risk(study, "unknown.not_recorded.b.n").value == 1
    assert risk(study, "a.percent").n == 4


def test_nobody_with_the_event_has_a_difference_without_ratios(ten):
    ten.columns["dead"] = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    ten.columns["days"] = [5] * 5 + [90] * 5
    ten.protocol["endpoints"]["early"] = binary(of="os", within_days=30)
    study = run_study(ten.write())
    row = risk(study, f"{CONTRAST}.ratio")
    assert math.isnan(row.value) and "nobody, or everybody" in row.method


def test_r_on_the_synthetic_cohort(tmp_path):
    """Death by day 365 of 1,000, whoever was censored before taken as alive, as the script contrasts.R does by its column."""
    with gzip.open(STATS / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [f"x{i}" for i in range(1, 11)]
    sheet = Sheet(tmp_path)
    sheet.columns = {n: [r[n] for r in rows] for n in names} | {
        "id": [r["id"] for r in rows],
        "arm": ["A" if r["treat"] == "1" else "B" for r in rows],
        "days": [r["time"] for r in rows],
        "dead": [r["event"] for r in rows],
        "year": [int(r["event"] == "1" and float(r["time"]) <= 365) for r in rows],
    }
    sheet.protocol["covariates"] = {n: {"label": n, "kind": "continuous", "from": n} for n in names}
    sheet.protocol["endpoints"]["early"] = binary(event="year = 1")
    del sheet.protocol["design"]
    sheet.protocol |= {"cox": {}, "propensity": names, "designs": {"ate": {"kind": "weights", "target": "ate"}}}
    study = run_study(sheet.write())
    r = json.loads((STATS / "reference" / "contrasts.json").read_text(encoding="utf-8"))["results"]["effects"]
    for design in ("unadjusted", "ate"):
        found = [risk(study, f"{CONTRAST}.{s}", design) for s in ("difference", "ratio", "odds_ratio")]
        expected = [r[design][s] for s in ("difference", "log_ratio", "log_odds")]
        for row, (value, se, *_), ratio in zip(found, expected, (False, True, True), strict=True):
            ours = math.log(row.value) if ratio else row.value
            reach = math.log(row.high / row.value) if ratio else row.high - row.value
            assert (ours, reach) == pytest.approx((value, Z * se), rel=1e-7)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ({"of": "oss", "within_days": 30}, "there is no endpoint with a time 'oss'"),
        ({"response": "orr"}, "the response of these patients is not declared"),
        ({"of": "os"}, "either 'of' an endpoint and 'within_days'"),
        ({}, "either 'of' an endpoint and 'within_days'"),
        ({"of": "os", "within_days": 30, "event": "dead = 1"}, "either 'of' an endpoint"),
        ({"of": "os", "within_days": 0}, "within_days"),
        ({"event": "lost = 1"}, "lost"),
    ],
)
def test_what_is_refused_at_its_line(ten, way, said):
    ten.protocol["endpoints"]["early"] = binary(**way)
    path = ten.write()
    with pytest.raises(Exception, match=said) as caught:
        run_study(path)
    assert all(fault.place.startswith("study.yaml:") for fault in caught.value.faults)
    first = ten.line_of("early:")
    assert first <= int(caught.value.faults[0].place.split(":")[1]) <= first + 8


def test_a_study_has_an_endpoint_with_a_time(ten):
    ten.protocol["endpoints"] = {"early": binary(event="dead = 1")}
    with pytest.raises(ProtocolError, match="needs an endpoint with a time"):
        run_study(ten.write())


def test_the_column_of_an_event_is_no_covariate(ten):
    ten.protocol["endpoints"]["early"] = binary(event="answer = 'yes'")
    ten.protocol["covariates"]["answered"] = {"label": "Answered", "kind": "binary", "from": "answer = 'yes'"}
    with pytest.raises(ProtocolError, match="answer"):
        run_study(ten.write())
