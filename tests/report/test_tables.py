"""Tables look every number up; nothing is printed that has no row."""

import dataclasses
import math
import re

import pytest

from equipoise.document.model import Table
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.records import Estimates, Row, Study
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import balance_tables, products_table
from equipoise.report.tables.baseline import baseline_table
from equipoise.report.tables.design import attrition_table, effects_table
from equipoise.report.tables.estimand import estimand_table
from equipoise.report.tables.predictors import predictor_tables
from equipoise.report.tables.response import response_table
from equipoise.report.tables.safety import safety_table, terms
from equipoise.report.tables.score import propensity_tables
from equipoise.report.tables.subgroups import subgroup_table, within_arm_table
from equipoise.report.tables.survival import follow_up_table, landmark_table, source_table, survival_table
from equipoise.study import run_study


def row_of(table: Table | None, label: str) -> list[str]:
    assert table is not None
    return next([c.text for c in r.cells] for r in table.body if r.cells[0].text == label)


def without(study: Study, *phases: str) -> Study:
    rows = [r for r in study.estimates.rows.values() if r.phase not in phases]
    return dataclasses.replace(study, estimates=Estimates.from_rows(rows))


def test_baseline_holds_both_cohorts_with_p_and_smd(spreadsheet):
    table = baseline_table(Numbers(spreadsheet))
    assert row_of(table, "Age, years") == [
        "Age, years",
        "53 (46–61)",
        "58 (50–63)",
        "50 (45–59)",
        "0.59",
        "<0.001",
        "58 (50–63)",
        "57.0 (49.5–63.0)",
        "0.03",
        "0.409",
    ]
    assert row_of(table, "II")[1:4] == ["444 (64.7)", "163 (66.3)", "281 (63.9)"]
    assert [c.text for c in table.head[1].cells][1:4] == [
        "Total (n=686)",
        "Hormonal therapy (n=246)",
        "No hormonal therapy (n=440)",
    ]
    assert any("Mann-Whitney" in words for _, words in table.footnotes)


def test_survival_and_effects_agree_with_r(spreadsheet):
    numbers = Numbers(spreadsheet)
    first = row_of(survival_table(numbers), "Recurrence-free survival, median, days (95% CI)")
    assert first[1:4] == ["2,018 (1,918–NA)", "1,528 (1,296–1,814)", "0.69 (0.54–0.89)"]
    matched = row_of(effects_table(numbers), "Matched, cluster-robust standard error by pair")
    assert matched[1:4] == ["243", "marginal", "0.67 (0.51–0.87)"]
    assert row_of(effects_table(numbers), "Adjusted by the multivariable model")[2] == "conditional"


def test_a_section_without_rows_is_not_printed(spreadsheet):
    numbers = Numbers(without(spreadsheet, "baseline", "survival", "design", "response", "safety"))
    for made in (baseline_table, products_table, survival_table, follow_up_table, landmark_table, source_table, effects_table):
        assert made(numbers) is None
    assert propensity_tables(numbers) == [] and response_table(numbers) is None and safety_table(numbers) is None
    assert predictor_tables(numbers) == [] and balance_tables(numbers) == []


def test_a_zero_reason_stays_in_the_selection(tiny_study):
    assert row_of(attrition_table(Numbers(tiny_study)), "Under age") == ["Under age", "0", ""]
    assert row_of(attrition_table(Numbers(tiny_study)), "Received gammacid") == ["Received gammacid", "1", ""]


def test_labels_come_from_the_protocol(tiny_study):
    numbers = Numbers(tiny_study)
    tables = [
        baseline_table(numbers),
        response_table(numbers),
        survival_table(numbers),
        safety_table(numbers),
        *predictor_tables(numbers),
    ]
    words = " ".join(c.text for t in tables if t for r in (*t.head, *t.body) for c in r.cells)
    assert "Alfamab" in words and "Betanib" in words and "Performance status" in words


def test_a_step_of_a_covariate_stands_in_label_and_sentence(sheet):
    sheet.protocol["covariates"]["age"]["per"] = 10
    numbers = Numbers(run_study(sheet.write()))
    table = predictor_tables(numbers)[0]
    assert row_of(table, "Age, per 10 years")[1] != ""
    assert numbers.unit_of("age") == "10 years"
    sheet.protocol["covariates"]["age"]["label"] = "Age"
    assert Numbers(run_study(sheet.write())).unit_of("age") == "10 units"


def test_a_step_is_of_a_continuous_covariate(sheet):
    sheet.protocol["covariates"]["vi"]["per"] = 10
    with pytest.raises(ProtocolError, match="'per' is the step of a continuous covariate"):
        load_protocol(sheet.write())


def test_an_estimate_that_is_not_estimable_says_so(tiny_study):
    rows = [
        dataclasses.replace(r, value=math.nan, low=math.nan, high=math.nan, method="not estimable: too few events")
        if r.analysis == "cox_univariable" and r.variable == "age" and r.statistic in ("hr", "p")
        else r
        for r in tiny_study.estimates.rows.values()
    ]
    study = dataclasses.replace(tiny_study, estimates=Estimates.from_rows(rows))
    table = predictor_tables(Numbers(study))[0]
    assert row_of(table, "Age, per 1 year")[1:3] == ["not estimable", "–"]
    assert any("too few events" in words for _, words in table.footnotes)


def test_adverse_events_fall_by_total_and_all_stands_first(founding):
    numbers = Numbers(founding)
    names = terms(numbers)
    totals = [
        founding.estimates[
            Row("safety", "n", 0.0, design="unadjusted", analysis="any_grade", variable=t, group="total").key
        ].value
        for t in names
    ]
    assert names[0] == "All" and totals[1:] == sorted(totals[1:], reverse=True)
    assert len(safety_table(numbers).body) == len(names) + 2


def test_subgroups_have_both_contrasts_and_the_interaction(founding):
    numbers = Numbers(founding)
    table = subgroup_table(numbers, "prior_cycles")
    assert sum(r.cells[0].text == "Interaction" for r in table.body) == 4
    assert re.search("≤3 vs >3", within_arm_table(numbers, "prior_cycles").head[0].cells[2].text)


def test_every_row_is_as_wide_as_its_head(documents):
    for document in documents:
        for table in document.tables():
            for row in (*table.head, *table.body):
                assert sum(c.span for c in row.cells) == table.width, (table.name, row.cells[0].text)


def test_the_estimand_stands_beside_what_was_done(founding, one_arm, spreadsheet):
    table = estimand_table(Numbers(founding))
    assert row_of(table, "Of the matched comparison")[2] == "The 36 of 40 patients with lenvatinib who were matched"
    assert row_of(table, "Death")[1:] == ["Composite: counted as an event of the outcome", "Counted as an event"]
    assert row_of(table, "Two or more missed scans")[2] == "Follow-up continued past the event"
    assert row_of(table, "Summary")[1] == "Hazard ratio, sorafenib vs lenvatinib"
    alone = estimand_table(Numbers(one_arm))
    assert row_of(alone, "Summary")[1] == "Median"
    assert alone is not None and "Assignment" not in [r.cells[0].text for r in alone.body]
    assert estimand_table(Numbers(spreadsheet)) is None
