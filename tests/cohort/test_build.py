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
