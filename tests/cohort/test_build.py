"""Eligibility in order, one reason each, counts that add up."""

import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.protocol.load import load_protocol
from equipoise.records import AttritionStep, Cohort, Exclusion


def cohort_of(tiny) -> Cohort:
    protocol = load_protocol(tiny.write())
    return build_cohort(protocol, read_sources(protocol))


def test_each_patient_is_counted_under_the_first_reason(tiny):
    tiny.tables["patient"][15]["age_index"] = 12  # T16 also received gammacid: one reason only
    tiny.tables["patient"][3]["age_index"] = 12
    cohort = cohort_of(tiny)
    (step,) = cohort.attrition
    assert cohort.n_start == 16
    assert step == AttritionStep("Treated", (Exclusion("Received gammacid", 1), Exclusion("Under age", 1)), 14)
    assert "T04" not in cohort.patient and "T16" not in cohort.patient


def test_a_reason_that_applies_to_nobody_is_kept(tiny):
    (step,) = cohort_of(tiny).attrition
    assert Exclusion("Under age", 0) in step.excluded


def test_the_accrual_window_and_a_missing_treatment_are_reasons_too(tiny):
    tiny.protocol = tiny.protocol.replace("from: 2020-01-01", "from: 2020-06-15")
    tiny.tables["index_treatment"].pop(2)
    (step,) = cohort_of(tiny).attrition
    assert [(e.reason, e.n) for e in step.excluded][2:] == [
        ("No index treatment recorded", 1),
        ("Index date outside the accrual window", 1),
    ]
    assert step.n_left == 13


def test_the_order_of_rows_in_the_files_does_not_matter(tiny):
    first = cohort_of(tiny)
    for rows in tiny.tables.values():
        rows.reverse()
    second = cohort_of(tiny)
    assert first.patient.tolist() == second.patient.tolist()
    assert first.arm.tolist() == second.arm.tolist()


def test_a_diagram_that_does_not_add_up_stops_the_run(tiny):
    cohort = cohort_of(tiny)
    wrong = (AttritionStep("Treated", (Exclusion("x", 1),), 14),)
    with pytest.raises(AssertionError, match="does not add up"):
        Cohort(cohort.patient, cohort.arm, cohort.index_date, cohort.site, cohort.n_start, wrong)


OLD = '{reason: "Under age", table: patient, where: "age_index < 18"}'


def test_known_at_the_index_date_looks_at_no_later_row(tiny):
    """Grade 3 events start 10 days after the index date, except one that is moved before it."""
    tiny.tables["ae"][2]["start"] = "2020-01-01"
    grades = [a for a in tiny.tables["ae"] if int(a["grade"]) >= 1]
    assert len(grades) == 6
    tiny.protocol = tiny.protocol.replace(OLD, '{reason: "Toxic before", table: ae, where: "grade >= 1", known: index}')
    (step,) = cohort_of(tiny).attrition
    assert Exclusion("Toxic before", 1) in step.excluded


def test_absent_leaves_out_those_without_such_a_row(tiny):
    tiny.tables["observation"] = [o for o in tiny.tables["observation"] if o["patient_id"] not in ("T02", "T05")]
    exclude = '{reason: "No ECOG", table: observation, where: "item = \'ecog\'", absent: true, known: index}'
    tiny.protocol = tiny.protocol.replace(OLD, exclude)
    cohort = cohort_of(tiny)
    assert Exclusion("No ECOG", 2) in cohort.attrition[0].excluded
    assert {"T02", "T05"}.isdisjoint(cohort.patient.tolist())
