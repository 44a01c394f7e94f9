"""Abbreviations: written out once where a text uses them first, listed, explained below tables; none is left."""

import re

import pytest

from equipoise.document.abbreviations import expanded, explained, in_words, listed, used
from equipoise.document.model import Cell, Document, Heading, Run, Section, Table, TableRow, bold, runs_of, text
from equipoise.protocol.load import load_protocol
from equipoise.report.abbreviations import abbreviations, names
from equipoise.report.bibliography import bibliography
from equipoise.report.paper import manuscript, supplement

WORDS = {
    "HR": "hazard ratio",
    "CI": "confidence interval",
    "OS": "overall survival",
    "mRECIST": "modified RECIST",
    "RECIST": "criteria",
}
UNITS = {"mAU", "IU", "AU"}


def body(*blocks) -> Document:
    return Document("T", (Section("abstract", "A", (text("OS was long."),)), Section("s", "S", blocks)))


def told(document: Document) -> list[str]:
    return ["".join(r.text for r in runs_of(b)) for s in document.sections for b in s.blocks if not isinstance(b, Heading)]


@pytest.mark.parametrize(
    "given, printed",
    [
        ("The HR was 2; the HR fell.", "The hazard ratio (HR) was 2; the HR fell."),
        ("It rose (HR 2, 95% CI 1-3).", "It rose (hazard ratio [HR] 2, 95% confidence interval [CI] 1-3)."),
        ("The hazard ratio (HR) was 2.", "The hazard ratio (HR) was 2."),
        ("Hazard ratios (HRs) fell; HR 2.", "Hazard ratios (HRs) fell; HR 2."),
        ("HRs fell.", "Hazard ratios (HRs) fell."),
        ("By mRECIST and RECIST.", "By modified RECIST (mRECIST) and criteria (RECIST)."),
        ("An HR of 2, an OS of a month.", "A hazard ratio (HR) of 2, an overall survival (OS) of a month."),
        ("HRX and THR and pre-HR.", "HRX and THR and pre-HR."),
    ],
)
def test_an_abbreviation_is_written_out_once(given, printed):
    assert told(expanded(body(text(given)), WORDS))[1] == printed


def test_abstract_and_body_are_texts_of_their_own_and_headings_are_not_read():
    made = told(expanded(body(Heading("OS"), text(bold("Result: "), "OS fell."), text("OS rose.")), WORDS))
    assert made == ["Overall survival (OS) was long.", "Result: Overall survival (OS) fell.", "OS rose."]


def test_the_list_is_alphabetical_and_holds_what_is_used():
    made = listed(body(text("OS, HR and mRECIST.")), WORDS, "references")
    assert told(made)[-1] == "HR, hazard ratio; mRECIST, modified RECIST; OS, overall survival."


def test_a_table_explains_what_it_uses_and_does_not_explain_yet():
    table = Table("t", "OS", (TableRow((Cell("HR (95% CI)"),)),), (), notes=("CI, confidence interval of some kind.",))
    assert explained(table, WORDS).notes == (table.notes[0], "HR, hazard ratio; OS, overall survival.")
    assert explained(text("HR"), WORDS) == text("HR")
    assert in_words([], WORDS) == "" and used(["none"], WORDS) == []


def test_the_words_of_a_study_stand_before_those_that_are_known(tiny):
    tiny.protocol = tiny.protocol.replace("  notice:", "  abbreviations: {OS: our survival, XYZ: an item}\n  notice:", 1)
    known = abbreviations(load_protocol(tiny.write()))
    assert known["OS"] == "our survival" and known["XYZ"] == "an item" and known["PFS"] == "progression-free survival"


def test_none_is_left_in_the_founding_manuscript(founding, founding_document):
    words, papers = abbreviations(founding.protocol), bibliography(founding.protocol, founding.published)
    report = founding_document
    trials = {word for study in founding.published.studies for word in study.split()}
    for document in (manuscript(report, papers, words), supplement(report, papers, words)):
        read = [s for s in document.sections if s.anchor not in ("title_page", "highlights", "references", "abbreviations")]
        read = [s for s in read if not s.anchor.endswith(("_tables", "_legends", "_figures"))]
        for scope in ([s for s in read if s.anchor == "abstract"], [s for s in read if s.anchor != "abstract"]):
            said = " ".join(
                "".join(r.text for r in runs_of(b)) for s in scope for b in s.blocks if getattr(b, "style", "") != "authors"
            )
            found = set(re.findall(r"(?<![\w-])[A-Za-z]?[A-Z]{2,}(?:-II)?(?![\w-])", said)) - names() - UNITS - trials
            assert found <= set(words), "each is known"
            for short in found:
                first = re.search(rf"(?<![\w-]){short}s?(?![\w-])", said)
                assert said[first.start() - 1] in "([" and said[first.end()] in ")]", (
                    f"{short}: {said[first.start() - 60 : first.end()]}"
                )
        listing = next(s for s in document.sections if s.anchor == "abbreviations")
        shown = [r.text for r in listing.blocks[0].runs if r.bold]
        assert shown == sorted(shown, key=str.lower) and len(shown) == len(set(shown)) >= 3


def test_every_table_of_the_founding_study_explains_its_abbreviations(founding, founding_document):
    words = abbreviations(founding.protocol)
    for table in founding_document.tables():
        cells = [c.text for row in (*table.head, *table.body) for c in row.cells]
        below = " ".join([*table.notes, *(note for _, note in table.footnotes)])
        for short in used([table.title, *cells], words):
            assert re.search(rf"(?:^|[\s;.(]){re.escape(short)}, ", below), (table.name, short)


def test_runs_keep_their_dress():
    made = expanded(Document("T", (Section("s", "S", (text(Run("HR", italic=True)),)),)), WORDS)
    assert made.sections[0].blocks[0].runs == (Run("Hazard ratio (HR)", italic=True),)
