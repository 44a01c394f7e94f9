"""The concept sets of a study on the OMOP common data model: the concepts that the protocol names, and how many a set holds."""

from __future__ import annotations

from itertools import groupby

from equipoise.document.model import Cell, Table, TableRow
from equipoise.records import Concept
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

LISTED = 60  # concepts of one set


def concepts_table(numbers: Numbers) -> Table | None:
    """None where the data have no concepts."""
    given = numbers.study.sources.concepts
    if not given:
        return None
    rows = [row for label, concepts in groupby(given, lambda c: c.set_label) for row in _set(label, list(concepts))]
    labels = [words(f"omop.concepts.{name}") for name in ("set", "concept", "name", "kind", "n")]
    line = TableRow(tuple(head(label, align="center" if i == len(labels) - 1 else "left") for i, label in enumerate(labels)))
    mapped = fmt.listed(list(dict.fromkeys(c.set_label for c in given if c.mapped)))
    notes = [words("omop.concepts.note"), *([words("omop.concepts.mapped", sets=mapped)] if mapped else [])]
    return Table("table_concepts", words("omop.concepts.title"), (line,), tuple(rows), (), tuple(notes), supplement=True)


def _set(label: str, concepts: list[Concept]) -> list[TableRow]:
    rows = []
    for i, concept in enumerate(concepts[:LISTED]):
        name = concept.name or words("omop.concepts.unknown")
        first = (stub(label), Cell(fmt.count(concept.total))) if i == 0 else (stub(""), Cell())
        rows.append(
            body(
                first[0],
                Cell(str(concept.concept), align="left"),
                Cell(name, align="left"),
                Cell(_kind(concept), align="left"),
                first[1],
            )
        )
    if len(concepts) > LISTED:
        more = words("omop.concepts.more", n=fmt.count(len(concepts) - LISTED))
        rows.append(body(stub(""), Cell(), Cell(more, align="left"), Cell(), Cell()))
    return rows


def _kind(concept: Concept) -> str:
    if concept.excluded:
        return words("omop.concepts.out_below" if concept.descendants else "omop.concepts.out")
    return words("omop.concepts.below" if concept.descendants else "omop.concepts.alone")
