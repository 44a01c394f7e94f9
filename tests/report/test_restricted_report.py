"""Restricted populations on the pages: the sections of the study again, named apart; the whole study as it was."""

import shutil

import pytest

from equipoise.document.model import Figure, Paragraph, Table
from equipoise.report.assemble import report_document
from equipoise.study import run_study
from metamorphic.studies import sheet as invented


@pytest.fixture(scope="module")
def restricted(tmp_path_factory):
    example = invented()
    example.protocol["restrict"] = {
        "early": {"label": "Stage I or II", "where": "stage in ('I', 'II')"},
        "nobody": {"label": "Nobody", "where": "age > 900"},
    }
    return example.run(tmp_path_factory.mktemp("restricted"))


@pytest.fixture
def page(undrawn, restricted):
    return restricted, report_document(restricted, {})


def section(document, anchor):
    return next((s for s in document.sections if s.anchor == anchor), None)


def words(blocks):
    return " ".join(r.text for b in blocks if isinstance(b, Paragraph) for r in b.runs)


def test_a_population_has_the_tables_and_figures_of_the_study(page):
    _, document = page
    whole = {b.name for s in document.sections for b in s.blocks if isinstance(b, Table | Figure) and "__" not in b.name}
    part = {b.name for b in section(document, "restricted_early").blocks if isinstance(b, Table | Figure)}
    assert all(name.endswith("__early") for name in part)
    for name in ("table_baseline", "table_survival", "figure_flow", "figure_love", "table_balance", "table_attrition"):
        assert f"{name}__early" in part
    assert {n.removesuffix("__early") for n in part} - whole <= {"table_attrition"}  # the whole study excludes nobody here
    names = [b.name for b in document.blocks() if isinstance(b, Table | Figure)]
    assert len(names) == len(set(names))
    assert all(b.supplement for b in section(document, "restricted_early").blocks if isinstance(b, Table | Figure))


def test_every_reference_is_to_a_table_or_figure_of_its_own_population(page):
    _, document = page
    runs = [r for b in section(document, "restricted_early").blocks if isinstance(b, Paragraph) for r in b.runs if r.ref]
    assert runs and all(r.ref.endswith("__early") and r.text.startswith(("Table S", "Figure S", "S")) for r in runs)


def test_the_list_counts_and_says_what_was_not_analysed(page):
    study, document = page
    (table,) = [b for b in section(document, "restricted").blocks if isinstance(b, Table)]
    part = study.among("early").cohort
    cells = [[c.text for c in row.cells] for row in table.body]
    assert cells[0] == [
        "Stage I or II", "stage in ('I', 'II')", *(str(int(part.in_arm(a).sum())) for a in study.protocol.arms.groups),
        str(study.cohort.n - part.n), "0", "unadjusted and propensity score-matched",
    ]  # fmt: skip
    assert cells[1][2:] == ["0", "0", str(study.cohort.n), "0", "not analyzed"]
    assert table.footnotes == (("a", "Not analyzed: nobody is in it"),)
    assert section(document, "restricted_nobody") is None


def test_numbers_of_the_population_stand_in_its_section_alone(page):
    study, document = page
    hr = study.estimates["survival.os.matched.cox.early.new-vs-old.hr"].value
    assert f"{hr:.2f}" in words(section(document, "restricted_early").blocks)
    methods = words(section(document, "methods").blocks)
    assert "2 restricted populations were declared: stage I or II; nobody" in methods and "stage in" not in methods


def test_the_sections_of_the_whole_study_are_what_they_were(page, tmp_path):
    study, document = page
    plain = invented().run(tmp_path / "plain")
    before = {s.anchor: s for s in report_document(plain, {}).sections}
    for anchor in ("patients", "baseline", "survival", "predictors", "sensitivity"):
        mine, theirs = section(document, anchor).blocks, before[anchor].blocks
        assert words(mine) == words(theirs)
        for a, b in zip(mine, theirs, strict=True):
            assert not isinstance(a, Table) or a.body == b.body


def test_one_arm(undrawn, sheet):
    sheet.protocol["arms"] = {"groups": {"all": {"label": "Everybody"}}}
    sheet.protocol["cox"] = {"univariable": ["age"]}
    sheet.protocol["restrict"] = {"young": {"label": "Young", "where": "age < 60"}}
    document = report_document(run_study(sheet.write()), {})
    assert "table_survival__young" in {b.name for b in section(document, "restricted_young").blocks if isinstance(b, Table)}
    assert "All analyses were repeated in each; patients" in words(section(document, "methods").blocks)


NOT_AGAIN = {
    "table_restricted",
    "table_estimand",
    "table_inputs",
    "table_settings",
    "table_checklist_strobe",
    "figure_design_diagram",
    "table_published",
    "figure_published",
    "figure_published_medians",
}  # of the study as a whole


@pytest.mark.slow
def test_every_table_and_figure_of_the_founding_study_is_made_again(undrawn, repository, tmp_path):
    folder = tmp_path / "founding"
    shutil.copytree(repository / "src/equipoise/founding", folder)
    with (folder / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("\nrestrict:\n  cp_a: {label: Child-Pugh A, where: \"child_pugh_class = 'A'\"}\n")
    document = report_document(run_study(folder / "study.yaml"), {})
    whole = {b.name for s in document.sections for b in s.blocks if isinstance(b, Table | Figure) and "__" not in b.name}
    part = {b.name for b in section(document, "restricted_cp_a").blocks if isinstance(b, Table | Figure)}
    assert whole - NOT_AGAIN == {n.removesuffix("__cp_a") for n in part}
