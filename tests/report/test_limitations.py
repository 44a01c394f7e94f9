"""Limitations stand where their condition holds, with numbers of the results, and nowhere else."""

import dataclasses
import math

import numpy as np
import pytest
from methods_text import lacking_age

from equipoise.records import Estimates, Study
from equipoise.report.assemble import report_document
from equipoise.report.checklists import AUTHORS, answer, checklist
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.limitations import limitations


def said(study: Study) -> str:
    return " ".join(sentence for group in limitations(Numbers(study)) for sentence in group).replace("\u00a0", " ")


def changed(study: Study, value: float, low: float = math.nan, high: float = math.nan, **parts: str) -> Study:
    """The study with another number in the rows that have these parts."""
    found = 0
    rows = []
    for row in study.estimates.rows.values():
        hit = all(getattr(row, name) == part for name, part in parts.items())
        found += hit
        rows.append(dataclasses.replace(row, value=value, low=low, high=high) if hit else row)
    assert found
    kept = {"curves": study.estimates.curves, "warnings": study.estimates.warnings}
    return dataclasses.replace(study, estimates=Estimates.from_rows(rows, **kept))


def test_numbers_of_the_founding_study(founding):
    words = said(founding)
    rows = founding.estimates
    p = rows["survival.pfs.matched.ph_test.treatment.p"].value
    for sentence in (
        "40 patients in the lenvatinib arm",
        "rests on 36 pairs",
        "kept 72 of 126 patients; it estimates the effect in patients like those with lenvatinib who found a partner",
        "previous atezolizumab plus bevacizumab cycles (0.70), AFP (0.47)",
        "could not be evaluated in 20 of 126 patients",
        "78.0% of the possible follow-up was observed",
        "Median follow-up was 11.7 months for overall survival",
        f"propensity score-matched cohort, P = {p:.3f}",
        "Groups by third-line treatment were formed by what happened after the index date",
        "The timing of the first scan differed between the arms",
        "tests of interaction were analyzed without adjustment for multiplicity",
    ):
        assert sentence in words


def test_what_does_not_hold_is_not_said(spreadsheet):
    """GBSG-2: large, nothing missing, balanced after matching, no later treatment, no response, no sites."""
    words = said(spreadsheet)
    for absent in ("small", "imbalanced", "imprecise", "missing", "index date", "evaluated", "Adverse", "center", "multiplicity",
                   "proportional", "E-value", "competing", "not reached"):  # fmt: skip
        assert absent not in words, absent
    assert "kept 486 of 686 patients" in words and "not assigned at random" in words


BROUGHT = (
    ({"analysis": "ph_test", "design": "matched"}, (0.03,), "Hazards were not proportional for recurrence-free survival (prop"),
    ({"analysis": "cox", "design": "matched", "statistic": "hr"}, (1.0, 0.7, 1.4), "extended from 0.70"),
    ({"analysis": "cox_multivariable", "statistic": "events_per_variable"}, (9.4,), "had 9.4 events per coefficient"),
    ({"design": "matched", "variable": "age", "statistic": "smd", "analysis": ""}, (0.3,), "After matching, age (0.30) remained"),
    (
        {"analysis": "kaplan_meier", "design": "unadjusted", "group": "none", "statistic": "median"},
        (math.nan,),
        "Median recurrence-free survival was not reached with no hormonal therapy",
    ),
)


@pytest.mark.parametrize(("parts", "now", "words"), BROUGHT)
def test_a_result_brings_its_limitation(spreadsheet, parts, now, words):
    assert words not in said(spreadsheet)
    assert words in said(changed(spreadsheet, *now, **parts))


def test_follow_up_longer_than_the_comparison_is_no_limitation(spreadsheet):
    assert "Median follow-up was 1,645 days for recurrence-free survival, shorter than the 2,563 days" in said(spreadsheet)
    assert "Median follow-up" not in said(changed(spreadsheet, 2600.0, analysis="follow_up", statistic="median"))


def test_one_centre_and_missing_values(spreadsheet):
    cohort = dataclasses.replace(spreadsheet.cohort, site=np.array(["A"] * spreadsheet.cohort.n))
    assert "All patients came from a single center" in said(dataclasses.replace(spreadsheet, cohort=cohort))
    assert "Data were incomplete for age (2 patients); complete-case" in said(lacking_age(spreadsheet, 2.0))


def test_a_single_arm_has_limitations_of_its_own(one_arm):
    words = said(one_arm)
    assert "had a single arm; without a comparison group" in words
    assert "propensity" not in words and "at random" not in words and "multiplicity" not in words


def test_they_stand_behind_the_discussion_and_the_checklist_points_there(undrawn, spreadsheet):
    document = report_document(spreadsheet, {})
    anchors = [s.anchor for s in document.sections]
    assert anchors.index("limitations") == anchors.index("discussion") + 1
    (item,) = [i for i in checklist("strobe").items if i.no == "19"]
    found = answer(item, Numbers(spreadsheet), anchors)
    assert found.places == ("limitations",)
    assert (found.status, found.words) == (AUTHORS, "Discuss the direction and size of any bias."), "which they do not say"
