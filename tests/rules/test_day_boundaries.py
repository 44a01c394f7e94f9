"""The days on which records begin and cease to count: a patient on each, and one a day to either side, drawn in one study.

Endpoints and their profiles, exposure and its conduct, adverse events, laboratory values, what was done before the index date.
"""

from __future__ import annotations

import pytest
from test_endpoint_profiles import FDA, PFS, SCHEDULE, SOURCES

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes
from equipoise.outcomes.ctcae import define_lab_grades
from equipoise.outcomes.observed import define_observed
from equipoise.outcomes.onsets import onsets

FOLLOWUP = "patient_id | last_contact_day | death_date_day | progression_date_day | data_cutoff_day\n"
DOSES = "patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason\n"


def stable(days: dict[str, str]) -> dict[str, dict[str, list]]:
    """Scans on these days of each patient, the first the baseline, all of one target that stays as it is."""
    visits = [(p, str(k), d) for p, text in days.items() for k, d in enumerate(text.split())]
    who, visit, day = (list(column) for column in zip(*visits, strict=True))
    n, names = len(visits), list(days)
    return {
        "visit_imaging": {"patient_id": who, "visit": visit, "day": day, "scheduled": ["true"] * n, "evaluable": ["true"] * n},
        "lesion": {
            "patient_id": names, "lesion_id": ["T1"] * len(names), "role": ["target"] * len(names),
            "organ": ["lung"] * len(names), "is_lymph_node": ["false"] * len(names), "first_visit": ["0"] * len(names),
        },
        "lesion_measure": {
            "patient_id": who, "lesion_id": ["T1"] * n, "visit": visit, "diameter_mm": ["40"] * n, "status": ["present"] * n,
        },
    }  # fmt: skip


# patient: (last contact | death | clinical progression | data cut-off), days of scans, day of new therapy, EMA, FDA
ENDPOINTS = {
    "progression_13": ("300||13|400", "-3 56", None, (56, 0, "last_scan"), (56, 0, "last_scan")),
    "progression_14": ("300||14|400", "-3 56", None, (14, 1, "clinical_progression"), (14, 1, "clinical_progression")),
    "progression_on_the_cut_off": ("90||90|90", "-3 56", None, (90, 1, "clinical_progression"), (90, 1, "clinical_progression")),
    "progression_after_it": ("90||91|90", "-3 56", None, (56, 0, "last_scan"), (56, 0, "last_scan")),
    "death_on_the_index_date": ("0|0||400", "-3", None, (1, 1, "death"), (1, 1, "death")),
    # New therapy: on day 0 it is the index treatment's own day, from day 1 on it ends the observation of a response.
    "therapy_on_day_0": ("300||80|400", "-3 56", 0, (80, 1, "clinical_progression"), (80, 1, "clinical_progression")),
    "therapy_on_day_1": ("300||80|400", "-3 56", 1, (80, 1, "clinical_progression"), (1, 0, "day_one")),
    "therapy_on_the_day": ("300||80|400", "-3 56", 80, (80, 1, "clinical_progression"), (80, 1, "clinical_progression")),
    "therapy_the_day_before": ("300||80|400", "-3 56", 79, (80, 1, "clinical_progression"), (56, 0, "last_scan")),
    "scan_on_the_day_of_therapy": ("300||200|400", "-3 56 80", 80,
                                   (200, 1, "clinical_progression"), (80, 0, "last_scan")),
    "scan_the_day_after": ("300||200|400", "-3 56 81", 80, (200, 1, "clinical_progression"), (56, 0, "last_scan")),
    # Two scans missed: after more than 126 days since the adequate scan before, one on the very day not counted.
    "gap_of_126": ("300||182|400", "-3 56", None, (182, 1, "clinical_progression"), (182, 1, "clinical_progression")),
    "gap_of_127": ("300||183|400", "-3 56", None, (183, 1, "clinical_progression"), (56, 0, "last_scan")),
    "scan_on_the_day_of_the_event": ("300||183|400", "-3 56 183", None, (183, 1, "clinical_progression"), (56, 0, "last_scan")),
    "scan_the_day_before": ("300||183|400", "-3 56 182", None,
                            (183, 1, "clinical_progression"), (183, 1, "clinical_progression")),
    "gap_from_the_index_date": ("300||127|400", "-3", None, (127, 1, "clinical_progression"), (1, 0, "day_one")),
}  # fmt: skip


def test_events_and_censoring(draw):
    therapy = "patient_id | line | regimen | start_day\n"
    therapy += "\n".join(f"{p} | 3 | x | {case[2]}" for p, case in ENDPOINTS.items() if case[2] is not None)
    tables = {
        "followup": FOLLOWUP + "\n".join(f"{p} | {case[0]}" for p, case in ENDPOINTS.items()),
        "subsequent_therapy": therapy,
        **stable({p: case[1] for p, case in ENDPOINTS.items()}),
    }
    known = {name: source for name, source in SOURCES.items() if name != "treatment_stop"}
    endpoints = {"pfs": PFS, "pfs_fda": FDA}
    asked = {"response": {"criteria": ["RECIST 1.1"]}, "sources": known, "assessment": SCHEDULE, "endpoints": endpoints}
    study = draw(" ".join(ENDPOINTS), tables, **asked)
    derive_covariates(study.protocol, study.sources, study.cohort)
    outcomes = derive_outcomes(study.protocol, study.sources, study.cohort)
    for place, endpoint in enumerate(endpoints):
        times = outcomes.endpoints[endpoint]
        found = zip(study.cohort.patient.tolist(), zip(times.time, times.event, times.source, strict=True), strict=True)
        assert dict(found) == {p: case[3 + place] for p, case in ENDPOINTS.items()}, endpoint
    early = study.rows("select distinct patient_id, day from early_progression order by 1")
    assert early == [("progression_13", 13)], "from day 14 on progression counts"


def test_clinical_progression_on_the_index_date_is_early_progression(draw):
    tables = {"followup": FOLLOWUP + "P1 | 300 | | 0 | 400", **stable({"P1": "-3 56"})}
    known = {name: SOURCES[name] for name in ("death", "clinical_progression", "last_scan", "last_contact")}
    pfs = {**PFS, "events": ["clinical_progression", "death"]}
    study = draw("P1", tables, response={"criteria": ["RECIST 1.1"]}, sources=known, endpoints={"pfs": pfs})
    derive_covariates(study.protocol, study.sources, study.cohort)
    derive_outcomes(study.protocol, study.sources, study.cohort)
    assert study.rows("select patient_id, day from early_progression") == [("P1", 0)]


# patient: dosing intervals, (days on treatment, days dosed, mg, reductions, raised, interruptions, dose intensity, reason)
EXPOSURE = {
    "one_day": ("0|0|12|start|AE", (1, 1, 12, 0, 0, 0, 100, "AE")),
    "open_before_the_next": ("0||12|start| \n {p}|5|9|6|AE|AE", (10, 10, 90, 1, 0, 0, 75, "AE")),
    "seamless": ("0|4|12|start| \n {p}|5|9|12|AE|AE", (10, 10, 120, 0, 0, 0, 100, "AE")),
    "a_day_without": ("0|3|12|start| \n {p}|5|9|12|AE|AE", (10, 9, 108, 0, 0, 1, 90, "AE")),
    "raised": ("0|4|6|start| \n {p}|5|9|12|other|AE", (10, 10, 90, 0, 1, 0, 75, "AE")),
    "before_the_index_date": ("-1|-1|24|start| \n {p}|0|9|12|start|AE", (10, 10, 120, 0, 0, 0, 100, "AE")),
    "a_dose_of_0": ("0|9|12|start| \n {p}|10|19|0|interruption|AE", (10, 10, 120, 0, 0, 0, 100, "AE")),
    "the_last_reason": ("0|4|12|start|other \n {p}|5|9|12|resume|AE", (10, 10, 120, 0, 0, 0, 100, "AE")),
    "ends_before_it_starts": ("0|9|12|start| \n {p}|12|11|12|resume|AE", (10, 10, 120, 0, 0, 0, 100, "AE")),
}


def test_exposure(draw):
    tables = {
        "followup": FOLLOWUP + "\n".join(f"{p} | 300 | | | 400" for p in EXPOSURE),
        "exposure": DOSES + "\n".join(f"{p} | {case[0].format(p=p)}" for p, case in EXPOSURE.items()),
        "observation": "patient_id | day | item | value\n" + "\n".join(f"{p} | -3 | weight_kg | 60" for p in EXPOSURE),
    }
    study = draw(" ".join(EXPOSURE), tables, dose={"a": [{"mg_day": 12, "when": "weight_kg >= 60"}]}, assessment=SCHEDULE)
    derive_covariates(study.protocol, study.sources, study.cohort)
    derive_outcomes(study.protocol, study.sources, study.cohort)
    names = "treated_days, dosed_days, given_mg, n_reductions, n_raised, n_interruptions, rdi, stop_reason"
    found = study.rows(f"select patient_id, {names} from exposure_course")
    assert {p: tuple(rest) for p, *rest in found} == {p: case[1] for p, case in EXPOSURE.items()}


def test_scans_of_the_index_date_are_not_of_the_follow_up(draw):
    tables = {"followup": FOLLOWUP + "P1 | 300 | | | 400 \n P2 | 300 | | | 400", **stable({"P1": "-7 0 56", "P2": "-7 1 56"})}
    study = draw("P1 P2", tables, assessment=SCHEDULE)
    derive_covariates(study.protocol, study.sources, study.cohort)
    outcomes = derive_outcomes(study.protocol, study.sources, study.cohort)
    assert outcomes.conduct.followed["n_scans"].tolist() == [1, 2]
    assert outcomes.conduct.followed["first_scan_day"].tolist() == [56, 1]
    assert study.rows("select patient_id, sum(n) from scan_reader group by 1 order by 1") == [("P1", 1), ("P2", 2)]


AE = "patient_id|ae_id|ctcae_term|grade|attribution|start_day\n"


def test_adverse_events_from_the_index_date_to_30_days_after_the_last_dose(draw):
    """P1's last dose is on day 100; at risk to day 130, where P2 and P3 die on the last day at risk and the day after."""
    tables = {
        "followup": FOLLOWUP + "P1 | 300 | | | 400 \n P2 | 130 | 130 | | 400 \n P3 | 131 | 131 | | 400 \n P4 | 120 | | | 400",
        "exposure": DOSES + "\n".join(f"P{k} | 0 | 100 | 12 | start | AE" for k in (1, 2, 3, 4)),
        "ae": AE + "\n".join(f"P1|{k}|T{day}|1|possible|{day}" for k, day in enumerate((-1, 0, 130, 131))),
    }
    study = draw("P1 P2 P3 P4", tables, safety={})
    derive_covariates(study.protocol, study.sources, study.cohort)
    outcomes = derive_outcomes(study.protocol, study.sources, study.cohort)
    assert sorted(outcomes.worst_grade) == ["T0", "T130"]
    found = study.rows("select patient_id, exposure_days, end_day, death_day from safety_course order by patient_id")
    assert found == [("P1", 101, 130, None), ("P2", 101, 130, 130), ("P3", 101, 130, None), ("P4", 101, 120, None)]


def test_onset_of_an_adverse_event(draw):
    events = AE + "P1|1|Rash|2|possible|0 \n P2|1|Rash|3|possible|9 \n P2|2|Rash|2|possible|8 \n P3|1|Rash|2|possible|-1"
    base = {"label": "x", "endpoint": "os", "landmark_day": 30, "kind": "adverse_event", "term": "rash"}
    asked = {"any": {**base, "grade_from": 2}, "severe": {**base, "grade_from": 3}}
    followup = FOLLOWUP + "\n".join(f"P{k} | 300 | | | 400" for k in (1, 2, 3))
    study = draw("P1 P2 P3", {"followup": followup, "ae": events}, post_index=asked)
    define_observed(study.engine, None, study.protocol.contract.tables)
    onsets(study.protocol, study.engine, study.cohort)
    assert study.rows("select name, patient_id, day, type from onset_event order by name, patient_id") == [
        ("any", "P1", 0, "grade 1-2"),
        ("any", "P2", 8, "grade 1-2"),
        ("severe", "P2", 9, "grade 3-5"),
    ]


LAB = "patient_id | day | analyte | value | comparator | unit | lln | uln\n"


def graded(draw, lab: str, patients: str, tables: dict | None = None):
    study = draw(patients, {"lab": LAB + lab, **(tables or {})})
    define_observed(study.engine, None, study.protocol.contract.tables)
    define_lab_grades(study.engine)
    return study


def test_a_baseline_exactly_at_its_upper_limit(draw):
    """ALT: with a normal baseline grade 1 begins above the limit, with an abnormal one at 1.5 times the baseline."""
    cases = {"at": "40|", "above": "40.1|", "known_below": "40|<", "known_above": "40|>"}
    lab = "\n".join(f"{p}|-3|ALT|{value}|U/L||40 \n {p}|20|ALT|48||U/L||40" for p, value in cases.items())
    study = graded(draw, lab, " ".join(cases))
    high = study.rows("select patient_id, baseline_is_high from lab_value where not is_baseline order by patient_id")
    assert high == [("above", True), ("at", False), ("known_above", True), ("known_below", False)]
    worst = study.rows("select patient_id, worst_grade from lab_toxicity order by patient_id")
    assert worst == [("above", 0), ("at", 1), ("known_above", None), ("known_below", 1)]


def test_laboratory_values_after_the_index_date_to_30_days_after_the_last_dose(draw):
    """Of two rows of the index date the later is the baseline, and the earlier is neither baseline nor follow-up."""
    days = {"P1": ("0 0", "150 60"), "P2": ("-3 1", "150 60"), "P3": ("-3 130", "150 60"), "P4": ("-3 131", "150 60")}
    days["P5"] = ("-3 -9", "150 60")  # the later date is the baseline, whatever the order of the rows
    lines = [
        f"{p}|{day}|platelets|{value}||10^9/L|150|"
        for p, (when, values) in days.items()
        for day, value in zip(when.split(), values.split(), strict=True)
    ]
    doses = DOSES + "\n".join(f"{p} | 0 | 100 | 12 | start | AE" for p in days)
    study = graded(draw, "\n".join(lines), " ".join(days), {"exposure": doses})
    base = study.rows("select patient_id, value from lab_value where is_baseline order by patient_id")
    assert base == [("P1", 60.0), ("P2", 150.0), ("P3", 150.0), ("P4", 150.0), ("P5", 150.0)]
    assert study.rows("select patient_id, worst_grade from lab_toxicity order by patient_id") == [("P2", 2), ("P3", 2)]


@pytest.mark.parametrize(("day", "done"), [(-1, True), (0, True), (1, False)])
def test_what_was_done_up_to_the_index_date(draw, day, done):
    prior = f"patient_id | day | kind\n P1 | {day} | TACE"
    infusions = f"patient_id | cycle | day | given_ate | given_bev\n P1|1|-21|true|true \n P1|2|{day}|true|true"
    study = draw("P1", {"prior_treatment": prior, "firstline_infusion": infusions})
    derive_covariates(study.protocol, study.sources, study.cohort)
    columns = "earlier_tace, n_earlier_tace, prior_cycles, days_since_last_cycle, prior_line_days, days_since_last_dose"
    last = -day if done else 21
    assert study.rows(f"select {columns} from baseline") == [(done, int(done), 1 + done, last, 21 - last, last)]


def test_without_the_table_of_earlier_treatment_nothing_is_known_of_it(draw):
    study = draw("P1", {})
    derive_covariates(study.protocol, study.sources, study.cohort)
    assert study.rows("select earlier_tace, n_earlier_tace from baseline") == [(None, None)]
    study = draw("P1 P2", {"prior_treatment": "patient_id | day | kind\n P2 | -9 | RFA"})
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = study.rows("select earlier_tace, n_earlier_tace, earlier_rfa from baseline order by patient_id")
    assert found == [(False, 0, False), (False, 0, True)]


def test_limits_of_normal_are_converted_with_their_value(draw):
    """g/L to g/dL: a tenth of the value, of its lower and of its upper limit."""
    lab = LAB + "P1|-3|albumin|42||g/L|35|52"
    study = draw("P1", {"lab": lab})
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = study.rows("select value, lln, uln, unit from baseline_record where item = 'albumin_g_dl'")
    assert found == [(pytest.approx(4.2), pytest.approx(3.5), pytest.approx(5.2), "g/dL")]
