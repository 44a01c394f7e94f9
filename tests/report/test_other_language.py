"""Another language is a folder of texts: a study told in one that the test makes has no English of the report left, in its
paragraphs, tables and figures. What stays is data: the protocol, its files, its packs, and the published terms below.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from loud import write_loud

from equipoise.document.model import Document, Figure, Table, runs_of
from equipoise.protocol.report_settings import CHECKLISTS
from equipoise.records import Study
from equipoise.report import words as room
from equipoise.report.assemble import report_document
from equipoise.report.checklists import checklist
from equipoise.report.made import spoken
from equipoise.report.words import placeholders, texts
from equipoise.study import run_study

# words with a small letter, and what stands between them
RUN = re.compile(r"[^\W\d_]*[a-z][^\W\d_]*(?:[ '\-\u2013]+[^\W\d_]*[a-z][^\W\d_]*)*")
PUBLISHED = {  # sections and tables in the words of what was published
    "references": "the papers cited",
    "table_inputs": "names of files and the first digits of their hashes",
    "table_safety_laboratory": "terms of CTCAE",
}


@pytest.fixture
def loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_loud(tmp_path / "loud")
    monkeypatch.setattr(room, "ROOM", tmp_path)
    monkeypatch.setattr(room, "LANGUAGE", "loud")


@pytest.fixture(scope="module")
def gibleed(repository: Path, third_party: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("gibleed")
    asked = yaml.safe_load((repository / "examples" / "gibleed" / "study.yaml").read_text(encoding="utf-8"))
    asked["data"]["path"] = str(third_party / "gibleed_omop" / "cdm")
    (folder / "study.yaml").write_text(yaml.safe_dump(asked, sort_keys=False), encoding="utf-8")
    return run_study(folder / "study.yaml")


def data(study: Study) -> str:
    """What was given: the protocol, its packs, the levels and terms in its files, and who wrote the statements of checklists."""
    protocol = study.protocol
    given = [str(protocol.describe()), *(str(pack.model_dump()) for pack in protocol.rule_packs)]
    given += [checklist(key).source for key in CHECKLISTS]
    folder = Path(protocol.folder)
    given += [file.read_text(encoding="utf-8", errors="replace") for file in sorted(folder.glob("*.yaml"))]
    if protocol.data.tables is not None:
        files = sorted((folder / protocol.data.tables).rglob("*.csv"))
        given += [file.read_text(encoding="utf-8", errors="replace") for file in files]
    return _plain("\n".join(given))


def _plain(text: str) -> str:
    return re.sub(r"[\s\"'\\]+", " ", text).lower()


def printed(document: Document) -> Iterator[tuple[str, str]]:
    """(section, table or figure, a text that it prints), of figures also what is drawn."""
    for section in document.sections:
        yield section.anchor, section.title
        for block in section.blocks:
            if isinstance(block, Table):
                cells = (c.text for row in (*block.head, *block.body) for c in row.cells)
                for text in (block.title, *block.notes, *(words for _, words in block.footnotes), *cells):
                    yield block.name, text
            elif isinstance(block, Figure):
                for text in (block.title, block.caption, block.alt, *drawn(block)):
                    yield block.name, text
            else:
                yield section.anchor, "".join(run.text for run in runs_of(block))


def drawn(figure: Figure) -> list[str]:
    texts_of_svg = re.findall("<text[^>]*>(.*?)</text>", figure.drawing.svg, re.S)
    return [html.unescape(re.sub("<[^>]+>", " ", text)) for text in texts_of_svg]


@pytest.mark.parametrize(
    "name", ["tiny_study", "spreadsheet", "one_arm", pytest.param("founding", marks=pytest.mark.slow), "gibleed"]
)
def test_a_report_in_another_language_has_no_english_of_its_own(name, request, loud):
    study = request.getfixturevalue(name)
    known, left, seen = data(study), set(), 0
    for place, text in printed(report_document(study, {})):
        if place.startswith(tuple(PUBLISHED)):
            continue
        seen += len(re.findall(r"\b[A-Z]{3,}\b", text))
        left |= {(place, run) for run in RUN.findall(text) if len(run) > 1 and _plain(run) not in known}
    assert seen > 1000
    assert sorted(left) == []


def test_what_another_phase_worded_is_looked_up_whole_then_by_its_clauses(loud):
    assert spoken("Gray's test") == "GRAY'S TEST"
    assert spoken("Gray's test; as published, groups of any size") == "GRAY'S TEST; AS PUBLISHED, GROUPS OF ANY SIZE"
    assert spoken("adjusted for Child-Pugh class B (vs A), age") == "ADJUSTED FOR Child-Pugh class B (vs A), age"
    assert spoken("not estimable (all patients are alike)").startswith("NOT ESTIMABLE (ALL PATIENTS")
    assert spoken("weighting (ATT, 5 classes)") == "WEIGHTING (ATT, 5 CLASSES)"
    assert spoken("Weighting (ATT, 5 classes)") == "WEIGHTING (ATT, 5 CLASSES)"
    assert spoken("12.5 events per coefficient") == "12.5 EVENTS PER COEFFICIENT"
    for label in ("a label of the protocol", "hemoglobin, g/dL; fasting", "{n} of them", ""):
        assert spoken(label) == label


def test_in_english_a_name_that_is_data_stays_as_it_is():
    for label in ("Male", "Time to relapse", "yes", "5-10 mm"):
        assert spoken(label) == label


def test_the_parts_of_a_name_are_those_of_its_text():
    made = {key.removeprefix("made."): text for key, text in texts().items() if key.startswith("made.")}
    assert len(made) > 150
    assert {name for name, text in made.items() if placeholders(name) != placeholders(text)} == set()
