"""Every estimate lies between its limits; a Wald estimate of a ratio is their geometric middle, and its P agrees with them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import product
from statistics import NormalDist

from equipoise.audit.finding import Finding
from equipoise.audit.page import Page, Row, Table
from equipoise.audit.printed import ESTIMATE, P_CELL, Number, Probability, read_signs

RATIO = re.compile(r"\b(?:HR|[Hh]azard ratio|[Oo]dds ratio|OR|RR|Ratio)\b.*CI")
P_COLUMN = re.compile(r"(?:^|: )[Pp](?:, Cox)?$")
LEVEL = re.compile(r"(\d\d(?:\.\d)?)\s?% ?(?:CI|confidence interval)")
WALD = re.compile(r"\bWald\b")
OTHER = re.compile(r"profile|exact|[Ff]irth|penali[sz]ed|bootstrap|resampl|pooled|Rubin|jackknife|bias-corrected|simultaneous")
NORMAL = NormalDist()


def intervals(page: Page) -> Iterator[Finding]:
    """Of the tables and sentences of one page."""
    for table in page.tables:
        yield from _of_table(page.file, table)
    for paragraph in page.paragraphs:
        for said, (value, low, high) in estimates(paragraph.text):
            if not ordered(value, low, high):
                yield Finding(page.file, paragraph.section, "limits", f"the estimate in '{said}' does not lie between its limits")


def estimates(words: str) -> Iterator[tuple[str, tuple[Number, Number, Number]]]:
    """What is printed, with its numbers: the estimate and its limits."""
    for found in ESTIMATE.finditer(read_signs(words)):
        value, low, high = (Number.of(part) for part in found.groups())
        yield found[0], (value, low, high)


def ordered(value: Number, low: Number, high: Number) -> bool:
    least = -math.inf if low.open else low.value
    most = math.inf if high.open else high.value
    return least <= most and (value.open or least <= value.value <= most)


def _of_table(file: str, table: Table) -> Iterator[Finding]:
    columns, notes = table.columns(), table.notes()
    for row in table.rows():
        for at, cell in row.cells.items():
            for said, (value, low, high) in estimates(cell.text):
                place = {"file": file, "place": table.number, "row": row.label, "column": columns[at]}
                if not ordered(value, low, high):
                    yield Finding(**place, rule="limits", message=f"the estimate in '{said}' does not lie between its limits")
                elif RATIO.search(columns[at]) and _is_wald(table, cell.notes, notes):
                    yield from _wald(place, said, (value, low, high), _p_beside(row, at, columns), _level(columns[at]))


def _is_wald(table: Table, letters: str, notes: dict[str, str]) -> bool:
    said = " ".join(notes.get(letter, "") for letter in letters) if letters else table.below
    own = said if letters else re.sub(r"(?:(?<=[.;] )|^)[a-z] .*", "", said)
    return bool(WALD.search(own)) and not OTHER.search(own)


def _level(column: str) -> float:
    found = LEVEL.search(column)
    return float(found[1]) / 100 if found else 0.95


def _p_beside(row: Row, at: int, columns: list[str]) -> Probability | None:
    """The P that stands in the next column, of the same estimate."""
    if at + 1 >= len(columns) or not P_COLUMN.search(columns[at + 1]):
        return None
    cell = row.cells.get(at + 1)
    return probability(cell.text) if cell is not None else None


def probability(words: str) -> Probability | None:
    found = P_CELL.match(read_signs(words))
    return Probability(found[1], Number.of(found[2])) if found else None


def _wald(
    place: dict[str, str], said: str, printed: tuple[Number, Number, Number], p: Probability | None, level: float
) -> Iterator[Finding]:
    value, low, high = printed
    if value.open or low.open or high.open or low.low <= 0 or value.low <= 0:
        return
    squares = [math.sqrt(a * b) for a, b in ((low.low, high.low), (low.high, high.high))]
    if squares[0] > value.high * (1 + 1e-9) or squares[1] < value.low * (1 - 1e-9):
        message = f"the estimate in '{said}' is not the geometric middle of its limits"
        yield Finding(**place, rule="middle of the limits", message=message)
    elif p is not None and not p.may_lie(*wald_p(value, low, high, level)):
        shown = f"{p.sign or ''}{p.number.value:g}"
        yield Finding(**place, rule="interval and P", message=f"P {shown} does not follow from the interval '{said}'")


def wald_p(value: Number, low: Number, high: Number, level: float) -> tuple[float, float]:
    """The smallest and largest two-sided P of a Wald test that an estimate and its limits, rounded as printed, leave possible."""
    width = 2 * NORMAL.inv_cdf(0.5 + level / 2)
    found = []
    for v, least, most in product(*((n.low, n.high) for n in (value, low, high))):
        spread = math.log(most) - math.log(least)
        found.append(width * math.log(v) / spread if spread > 0 else math.copysign(math.inf, math.log(v)))
    crosses = min(found) <= 0 <= max(found)
    nearest = 0.0 if crosses else min(map(abs, found))
    return 2 * NORMAL.cdf(-max(map(abs, found))), 2 * NORMAL.cdf(-nearest)
