"""What adds up: arms to their total, levels to their patients, those who leave and those who remain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from equipoise.audit.finding import Finding
from equipoise.audit.page import Figure, Page, Row, Table, sizes
from equipoise.audit.printed import PART, SHARE, Number, numbers_in, read_signs, share_is_right, whole

TOTAL = re.compile(r"^Total\b")
COUNT = re.compile(r"^\d[\d,]*$")
BOX = re.compile(r"\bn\s?=\s?(\d{1,3}(?:,\d{3})*|\d+)(?!,?\d|\.\d)")
COUNTS = re.compile(r"[\d, ]+")
STEP = re.compile(r"[^:]+: \d[\d,]*")  # of a flow that nobody left
LEFT = ", after leaving out "
SCREENED = re.compile(r"[Oo]f (\d[\d,]*) patients(?: screened)?, (\d[\d,]*) (entered|were included|were excluded)")
INCLUDED = re.compile(r"(\d[\d,]*) (?:patients )?(?:entered the analysis|were included): (.*?)(?:\. |$)")
EXCLUDED = re.compile(r"(\d[\d,]*) were excluded: (.*?)(?:\. |$)")


def sums(page: Page) -> Iterator[Finding]:
    """Of the tables, sentences and the flow of one page."""
    for table in page.tables:
        yield from _arms(page.file, table)
        yield from _levels(page.file, table)
        yield from _flow(page.file, table)
    flows = [t for t in page.tables if _is_flow(t)]
    for place, words in page.texts():
        yield from _entered(page.file, place, words, flows)
    for figure in page.figures:
        if figure.words.startswith("Flow diagram"):
            yield from _drawn(page.file, figure.number, figure.words, flows)
            yield from _boxes(page, figure, flows)


def _count(words: str) -> int | None:
    """The patients that a cell counts: `26 (65.0)`, `26/40 (65.0)` or `26`; None where it counts none."""
    said = read_signs(words)
    share, part = SHARE.match(said), PART.fullmatch(said)
    if share and "." not in share[1]:
        return whole(share[1])
    if part:
        return whole(part[1])
    return whole(said) if COUNT.match(said) else None


def _arms(file: str, table: Table) -> Iterator[Finding]:
    """A total beside its arms, of patients who are each in one of them."""
    columns = table.columns()
    for whole_at, parts in _totals(columns):
        for row in table.rows():
            counts = [_count(row.cells[i].text) if i in row.cells else None for i in (whole_at, *parts)]
            if None in counts or counts[0] == sum(counts[1:]):
                continue
            message = f"{counts[0]} is not the sum of {' and '.join(map(str, counts[1:]))}"
            yield Finding(file, table.number, "sum of the arms", message, row.label, columns[whole_at])


def _totals(columns: list[str]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The column of a total with those of its arms, by what stands last above them (any grade; grade 3-4)."""
    for at, name in enumerate(columns):
        if not TOTAL.match(name):
            continue
        inner = name.partition(": ")[2]
        total = sizes(name)
        beside = [
            i
            for i, other in enumerate(columns)
            if i > at and not TOTAL.match(other) and other.partition(": ")[2] == inner and not re.search(r"(?:^|: )P|^SMD", other)
        ]
        known = [sum(sizes(columns[i]).values()) for i in beside]
        sized = total and all(known) and sum(total.values()) == sum(known)
        unsized = not total and not any(known) and "SMD" not in " ".join(columns)
        if len(beside) > 1 and (sized or unsized):
            yield at, tuple(beside)


def _levels(file: str, table: Table) -> Iterator[Finding]:
    """Levels whose per cent add up to a hundred: each is that of its count among all of them."""
    columns = table.columns()
    for head, levels in _families(list(table.rows())):
        for at in range(1, len(columns)):
            cells = [r.cells[at].text for r in levels if at in r.cells and not r.label.startswith("Missing")]
            found = [SHARE.match(read_signs(words)) for words in cells if words not in ("", "0")]
            if len(found) < 2 or not all(s and "." not in s[1] for s in found):
                continue
            counted = [(whole(s[1]), Number.of(s[2])) for s in found if s]
            if abs(sum(p.value for _, p in counted) - 100) > sum(p.half for _, p in counted) + 1e-9:
                continue
            n = sum(count for count, _ in counted)
            if not all(share_is_right(count, n, percent) for count, percent in counted):
                message = f"its levels count {n}, of whom their counts are other per cent than printed"
                yield Finding(file, table.number, "sum of the levels", message, head.label, columns[at])


def _families(rows: list[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """A row with the rows that stand further in below it."""
    for i, head in enumerate(rows):
        if 0 not in head.cells or head.cells[0].indent:
            continue
        levels = []
        for row in rows[i + 1 :]:
            if row.heading != head.heading or 0 not in row.cells or not row.cells[0].indent:
                break
            levels.append(row)
        if len(levels) > 1:
            yield head, levels


def _is_flow(table: Table) -> bool:
    return table.columns() == ["Step", "Excluded", "Remaining"]


def _flow(file: str, table: Table) -> Iterator[Finding]:
    """Those before a step are those who left and those who remain; the arms behind the last step are all who remain."""
    if not _is_flow(table):
        return
    before, left, arms = None, 0, []
    for row in table.rows():
        out, remaining = (row.cells[i].text if i in row.cells else "" for i in (1, 2))
        if row.cells[0].indent and out:
            left = _less(left, out)
        elif row.cells[0].indent:
            arms.append(remaining)
        elif arms:
            break  # pairs and weights, which are others
        else:
            n, expected = _count(remaining), None if before is None or left is None else before - left
            if None not in (n, expected) and n != expected:
                message = f"{before} before the step less {left} who left are not {n}"
                yield Finding(file, table.number, "flow", message, row.label, "Remaining")
            before, left = n, 0
    counted = [_count(words) for words in arms]
    if before is not None and arms and None not in counted and sum(counted) != before:
        message = f"the arms count {' and '.join(arms)} of {before} patients"
        yield Finding(file, table.number, "flow", message, column="Remaining")


def _less(left: int | None, out: str) -> int | None:
    """Those who left so far; None where one count is masked."""
    n = _count(out)
    return None if left is None or n is None else left + n


def _entered(file: str, place: str, words: str, flows: list[Table]) -> Iterator[Finding]:
    """`Of 194 patients screened, 68 were excluded: a reason (n = 34); ... The remaining 126 were included: 40 with A ...`"""
    for found in INCLUDED.finditer(words):
        yield from _adds(file, place, found[1], re.findall(r"(?:^|, | and |, and )((?:<\s?)?\d[\d,]*|masked) with ", found[2]))
    for found in EXCLUDED.finditer(words):
        yield from _adds(file, place, found[1], re.findall(r"\(n\s?=\s?([^)]*)\)", found[2]))
    for found in SCREENED.finditer(words):
        included = INCLUDED.search(words, found.end())
        if found[3] != "were excluded":
            yield from _drawn(file, place, f"{found[1]} {found[2]}", flows)
        elif included is not None and whole(found[1]) - whole(found[2]) != whole(included[1]):
            yield Finding(file, place, "flow", f"{found[1]} less {found[2]} are not {included[1]}")


def _adds(file: str, place: str, total: str, parts: list[str]) -> Iterator[Finding]:
    counts = [_count(part) for part in parts]
    if parts and None not in counts and sum(counts) != whole(total):
        yield Finding(file, place, "flow", f"{' and '.join(parts)} are not {total}")


def _drawn(file: str, place: str, words: str, flows: list[Table]) -> Iterator[Finding]:
    """Numbers of the steps of a flow that the table which holds most of them does not hold."""
    steps = [s for s in words.split(". ") if LEFT in s or STEP.fullmatch(s) or COUNTS.fullmatch(s)]
    absent = [[n for n in numbers_in(" ".join(steps)) if n not in _held(flow)] for flow in flows]
    if absent and min(absent, key=len):
        fewest = min(absent, key=len)
        number = flows[absent.index(fewest)].number
        yield Finding(file, place, "figure and table", f"{fewest[0]} stands in no row of {number}")


def _held(flow: Table) -> set[str]:
    return {n for row in flow.rows() for cell in row.cells.values() for n in numbers_in(cell.text)}


def _boxes(page: Page, figure: Figure, flows: list[Table]) -> Iterator[Finding]:
    """What a box of the flow diagram counts is a row of its table, the sum of a step, told in words, or the size of a group."""
    known = {n for flow in flows for n in _held(flow)} | {f"{n:,}" for flow in flows for n in _left_in_steps(flow)}
    known |= set(numbers_in(figure.words.split(" | ")[0]))
    cells = (cell for table in page.tables for row in (*table.head, *table.body) for cell in row)
    known |= {f"{n:,}" for cell in cells for n in sizes(cell.text).values()}
    known |= {n for table in page.tables if table.name.startswith("lost") for n in _held(table)}
    for words in figure.drawn if flows else ():
        for n in BOX.findall(read_signs(words)):
            if n not in known:
                message = f"n = {n} is drawn, and stands in no table of the flow"
                yield Finding(page.file, figure.number, "figure and table", message)


def _left_in_steps(flow: Table) -> Iterator[int]:
    """Those who left before each step."""
    left: int | None = 0
    for row in flow.rows():
        out = row.cells[1].text if 1 in row.cells else ""
        if row.cells[0].indent and out:
            left = _less(left, out)
        else:
            yield from () if left is None else (left,)
            left = 0
