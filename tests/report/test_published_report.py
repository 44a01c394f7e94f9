"""Published studies and curves in the report: table, figures, sentences and references say the rows."""

import pytest

from equipoise.audit.audit import audit_folder
from equipoise.document.html import render_html
from equipoise.document.model import runs_of, table_csv
from equipoise.document.references import bibtex
from equipoise.report.assemble import report_document
from equipoise.report.bibliography import bibliography, of_published
from equipoise.report.bundle import write_report
from equipoise.report.figures.canvas import render
from equipoise.report.figures.published import published_forest, published_medians
from equipoise.report.figures.published_curves import published_overlay
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import published as said
from equipoise.report.narrative.methods import methods as methods_of
from equipoise.report.paper import manuscript, supplement
from equipoise.report.tables.published import published_table
from equipoise.study import run_study
from sheet import Sheet

ODD = "M\u00fcller <b> & 100 % of $x_1$ {2020}"
SOURCE = "Roe A. 50 % {better} & more_. J Test 2019;1:1."
NUMBERS = [
    {"study": "Roe 2019", "endpoint": "os", "measure": "hr", "arm": "b", "versus": "a", "value": 1.5, "low": 0.9, "high": 2.5,
     "source": SOURCE},
    {"study": ODD, "endpoint": "os", "measure": "hr", "arm": "a", "versus": "b", "value": 0.8, "low": 0.5, "high": 1.28},
    {"study": ODD, "endpoint": "os", "measure": "median", "arm": "a", "value": 14.5, "low": 11, "n": 30, "doi": "10.1000/x"},
    {"study": "Poe 2021", "measure": "orr", "arm": "another", "value": 12.5, "n": 16, "population": "pilot"},
]  # fmt: skip
CURVE = {"label": "Curve of Roe", "endpoint": "os", "arm": "a", "points": "p.csv", "at_risk": "r.csv", "source": SOURCE}


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    sheet = Sheet(folder)
    sheet.protocol |= {"time_unit": "months", "landmarks": [6]}
    sheet.protocol["published"] = {"studies": NUMBERS, "summary": "random_effects", "curves": [CURVE]}
    sheet.write()
    (folder / "p.csv").write_text("0,100\n3,90\n6,70\n9,50\n12,45\n", encoding="utf-8")
    (folder / "r.csv").write_text("0,50\n6,34\n12,20\n", encoding="utf-8")
    return Numbers(run_study(folder / "study.yaml"))


def cells(numbers):
    return [line.split(",") for line in table_csv(published_table(numbers)).splitlines()]


def test_the_table_has_one_direction_and_says_what_was_turned(numbers):
    found = {line[0]: line for line in cells(numbers)}
    table = published_table(numbers)
    assert [c.text for c in table.head[0].cells] == [
        "Arm", "Patients", "Median OS, months (CI)", "HR for OS (CI)", "Response, %", "Reference",
    ]  # fmt: skip
    assert found["  another"] == ["  another", "16", "\u2013", "\u2013", "12.5", "\u2013"]
    of_roe = table.body[[r.cells[0].text for r in table.body].index("Roe 2019") + 1]
    assert [c.text for c in of_roe.cells[:4]] == ["Alfa", "\u2013", "\u2013", "0.67 (0.40\u20131.11)"]
    assert table.footnotes == (("a", "Published as beta vs alfa: 1.5 (0.9\u20132.5)"),)
    assert of_roe.cells[3].note == "a"
    assert "30" in found["  Alfa"] and "14.5 (11.0\u2013NA)" in found["  Alfa"]


def test_own_lines_are_the_rows_of_the_study(numbers):
    row = numbers.row("survival", "hr", analysis="cox", design="unadjusted", endpoint="os", contrast="a vs b")
    own = published_table(numbers).body[1].cells
    assert own[3].text.startswith(f"{row.value:.2f} (")
    assert [c.text for c in published_table(numbers).body[2].cells][3] == "1 (reference)"


def test_sentences_name_the_ratios_the_summary_and_the_error_of_the_curve(numbers):
    told = " ".join(said.results(numbers))
    assert "0.67 (0.40\u20131.11) in Roe 2019" in told and "that of this study was" in told
    assert "(3 in all), the mean hazard ratio for overall survival was" in told
    assert "50 patients with" in " ".join(said.curves(numbers)) and "at most 0.9 percentage points" in " ".join(
        said.curves(numbers)
    )
    methods = " ".join("".join(r.text for r in runs_of(b)) for b in methods_of(numbers))
    assert (
        "Hartung and Knapp" in methods and "Guyot" in methods and "published in the opposite direction were inverted" in methods
    )


def test_one_citation_of_studies_and_curves_is_one_reference(numbers):
    papers, cited = of_published(numbers.study.published)
    assert cited == {"Roe 2019": "published_1", ODD: "published_2", "Curve of Roe": "published_1"}
    assert papers["published_1"].vancouver == SOURCE
    assert papers["published_2"].vancouver == f"{ODD}." and papers["published_2"].doi == "10.1000/x"
    text = bibtex(papers.values())
    assert "50 \\% (better) \\& more\\_" in text and text.count("{") == text.count("}")


def test_the_supplement_cites_them_by_number_and_escapes_what_they_say(numbers, undrawn):
    papers = bibliography(numbers.protocol, numbers.study.published)
    report = report_document(numbers.study, {})
    paper = manuscript(report, papers, {})
    assert all(s.anchor != "published" for s in paper.sections)
    cited = {b.name for s in paper.sections if s.anchor == "references" for b in s.blocks}
    assert {"reference_guyot_2012", "reference_knapp_hartung_2003", "reference_viechtbauer_2005"} <= cited
    more = supplement(report, papers, {})
    listed = next(s for s in more.sections if s.anchor == "references")
    number = {b.name: "".join(r.text for r in runs_of(b)).split(".")[0] for b in listed.blocks}
    table = next(t for t in more.tables() if t.name == "table_published")
    assert [c.text for row in table.body for c in row.cells if c.cite] == [
        f"[{number['reference_published_1']}]", f"[{number['reference_published_2']}]",
    ]  # fmt: skip
    page = render_html(more)
    assert "M\u00fcller &lt;b&gt; &amp; 100 % of $x_1$ {2020}" in page and "<b> &" not in page
    assert "Doe" not in page and 'href="https://doi.org/10.1000/x"' in page


def test_figures_are_drawn(numbers):
    forest, medians, overlay = published_forest(numbers), published_medians(numbers), published_overlay(numbers, "os")
    for drawn in (forest, medians, overlay):
        assert "<svg" in render(drawn).svg
    known = [r for r in numbers.study.estimates.rows.values() if (r.phase, r.statistic) == ("published", "at_risk")]
    drawn = [t.get_text() for t in overlay.axes[0].texts]
    there = [f"{r.value:.0f}" for r in known if r.key in overlay.rows_behind]
    at = next(i for i, said in enumerate(drawn) if said == "Curve of Roe")
    assert len(there) >= 2 and drawn[at + 1 : at + 1 + len(there)] == there and there[0] == "50"
    texts = {t.get_text() for t in forest.axes[0].texts}
    assert {"Roe 2019", "Random-effects summary", "0.67 (0.40\u20131.11)"} <= texts
    assert {"Alfa", "Curve of Roe", "Beta"} <= {t.get_text() for t in overlay.axes[0].texts}
    assert any("14.5 (11.0\u2013NA)" in t.get_text() for t in medians.axes[0].texts)


def test_what_others_published_is_never_masked(tmp_path):
    sheet = Sheet(tmp_path)
    small = NUMBERS[2] | {"n": 3}
    sheet.protocol |= {"minimum_cell": 5, "published": {"studies": [small]}}
    rows = run_study(sheet.write()).estimates.rows.values()
    (row,) = [r for r in rows if r.phase == "published"]
    assert (row.value, row.n) == (14.5, 3)


def test_nothing_stands_there_where_nothing_is_asked(tiny_study):
    numbers = Numbers(tiny_study)
    assert published_table(numbers) is None


def test_the_numbers_of_references_differ_between_files_and_the_audit_knows_it(numbers, undrawn, tmp_path):
    out = write_report(numbers.study, tmp_path / "out", formats=("html", "docx"))
    assert [f for f in audit_folder(out) if f.column == "Reference" or "published" in f.message] == []
