"""Every estimate with its limits, and the P beside it, is that of a row of results.csv."""

from __future__ import annotations

import re
from collections.abc import Iterator

from equipoise.audit.finding import Finding
from equipoise.audit.intervals import estimates, probability
from equipoise.audit.page import Page, Row, Table
from equipoise.audit.printed import SHARE, SIGNED, Number, P, Probability, rates, read_signs, whole
from equipoise.audit.results import Results, scope
from equipoise.audit.results import Row as Result

FIRST = re.compile(rf"({SIGNED})(?![\d.,]*\d)")
LEADING = re.compile(rf"(?<![\w.,]){SIGNED}")
LEVEL = re.compile(r"\d+\s?% (?:CI|confidence interval)")  # of an interval
P_HEAD = re.compile(r"(?:^|: |, )(?:Log-rank |Holm )?[Pp](?:, [\w-]+)?$")
INTERACTION = re.compile(r"\binteraction,? $")
DRAWN = " | "  # between the words of a figure
Scopes = set[tuple[str, ...]]


def traced(page: Page, results: Results) -> Iterator[Finding]:
    """Of the tables and sentences of one page."""
    for table in page.tables:
        yield from _of_table(page.file, table, results)
    for place, words in page.texts():
        yield from _of_text(page.file, place, words, results)
    for paragraph in page.paragraphs:
        for words, key in paragraph.links:
            if not _leads(words, key, results):
                message = f"'{words}' is not the number of its row in results.csv"
                yield Finding(page.file, paragraph.section, "text and results.csv", message)


def _leads(words: str, key: str, results: Results) -> bool:
    """Whether the first number of a link is one of its row, or its P that of the row."""
    said = read_signs(words)
    p, row = P.fullmatch(said), results.by_key.get(key)
    if p is not None:
        known = row is not None and row.value == row.value
        return not known or Probability(p[1].replace("=", ""), Number.of(p[2])).may_lie(row.value, row.value)
    first = LEADING.search(LEVEL.sub("", said))
    return first is None or results.prints(key, Number.of(first[0])) or results.limits(key, Number.of(first[0]))


def _of_table(file: str, table: Table, results: Results) -> Iterator[Finding]:
    columns = table.columns()
    rows = list(table.rows())
    for i, row in enumerate(rows):
        told: list[Scopes] = []
        for at, cell in row.cells.items():
            place = {"file": file, "place": table.number, "row": row.label, "column": columns[at]}
            if at and P_HEAD.search(columns[at]):
                p = probability(cell.text)
                about = told or _below(rows[i + 1 :], at, row, results)
                row_of = results.by_key.get(cell.key)
                if row_of is not None and row_of.statistic.startswith("p") and row_of.value == row_of.value:
                    wrong = p is not None and not p.may_lie(row_of.value, row_of.value)
                else:
                    wrong = p is not None and bool(about) and not _has(results, about, p)
                if wrong:
                    message = f"P {cell.text} is no P of what stands beside it in results.csv"
                    yield Finding(**place, rule="table and results.csv", message=message)
                continue
            first = FIRST.match(read_signs(cell.text))
            if cell.key and first and not results.prints(cell.key, Number.of(first[1])):
                message = f"'{cell.text}' is not the number of its row in results.csv"
                yield Finding(**place, rule="table and results.csv", message=message)
            for said, printed in estimates(cell.text):
                found = results.estimates(*printed)
                if not found:
                    yield Finding(**place, rule="table and results.csv", message=f"no row of results.csv is printed as '{said}'")
                told.append({scope(r) for r in found})
            told += [{scope(r) for r in _share(cell.text, results)}] if at else []
        told.clear()


def _below(rows: list[Row], at: int, head: Row, results: Results) -> list[Scopes]:
    """What the rows of its levels are about, for a row that only heads them."""
    found: list[Scopes] = []
    for row in rows:
        if row.heading != head.heading or row.cells[0].indent <= head.cells[0].indent:
            break
        found += [{scope(r) for r in _share(cell.text, results)} for place, cell in row.cells.items() if place < at]
    return [f for f in found if f]


def _share(words: str, results: Results) -> list[Result]:
    found = SHARE.match(read_signs(words))
    return results.shares(whole(found[1]), Number.of(found[2])) if found and "." not in found[1] else []


def _has(results: Results, about: list[Scopes], p: Probability, apart: bool = False) -> bool:
    """Whether a comparison that all the numbers beside it are about, or where there is none any of them, has this P. apart: the
    numbers are those of several panels."""
    known = [a for a in about if a]
    if not known:
        return True
    common = set.union(*known) if apart else set.intersection(*known) or set.union(*known)
    exact = results.probabilities(common)
    return not exact or any(p.may_lie(value, value) for value in exact)


def _of_interaction(results: Results, about: list[Scopes], p: Probability) -> bool:
    """Whether it is a P between the subgroups that the numbers beside it are about, or none is known."""
    exact = results.interactions({s[:3] for found in about for s in found})
    return not exact or any(p.may_lie(value, value) for value in exact)


def _of_text(file: str, section: str, words: str, results: Results) -> Iterator[Finding]:
    for sentence in re.split(r"(?<=[.;]) (?=[A-Z])", read_signs(words)):
        told: list[Scopes] = []
        for said, printed in estimates(sentence):
            found = results.estimates(*printed)
            if not found:
                yield Finding(file, section, "text and results.csv", f"no row of results.csv is printed as '{said}'")
            told.append({scope(r) for r in found})
        told += [{scope(r) for r in results.shares(count, percent)} for _, count, _, percent in rates(sentence)]
        told = [t for t in told if t]
        for found in P.finditer(sentence):
            p = Probability(found[1].replace("=", ""), Number.of(found[2]))
            between = INTERACTION.search(sentence[: found.start()]) is not None
            if (
                not _of_interaction(results, told, p)
                if between
                else len(told) > 1 and not _has(results, told, p, DRAWN in sentence)
            ):
                message = f"'{found[0]}' is no P of what its sentence tells in results.csv"
                yield Finding(file, section, "text and results.csv", message)
