"""The report of a single arm speaks of one arm, and every number of it is a row."""

import math

import pytest

from equipoise.document.model import Paragraph, Table
from equipoise.report import figures
from equipoise.report.assemble import report_document
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import methods, response, safety, subgroups, survival
from equipoise.report.pages.quality import quality_document
from equipoise.report.tables.baseline import baseline_table
from equipoise.report.tables.endpoint_variants import endpoint_variants_table
from equipoise.report.tables.response import response_table
from equipoise.study import run_study

# comparisons that a single arm may hold: predictors, and groups within the arm known after the index date
WITH_P = ("table_predictors", "table_third_line")
OF_TWO = (" arms", "matched", "matching", "propensity", "SMD", " vs ", "unadjusted", "log-rank", "chi-square", "Fisher")


@pytest.fixture(scope="module")
def numbers(one_arm) -> Numbers:
    return Numbers(one_arm)


@pytest.fixture
def document(one_arm_document):
    return one_arm_document


def cells(table: Table) -> list[str]:
    rows = (*table.head, *table.body)
    return [*(c.text for r in rows for c in r.cells), *table.notes, *(words for _, words in table.footnotes), table.title]


def test_no_table_has_a_column_of_p_or_of_a_contrast(document):
    seen = 0
    for table in document.tables():
        if not table.name.startswith((*WITH_P, "table_checklist_")):
            heads = [c.text for r in table.head for c in r.cells]
            assert not [h for h in heads if h in ("P", "Total") or h.startswith(("P,", "HR", "SMD"))], table.name
            assert not [(w, text) for text in cells(table) for w in OF_TWO if w in text], table.name
            seen += 1
    assert seen > 20


def test_every_row_is_as_wide_as_its_head(document):
    for table in document.tables():
        widths = {sum(c.span for c in r.cells) for r in (*table.head, *table.body)}
        assert len(widths) == 1, (table.name, widths)


def test_the_text_speaks_of_one_arm(document):
    said = []
    for section in document.sections:
        if not section.anchor.startswith(("post_index", "predictors")):
            said += ["".join(r.text for r in b.runs) for b in section.blocks if isinstance(b, Paragraph)]
    text = " ".join(said)
    assert "cohort study of a single arm" in text and len(text) > 2000
    text = ". ".join(s for s in text.split(". ") if "naive" not in s)  # groups after the index date have a log-rank test
    assert not [w for w in OF_TWO if w in text]


def test_sentences_hold_the_rows(numbers):
    orr = numbers.row("response", "percent", design="unadjusted", endpoint="RECIST 1.1", analysis="orr", group="lenvatinib")
    assert (orr.events, orr.n) == (3, 40) and "Clopper-Pearson" in orr.method
    rate = "The objective response rate by RECIST 1.1 was 7.5% (3/40), with a 95% CI of 1.6\u201320.4%."
    benchmark = " It was not shown to be above the benchmark of 5% (P\u00a0=\u00a00.323)."
    assert response.rates(numbers, "unadjusted")[0] == rate + benchmark
    medians = survival.medians(numbers, "os", "unadjusted")
    assert (
        medians.startswith("Median overall survival was 10.3 months (95% CI 6.8 to not reached). ")
        and "at 6 months and" in medians
    )
    told = survival.medians(numbers, "ttp", "unadjusted").split(". ")[1]
    assert told.startswith("The proportion free of disease progression was ")
    died = "20 of 40 patients (50.0%) died and disease progression or death occurred in 31 of 40 (77.5%)."
    assert survival.followed(numbers) == (
        f"During a median follow-up of 11.0 months (95% CI 8.9\u201321.1; reverse Kaplan-Meier), {died}"
    )
    assert safety.safety(numbers)[0] == (
        "Treatment-related adverse events of any grade occurred in 32 of 40 patients (80.0%), and of grade 3\u20134 in 14 of 40 "
        "(35.0%)."
    )
    assert subgroups.subgroups(numbers, "prior_cycles") == [
        "The levels of previous atezolizumab plus bevacizumab cycles are described; nothing is compared between them."
    ]


def test_one_column(numbers):
    heads = [[c.text for c in r.cells] for r in baseline_table(numbers).head]
    assert heads == [["Variable", "Lenvatinib (n=40)"]]
    assert [c.text for c in response_table(numbers).head[1].cells] == ["Response", "Lenvatinib (n=40)", "Lenvatinib (n=40)"]


def test_methods_leave_out_the_match(numbers):
    titles = [b.text for b in methods.methods(numbers) if type(b).__name__ == "Heading"]
    assert titles == ["Study design and patients", "Outcomes", "Missing data", "Statistical analysis"]


def test_other_readings_of_the_endpoint_are_described(numbers):
    table = endpoint_variants_table(numbers)
    assert [c.text for c in table.head[0].cells] == ["Definition of the endpoint", "Events", "Median, months (95% CI)"]
    assert len(table.body) == 7 and all(r.cells[1].text for r in table.body)


def test_quality_says_the_median_without_the_patients(one_arm):
    table = next(t for t in quality_document(one_arm).tables() if t.name == "table_quality")
    assert table.head[0].cells[-1].text == "OS, median, months (95% CI)"
    assert table.body[0].cells[-1].text == "10.3 (6.8\u2013NA)"


def test_figures_draw_one_arm(one_arm):
    flow = figures.flow_diagram(one_arm)
    assert sum(t.get_text() == "Lenvatinib" for t in flow.axes[0].texts) == 1
    levels = figures.kaplan_meier_by_level(one_arm, "prior_cycles")
    assert len(levels.axes) == 4
    assert figures.subgroup_forest(one_arm, "unadjusted") is None
    assert not math.isnan(one_arm.estimates["survival.os.unadjusted.follow_up.lenvatinib.median"].value)


def test_two_arms_without_a_match_speak_of_none(undrawn, tiny):
    tiny.protocol = tiny.protocol.replace("design: {propensity: [age], caliper: 3}\n", "design: none\n")
    made = report_document(run_study(tiny.write()), {})
    told = [s for s in made.sections if s.anchor != "references"]  # papers have their own titles
    text = " ".join("".join(r.text for r in b.runs) for s in told for b in s.blocks if isinstance(b, Paragraph))
    assert "The arms were compared as they were" in text
    assert not [w for w in ("fter matching", "McNemar", "signed-rank", "pair-stratified", "matched") if w in text]
    heads = [c.text for c in next(t for t in made.tables() if t.name == "table_baseline").head[0].cells]
    assert heads == ["Variable", "Total (n=15)", "Alfamab (n=8)", "Betanib (n=7)", "SMD", "P"]
