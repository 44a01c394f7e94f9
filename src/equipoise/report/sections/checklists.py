"""The reporting checklists of the study, filled in from its finished report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from equipoise.document.citing import cited
from equipoise.document.model import Cell, Document, Figure, Section, Table, TableRow, numbered, text
from equipoise.report.checklists import AUTHORS, NOT_APPLICABLE, REPORTED, Answer, Checklist, Item, answer, checklist
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

ANCHOR = "checklists"
TECHNICAL = "technical"  # the part of the report that stands on the page alone


def with_checklists(numbers: Numbers, document: Document, part: str) -> Document:
    """The numbered document with its checklists behind what they were filled in from, as a section of that part."""
    asked = numbers.protocol.checklists
    if not asked:
        return document
    # the tables take numbers of their own, so that what comes behind them is numbered anew before places are told
    placed = cited(replace(document, sections=_before_technical(document.sections, _section(numbers, _places(document), part))))
    places = _places(numbered(placed))
    filled = _section(numbers, {name: place for name, place in places.items() if name != ANCHOR}, part)
    return numbered(cited(replace(document, sections=_before_technical(document.sections, filled))))


def _section(numbers: Numbers, places: Mapping[str, str], part: str) -> Section:
    made = {key: _filled(checklist(key), numbers, places) for key in numbers.protocol.checklists}
    said = "; ".join(_sum(lists, answers) for lists, answers in made.values())
    tables = [_table(key, lists, answers, places) for key, (lists, answers) in made.items()]
    return Section(ANCHOR, words("sections.checklists"), (text(words("checklists.completed", lists=said)), *tables), part)


def _before_technical(sections: tuple[Section, ...], section: Section) -> tuple[Section, ...]:
    at = 1 + max((i for i, s in enumerate(sections) if s.part != TECHNICAL), default=-1)
    return (*sections[:at], section, *sections[at:])


def _places(document: Document) -> dict[str, str]:
    """Name of a section, table or figure -> how it is referred to; what stands on the page alone, by that."""
    places = {}
    for section in document.sections:
        apart = section.part == TECHNICAL
        named = {section.anchor: section.title}
        named |= {b.name: b.number for b in section.blocks if isinstance(b, Table | Figure)}
        places |= {name: words("checklists.on_page", place=place) if apart else place for name, place in named.items()}
    return places


def _filled(lists: Checklist, numbers: Numbers, places: Mapping[str, str]) -> tuple[Checklist, list[tuple[Item, Answer]]]:
    return lists, [(item, answer(item, numbers, places)) for item in lists.items]


def _sum(lists: Checklist, answers: list[tuple[Item, Answer]]) -> str:
    def how_many(status: str) -> int:
        return sum(a.status == status for _, a in answers)

    left = how_many(AUTHORS)
    return words(
        "checklists.summary",
        name=lists.name,
        reported=str(how_many(REPORTED)),
        items=words("counts.item", count=len(answers)),
        left=str(left),
        not_applicable=str(how_many(NOT_APPLICABLE)),
    )


def _table(key: str, lists: Checklist, answers: list[tuple[Item, Answer]], places: Mapping[str, str]) -> Table:
    columns = ("number", "item", "status", "where")
    line = TableRow(tuple(head(words(f"checklists.column.{name}"), align="left") for name in columns))
    rows = tuple(
        body(
            stub(item.no),
            Cell(item.text, align="left"),
            Cell(words(f"checklists.status.{given.status}"), align="left"),
            Cell(_where(given, places), align="left"),
        )
        for item, given in answers
    )
    return Table(
        f"table_checklist_{key}",
        lists.title,
        (line,),
        rows,
        notes=(words("checklists.note", statement=lists.source),),
        supplement=True,
    )


def _where(given: Answer, places: Mapping[str, str]) -> str:
    named = "; ".join(places[p] for p in given.places)
    return f"{named}. {given.words}".strip() if named and given.words else named or given.words
