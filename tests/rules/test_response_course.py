"""What befalls lesions besides growth (split, merged, too small, seen again), who read them, and how long a response lasts.

Lesions are drawn as in test_recist.py; `s` is present and too small to measure, `m` merged with another lesion. The sixth
part of a line, where given, is the lesion that it split from, the seventh the reader.
"""

from __future__ import annotations

import pytest

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes

SOURCES = {
    "death": {"table": "followup", "date": "death_date"},
    "last_contact": {"table": "followup", "date": "last_contact"},
}
STATUS = {"x": "absent", "na": "not assessable", "up": "unequivocal progression", "p": "present", "s": "too small to measure",
          "m": "merged"}  # fmt: skip
FOLLOWUP = "patient_id | last_contact_day | death_date_day | data_cutoff_day\n"


def tables(lesions: str, days: str) -> dict:
    """Contract tables of patient P1: `name | role | organ | first visit | cells | split from | reader`, lesions by semicolons."""
    visit_days = days.split()
    scans = [("P1", str(k), d, "true", "true") for k, d in enumerate(visit_days)]
    drawn, measures = [], []
    for line in lesions.split(";"):
        name, role, organ, first, cells, parent, reader = ([p.strip() for p in line.split("|")] + ["", ""])[:7]
        node = str(organ.endswith("(node)")).lower()
        drawn.append(("P1", name, role, organ, node, first, parent or None, reader or None))
        for k, cell in enumerate(cells.split()):
            if cell != "-":
                diameter, viable = (cell.split("/") + [None])[:2] if cell[0].isdigit() else (None, None)
                measures.append(("P1", name, str(k), diameter, viable, STATUS.get(cell, "present")))

    def columns(names: str, rows: list[tuple]) -> dict[str, list]:
        return dict(zip(names.split(), (list(c) for c in zip(*rows, strict=True)), strict=True))

    return {
        "visit_imaging": columns("patient_id visit day scheduled evaluable", scans),
        "lesion": columns("patient_id lesion_id role organ is_lymph_node first_visit split_from reader", drawn),
        "lesion_measure": columns("patient_id lesion_id visit diameter_mm viable_mm status", measures),
    }


@pytest.fixture
def read(draw):
    """read(lesions, days=..., followup=...) -> (study, outcomes)."""

    def _read(lesions, *, days="-7 56 112 168", followup="P1 | 400 | | 500", response=None, extra=None):
        given = {**tables(lesions, days), "followup": FOLLOWUP + followup, **(extra or {})}
        criteria = {"criteria": ["RECIST 1.1", "mRECIST"], **(response or {})}
        study = draw("P1", given, response=criteria, sources=SOURCES)
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _read


def responses(study, column: str = "overall", criterion: str = "RECIST 1.1") -> list:
    return [r[0] for r in study.rows(f"select {column} from visit_response where criterion = '{criterion}' order by date")]


@pytest.mark.parametrize(
    ("case", "lesions", "sums", "expected"),
    [
        ("too small to measure is 5 mm", "T1|target|lung|0| 40 s s s; T2|target|lung|0| 20 20 10 x", "25 15 5", "PR PR PR"),
        ("a size given for it is used", "T1|target|lung|0| 40 s 30 30; T2|target|lung|0| 20 20 20 20", "25 50 50", "PR PD PD"),
        ("too small is not gone", "T1|target|lung|0| 40 x s x", "0 5 0", "CR PD CR"),
        ("a node too small counts as gone", "N|target|lung (node)|0| 18 s s s", "5 5 5", "CR CR CR"),
        (
            "the parts of a split lesion are added",
            "T1|target|lung|0| 50 30 20 20; F|new|lung|2| - - 15 16 |T1",
            "30 35 36",
            "PR PR PD",
        ),
        ("a part is not a new lesion", "T1|target|lung|0| 50 50 25 25; F|new|lung|2| - - 25 25 |T1", "50 50 50", "SD SD SD"),
        ("the same without the link is new", "T1|target|lung|0| 50 50 25 25; F|new|lung|2| - - 25 25", "50 25 25", "SD PD PD"),
        (
            "a part that was not measured",
            "T1|target|lung|0| 50 50 25 25; F|new|lung|2| - - 25 - |T1",
            "50 50 None",
            "SD SD NE",
        ),
        (
            "parts of a non-target are non-target",
            "T1|target|lung|0| 50 50 50 50; B|non-target|bone|0| p p p p; F|new|bone|2| - - p up |B",
            "50 50 50",
            "SD SD PD",
        ),
        (
            "of merged lesions the whole is measured once",
            "T1|target|lung|0| 20 20 44 44; T2|target|lung|0| 20 20 m m",
            "40 44 44",
            "SD SD SD",
        ),
        ("merged lesions that vanish", "T1|target|lung|0| 20 44 x x; T2|target|lung|0| 20 m m m", "44 0 0", "SD CR CR"),
        (
            "a target seen again beside others is in the sum",
            "T1|target|lung|0| 20 x 8 x; T2|target|lung|0| 40 20 20 20",
            "20 28 20",
            "PR PD PR",
        ),
        ("a non-target seen again after CR", "T1|target|lung|0| 20 x x x; B|non-target|bone|0| p x p x", "0 0 0", "CR PD CR"),
        (
            "a non-target seen again without CR",
            "T1|target|lung|0| 20 20 20 20; B|non-target|bone|0| p x p x",
            "20 20 20",
            "SD SD SD",
        ),
        ("not seen is not seen again", "T1|target|lung|0| 20 x x x; B|non-target|bone|0| p x na x", "0 0 0", "CR PR CR"),
    ],
)
def test_what_befalls_lesions(read, case, lesions, sums, expected):
    study, _ = read(lesions)
    assert responses(study) == expected.split(), case
    assert [None if s is None else round(s) for s in responses(study, "target_sum_mm")] == [
        None if s == "None" else int(s) for s in sums.split()
    ], case


def test_reasons_of_what_is_seen_again(read):
    study, _ = read("T1|target|lung|0| 20 x x x; B|non-target|bone|0| p x p x")
    assert responses(study, "reason")[1] == "PD: a non-target lesion seen again after a complete response"


def test_small_lesion_size_is_a_setting(read):
    study, _ = read("T1|target|lung|0| 40 s 40 40", response={"small_lesion_mm": 4})
    assert responses(study, "target_sum_mm")[0] == 4


def test_enhancement_too_small_to_measure(read):
    study, _ = read("T1|target|liver|0| 50/50 s 50/40 50/40")
    assert responses(study, "target_sum_mm", "mRECIST") == [5, 40, 40]


READ = "T1|target|lung|0| 50 30 30 30||ann; U1|target|lung|0| 50 45 70 70||bob"


def test_each_reader_sees_his_lesions(read):
    study, outcomes = read(READ, response={"criteria": ["RECIST 1.1"], "readers": ["ann", "bob"]})
    assert responses(study) == ["PR", "PR", "PR"]
    assert responses(study, criterion="RECIST 1.1, bob") == ["SD", "PD", "PD"]
    assert list(outcomes.best_response) == ["RECIST 1.1"]
    assert outcomes.response_detail.best["RECIST 1.1, bob", False].tolist() == ["SD"]


RECORDED = "patient_id | visit | criterion | response | reader\n"


def test_what_was_recorded_up_to_an_early_progression_belongs_to_the_line_before(read):
    recorded = RECORDED + "P1|1|RECIST 1.1|PR|ann\nP1|2|RECIST 1.1|PD|ann\nP1|3|RECIST 1.1|SD|ann"
    asked = {"source": "recorded"}
    lesions = "T1|target|lung|0| 50 30 65 60"
    study, outcomes = read(lesions, days="-7 5 10 56", response=asked, extra={"recorded_response": recorded})
    assert study.rows("select line_before from visit_response order by date") == [(True,), (True,), (False,)]
    assert outcomes.best_response["RECIST 1.1"].tolist() == ["SD"]


@pytest.mark.parametrize(("source", "used"), [("lesions", ["PR", "PR", "PD"]), ("recorded", ["PR", "SD", "PD"])])
def test_recorded_responses_beside_or_instead(read, source, used):
    recorded = RECORDED + "P1|1|RECIST 1.1|PR|ann\nP1|2|RECIST 1.1|SD|ann\nP1|3|RECIST 1.1|PD|ann\nP1|2|RECIST 1.1|PR|bob"
    asked = {"criteria": ["RECIST 1.1"], "source": source}
    study, outcomes = read("T1|target|lung|0| 50 30 30 60", response=asked, extra={"recorded_response": recorded})
    assert responses(study) == used
    differ = study.rows("select visit, computed, recorded, reader from response_comparison where differ order by visit")
    assert differ == [(2, "PR", "SD", "ann")]
    computed, seen = outcomes.response_detail.compared["RECIST 1.1"]
    assert (len(computed), int((computed != seen).sum())) == (4, 1)
    if source == "recorded":
        assert responses(study, "reason")[1] == "SD: as recorded by ann"


@pytest.mark.parametrize(
    ("case", "cells", "followup", "expected"),
    [
        ("ended by progression", "50 30 30 60", "P1 | 400 | | 500", (56, 112, 1)),
        ("death before progression", "50 30 30 -", "P1 | 150 | 150 | 500", (56, 94, 1)),
        ("censored at the last scan", "50 50 30 30", "P1 | 400 | | 500", (112, 56, 0)),
        ("a scan that was NE does not prolong it", "50 30 30 na", "P1 | 400 | | 500", (56, 56, 0)),
        ("death long after progression", "50 30 60 -", "P1 | 300 | 300 | 500", (56, 56, 1)),
        ("death after the data cut-off", "50 30 30 -", "P1 | 300 | 300 | 200", (56, 56, 0)),
        ("progression after the data cut-off", "50 30 30 60", "P1 | 160 | | 160", (56, 56, 0)),
        ("no response", "50 50 50 60", "P1 | 400 | | 500", (None, None, None)),
    ],
)
def test_duration_of_response(read, case, cells, followup, expected):
    study, _ = read(f"T1|target|lung|0| {cells}", followup=followup)
    found = study.rows("select response_day, duration_days, duration_event from response_course where criterion = 'RECIST 1.1'")
    assert found == [expected], case


def test_duration_of_a_confirmed_response_starts_at_the_scan_that_was_confirmed(read):
    """PR of day 30, then two SD, so it is not confirmed; the PR of day 90 is, at 150."""
    lesions = "T1|target|lung|0| 100 69 75 75 69 65"
    days = "-7 30 50 70 90 150"
    unconfirmed, _ = read(lesions, days=days)
    confirmed, outcomes = read(lesions, days=days, response={"confirmation": True})
    query = "select response_day from response_course where criterion = 'RECIST 1.1'"
    assert (unconfirmed.rows(query), confirmed.rows(query)) == ([(30,)], [(90,)])
    assert outcomes.response_detail.best["RECIST 1.1", True].tolist() == outcomes.best_response["RECIST 1.1"].tolist()


@pytest.mark.parametrize(("days", "bor"), [(28, "SD"), (27, "PR")])
def test_confirmation_days_is_a_setting(read, days, bor):
    _, outcomes = read("T1|target|lung|0| 100 60 60", days="-7 50 77",
                       response={"confirmation": True, "confirmation_days": days})  # fmt: skip
    assert outcomes.best_response["RECIST 1.1"].tolist() == [bor]
    assert outcomes.response_detail.best["RECIST 1.1", False].tolist() == ["PR"]


def test_deepest_change_stops_at_progression(read):
    study, _ = read("T1|target|lung|0| 50 40 60 10")
    query = "select deepest_change_pct from response_course where criterion = 'RECIST 1.1'"
    assert study.rows(query) == [(-20.0,)]
