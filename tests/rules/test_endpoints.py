"""Time to event from sources, drawn on small tables."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.derive import derive_covariates
from equipoise.errors import DataError, ProtocolError
from equipoise.outcomes import derive_outcomes

SOURCES = {
    "death": {"table": "followup", "date": "death_date"},
    "clinical_progression": {"table": "followup", "date": "progression_date"},
    "radiologic_progression": {"table": "visit_response", "date": "date", "where": "criterion = 'RECIST 1.1' and overall = 'PD'"},
    "last_scan": {
        "table": "visit_response",
        "date": "date",
        "where": "criterion = 'RECIST 1.1' and overall in ('CR', 'PR', 'SD')",
        "pick": "last",
    },
    "last_contact": {"table": "followup", "date": "last_contact"},
    "new_therapy": {"table": "subsequent_therapy", "date": "start"},
}
PFS = {
    "label": "Progression-free survival",
    "short": "PFS",
    "event_label": "Progression or death",
    "events": ["radiologic_progression", "clinical_progression", "death"],
    "censoring": ["last_scan", "last_contact"],
}
OS = {"label": "Overall survival", "short": "OS", "event_label": "Death", "events": ["death"], "censoring": ["last_contact"]}
HEAD = "patient_id | last_contact_day | death_date_day | progression_date_day | data_cutoff_day\n"


@pytest.fixture
def derive(draw):
    """derive(followup, scans, ...) -> (study, outcomes). scans: lines `day size`, the first the baseline; 40 mm is stable."""

    def _derive(followup: str, scans: str = "", *, endpoints=None, extra=None, **given):
        tables = {"followup": HEAD + followup, **(extra or {}), **scan_tables(scans)}
        patients = " ".join(line.split("|")[0].strip() for line in followup.strip().splitlines())
        study = draw(
            patients,
            tables,
            response={"criteria": ["RECIST 1.1"]},
            sources=SOURCES,
            endpoints=endpoints or {"os": OS, "pfs": PFS},
            **given,
        )
        derive_covariates(study.protocol, study.sources, study.cohort)
        return study, derive_outcomes(study.protocol, study.sources, study.cohort)

    return _derive


def scan_tables(scans: str) -> dict[str, dict[str, list]]:
    if not scans:
        return {}
    drawn = [tuple(line.split()) for line in scans.strip().split(",")]
    n = len(drawn)
    return {
        "visit_imaging": {
            "patient_id": ["P1"] * n,
            "visit": [str(k) for k in range(n)],
            "day": [d for d, _ in drawn],
            "scheduled": ["true"] * n,
            "evaluable": ["true"] * n,
        },
        "lesion": {
            "patient_id": ["P1"],
            "lesion_id": ["T1"],
            "role": ["target"],
            "organ": ["liver"],
            "is_lymph_node": ["false"],
            "first_visit": ["0"],
        },
        "lesion_measure": {
            "patient_id": ["P1"] * n,
            "lesion_id": ["T1"] * n,
            "visit": [str(k) for k in range(n)],
            "diameter_mm": [None if size == "na" else size for _, size in drawn],
            "status": ["not assessable" if size == "na" else "present" for _, size in drawn],
        },
    }


def pfs(outcomes) -> tuple[float, int, str]:
    found = outcomes.endpoints["pfs"]
    return found.time[0], found.event[0], found.source[0]


@pytest.mark.parametrize(
    ("case", "followup", "scans", "expected"),
    [
        ("progression on a scan", "P1|300||| 400", "-3 40, 56 40, 112 60", (112, 1, "radiologic_progression")),
        ("the first event decides", "P1|300|300|| 400", "-3 40, 56 60, 112 90", (56, 1, "radiologic_progression")),
        ("clinical before radiologic progression", "P1|300||80| 400", "-3 40, 56 40, 112 60", (80, 1, "clinical_progression")),
        ("on one day the source listed first", "P1|112|112|112| 400", "-3 40, 56 40, 112 60", (112, 1, "radiologic_progression")),
        ("death without progression", "P1|200|200|| 400", "-3 40, 56 40", (200, 1, "death")),
        ("death before the first scan", "P1|20|20|| 400", "-3 40", (20, 1, "death")),
        ("censored at the last adequate scan", "P1|300||| 400", "-3 40, 56 40, 112 40, 168 na", (112, 0, "last_scan")),
        ("no scan: the next source of the list", "P1|300||| 400", "", (300, 0, "last_contact")),
        ("progression of the line before does not count", "P1|300||| 400", "-3 40, 13 60", (300, 0, "last_contact")),
        ("progression on day 14 counts", "P1|300||| 400", "-3 40, 14 60", (14, 1, "radiologic_progression")),
        ("progression after the cut-off does not count", "P1|300||| 100", "-3 40, 56 40, 112 60", (56, 0, "last_scan")),
        ("a scan after the cut-off does not count", "P1|300||| 100", "-3 40, 56 40, 112 40", (56, 0, "last_scan")),
        ("progression on the cut-off counts", "P1|300||| 112", "-3 40, 56 40, 112 60", (112, 1, "radiologic_progression")),
        ("last contact after the cut-off ends there", "P1|300||| 100", "", (100, 0, "last_contact")),
        ("an event on the index date takes a day", "P1|0|0|| 400", "", (1, 1, "death")),
    ],
)
def test_progression_free_survival(derive, case, followup, scans, expected):
    _, outcomes = derive(followup, scans)
    assert pfs(outcomes) == expected, case


def test_deaths_after_the_cut_off_are_censored_there(derive):
    _, outcomes = derive("P1|300|300|| 200 \n P2|100|100|| 200 \n P3|150||| 200")
    assert outcomes.endpoints["os"].time.tolist() == [200, 100, 150]
    assert outcomes.endpoints["os"].event.tolist() == [0, 1, 0]


def test_the_cut_off_of_the_protocol_counts_too(derive):
    study = {"id": "drawn", "title": "t", "disease": "any", "population": "any", "data_cutoff": "2022-04-10"}
    _, outcomes = derive("P1|300|300|| 200", study=study)
    assert (outcomes.endpoints["os"].time[0], outcomes.endpoints["os"].event[0]) == (40, 0)


def test_day_one_is_a_last_resort(derive):
    ema = {**PFS, "censoring": ["last_scan", "day_one"]}
    _, outcomes = derive("P1|300||| 400", "-3 40", endpoints={"pfs": ema})
    assert pfs(outcomes) == (1, 0, "day_one")
    _, outcomes = derive("P1|300||| 400", "-60 40, 56 40", endpoints={"pfs": ema})
    assert pfs(outcomes) == (1, 0, "day_one"), "no baseline scan: later ones cannot be evaluated"


def test_other_tables_may_be_sources(derive):
    ttnt = {**OS, "label": "Time to next therapy", "events": ["new_therapy", "death"]}
    therapy = "patient_id | line | regimen | start_day \n P1 | 3 | x | 90 \n P1 | 4 | y | 150"
    study, outcomes = derive("P1|300||| 400 \n P2|200|200|| 400", endpoints={"ttnt": ttnt}, extra={"subsequent_therapy": therapy})
    assert outcomes.endpoints["ttnt"].time.tolist() == [90, 200]
    assert outcomes.endpoints["ttnt"].source.tolist() == ["new_therapy", "death"]
    assert study.rows("select source_row from endpoint_time order by patient_id") == [(1,), (2,)]


def test_early_progression_is_listed(derive):
    study, outcomes = derive("P1|300||| 400", "-3 40, 13 60")
    assert outcomes.flags["early_progression_pfs"].tolist() == [True]
    assert study.rows("select endpoint, source, day from early_progression") == [("pfs", "radiologic_progression", 13)]


def test_each_time_keeps_the_row_that_decided(derive):
    study, _ = derive("P1|300||| 400", "-3 40, 56 40, 112 60")
    found = study.rows("select endpoint, source, source_row from endpoint_time order by endpoint")
    assert found == [("os", "last_contact", 1), ("pfs", "radiologic_progression", 3)]


def test_impossible_dates_are_refused_together_without_values(derive):
    with pytest.raises(DataError) as caught:
        derive("P1|300|-3|| 400 \n P2|-5||| 400 \n P3|300||-1| 400 \n P4|||| 400 \n P5|80||| 400")
    faults = [(f.place, f.rule) for f in caught.value.faults]
    assert ("followup.csv, row 2, column death_date", "before index") in faults
    assert ("followup.csv, row 3, column last_contact", "before index") in faults
    assert ("followup.csv, row 4, column progression_date", "before index") in faults
    assert ("followup.csv, row 5, column last_contact", "missing end") in faults
    assert not any("row 6" in place for place, _ in faults)
    assert "2022" not in str(caught.value)


def test_a_patient_without_follow_up_is_named_by_count(derive, draw):
    tables = {"followup": HEAD + "P1|300||| 400"}
    study = draw("P1 P2", tables, sources=SOURCES, endpoints={"os": OS}, response={"criteria": ["RECIST 1.1"]})
    derive_covariates(study.protocol, study.sources, study.cohort)
    with pytest.raises(DataError, match="no row for 1 analyzed patient: 'Overall survival' has no event"):
        derive_outcomes(study.protocol, study.sources, study.cohort)


def test_a_source_whose_table_was_not_given(draw):
    ttnt = {**OS, "events": ["new_therapy", "death"]}
    study = draw("P1", {"followup": HEAD + "P1|300||| 400"}, sources=SOURCES, endpoints={"os": ttnt})
    derive_covariates(study.protocol, study.sources, study.cohort)
    with pytest.raises(ProtocolError) as caught:
        derive_outcomes(study.protocol, study.sources, study.cohort)
    assert "source 'new_therapy' needs the table subsequent_therapy, which was not given" in str(caught.value)


def test_covariates_come_first(draw):
    study = draw("P1", {"followup": HEAD + "P1|300||| 400"})
    with pytest.raises(RuntimeError, match="derive_covariates comes before derive_outcomes"):
        derive_outcomes(study.protocol, study.sources, study.cohort)


def test_order_of_the_cohort(derive):
    study, outcomes = derive("P2|20||| 400 \n P1|10||| 400")
    assert study.cohort.patient.tolist() == ["P1", "P2"]
    np.testing.assert_array_equal(outcomes.endpoints["os"].time, [10, 20])


def test_many_faults_of_one_kind_are_named_five_times_and_counted(derive):
    with pytest.raises(DataError) as caught:
        derive("\n".join(f"P{i}|-{i}||| 400" for i in range(1, 9)))
    faults = [f.place for f in caught.value.faults if f.rule == "before index"]
    assert faults == [
        *(f"followup.csv, row {row}, column last_contact" for row in range(2, 7)),
        "followup.csv, column last_contact",
    ]
    assert "(3 more rows)" in str(caught.value)


def test_sources_that_point_nowhere(draw):
    sources = {**SOURCES, "death": {"table": "followup", "date": "death_day"}, "last_contact": {"table": "lab", "date": "date"}}
    study = draw("P1", {"followup": HEAD + "P1|300||| 400"}, sources=sources, endpoints={"os": OS})
    derive_covariates(study.protocol, study.sources, study.cohort)
    with pytest.raises(ProtocolError, match="the table followup has no column 'death_day'"):
        derive_outcomes(study.protocol, study.sources, study.cohort)


def test_a_study_without_follow_up_may_end_at_its_doses(draw):
    doses = "patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason \n P1 | 0 | 70 | 8 | start | AE"
    sources = {
        "stop": {"table": "exposure", "date": "stop", "where": "stop_reason = 'AE'"},
        "dose": {"table": "exposure", "date": "stop"},
    }
    tot = {"label": "Time on treatment", "short": "ToT", "event_label": "Stop", "events": ["stop"], "censoring": ["dose"]}
    study = draw("P1", {"exposure": doses}, sources=sources, endpoints={"tot": tot})
    derive_covariates(study.protocol, study.sources, study.cohort)
    assert derive_outcomes(study.protocol, study.sources, study.cohort).endpoints["tot"].time.tolist() == [70]
    study = draw("P1 P2", {"exposure": doses}, sources=sources, endpoints={"tot": tot})
    derive_covariates(study.protocol, study.sources, study.cohort)
    with pytest.raises(DataError, match="exposure.csv: no row for 1 analyzed patient"):
        derive_outcomes(study.protocol, study.sources, study.cohort)
