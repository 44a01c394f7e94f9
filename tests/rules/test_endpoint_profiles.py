"""Profiles of progression-free survival, other sources, and alternative definitions of an endpoint, on drawn patients.

fda2007: FDA, Guidance for industry: clinical trial endpoints for the approval of cancer drugs and biologics, 2007.
"""

from __future__ import annotations

import pytest

from equipoise.derive import derive_covariates
from equipoise.outcomes import derive_outcomes
from equipoise.protocol.references import reference_faults

SOURCES = {
    "death": {"table": "followup", "date": "death_date"},
    "clinical_progression": {"table": "followup", "date": "progression_date"},
    "radiologic_progression": {"table": "visit_response", "date": "date", "where": "overall = 'PD'"},
    "last_scan": {"table": "visit_response", "date": "date", "where": "overall in ('CR', 'PR', 'SD')", "pick": "last"},
    "last_contact": {"table": "followup", "date": "last_contact"},
    "new_therapy": {"table": "subsequent_therapy", "date": "start"},
    "treatment_stop": {"table": "exposure", "date": "stop", "where": "stop_reason <> 'ongoing'"},
}
PFS = {
    "label": "Progression-free survival",
    "short": "PFS",
    "event_label": "Progression or death",
    "events": ["radiologic_progression", "clinical_progression", "death"],
    "censoring": ["last_scan", "last_contact"],
}
FDA = {**PFS, "profile": "fda2007"}
SCHEDULE = {"scan_interval_days": 56, "scan_window_days": 7}  # two scans missed after more than 126 days
HEAD = "patient_id | last_contact_day | death_date_day | progression_date_day | data_cutoff_day\n"


@pytest.fixture
def derive(draw):
    """derive(followup, scans, therapy day, dosing lines, ...) -> outcomes of P1. scans: `day size`, 40 mm is stable."""

    def _derive(followup: str, scans: str = "-3 40", therapy: int | None = None, doses: str = "", **given):
        drawn = [line.split() for line in scans.split(",")]
        n, visits = len(drawn), [str(k) for k in range(len(drawn))]
        lesion = "patient_id | lesion_id | role | organ | is_lymph_node | first_visit\nP1 | T1 | target | liver | false | 0"
        tables = {
            "followup": HEAD + followup,
            "visit_imaging": {
                "patient_id": ["P1"] * n, "visit": visits, "day": [d for d, _ in drawn],
                "scheduled": ["true"] * n, "evaluable": ["true"] * n,
            },
            "lesion": lesion,
            "lesion_measure": {
                "patient_id": ["P1"] * n, "lesion_id": ["T1"] * n, "visit": visits,
                "diameter_mm": [size for _, size in drawn], "status": ["present"] * n,
            },
        }  # fmt: skip
        later = f"P1 | 3 | x | {therapy}" if therapy is not None else ""
        tables["subsequent_therapy"] = "patient_id | line | regimen | start_day\n" + later
        tables["exposure"] = "patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason\n" + doses
        patients = " ".join(line.split("|")[0].strip() for line in followup.strip().splitlines())
        study = draw(patients, tables, response={"criteria": ["RECIST 1.1"]}, sources=SOURCES, assessment=SCHEDULE, **given)
        derive_covariates(study.protocol, study.sources, study.cohort)
        return derive_outcomes(study.protocol, study.sources, study.cohort)

    return _derive


def first(times) -> tuple[float, int, str]:
    return times.time[0], times.event[0], times.source[0]


@pytest.mark.parametrize(
    ("case", "followup", "scans", "therapy", "ema", "fda"),
    [
        ("progression on schedule", "P1|300||| 400", "-3 40, 56 40, 112 60", None,
         (112, 1, "radiologic_progression"), (112, 1, "radiologic_progression")),
        ("progression after new therapy", "P1|300||| 400", "-3 40, 56 40, 112 60", 80,
         (112, 1, "radiologic_progression"), (56, 0, "last_scan")),
        ("progression on the day of new therapy", "P1|300||| 400", "-3 40, 56 40, 112 60", 112,
         (112, 1, "radiologic_progression"), (112, 1, "radiologic_progression")),
        ("a scan on new therapy does not prolong", "P1|300||| 400", "-3 40, 56 40, 112 40", 80,
         (112, 0, "last_scan"), (56, 0, "last_scan")),
        ("new therapy before any scan", "P1|300||| 400", "-3 40, 56 60", 30,
         (56, 1, "radiologic_progression"), (1, 0, "day_one")),
        ("one scan missed", "P1|300||| 400", "-3 40, 56 40, 182 60", None,
         (182, 1, "radiologic_progression"), (182, 1, "radiologic_progression")),
        ("two scans missed", "P1|300||| 400", "-3 40, 56 40, 183 60", None,
         (183, 1, "radiologic_progression"), (56, 0, "last_scan")),
        ("two missed, then a stable scan before progression", "P1|400||| 400", "-3 40, 56 40, 240 40, 296 60", None,
         (296, 1, "radiologic_progression"), (296, 1, "radiologic_progression")),
        ("death within two intervals of the index date", "P1|126|126|| 400", "-3 40", None,
         (126, 1, "death"), (126, 1, "death")),
        ("death without a scan for longer", "P1|127|127|| 400", "-3 40", None,
         (127, 1, "death"), (1, 0, "day_one")),
        ("a later death cannot replace an event that does not count", "P1|260|260|| 400", "-3 40, 56 40, 200 60", None,
         (200, 1, "radiologic_progression"), (56, 0, "last_scan")),
        ("alive and never scanned again", "P1|300||| 400", "-3 40", None,
         (300, 0, "last_contact"), (1, 0, "day_one")),
    ],
)  # fmt: skip
def test_the_two_profiles(derive, case, followup, scans, therapy, ema, fda):
    outcomes = derive(followup, scans, therapy, endpoints={"pfs": PFS, "pfs_fda": FDA})
    assert first(outcomes.endpoints["pfs"]) == ema, case
    assert first(outcomes.endpoints["pfs_fda"]) == fda, case


def test_clinical_progression_counts_or_not(derive):
    ignored = {**PFS, "clinical": "ignored"}
    outcomes = derive("P1|300||80| 400", "-3 40, 56 40, 112 60", endpoints={"pfs": PFS, "strict": ignored})
    assert first(outcomes.endpoints["pfs"]) == (80, 1, "clinical_progression")
    assert first(outcomes.endpoints["strict"]) == (112, 1, "radiologic_progression")


@pytest.mark.parametrize(
    ("case", "followup", "doses", "expected"),
    [
        ("stopped for toxicity", "P1|300||| 400", "P1|0|60|12|start|AE", (60, 1, "treatment_stop")),
        ("still treated", "P1|300||| 400", "P1|0|300|12|start|ongoing", (300, 0, "last_contact")),
        ("progression under treatment", "P1|300||50| 400", "P1|0|60|12|start|progression", (50, 1, "clinical_progression")),
        (
            "the last interval has the reason",
            "P1|300||| 400",
            "P1|0|60|12|start| \n P1|61|90|8|AE|refusal",
            (90, 1, "treatment_stop"),
        ),
        ("death", "P1|40|40|| 400", "P1|0|40|12|start|death", (40, 1, "treatment_stop")),
    ],
)
def test_time_to_treatment_failure(derive, case, followup, doses, expected):
    ttf = {**PFS, "events": ["treatment_stop", "clinical_progression", "death"], "censoring": ["last_contact"]}
    assert first(derive(followup, doses=doses, endpoints={"ttf": ttf}).endpoints["ttf"]) == expected, case


@pytest.mark.parametrize(
    ("case", "followup", "scans", "expected"),
    [
        ("death censors", "P1|200|200|| 400", "-3 40, 56 40", (200, 0, "death")),
        ("progression before death", "P1|200|200|| 400", "-3 40, 56 60", (56, 1, "radiologic_progression")),
        ("alive", "P1|200||| 400", "-3 40, 56 40", (56, 0, "last_scan")),
    ],
)
def test_time_to_progression(derive, case, followup, scans, expected):
    ttp = {
        **PFS,
        "events": ["radiologic_progression", "clinical_progression"],
        "censoring": ["death", "last_scan", "last_contact"],
    }
    assert first(derive(followup, scans, endpoints={"ttp": ttp}).endpoints["ttp"]) == expected, case


@pytest.mark.parametrize(("therapy", "expected"), [(90, (90, 1, "new_therapy")), (None, (200, 1, "death"))])
def test_time_to_next_treatment(derive, therapy, expected):
    ttnt = {**PFS, "events": ["new_therapy", "death"], "censoring": ["last_contact"]}
    assert first(derive("P1|200|200|| 400", therapy=therapy, endpoints={"ttnt": ttnt}).endpoints["ttnt"]) == expected


def test_readings_of_an_endpoint(derive):
    wanted = {"endpoints": {"pfs": ["without_clinical", "fda2007", "early_counted", "early_not_counted"]}}
    outcomes = derive("P1|300||10| 400", "-3 40, 56 40, 112 60", 80, endpoints={"pfs": PFS}, sensitivity=wanted)
    assert set(outcomes.endpoints) == {"pfs"}
    found = {name: first(times) for name, times in outcomes.endpoint_variants["pfs"].items()}
    assert found == {
        "without_clinical": (112, 1, "radiologic_progression"),
        "fda2007": (56, 0, "last_scan"),
        "early_counted": (10, 1, "clinical_progression"),
        "early_not_counted": (112, 1, "radiologic_progression"),
    }


def test_unevaluable_patients_worst_cased_both_ways(derive):
    """P1 has a scan, P2 and P3 have none and live; P4 has none and dies, which is known."""
    followup = "P1|300||| 400 \n P2|200||| 400 \n P3|250||| 400 \n P4|90|90|| 400"
    day_one = {**PFS, "censoring": ["last_scan", "day_one"]}
    outcomes = derive(followup, "-3 40, 56 40", endpoints={"pfs": day_one}, sensitivity={"endpoints": {"pfs": ["unevaluable"]}})
    found = outcomes.endpoint_variants["pfs"]
    assert list(found) == ["unevaluable_worst_in_a", "unevaluable_worst_in_b"]
    in_a, in_b = found["unevaluable_worst_in_a"], found["unevaluable_worst_in_b"]
    assert (in_a.time.tolist(), in_a.event.tolist()) == ([56, 1, 1, 90], [0, 1, 1, 1])
    assert (in_b.time.tolist(), in_b.event.tolist()) == ([56, 200, 250, 90], [0, 0, 0, 1]), "everyone is in arm a"


def test_what_the_profile_needs_is_said(draw):
    followup = HEAD + "P1|300||| 400"
    known = {k: SOURCES[k] for k in ("death", "clinical_progression", "radiologic_progression", "last_scan", "last_contact")}
    study = draw("P1", {"followup": followup}, sources=known, endpoints={"pfs": FDA}, sensitivity={"endpoints": {"os": ["ema"]}})
    said = [f.message for f in reference_faults(study.protocol, study.protocol.place)]
    assert any("planned interval" in s for s in said) and any("'new_therapy'" in s for s in said)
    assert any("there is no endpoint 'os'" in s for s in said)
