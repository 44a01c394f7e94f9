"""The numbers of the response rules: a patient on each of them and one on either side, all drawn in one study.

Lesions as in test_response_course.py; a patient is `days`, then the lesions. By the words of RECIST 1.1 (Eisenhauer et al., Eur J
Cancer 2009;45:228) and mRECIST (Lencioni, Llovet, Semin Liver Dis 2010;30:52), counted by hand.
"""

from __future__ import annotations

import pytest
from test_response_course import SOURCES, tables

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes

HEAD = "patient_id | last_contact_day | death_date_day | data_cutoff_day\n"
FOUR = "-7 56 112 168"


@pytest.fixture
def read_all(draw):
    """read_all({patient: (days, lesions)}, ...) -> (study, outcomes). unreadable: (patient, visit) pairs."""

    def _read(patients: dict[str, tuple[str, str]], *, response=None, ends=None, unreadable=(), extra=None):
        merged: dict[str, dict[str, list]] = {}
        for name, (days, lesions) in patients.items():
            for table, columns in tables(lesions, days).items():
                columns["patient_id"] = [name] * len(columns["patient_id"])
                if table == "visit_imaging":
                    columns["evaluable"] = ["false" if (name, v) in unreadable else "true" for v in columns["visit"]]
                for column, cells in columns.items():
                    merged.setdefault(table, {}).setdefault(column, []).extend(cells)
        ends = ends or {}
        followup = HEAD + "\n".join(f"{name} | {ends.get(name, '400 |')} | 500" for name in patients)
        criteria = {"criteria": ["RECIST 1.1", "mRECIST"], **(response or {})}
        study = draw(" ".join(patients), {**merged, "followup": followup, **(extra or {})}, response=criteria, sources=SOURCES)
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _read


def overall(study, criterion: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for patient, response in study.rows(
        f"select patient_id, overall from visit_response where criterion = '{criterion}' order by patient_id, date, visit"
    ):
        found.setdefault(patient, []).append(response)
    return {patient: " ".join(responses) for patient, responses in found.items()}


# patient: (days, lesions, RECIST 1.1, mRECIST)
SCANS = {
    "thirty_percent": (FOUR, "T1|target|lung|0| 100 71 70 69", "SD PR PR", "SD PR PR"),
    "twenty_percent": (FOUR, "T1|target|lung|0| 100 119 120 100", "SD PD SD", "SD PD SD"),
    "five_mm": (FOUR, "T1|target|lung|0| 20 24 25 20", "SD PD SD", "PD PD SD"),
    "gone_twice": (FOUR, "T1|target|lung|0| 30 x x 3", "CR CR PD", "CR CR PD"),
    "not_enhancing_twice": (FOUR, "T1|target|liver|0| 30/30 30/0 30/0 30/3", "SD SD SD", "CR CR PD"),
    "complete_twice": (FOUR, "T1|target|lung|0| 20 x x x; B|non-target|bone|0| p x x p", "CR CR PD", "CR CR PD"),
    "node_of_10": (FOUR, "T1|target|lung|0| 40 x x x; N1|target|lung (node)|0| 18 9.9 10 11", "CR PR PR", "CR PR PR"),
    "porta_hepatis_node_of_20": (FOUR, "N|target|porta hepatis (node)|0| 20 20 28 20", "SD PD SD", "SD PD SD"),
    "porta_hepatis_node_below": (
        FOUR, "T1|target|lung|0| 40 40 40 40; N|target|porta hepatis (node)|0| 19.9 19.9 60 40", "SD PD PD", "SD SD SD",
    ),
    "nodule_of_10_enhancing": (FOUR, "T1|target|lung|0| 40 40 40 40; L|new|liver|1| - 9.9/9 10/1 10/1", "PD PD PD", "SD PD PD"),
    "nodule_of_10_not_enhancing": (
        FOUR, "T1|target|lung|0| 40 40 40 40; L|new|liver|1| - 10/0 12/0 12/0", "PD PD PD", "SD SD SD",
    ),
    "nodule_grown_by_10": (FOUR, "T1|target|lung|0| 40 40 40 40; L|new|liver|1| - 8 12 18", "PD PD PD", "PD PD PD"),
    "nodule_grown_by_less": (FOUR, "T1|target|lung|0| 40 40 40 40; L|new|liver|1| - 8 12 17.9", "PD PD PD", "SD SD SD"),
    "nothing_enhances_at_baseline": (FOUR, "T1|target|liver|0| 50/0 35/0 36/0 36/0", "PR SD SD", "PR SD SD"),
    "something_does": (FOUR, "T1|target|liver|0| 50/1 50/1 50/0 50/0", "SD SD SD", "SD CR CR"),
    "new_at_baseline": (FOUR, "T1|target|lung|0| 40 40 40 40; L|new|lung|0| p p p p", "SD SD SD", "SD SD SD"),
    "new_at_the_first_scan": (FOUR, "T1|target|lung|0| 40 40 40 40; L|new|lung|1| - p x x", "PD SD SD", "PD SD SD"),
    "split_at_the_second_scan": (FOUR, "T1|target|lung|0| 50 30 20 20; F|new|lung|2| - - 15 16 |T1", "PR PR PD", "PR PR PD"),
    "day_13": ("-7 13 56 112", "T1|target|lung|0| 50 65 60 72", "PD SD PD", "PD SD PD"),
    "day_14": ("-7 14 56 112", "T1|target|lung|0| 50 65 60 72", "PD PD PD", "PD PD PD"),
    "two_early_ones": ("-7 5 10 56 112", "T1|target|lung|0| 50 65 80 70 84", "PD PD SD PD", "PD PD SD PD"),
    "new_on_day_10": ("-7 10 56 112", "T1|target|lung|0| 50 50 34 x; L|new|lung|1| - 9 9 9", "PD PR PR", "PD PR PR"),
    "no_lesion": (FOUR, "L|new|lung|3| - - - p", "NE NE PD", "NE NE PD"),
}  # fmt: skip


def test_scans(read_all):
    study, _ = read_all({name: case[:2] for name, case in SCANS.items()})
    assert overall(study, "RECIST 1.1") == {name: case[2] for name, case in SCANS.items()}
    assert overall(study, "mRECIST") == {name: case[3] for name, case in SCANS.items()}
    sure = "where criterion = 'RECIST 1.1' and patient_id"
    assert study.rows(f"select line_before from visit_response {sure} in ('day_13', 'day_14') order by patient_id, visit") == [
        (True,), (False,), (False,), (False,), (False,), (False,),
    ]  # fmt: skip
    early = f"select line_before, nadir_mm from visit_response {sure} = 'two_early_ones' order by visit"
    assert study.rows(early) == [(True, 50.0), (True, 50.0), (False, 80.0), (False, 70.0)], "the last early one is the baseline"
    sums = study.rows(f"select target_sum_mm, nadir_mm from visit_response {sure} = 'split_at_the_second_scan' order by visit")
    assert sums == [(30.0, 50.0), (35.0, 30.0), (36.0, 30.0)]
    new = study.rows(f"select new_lesion, reason from visit_response {sure} = 'twenty_percent' and visit = 2")
    assert new == [(False, "PD: target sum 100 to 120 mm, +20 % and +20 mm over the nadir")]
    gone = study.rows(f"select change_from_nadir_pct, reason from visit_response {sure} = 'gone_twice' and visit = 3")
    assert gone == [(None, "PD: a target seen again after all were gone")]


def test_words_of_half_a_percent(read_all):
    """Rounded half away from zero: 199 of 200 is -0.5 %, said as -1 %; 201 is +1 %."""
    study, _ = read_all({"down": (FOUR, "T1|target|lung|0| 200 199 199.2 201"), "none": (FOUR, "T1|target|lung|0| 0 20 20 20")})
    said = study.rows("select reason from visit_response where criterion = 'mRECIST' and patient_id = 'down' order by visit")
    assert [text.split(", ")[1] for (text,) in said] == ["-1 % from baseline", "+0 % from baseline", "+1 % from baseline"]
    changes = study.rows("select distinct change_from_baseline_pct from visit_response where patient_id = 'none'")
    assert changes == [(None,)], "no percentage of a baseline of 0 mm"


def test_a_scan_of_the_index_date_that_is_no_baseline_is_not_listed(read_all):
    study, _ = read_all({"P1": ("-7 0 56", "T1|target|lung|0| 50 50 50")}, unreadable={("P1", "1")})
    assert study.rows("select visit from visit_response where criterion = 'RECIST 1.1'") == [(2,)]


# patient: (days, lesions, best response with confirmation, without)
CONFIRMED = {
    "28_days": ("-7 50 78", "T1|target|lung|0| 100 60 60", "PR", "PR"),
    "27_days": ("-7 50 77", "T1|target|lung|0| 100 60 60", "SD", "PR"),
    "sd_between": ("-7 50 60 78", "T1|target|lung|0| 100 60 71 60", "PR", "PR"),
    "ne_between": ("-7 50 60 78", "T1|target|lung|0| 100 60 na 60", "PR", "PR"),
    "sd_and_ne_between": ("-7 50 60 70 78", "T1|target|lung|0| 100 60 71 na 60", "SD", "PR"),
    "two_ne_between": ("-7 50 60 70 78", "T1|target|lung|0| 100 60 na na 60", "SD", "PR"),
    "two_sd_between": ("-7 50 60 70 78", "T1|target|lung|0| 100 60 71 71 60", "SD", "PR"),
    # A PR after the CR, for want of a look at the bone: neither the CR nor the PR before it is confirmed by what follows.
    "pr_after_cr": ("-7 50 100 150", "T1|target|lung|0| 20 x x x; B|non-target|bone|0| p x na x", "PR", "CR"),
    "cr_between_two_pr": ("-7 50 60 78", "T1|target|lung|0| 20 10 x x; B|non-target|bone|0| p x x na", "SD", "CR"),
    "progression_counts_itself": ("-7 50", "T1|target|lung|0| 100 130", "PD", "PD"),
    "sd_on_day_42": ("-7 42", "T1|target|lung|0| 100 100", "SD", "SD"),
    "sd_on_day_41": ("-7 41", "T1|target|lung|0| 100 100", "NE", "NE"),
}


@pytest.mark.parametrize("confirmation", [True, False])
def test_confirmation(read_all, confirmation):
    patients = {name: case[:2] for name, case in CONFIRMED.items()}
    study, outcomes = read_all(patients, response={"criteria": ["RECIST 1.1"], "confirmation": confirmation})
    expected = {name: case[2 if confirmation else 3] for name, case in CONFIRMED.items()}
    best = outcomes.best_response["RECIST 1.1"].tolist()
    assert dict(zip(study.cohort.patient.tolist(), best, strict=True)) == expected


def test_course(read_all):
    """Death on the day of a progression, the scan that shows the progression, and whether treatment goes on."""
    patients = {
        "dies_on_the_day": (FOUR, "T1|target|lung|0| 50 30 60 60"),
        "dies_the_day_before": (FOUR, "T1|target|lung|0| 50 30 60 60"),
        "deepest_at_progression": (FOUR, "T1|target|lung|0| 50 40 20 10; L|new|bone|2| - - p p"),
    }
    ends = {"dies_on_the_day": "112 | 112", "dies_the_day_before": "111 | 111"}
    doses = """patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason
               dies_on_the_day | 0 | 60 | 8 | start | AE
               deepest_at_progression | 0 |  | 8 | start | ongoing"""
    study, _ = read_all(patients, ends=ends, extra={"exposure": doses}, response={"criteria": ["RECIST 1.1"]})
    columns = "patient_id, duration_days, ended_by, deepest_change_pct, last_dose_day"
    assert study.rows(f"select {columns} from response_course order by patient_id") == [
        ("deepest_at_progression", None, None, -60.0, 400),
        ("dies_on_the_day", 56, "progression", -40.0, 60),
        ("dies_the_day_before", 55, "death", -40.0, None),
    ]


@pytest.mark.parametrize(("day", "before"), [(13, True), (14, False)])
def test_a_recorded_progression_before_day_14(read_all, day, before):
    recorded = "patient_id | visit | criterion | response | reader\n P1|1|RECIST 1.1|PD|ann \n P1|2|RECIST 1.1|SD|ann"
    lesions = {"P1": (f"-7 {day} 56", "T1|target|lung|0| 50 50 50")}
    asked = {"criteria": ["RECIST 1.1"], "source": "recorded"}
    study, _ = read_all(lesions, response=asked, extra={"recorded_response": recorded})
    assert study.rows("select line_before from visit_response order by visit") == [(before,), (False,)]
