"""Any number of designs: each in its own words, nothing printed that weights do not define."""

import re
from pathlib import Path

import pytest
import yaml

from equipoise.document.model import Bullets, Figure, Paragraph, Table
from equipoise.report.assemble import report_document
from equipoise.report.figures.kaplan_meier import kaplan_meier_by_design
from equipoise.report.figures.ratio_forests import design_forest
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.flow import designs
from equipoise.report.tables.balance import balance_tables
from equipoise.report.tables.baseline import baseline_table, other_baseline_tables
from equipoise.report.tables.design import effects_table
from equipoise.study import run_study

DESIGNS = {
    "matched": {"kind": "match"},
    "att": {"kind": "weights", "target": "att"},
    "overlap": {"kind": "weights", "target": "overlap"},
}


@pytest.fixture(scope="module")
def study(repository: Path, tmp_path_factory: pytest.TempPathFactory):
    """GBSG-2 with three designs, the weighted one primary."""
    source = repository / "examples" / "gbsg2"
    asked = yaml.safe_load((source / "designs.yaml").read_text(encoding="utf-8"))
    asked["data"]["rows"] = str(source / "gbsg2.xlsx")
    asked["designs"], asked["primary"] = DESIGNS, "att"
    del asked["subgroups"]
    path = tmp_path_factory.mktemp("designs") / "study.yaml"
    path.write_text(yaml.safe_dump(asked, sort_keys=False), encoding="utf-8")
    return run_study(path)


@pytest.fixture
def document(undrawn, study):
    return report_document(study, {})


def words_of(section) -> str:
    runs = [r for b in section.blocks if isinstance(b, Paragraph) for r in b.runs]
    runs += [r for b in section.blocks if isinstance(b, Bullets) for item in b.items for r in item]
    return "".join(r.text for r in runs)


def test_the_primary_design_leads(study, document):
    assert Numbers(study).design_names == ["unadjusted", "att", "matched", "overlap"]
    key = words_of(document.sections[0])
    assert key.index("weighted cohort (ATT)") < key.index("unadjusted cohort") < key.index("other designs")
    assert "marginal HR 0.67, 95% CI 0.52" in key  # as R's coxph with weights and robust = TRUE


def test_a_weighted_table_has_effective_sizes_and_no_p(study):
    table = baseline_table(Numbers(study))
    heads = [c.text for c in table.head[-1].cells]
    assert heads[-3:] == ["Hormonal therapy (n=246, effective n=246)", "No hormonal therapy (n=440, effective n=310.9)", "SMD"]
    assert [c.text for c in table.head[0].cells] == ["", "Before weighting", "After weighting (ATT)"]
    assert all(sum(c.span for c in row.cells) == table.width for row in table.body)
    post = next(r for r in table.body if r.cells[0].text == "Postmenopausal")
    assert post.cells[6].text == "76.0%" and post.cells[2].text == "187 (76.0)"


def test_the_other_designs_have_their_tables_in_the_supplement(study, document):
    names = [t.name for t in document.tables() if t.name.startswith("table_baseline")]
    assert names == ["table_baseline", "table_baseline_matched", "table_baseline_overlap"]
    assert all(t.supplement for t in other_baseline_tables(Numbers(study)))
    tables = balance_tables(Numbers(study))
    assert [t.name for t in tables] == ["table_balance", "table_balance_matched", "table_balance_overlap"]
    heads = [[c.text for c in t.head[0].cells[2:]] for t in tables]
    assert heads[:2] == [["Before weighting", "After weighting (ATT)"], ["Before matching", "After matching"]]
    assert [c.text for c in tables[0].head[1].cells[6:]] == ["SMD", "SMD, weighted SD", "Variance ratio", "KS", "Overlap"]
    assert "Effective sample size (Kish): 246 of 246 with hormonal therapy" in tables[0].notes[1] and len(tables[1].notes) == 1


def test_no_log_rank_test_is_printed_of_weights(study, document):
    table = next(t for t in document.tables() if t.name == "table_survival")
    lines = {}
    for row in table.body:
        if row.kind == "group":
            cohort = row.cells[0].text
        elif "median" in row.cells[0].text:
            lines[cohort] = row.cells[-1].text
    assert [bool(p) for p in lines.values()] == [True, False, True, False]
    words = words_of(next(s for s in document.sections if s.anchor == "survival"))
    assert words.count("log-rank") == 1  # of the unadjusted cohort; the others are told by their hazard ratio


def test_curves_of_weights_show_patients_at_risk_and_what_they_are_worth(study):
    drawn = kaplan_meier_by_design(study, "rfs", designs=["att"])
    texts = [t.get_text() for axes in drawn.axes for t in axes.texts]
    assert texts.count("effective number") == 2
    assert {"246", "440", "246.0", "310.9"} <= set(texts)


def test_the_forest_has_every_design_the_primary_first(study):
    texts = [t.get_text() for axes in design_forest(study).axes for t in axes.texts]
    labels = [t for t in texts if t.startswith(("Weighted", "Matched", "Unadjusted"))]
    assert labels == ["Weighted (ATT), primary", "Unadjusted", "Matched", "Weighted (overlap weights)"]
    assert "0.67 (0.52\u20130.87)" in texts


def test_the_table_of_analyses_says_for_whom_each_design_speaks(study):
    table = effects_table(Numbers(study))
    rows = {r.cells[0].text: [c.text for c in r.cells[1:]] for r in table.body if r.kind == "body"}
    assert rows["Weighted (ATT), robust variance"][:2] == ["effective n 556.9", "marginal"]
    assert rows["Matched, stratified by pair"][:2] == ["243 pairs", "conditional"]
    assert "Weighted (ATT): the effect in patients like those who received hormonal therapy." in table.notes


def test_methods_say_what_was_done_in_each_design_and_only_that(study, document):
    words = words_of(next(s for s in document.sections if s.anchor == "methods"))
    assert words.count("e being the propensity to receive hormonal therapy") == 1
    assert "The primary comparison: patients were weighted by the odds of hormonal therapy" in words
    assert "Propensity score-matched cohort: each patient of the hormonal therapy arm" in words
    assert "1 \u2212 e in the hormonal therapy arm and e in the no hormonal therapy arm (overlap weights)" in words
    assert "stabilised" not in words and not re.search(r"\bNone\b|nan", words)


def test_what_a_design_made_of_the_patients(study):
    first, second, third = designs(Numbers(study))
    assert first.startswith(
        "Weighting (ATT) kept 686 patients, with an effective sample size of 246 with hormonal therapy and 310.9"
    )
    assert first.endswith("It estimates the effect in patients like those who received hormonal therapy.")
    assert second.startswith("Matching gave 243 pairs.") and "clinical equipoise" in third


def test_a_study_of_one_match_speaks_of_nothing_else(spreadsheet_document):
    document = spreadsheet_document
    everything = " ".join(words_of(s) for s in document.sections if s.anchor != "references")
    assert "weight" not in everything.lower() and "effective" not in everything
    assert not [b for b in document.blocks() if isinstance(b, Figure) and b.name == "figure_designs"]
    assert [t.name for t in document.blocks() if isinstance(t, Table) and "baseline" in t.name] == ["table_baseline"]
