"""The states of the items of every checklist against four kinds of study: matched, weighted, of one arm, on OMOP tables."""

import re
import shutil

import pytest

from equipoise.document.model import Figure, Table, runs_of
from equipoise.protocol.report_settings import CHECKLISTS
from equipoise.report.checklists import AUTHORS, NOT_APPLICABLE, REPORTED, Answer, answer, checklist
from equipoise.report.lookup import Numbers
from equipoise.report.sections.checklists import ANCHOR
from equipoise.study import run_study

KINDS = ("matched", "weighted", "single", "omop")
SHORT = {"R": REPORTED, "A": AUTHORS, "N": NOT_APPLICABLE}

# What the named section says where an item is told to stand in it; an item that is not told to stand there is not asked.
SAID = {
    ("strobe", "1a", "abstract"): "retrospective cohort study",
    ("strobe", "1b", "abstract"): "Conclusions: ",
    ("strobe", "4", "methods"): "This retrospective cohort study",
    ("strobe", "5", "methods"): r"The setting was .* between .* cut off on",
    ("strobe", "6a", "methods"): "The starting population was defined",
    ("strobe", "6b", "methods"): "matched 1:1 without replacement",
    ("strobe", "7", "methods"): "The index date (of a person )?was",
    ("strobe", "8", "methods"): "Baseline was the latest record|tables of the OMOP common data model",
    ("strobe", "9", "methods"): "The propensity score",
    ("strobe", "12a", "methods"): "Kaplan-Meier method",
    ("strobe", "12b", "methods"): "within the levels of",
    ("strobe", "12c", "methods"): "missing values",
    ("strobe", "12d", "methods"): "censored",
    ("strobe", "13a", "patients"): "patients",
    ("strobe", "15", "survival"): r"\d+ of \d+|events",
    ("strobe", "16c", "other_scales"): "restricted mean",
    ("strobe", "19", "limitations"): "retrospective",
    ("record", "1.2", "abstract"): r"between \d+ \w+ \d{4} and \d+ \w+ \d{4}",
    ("record", "6.1", "methods"): "The starting population was defined",
    ("record", "12.2", "methods"): "impossible and implausible values",
    ("record_pe", "4.a", "methods"): "This retrospective cohort study",
    ("record_pe", "6.1.a", "methods"): "excluded sequentially",
    ("record_pe", "7.1.a", "methods"): "The index date (of a person )?was",
    ("record_pe", "7.1.b", "methods"): "tables of the OMOP common data model",
    ("record_pe", "7.1.c", "methods"): "Outcomes were counted from day|Events were counted regardless of subsequent therapy",
    ("record_pe", "7.1.d", "methods"): "Outcomes were counted from day",
    ("record_pe", "7.1.f", "methods"): "compared .* with ",
    ("record_pe", "7.1.g", "methods"): "whatever they received later",
    ("record_pe", "12.1.a", "methods"): "Proportional hazards were tested",
    ("record_pe", "20.a", "limitations"): "confounding by indication",
    ("target", "1b", "abstract"): "included (patients|a single group of patients) in ",
    ("esmo_grow", "Methods: treatment", "methods"): "Relative dose intensity|Time on treatment",
    ("esmo_grow", "Methods: response", "methods"): "RECIST",
    ("esmo_grow", "Methods: safety", "methods"): "CTCAE",
    ("esmo_grow", "Methods: outcomes", "methods"): "was the time to",
    ("esmo_grow", "Methods: missing data", "methods"): "missing values",
}

# Items whose state depends on the kind of study, in the order of KINDS.
STATES = {
    ("strobe", "5"): "RAAA",
    ("strobe", "6a"): "RARR",
    ("strobe", "6b"): "RNNR",
    ("strobe", "7"): "RAAR",
    ("strobe", "8"): "RAAR",
    ("strobe", "9"): "RRAR",
    ("strobe", "12b"): "RRRN",
    ("strobe", "12e"): "RRAR",
    ("strobe", "13b"): "RARR",
    ("strobe", "16a"): "RRNR",
    ("strobe", "19"): "AAAA",
    ("record", "1.2"): "RAAA",
    ("record", "7.1"): "AAAR",
    ("record", "13.1"): "RARR",
    ("record_pe", "4.b"): "RAAR",
    ("record_pe", "7.1.b"): "AAAR",
    ("record_pe", "7.1.f"): "AANA",
    ("record_pe", "7.1.g"): "AAAR",
    ("record_pe", "12.1.a"): "RRRR",
    ("record_pe", "12.1.b"): "AANA",
    ("record_pe", "20.a"): "AAAA",
    ("target", "1a"): "AAAA",
    ("target", "13"): "RRNR",
    ("target", "14"): "RRAR",
    ("esmo_grow", "Methods: treatment"): "RAAA",
    ("esmo_grow", "Methods: outcomes"): "RAAA",
    ("esmo_grow", "Methods: response"): "RNNN",
    ("esmo_grow", "Results: later treatment"): "RAAA",
}


@pytest.fixture(scope="module")
def reports(repository, third_party, tmp_path_factory, founding, founding_document, undrawn_pages):
    """Kind -> the study and its report."""
    place = tmp_path_factory.mktemp("gibleed")
    shutil.copy(repository / "examples" / "gibleed" / "study.yaml", place)
    shutil.copytree(third_party / "gibleed_omop" / "cdm", place / "cdm")
    others = (repository / "examples/gbsg2/weights.yaml", repository / "examples/gbsg2/single-arm.yaml", place / "study.yaml")
    studies = [founding, *map(run_study, others)]
    documents = [founding_document, *map(undrawn_pages, studies[1:])]
    return dict(zip(KINDS, zip(studies, documents, strict=True), strict=True))


def held(document) -> set[str]:
    sections = [s for s in document.sections if s.anchor != ANCHOR]
    return {s.anchor for s in sections} | {b.name for s in sections for b in s.blocks if isinstance(b, Table | Figure)}


def answers(report) -> dict[tuple[str, str], Answer]:
    study, document = report
    return {(key, item.no): answer(item, Numbers(study), held(document)) for key in CHECKLISTS for item in checklist(key).items}


def words_of(document, anchor: str) -> str:
    (section,) = [s for s in document.sections if s.anchor == anchor]
    said = " ".join("".join(r.text for r in runs_of(b)) for b in section.blocks if not isinstance(b, Table | Figure))
    return re.sub(r"\s*\u00a0\[[\w,]+\]", "", said).replace("\u00a0", " ")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_named_stands_in_the_report_and_says_it(reports, kind):
    """A section, table or figure that is named is there, and a section named for an item has the sentence that answers it."""
    _, document = reports[kind]
    there, asked = held(document), 0
    for (key, no), found in answers(reports[kind]).items():
        assert set(found.places) <= there, (key, no)
        assert bool(found.places) or found.status != REPORTED, (key, no)
        assert found.status == REPORTED or found.words, (key, no)
        for place in found.places:
            if said := SAID.get((key, no, place)):
                assert re.search(said, words_of(document, place), re.S), (key, no, place)
                asked += 1
    assert asked > 12


def test_every_sentence_is_asked_of_some_study(reports):
    named = {(*item, place) for report in reports.values() for item, found in answers(report).items() for place in found.places}
    assert not set(SAID) - named


@pytest.mark.parametrize("place", range(len(KINDS)), ids=KINDS)
def test_the_states_of_what_differs_between_studies(reports, place):
    found = answers(reports[KINDS[place]])
    wrong = {item: found[item] for item, states in STATES.items() if found[item].status != SHORT[states[place]]}
    assert not wrong


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_arm_is_told_of_no_comparison_and_no_spreadsheet_of_records(reports, kind):
    told = " ".join(a.words for a in answers(reports[kind]).values())
    assert ("spreadsheet" in told) is False
    assert ("A single arm has no comparison." in told) is (kind == "single")
