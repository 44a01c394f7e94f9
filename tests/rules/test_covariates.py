"""The protocol's covariates over the baseline, from raw tables and from a spreadsheet."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.derive import derive_covariates
from equipoise.engine import DuckDBEngine
from equipoise.errors import DataError, ProtocolError
from equipoise.outcomes import derive_outcomes
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Sources


def sheet(columns: dict[str, list], covariates: dict) -> tuple[Protocol, Sources, Cohort]:
    """A spreadsheet with a row per patient; the analysed patients in reverse order of the file."""
    n = len(next(iter(columns.values())))
    names = [f"P{i}" for i in range(n)]
    engine = DuckDBEngine()
    engine.load_rows("patients", {**columns, "patient_id": names, "source_row": [float(i + 1) for i in range(n)]}, "select 1")
    engine.define("cohort", "select patient_id, 'a' as arm, cast(null as date) as index_date from patients")
    protocol = Protocol.model_validate(
        {
            "study": {"id": "sheet", "title": "A sheet", "disease": "any", "population": "any"},
            "data": {"rows": "sheet.csv", "patient": "id"},
            "arms": {
                "column": "arm",
                "groups": {"a": {"label": "A", "value": "a"}, "b": {"label": "B", "value": "b"}},
                "reference": "a",
                "focal": "a",
            },
            "covariates": covariates,
            "endpoints": {
                "os": {"label": "OS", "short": "OS", "event_label": "Death", "time": {"column": "t"}, "event": "dead = 1"}
            },
            "design": {"propensity": ["age"]},
        }
    )
    cohort = Cohort(np.array(names[::-1], dtype=object), np.array(["a"] * n), np.array([None] * n), None, n, ())
    return protocol, Sources(engine, {}), cohort


def test_values_by_kind_in_the_order_of_the_cohort():
    protocol, sources, cohort = sheet(
        {"age": [61.0, None, 70.0], "grade": [5.0, 6.0, None], "sex": ["M", "F", None], "smoker": [1.0, 0.0, 1.0]},
        {
            "age": {"label": "Age", "kind": "continuous", "from": "age"},
            "grade": {"label": "Grade", "kind": "categorical", "from": "grade", "levels": {"5": "five", "6": "six"}},
            "male": {"label": "Male", "kind": "binary", "from": "sex = 'M'"},
            "smoker": {"label": "Smoker", "kind": "binary", "from": "smoker"},
        },
    )
    covariates = derive_covariates(protocol, sources, cohort)
    np.testing.assert_array_equal(covariates.values["age"], [70.0, np.nan, 61.0])
    assert covariates.values["grade"].tolist() == [None, "6", "5"]
    np.testing.assert_array_equal(covariates.values["male"], [np.nan, 0.0, 1.0])
    np.testing.assert_array_equal(covariates.values["smoker"], [1.0, 0.0, 1.0])
    assert covariates.missing("grade").tolist() == [True, False, False]


def test_values_that_do_not_fit_are_refused_together_without_being_shown():
    protocol, sources, cohort = sheet(
        {"age": ["sixty", "61", None], "grade": ["I", "IV", "IV"], "score": [0.0, 2.0, 1.0]},
        {
            "age": {"label": "Age", "kind": "continuous", "from": "age"},
            "grade": {"label": "Grade", "kind": "categorical", "from": "grade", "levels": {"I": "I", "II": "II"}},
            "score": {"label": "Score", "kind": "binary", "from": "score"},
        },
    )
    with pytest.raises(DataError) as caught:
        derive_covariates(protocol, sources, cohort)
    assert [f.rule for f in caught.value.faults] == ["not a number", "undeclared level", "not binary"]
    text = str(caught.value)
    assert "2 patients of 3 have a value of covariate 'grade' that is not among its declared levels (I, II)" in text
    assert "sixty" not in text
    assert "IV" not in text
    assert caught.value.faults[1].value == "IV"


def test_expressions_that_cannot_be_used_are_refused_together():
    protocol, sources, cohort = sheet(
        {"age": [61.0, 62.0], "grade": ["I", "II"]},
        {
            "age": {"label": "Age", "kind": "continuous", "from": "agee"},
            "grade": {"label": "Grade", "kind": "binary", "from": "grade > 2"},
        },
    )
    with pytest.raises(ProtocolError) as caught:
        derive_covariates(protocol, sources, cohort)
    first, second = (f.message for f in caught.value.faults)
    assert "did you mean 'age'" in first
    assert "text is compared with a number" in second


def test_baseline_of_raw_tables_offers_derived_columns(draw):
    covariates = {
        "class": {"label": "Child-Pugh", "kind": "categorical", "from": "child_pugh_class", "levels": {"A": "A", "B": "B"}},
        "spread": {"label": "Spread", "kind": "binary", "from": "ehm or ln_met"},
        "cycles_3": {"label": "Cycles", "kind": "binary", "from": "prior_cycles <= 3"},
    }
    tables = {
        "lab": """patient_id | day | analyte   | value | unit
                  P1         | -1  | bilirubin | 0.9   | mg/dL
                  P1         | -1  | albumin   | 38    | g/L
                  P1         | -1  | INR       | 1.1   |
                  P2         | -1  | bilirubin | 60    | umol/L""",
        "observation": """patient_id | day | item           | value
                          P1         | -1  | ascites        | None
                          P1         | -1  | encephalopathy | none
                          P1         | -1  | ehm            | FALSE
                          P1         | -1  | ln_met         | true
                          P2         | -1  | ehm            | false""",
        "firstline_infusion": """patient_id | cycle | day | given_ate | given_bev
                                 P1         | 1     | -20 | true      | true""",
    }
    study = draw("P1 P2", tables, covariates=covariates)
    found = derive_covariates(study.protocol, study.sources, study.cohort)
    assert found.values["class"].tolist() == ["A", None]
    np.testing.assert_array_equal(found.values["spread"], [1.0, np.nan])
    np.testing.assert_array_equal(found.values["cycles_3"], [1.0, np.nan])
    assert "Child-Pugh class cannot be decided in 1 patient because components are missing: 7-15 in 1." in found.remarks


def test_recorded_stages_are_compared_never_used(draw):
    index = """patient_id | drug | index_date | recorded_bclc | recorded_child_pugh
               P1         | a    | 2022-03-01 | B             | 5"""
    observations = """patient_id | day | item | value
                      P1 | 0 | ecog | 1 \n P1 | 0 | ascites | none \n P1 | 0 | encephalopathy | none \n P1 | 0 | mvi | false
                      P1 | 0 | ehm | false \n P1 | 0 | ln_met | false"""
    labs = """patient_id | day | analyte | value | unit
              P1 | 0 | bilirubin | 1 | mg/dL \n P1 | 0 | albumin | 4 | g/dL \n P1 | 0 | INR | 1 | """
    stage = {"stage": {"label": "Stage", "kind": "categorical", "from": "bclc", "levels": {"B": "B", "C": "C"}}}
    tables = {"index_treatment": index, "observation": observations, "lab": labs}
    study = draw("P1", tables, covariates=stage, design={"propensity": ["stage"]})
    covariates = derive_covariates(study.protocol, study.sources, study.cohort)
    assert study.rows("select bclc, recorded_bclc, child_pugh_score from baseline") == [("C", "B", 5)]
    assert "The derived BCLC stage differs from the recorded one in 1 of 1 patients." in covariates.remarks


def spread(columns: dict[str, list], **endpoint):
    """Outcomes of a spreadsheet with one endpoint."""
    from_age = {"age": {"label": "Age", "kind": "continuous", "from": "age"}}
    protocol, sources, cohort = sheet({"age": [60.0] * len(next(iter(columns.values()))), **columns}, from_age)
    described = {
        **protocol.describe(),
        "endpoints": {"os": {"label": "Survival", "short": "OS", "event_label": "Death", **endpoint}},
    }
    return derive_outcomes(Protocol.model_validate(described), sources, cohort).endpoints["os"]


@pytest.mark.parametrize(("unit", "days"), [("days", 2.0), ("weeks", 14.0), ("months", 60.875), ("years", 730.5)])
def test_a_spreadsheet_time_becomes_days(unit, days):
    found = spread({"t": [2.0, 1.0], "dead": [1.0, 0.0]}, time={"column": "t", "unit": unit}, event="dead = 1")
    assert found.time.tolist() == [days / 2, days]
    assert found.event.tolist() == [0, 1]


def test_impossible_spreadsheet_times_are_refused_together():
    columns = {"t": [2.0, -1.0, None], "dead": [1.0, 1.0, None]}
    with pytest.raises(DataError) as caught:
        spread(columns, time={"column": "t"}, event="dead = 1")
    assert {(f.rule, f.place) for f in caught.value.faults} == {
        ("negative time", "patients, row 3, column t"),
        ("missing time", "patients, row 4, column t"),
        ("missing event", "patients, row 4, column dead"),
    }


def test_a_spreadsheet_without_the_time_column():
    with pytest.raises(ProtocolError, match="the spreadsheet has no column 'time'"):
        spread({"t": [2.0], "dead": [1.0]}, time={"column": "time"}, event="dead = 1")


def test_booleans_are_levels_true_and_false_and_dates_are_no_numbers(draw):
    levels = {"true": "yes", "false": "no"}
    covariates = {
        "nash": {"label": "NASH", "kind": "categorical", "from": "nash", "levels": levels},
        "start": {"label": "Start", "kind": "continuous", "from": "index_date"},
    }
    patients = "patient_id | site | sex | age_index | nash \n P1 | x | F | 50 | true \n P2 | x | F | 50 | false"
    study = draw("P1 P2", {"patient": patients}, covariates={"nash": covariates["nash"]}, design={"propensity": ["nash"]})
    found = derive_covariates(study.protocol, study.sources, study.cohort)
    assert found.values["nash"].tolist() == ["true", "false"]
    study = draw("P1 P2", {"patient": patients}, covariates=covariates, design={"propensity": ["nash"]})
    with pytest.raises(DataError, match="2 patients of 2 have something other than a number in covariate 'start'"):
        derive_covariates(study.protocol, study.sources, study.cohort)


def test_a_spreadsheet_endpoint_that_cannot_be_read():
    with pytest.raises(ProtocolError, match="cannot be read as time and event"):
        spread({"t": ["two", "one"], "dead": [1.0, 0.0]}, time={"column": "t"}, event="dead = 1")
