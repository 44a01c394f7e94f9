"""Response per scan from drawn lesions, RECIST 1.1 and mRECIST.

A drawn lesion is `name | role | organ | first visit | cells`, a cell per visit, the first being the baseline scan; lesions
are divided by semicolons. A cell is
a diameter in mm, `31/12` a diameter and its enhancing part, x absent, na not assessable, up unequivocal progression,
p present and not measured, - no row. `organ (node)` is a lymph node.
"""

from __future__ import annotations

import duckdb
import pytest

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes

SOURCES = {
    "death": {"table": "followup", "date": "death_date"},
    "last_contact": {"table": "followup", "date": "last_contact"},
}
STABLE = "T1|target|liver|0| 50/50 50/50 50/50 50/50;"
STATUS = {"x": "absent", "na": "not assessable", "up": "unequivocal progression", "p": "present"}


def tables(lesions: str, days: str = "-7 56 112 168", unreadable: tuple[int, ...] = ()) -> dict[str, dict[str, list]]:
    """Contract tables of one patient P1 whose scan number k, from 0, is on the k-th day."""
    visit_days = [int(d) for d in days.split()]
    n = len(visit_days)
    visits = {
        "patient_id": ["P1"] * n,
        "visit": [str(k) for k in range(n)],
        "day": [str(d) for d in visit_days],
        "scheduled": ["true"] * n,
        "evaluable": ["false" if k in unreadable else "true" for k in range(n)],
    }
    lesion = {c: [] for c in ("patient_id", "lesion_id", "role", "organ", "is_lymph_node", "first_visit")}
    measure = {c: [] for c in ("patient_id", "lesion_id", "visit", "diameter_mm", "viable_mm", "status")}
    for line in lesions.split(";"):
        name, role, organ, first, cells = (part.strip() for part in line.split("|"))
        node = organ.endswith("(node)")
        for column, value in zip(lesion, ("P1", name, role, organ, str(node).lower(), first), strict=True):
            lesion[column].append(value)
        for k, cell in enumerate(cells.split()):
            if cell == "-":
                continue
            diameter, viable = (cell.split("/") + [None])[:2] if cell[0].isdigit() else (None, None)
            row = ("P1", name, str(k), diameter, viable, STATUS.get(cell, "present"))
            for column, value in zip(measure, row, strict=True):
                measure[column].append(value)
    followup = "patient_id | last_contact_day | data_cutoff_day \n P1 | 400 | 500"
    return {"visit_imaging": visits, "lesion": lesion, "lesion_measure": measure, "followup": followup}


@pytest.fixture
def read(draw):
    """read(lesions, ...) -> the study with its outcomes derived."""

    def _read(lesions: str, *, response: dict | None = None, **given):
        criteria = {"criteria": ["RECIST 1.1", "mRECIST"], **(response or {})}
        study = draw("P1", tables(lesions, **given), response=criteria, sources=SOURCES)
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _read


def overall(study, criterion: str = "RECIST 1.1") -> list[str]:
    return [r[0] for r in study.rows(f"select overall from visit_response where criterion = '{criterion}' order by date")]


def reasons(study, criterion: str = "RECIST 1.1") -> list[str]:
    return [r[0] for r in study.rows(f"select reason from visit_response where criterion = '{criterion}' order by date")]


@pytest.mark.parametrize(
    ("case", "lesions", "expected"),
    [
        ("30 % below baseline is PR", "T1|target|liver|0| 100 71 70 69", "SD PR PR"),
        ("30 % below an odd baseline, exact in decimals", "T1|target|liver|0| 90 63 63 63", "PR PR PR"),
        ("20 % over the nadir is PD, not over baseline", "T1|target|liver|0| 100 50 59 60", "PR PR PD"),
        ("at least 5 mm over the nadir", "T1|target|liver|0| 20 20 24 25", "SD SD PD"),
        ("5 mm alone is not enough", "T1|target|liver|0| 100 106 119 120", "SD SD PD"),
        ("the nadir may be the baseline", "T1|target|liver|0| 30 36 36 36", "PD PD PD"),
        ("PD over the nadir although below baseline", "T1|target|liver|0| 100 40 48 30", "PR PD PR"),
        ("all gone is CR, seen again is PD", "T1|target|liver|0| 30 x x 3", "CR CR PD"),
        ("sums of two targets", "T1|target|liver|0| 40 30 20 20; T2|target|lung|0| 20 20 20 40", "SD PR PD"),
        ("a node below 10 mm counts as gone", "T1|target|liver|0| 40 x x -; N1|target|lung (node)|0| 18 9 10 9", "CR PR NE"),
        ("a node counts with its short axis", "T1|target|liver|0| 40 20 20 20; N1|target|x (node)|0| 20 20 22 28", "PR PR PD"),
        ("a missing target is NE", "T1|target|liver|0| 40 20 40 40; T2|target|lung|0| 20 - na 20", "NE NE SD"),
        ("the known part alone proves PD", "T1|target|liver|0| 40 80 x x; T2|target|lung|0| 20 - x x", "PD CR CR"),
        ("a missing target does not make a nadir", "T1|target|liver|0| 40 10 38 50; T2|target|lung|0| 20 - 20 20", "NE SD PD"),
        ("a new lesion is PD", "T1|target|liver|0| 40 20 20 20; L9|new|lung|2| - - 8 8", "PR PD PD"),
        ("a new lesion that vanished is no longer new", "T1|target|liver|0| 40 20 20 20; L9|new|lung|1| - 8 x x", "PD PR PR"),
        ("targets gone, non-target remains", "T1|target|liver|0| 40 x x x; B|non-target|bone|0| p p x -", "PR CR PR"),
        (
            "unequivocal progression of a non-target",
            "T1|target|liver|0| 40 20 20 x; B|non-target|bone|0| p p up up",
            "PR PD PD",
        ),
        ("SD with a non-target not assessed", "T1|target|liver|0| 40 40 20 40; B|non-target|bone|0| p - - -", "SD PR PD"),
        ("non-target disease only", "B|non-target|bone|0| p p x up", "NON-CR/NON-PD CR PD"),
        (
            "non-target only, one not assessed",
            "B|non-target|bone|0| p p - p; C|non-target|lung|0| p p p p",
            "NON-CR/NON-PD NE NON-CR/NON-PD",
        ),
        (
            "a new lesion of the line before belongs to baseline",
            "T1|target|liver|0| 40 40 40 40; L9|new|lung|0| p p p p",
            "SD SD SD",
        ),
    ],
)
def test_recist(read, case, lesions, expected):
    study, _ = read(lesions)
    assert overall(study) == expected.split(), case


@pytest.mark.parametrize(
    ("case", "lesions", "recist", "mrecist"),
    [
        ("necrosis: the enhancing part responds", "T1|target|liver|0| 50/50 50/35 50/30 50/0", "SD SD SD", "PR PR CR"),
        ("growth without enhancement", "T1|target|liver|0| 50/50 60/50 60/50 60/50", "PD PD PD", "SD SD SD"),
        ("20 % over the nadir suffices, without the 5 mm", "T1|target|liver|0| 20/15 20/15 20/18 20/18", "SD SD SD", "SD PD PD"),
        ("no enhancement at baseline: whole diameter", "T1|target|liver|0| 50 34 34 34", "PR PR PR", "PR PR PR"),
        ("outside the liver: whole diameter", "T1|target|lung|0| 50/50 50/10 50/10 50/10", "SD SD SD", "SD SD SD"),
        ("enhancement not reported at a scan", "T1|target|liver|0| 50/50 50 50/50 50/50", "SD SD SD", "NE SD SD"),
        (
            "a non-target without enhancement is gone",
            "T1|target|liver|0| 50/40 50/0 x x; B|non-target|liver|0| 20/20 20/0 20/0 20/5",
            "SD PR PR",
            "CR CR PD",
        ),
        (
            "a new nodule of 9 mm waits for 10 mm with enhancement",
            f"{STABLE}L|new|liver|1| - 9/9 12/12 12/12",
            "PD PD PD",
            "SD PD PD",
        ),
        ("a nodule that grew 10 mm is dated back", f"{STABLE}L|new|liver|1| - 8 12 18", "PD PD PD", "PD PD PD"),
        ("a nodule without either is not new disease", f"{STABLE}L|new|liver|1| - 8 8 9", "PD PD PD", "SD SD SD"),
        ("a new lesion outside the liver", f"{STABLE}L|new|bone|2| - - p p", "SD PD PD", "SD PD PD"),
        (
            "portal vein thrombus is non-target",
            "T1|target|portal vein|0| 20 30 20 x",
            "PD SD CR",
            "NON-CR/NON-PD NON-CR/NON-PD CR",
        ),
        ("ascites without cytology", f"{STABLE}L|new|ascites|2| - - p p", "SD PD PD", "SD SD SD"),
        (
            "a porta hepatis node below 20 mm is no target",
            "T1|target|liver|0| 50/50 35/35 35/35 x; N|target|porta hepatis (node)|0| 19 19 28 x",
            "SD SD CR",
            "PR PR CR",
        ),
    ],
)
def test_mrecist(read, case, lesions, recist, mrecist):
    study, _ = read(lesions)
    assert (overall(study), overall(study, "mRECIST")) == (recist.split(), mrecist.split()), case


def test_the_5_mm_rule_of_mrecist_is_a_switch(read):
    study, _ = read("T1|target|liver|0| 20/15 20/15 20/18 20/20", response={"mrecist_5mm_rule": True})
    assert overall(study, "mRECIST") == ["SD", "SD", "PD"]


def test_a_scan_that_cannot_be_read_is_ne_and_makes_no_nadir(read):
    study, _ = read("T1|target|liver|0| 40 10 38 50", unreadable=(1,))
    assert overall(study) == ["NE", "SD", "PD"]


def test_baseline_is_the_latest_readable_scan_of_the_window_and_the_nadir_restarts(read):
    lesions = "T1|target|liver|0| 20 40 - 44 50; L|new|lung|1| - 9 - 9 9"
    study, _ = read(lesions, days="-60 -20 -2 50 100", unreadable=(2,))
    found = study.rows(
        "select visit, baseline_mm, nadir_mm, overall from visit_response where criterion = 'RECIST 1.1' order by visit"
    )
    assert found == [(3, 40.0, 40.0, "SD"), (4, 40.0, 40.0, "PD")]


@pytest.mark.parametrize(
    ("case", "lesions", "days", "expected", "bor"),
    [
        ("the nadir restarts from the scan of day 10", "T1|target|liver|0| 50 65 60 70", "-7 10 56 112", "PD SD SD", "SD"),
        ("progression over the new nadir counts", "T1|target|liver|0| 50 65 60 72", "-7 10 56 112", "PD SD PD", "SD"),
        ("day 14 belongs to the line under study", "T1|target|liver|0| 50 65 60 70", "-7 14 56 112", "PD PD PD", "PD"),
        ("what came before belongs there too", "T1|target|liver|0| 50 30 65 60", "-7 5 10 56", "PR PD SD", "SD"),
        (
            "a lesion new on day 10 is a non-target of the new baseline",
            "T1|target|liver|0| 50 50 34 x; L|new|lung|1| - 9 9 9",
            "-7 10 56 112",
            "PD PR PR",
            "PR",
        ),
        (
            "and must be gone for a complete response",
            "T1|target|liver|0| 50 50 34 x; L|new|lung|1| - 9 9 x",
            "-7 10 56 112",
            "PD PR CR",
            "CR",
        ),
        (
            "a further new lesion is progression",
            "T1|target|liver|0| 50 50 34 34; L|new|lung|1| - 9 9 9; M|new|bone|3| - - - 7",
            "-7 10 56 112",
            "PD PR PD",
            "PR",
        ),
        ("the last of two early ones is the new baseline", "T1|target|liver|0| 50 65 80 70", "-7 5 10 56", "PD PD SD", "SD"),
        ("only the early scan", "T1|target|liver|0| 50 65", "-7 10", "PD", "NE"),
    ],
)
def test_progression_before_day_14_belongs_to_the_line_before(read, case, lesions, days, expected, bor):
    study, outcomes = read(lesions, days=days)
    assert overall(study) == expected.split(), case
    assert outcomes.best_response["RECIST 1.1"].tolist() == [bor], case


def test_the_early_scan_says_what_became_of_it(read):
    study, _ = read("T1|target|liver|0| 50 65 60 70", days="-7 10 56 112")
    assert reasons(study) == [
        "PD: target sum 50 to 65 mm, +30 % and +15 mm over the nadir; before day 14, so of the line before: the new baseline",
        "SD: target sum 65 to 60 mm, -8 % from baseline",
        "SD: target sum 65 to 70 mm, +8 % from baseline",
    ]


def test_the_day_from_which_progression_counts_is_a_setting(read):
    study, outcomes = read("T1|target|liver|0| 50 65 60 70", days="-7 10 56 112", response={"progression_from_day": 1})
    assert overall(study) == ["PD", "PD", "PD"]
    assert outcomes.best_response["RECIST 1.1"].tolist() == ["PD"]


def test_without_a_baseline_scan_nothing_can_be_evaluated(read):
    study, outcomes = read("T1|target|liver|0| 40 80 80 80; L|new|lung|1| - 8 8 8", days="-60 50 100 150")
    assert overall(study) == ["NE", "NE", "NE"]
    assert reasons(study)[0] == "NE: no baseline scan in its window"
    assert outcomes.best_response["RECIST 1.1"].tolist() == ["NE"]


def test_reasons_are_words(read):
    lesions = "T1|target|liver|0| 80 52 52 64 40; B|non-target|bone|0| p p - up p; L|new|lung|4| - - - - 9"
    study, _ = read(lesions, days="-7 50 100 150 200")
    assert reasons(study) == [
        "PR: target sum 80 to 52 mm, -35 % from baseline",
        "PR: target sum 80 to 52 mm, -35 % from baseline",
        "PD: unequivocal progression of non-target disease; target sum 52 to 64 mm, +23 % and +12 mm over the nadir",
        "PD: new lesion",
    ]
    sizes = "target_sum_mm, baseline_mm, nadir_mm, change_from_baseline_pct"
    assert study.rows(f"select {sizes} from visit_response where visit = 3 and criterion = 'RECIST 1.1'") == [
        (64.0, 80.0, 52.0, -20.0)
    ]


def test_responses_travel_as_rows(read):
    _, outcomes = read("T1|target|liver|0| 40 20 20 20")
    assert len(outcomes.responses) == 6
    assert outcomes.responses[0]["criterion"] == "RECIST 1.1"
    assert (outcomes.responses[0]["day"], outcomes.responses[0]["overall"]) == (56, "PR")


@pytest.mark.parametrize(
    ("case", "lesions", "days", "bor"),
    [
        ("the best before progression", "T1|target|liver|0| 100 100 60 90", "-7 50 100 150", "PR"),
        ("nothing after the first progression", "T1|target|liver|0| 100 130 60 50", "-7 50 100 150", "PD"),
        ("CR before PR", "T1|target|liver|0| 100 x 60 50", "-7 50 100 150", "CR"),
        ("SD at the minimum", "T1|target|liver|0| 100 100", "-7 42", "SD"),
        ("SD before the minimum is NE", "T1|target|liver|0| 100 100", "-7 41", "NE"),
        ("SD before the minimum is PD if PD follows", "T1|target|liver|0| 100 100 130", "-7 30 60", "PD"),
        ("SD seen twice, once late enough", "T1|target|liver|0| 100 100 100 130", "-7 30 60 90", "SD"),
        ("no scan after the index date", "T1|target|liver|0| 100", "-7", "NE"),
        ("response needs no minimum", "T1|target|liver|0| 100 60", "-7 20", "PR"),
        ("non-target only", "B|non-target|bone|0| p p", "-7 50", "NON-CR/NON-PD"),
        ("non-target only, too early", "B|non-target|bone|0| p p", "-7 30", "NE"),
        ("NE only", "T1|target|liver|0| 100 -", "-7 50", "NE"),
    ],
)
def test_best_response(read, case, lesions, days, bor):
    _, outcomes = read(lesions, days=days)
    assert outcomes.best_response["RECIST 1.1"].tolist() == [bor], case


@pytest.mark.parametrize(
    ("case", "cells", "days", "bor"),
    [
        ("PR twice, 28 days apart", "100 60 60", "-7 50 78", "PR"),
        ("PR twice, 27 days apart", "100 60 60", "-7 50 77", "SD"),
        ("one SD between", "100 60 65 71 60", "-7 50 60 78 90", "PR"),
        ("two SD between", "100 60 71 71 70", "-7 50 60 70 90", "SD"),
        ("CR alone, then progression", "100 x 60 60", "-7 50 60 90", "SD"),
        ("unconfirmed before the SD minimum is NE", "100 60", "-7 20", "NE"),
        ("CR confirmed", "100 x x", "-7 50 80", "CR"),
        ("PR confirmed by CR", "100 60 x", "-7 50 80", "PR"),
    ],
)
def test_confirmation(read, case, cells, days, bor):
    _, outcomes = read(f"T1|target|liver|0| {cells}", days=days, response={"confirmation": True})
    assert outcomes.best_response["RECIST 1.1"].tolist() == [bor], case


def test_every_relation_runs_alone(read):
    study, _ = read("T1|target|liver|0| 80 52 52 64; B|non-target|bone|0| p p - up; L|new|lung|3| - - - 9")
    for name, relation in study.engine.relations.items():
        if relation.phase == "outcomes":
            alone = duckdb.connect().execute(study.engine.script(name)).fetchall()
            assert alone == study.rows(f"select * from {name}"), name
