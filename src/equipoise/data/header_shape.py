"""Where a table begins and ends in rows of text: for a first protocol, which says what it saw. A run reads what is declared."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LOOKED_AT, TAIL = 400, 60  # rows from the start, and from the end
_DEEPEST = 60  # the header is looked for in so many rows
_NUMBER = re.compile(r"[-+<>≤≥=~ ]*[0-9][0-9.,'’ \u00a0]*(?:[eE][-+]?[0-9]+)?%?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*|\d{1,2}[- /][A-Za-z]{3,9}[- /,]+\d{2,4}.*")
_TOTALS = {
    "total", "totals", "sum", "mean", "average", "median", "sd", "n", "min", "max", "count", "합계", "총계", "평균", "중앙값",
    "合计", "总计", "平均", "中位数", "合計", "中央値", "summe", "mittelwert", "gesamt", "moyenne", "total général", "media",
    "totale", "promedio", "média",
}  # fmt: skip
Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """header: index of the row of column names, the first of `rows` of them. below: rows under the table, blank ones not counted.
    width: cells that a row usually holds."""

    header: int
    rows: int
    below: int
    width: int


def shape_of(head: Sequence[Row], tail: Sequence[Row] = ()) -> Shape:
    """The table in the first rows of a file; tail: its last rows, where they are others."""
    filled = [sum(bool(c.strip()) for c in row) for row in head]
    usual = int(statistics.median([n for n in filled if n > 1] or [1]))
    header = next((i for i in range(min(len(head), _DEEPEST)) if _names(head[i], usual)), None)
    if header is None:
        header = next((i for i, n in enumerate(filled) if n), 0)
    upper, rows = header, 1
    if _doubled(head[header]) if head else False:
        if header and filled[header - 1] > 1:
            upper, rows = header - 1, 2
    elif header and _completes(head[header - 1], head[header]):
        upper, rows = header - 1, 2
    elif _is_second(head, header):
        rows = 2
    body = head[upper + rows :]
    return Shape(upper, rows, _below([*body, *tail], usual), usual)


def is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell.strip()))


def _names(row: Row, usual: int) -> bool:
    """Whether the row could be names: nearly as many cells as a row has, words, hardly one twice."""
    given = [c.strip() for c in row if c.strip()]
    if len(given) < max(2, 0.7 * usual):
        return False
    numbers = sum(is_number(c) or bool(_DATE.fullmatch(c)) for c in given)
    return numbers <= len(given) / 4 and len(set(given)) >= len(given) / 2


def _doubled(row: Row) -> bool:
    given = [c.strip() for c in row if c.strip()]
    return len(set(given)) < len(given)


def _completes(upper: Row, lower: Row) -> bool:
    """Whether the row above holds a name wherever the row of names has none, as where cells were merged over both."""
    blank = [i for i, cell in enumerate(lower) if not cell.strip()]
    return bool(blank) and sum(bool(c.strip()) for c in upper) > 1 and all(i < len(upper) and upper[i].strip() for i in blank)


def _is_second(head: Sequence[Row], header: int) -> bool:
    """Whether the row below the names holds units or further names: words in the columns of numbers, each once."""
    if header + 4 > len(head):
        return False
    below, columns = head[header + 1], list(zip(*_even(head[header + 2 :]), strict=True))
    numbers = words = 0
    for i, cells in enumerate(columns):
        given = [c.strip() for c in cells if c.strip()]
        if given and sum(map(is_number, given)) >= 0.7 * len(given):
            cell = below[i].strip() if i < len(below) else ""
            numbers += 1
            if is_number(cell) or cell in given:
                return False
            words += bool(cell)
    return numbers > 1 and words >= numbers / 2


def _even(rows: Sequence[Row]) -> list[list[str]]:
    width = max((len(r) for r in rows), default=0)
    return [[*r, *[""] * (width - len(r))] for r in rows]


def _below(body: Sequence[Row], usual: int) -> int:
    """Rows under the table: nearly empty ones that do not look like the start of a patient's row, sums and means."""
    given = [row for row in body if any(c.strip() for c in row)]
    shapes = Counter(cell_shape(row[0]) for row in given if row and row[0].strip())
    n = 0
    for row in reversed(given):
        cells = [c.strip() for c in row if c.strip()]
        first = row[0].strip()
        sparse = (
            usual > 3 and len(cells) <= max(1, usual // 4) and (not first or shapes[cell_shape(first)] < max(2, len(given) / 20))
        )
        if not sparse and cells[0].rstrip(" :=").lower() not in _TOTALS:
            break
        n += 1
    return n if n < min(len(given) / 2, 30) else 0


def cell_shape(cell: str) -> str:
    """How a cell is written: its letters as one a, its figures as one 9."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip()))
