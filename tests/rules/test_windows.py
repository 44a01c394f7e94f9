"""Which record a baseline value comes from."""

from __future__ import annotations

import duckdb
import pytest

from equipoise.derive import derive_covariates
from equipoise.errors import DataError
from equipoise.protocol.references import reference_faults

ECOG = {"ecog": {"label": "ECOG", "kind": "continuous", "from": "ecog"}}


def ecog_of(draw, observations: str, patients: str = "P1", **given):
    study = draw(patients, {"observation": observations}, covariates=ECOG, **given)
    return study, derive_covariates(study.protocol, study.sources, study.cohort)


@pytest.mark.parametrize(
    ("case", "observations", "expected", "flagged"),
    [
        ("the latest record inside the window counts", "P1|-10|1 \n P1|-3|2", 2, False),
        ("day 0 counts", "P1|-3|1 \n P1|0|0", 0, False),
        ("a record after the index date is never seen", "P1|-3|1 \n P1|1|3", 1, False),
        ("the first day of the window counts", "P1|-14|2", 2, False),
        ("an older record is used and flagged where the window is empty", "P1|-20|1", 1, True),
        ("an older record is not used where the window holds one", "P1|-20|3 \n P1|-14|1", 1, False),
        ("the flagged period ends", "P1|-29|1", None, None),
        ("records of one day: the later row of the file", "P1|-3|2 \n P1|-3|1", 1, False),
    ],
)
def test_record_of_a_baseline_value(draw, case, observations, expected, flagged):
    table = "patient_id|day|value\n" + observations
    table = "\n".join(f"{line} | {'item' if i == 0 else 'ecog'}" for i, line in enumerate(table.splitlines()))
    study, covariates = ecog_of(draw, table)
    value = covariates.values["ecog"][0]
    assert (value == expected) if expected is not None else covariates.missing("ecog")[0], case
    assert [r[0] for r in study.rows("select flagged from baseline_record")] == ([] if flagged is None else [flagged])


def test_the_trace_names_the_row_and_the_date(draw):
    study, _ = ecog_of(
        draw,
        """patient_id | day | item | value
           P1         | -9  | ecog | 0
           P2         | -8  | ecog | 1
           P1         | -7  | ecog | 2""",
        "P2 P1",
    )
    used = study.engine.rows("select patient_id, item, source_row, date from baseline_record order by patient_id, item")
    assert [(p, item, row, (date - study.cohort.index_date[0]).days) for p, item, row, date in used] == [
        ("P1", "ecog", 3, -7),
        ("P2", "ecog", 2, -8),
    ]


def test_windows_are_settings(draw):
    table = "patient_id | day | item | value \n P1 | -40 | ecog | 2"
    _, by_default = ecog_of(draw, table)
    _, widened = ecog_of(draw, table, windows={"status": {"days": [-60, 0]}})
    _, before = ecog_of(draw, table.replace("-40", "0"), windows={"status": {"days": [-14, -1]}})
    assert by_default.missing("ecog")[0]
    assert widened.values["ecog"][0] == 2
    assert before.missing("ecog")[0], "day 0 is outside a window that ends on day -1"


def test_each_group_of_items_has_its_window(draw):
    study = draw(
        "P1",
        {
            "lab": """patient_id | day | analyte  | value | unit
                      P1         | -27 | AFP      | 300   | ug/L
                      P1         | -28 | PIVKA-II | 40    | mAU/mL
                      P1         | -29 | albumin  | 40    | g/L
                      P1         | -10 | bilirubin | 34.2 | µmol/L""",
            "observation": """patient_id | day | item     | value
                              P1         | -28 | n_tumors | 3
                              P1         | -29 | mvi      | true""",
        },
    )
    derive_covariates(study.protocol, study.sources, study.cohort)
    found = study.rows("select afp, pivka, albumin_g_dl, bilirubin_mg_dl, n_tumors, mvi from baseline")
    assert found == [(300.0, 40.0, None, 2.0, 3.0, None)]


def test_remarks_count_what_was_flagged_and_what_is_absent(draw):
    covariates = {**ECOG, "afp": {"label": "AFP", "kind": "continuous", "from": "afp"}}
    table = "patient_id | day | item | value \n P1 | -20 | ecog | 1 \n P1 | -20 | weight_kg | 60"
    study = draw("P1", {"observation": table}, covariates=covariates)
    assert derive_covariates(study.protocol, study.sources, study.cohort).remarks == (
        "The table lab was not given; what it would hold is missing.",
        "Values older than their window, used because it was empty: ecog 1.",
    )


def test_nothing_is_remarked_about_items_that_the_study_does_not_use(draw):
    study = draw("P1", {"observation": "patient_id | day | item | value \n P1 | -20 | ecog | 1"})
    assert derive_covariates(study.protocol, study.sources, study.cohort).remarks == ()


def test_deriving_twice_says_the_same(draw):
    study, covariates = ecog_of(draw, "patient_id | day | item | value \n P1 | -20 | ecog | 1")
    assert derive_covariates(study.protocol, study.sources, study.cohort).remarks == covariates.remarks


def test_a_word_for_a_number_is_refused_with_its_row(draw):
    table = """patient_id | day | item    | value
               P1         | -2  | ecog    | 1
               P1         | -2  | ecog    | good
               P1         | -2  | ascites | some"""
    with pytest.raises(DataError) as caught:
        ecog_of(draw, table)
    assert [f.place for f in caught.value.faults] == [
        "observation.csv, row 3, column value",
        "observation.csv, row 4, column value",
    ]
    assert "good" not in str(caught.value)


def test_every_relation_runs_alone(draw):
    study, _ = ecog_of(draw, "patient_id | day | item | value \n P1 | -3 | ecog | 1")
    for name, relation in study.engine.relations.items():
        if relation.phase == "derive":
            alone = duckdb.connect().execute(study.engine.script(name)).fetchall()
            assert alone == study.rows(f"select * from {name}"), name


ENCEPHALOPATHY = (
    "patient_id | day | item | value\nP1 | -3 | encephalopathy | 1-2\nP2 | -60 | encephalopathy | 3-4\nP3 | -3 | ascites | none"
)


def encephalopathy_of(draw, **given) -> tuple[list, tuple[str, ...]]:
    start = "patient_id | drug | index_date\nP1 | a | 2022-03-01\nP2 | a | 2022-03-01\nP3 | b | 2022-03-01"
    study = draw("P1 P2 P3", {"observation": ENCEPHALOPATHY, "index_treatment": start}, **given)
    found = derive_covariates(study.protocol, study.sources, study.cohort)
    rows = study.rows("select encephalopathy, child_pugh_low, child_pugh_high from baseline order by patient_id")
    return rows, found.remarks


def test_encephalopathy_not_recorded_spans_three_points(draw):
    """P1 2 points; P2's record is too old and P3 has none: 1 to 3 points each. Four other components are missing too, but ascites
    of P3 is none: 5 to 15, without it 5 to 13."""
    rows, remarks = encephalopathy_of(draw)
    assert rows == [("1-2", 6, 14), (None, 5, 15), (None, 5, 13)]
    assert not any("taken as none" in r for r in remarks)


def test_not_recorded_is_none_is_declared_and_counted(draw):
    """The same patients: one point each for P2 and P3; the bounds of the other components stay."""
    rows, remarks = encephalopathy_of(draw, not_recorded_is_none=["encephalopathy"])
    assert rows == [("1-2", 6, 14), ("none", 5, 13), ("none", 5, 11)]
    said = (
        "Encephalopathy was not recorded in its window in 2 of 3 patients (A 1, B 1) and taken as none, as the protocol declares."
    )
    assert said in remarks


def test_ascites_may_not_be_assumed(draw):
    asked = draw("P1", {}, not_recorded_is_none=["ascites"]).protocol
    (fault,) = (f for f in reference_faults(asked, lambda *where: str(where[0])) if f.place == "not_recorded_is_none")
    assert "there is no item of which an absent record may mean none 'ascites'" in fault.message
