"""No page names a covariate, an endpoint or a design by its key: labels stand in sentences, footnotes, notes and captions."""

import re

from equipoise.document.model import Bullets, Document, Figure, Paragraph, Table
from equipoise.protocol.measures import Covariate
from equipoise.protocol.wording import covariate_words
from equipoise.report.assemble import TECHNICAL
from equipoise.report.lookup import Numbers
from equipoise.report.tables.post_index import comparison_table

KEY = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")


def prose(document: Document) -> list[str]:
    """What is read as text: sentences, titles, heads, notes, footnotes, captions and alt texts of all but the technical part."""
    said: list[str] = []
    for section in document.sections:
        if section.part == TECHNICAL:
            continue
        said.append(section.title)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                said.append("".join(r.text for r in block.runs))
            elif isinstance(block, Bullets):
                said += ["".join(r.text for r in item) for item in block.items]
            elif isinstance(block, Table):
                said += [block.title, *block.notes, *(words for _, words in block.footnotes)]
                said += [c.text for row in (*block.head, *block.body) for c in row.cells]
            elif isinstance(block, Figure):
                said += [block.title, block.caption, block.alt]
    return said


def test_no_key_is_printed(documents):
    for document in documents:
        found = [s for s in prose(document) if KEY.search(s.replace("results.csv", ""))]
        assert not found, found[:5]


def test_footnotes_of_a_later_treatment_name_covariates_by_their_labels(founding):
    table = comparison_table(Numbers(founding), "third_line", "yes_no")
    notes = " | ".join(words for _, words in table.footnotes)
    assert "time-dependent, adjusted for Child-Pugh class B (vs A), age |" in notes
    assert "weights from Child-Pugh class B (vs A), age; cluster-robust" in notes


def test_labels_inside_a_sentence():
    def words(label: str, kind: str = "continuous") -> str:
        return covariate_words(Covariate(label=label, kind=kind, **{"from": "x"}))

    assert words("Age, years") == "age"
    assert words("AFP, ng/mL") == "AFP"
    assert words("Male, not female", "binary") == "male, not female"
    assert words("Male", "binary") == "male sex"
