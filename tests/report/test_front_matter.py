"""Title page, abstract, highlights and declarations: what the protocol gives in its place, what it does not give marked."""

import re
from pathlib import Path

import pytest
import yaml

import equipoise
from equipoise.document.model import Document, Paragraph, Section, runs_of
from equipoise.protocol.load import load_protocol
from equipoise.report.assemble import report_document
from equipoise.report.bibliography import bibliography
from equipoise.report.front_matter import Author, authors, known, unknown
from equipoise.report.narrative.structured_abstract import MOST_SIGNS, MOST_WORDS
from equipoise.report.paper import manuscript as paper_of
from equipoise.report.paper import page
from equipoise.study import run_study

PAPERS = bibliography(load_protocol(Path(equipoise.__file__).parent / "founding" / "study.yaml"))
ORDER = ["title_page", "abstract", "highlights", "introduction", "methods", "results"]


def manuscript(report: Document) -> Document:
    return paper_of(report, PAPERS, {})


def section(document: Document, anchor: str) -> Section:
    return next(s for s in document.sections if s.anchor == anchor)


def words(part: Section) -> str:
    return "\n".join("".join(r.text for r in runs_of(b)) for b in part.blocks)


def test_an_author_has_a_name_and_affiliations():
    given = "Ann Lee, MD (Clinic A, Seoul | Clinic B); Bo Kim (Clinic A, Seoul); Cy Oh"
    assert authors(given) == (
        Author("Ann Lee, MD", ("Clinic A, Seoul", "Clinic B")),
        Author("Bo Kim", ("Clinic A, Seoul",)),
        Author("Cy Oh"),
    )
    assert authors(" ; ") == ()


def test_a_key_is_known_by_any_spelling_and_another_stays():
    given = {"Competing interests": "None.", "FUNDING": "A grant", "IRB": "12-3", "Source": "A paper", "Consent": " "}
    assert known(given) == {"conflicts": "None.", "funding": "A grant", "ethics": "12-3"}
    assert unknown(given) == {"Source": "A paper"}


def test_what_is_given_stands_in_its_place_and_the_rest_is_marked_on_paper_alone(undrawn, tiny):
    asked = yaml.safe_load(tiny.protocol)
    asked["study"]["metadata"] = {
        "Authors": ["Ann Lee (Clinic A)", "Bo Kim (Clinic B | Clinic A)"],
        "Funding": "None.",
        "Keywords": "lung cancer; cohort",
        "Protocol version": "2.1",
    }
    tiny.protocol = yaml.safe_dump(asked, sort_keys=False)
    report = report_document(run_study(tiny.write()), {})
    paper = manuscript(report)
    front, declared = words(section(paper, "title_page")), words(section(paper, "back_matter"))
    assert front.startswith("Ann Lee1, Bo Kim2,1\n1Clinic A\n2Clinic B\n")
    assert "[to be completed by the authors: corresponding author" in front and "Key words: lung cancer; cohort" in front
    assert "None." in declared and "[to be completed by the authors: whether and how the data can be obtained]" in declared
    assert "Protocol version: 2.1." in words(section(report, "methods")) and "Funding" not in words(section(report, "methods"))
    shown = page(report)
    assert not [b for b in shown.blocks() if isinstance(b, Paragraph) and b.style == "authors"]
    assert "None." in words(section(shown, "back_matter")) and "introduction" not in [s.anchor for s in shown.sections]


def test_a_list_in_the_metadata_is_a_list_of_texts(tiny):
    tiny.protocol = tiny.protocol.replace("  notice:", "  metadata: {Authors: [A, B]}\n  notice:", 1)
    assert load_protocol(tiny.write()).study.metadata == {"Authors": "A; B"}


def test_a_manuscript_has_the_order_of_a_paper(documents):
    for whole in documents:
        paper = [s.anchor for s in manuscript(whole).sections]
        assert paper[: len(ORDER)] == ORDER
        behind = [
            a for a in paper if a in ("discussion", "limitations", "back_matter", "manuscript_tables", "manuscript_figures")
        ]
        assert behind == sorted(
            behind, key=["discussion", "limitations", "back_matter", "manuscript_tables", "manuscript_figures"].index
        )
        assert {"discussion", "back_matter", "manuscript_tables", "manuscript_figures"} <= set(behind)


def test_an_abstract_is_structured_and_short_and_highlights_fit_their_lines(documents):
    for whole in documents:
        abstract = section(whole, "abstract")
        assert [b.runs[0].text for b in abstract.blocks] == ["Background/Aims: ", "Methods: ", "Results: ", "Conclusions: "]
        assert len(words(abstract).split()) <= MOST_WORDS
        lines = words(section(whole, "highlights"))
        items = ["".join(r.text for r in item) for b in section(whole, "highlights").blocks for item in b.items]
        assert 2 <= len(items) <= 5 and all(len(item) <= MOST_SIGNS for item in items), lines


def test_the_founding_abstract_says_what_its_rows_say(founding, founding_document):
    said = words(section(founding_document, "abstract"))
    for endpoint in ("os", "pfs"):
        row = founding.estimates.find(
            "survival", "hr", endpoint=endpoint, design="matched", analysis="cox", contrast="sorafenib vs lenvatinib"
        )
        found = re.search(
            rf"HR for sorafenib vs lenvatinib {row.value:.2f}\d?, 95% CI {row.low:.2f}\d?\u2013{row.high:.2f}", said
        )
        assert found or f"{row.value:.3f}, 95% CI {row.low:.3f}\u2013{row.high:.3f}" in said
    conclusion = said.split("Conclusions: ")[1]
    assert "no clear evidence of a difference in overall survival" in conclusion, "its interval holds 1"
    assert "hazard of disease progression or death was higher with sorafenib" in conclusion, "its interval lies above 1"
    assert "Residual confounding cannot be excluded" in conclusion


def test_a_single_arm_draws_no_conclusion_on_effect(one_arm_document):
    said = words(section(one_arm_document, "abstract"))
    assert "no effect of treatment can be inferred" in said and "HR" not in said


def test_the_title_page_counts_words_tables_and_figures(founding_document):
    paper = manuscript(founding_document)
    line = words(section(paper, "title_page")).splitlines()[-1]
    n = len(words(section(paper, "abstract")).split())
    assert line.startswith(f"Word count: abstract {n}, text ")
    assert line.endswith(
        f"tables {len(paper.tables())}, figures {len(paper.figures())}, references {len(section(paper, 'references').blocks)}"
    )


@pytest.mark.parametrize("word", ["similar", "comparable", "did not differ"])
def test_nothing_is_called_similar(documents, word):
    for whole in documents:
        assert word not in words(section(whole, "abstract")) + words(section(whole, "highlights"))


def test_a_masked_count_is_printed_as_a_count_and_never_as_a_percentage(undrawn, tiny):
    tiny.protocol += "minimum_cell: 5\n"
    document = report_document(run_study(tiny.write()), {})
    said = words(section(document, "abstract")) + words(section(document, "highlights"))
    assert "<5%" not in said and "masked%" not in said and "of masked" not in said
    assert "grade 3\u20134" in said, "a zero is shown"
