"""Numbers at risk as they are drawn: whom they begin with is a group of results.csv, and nobody comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from equipoise.audit.finding import Finding
from equipoise.audit.page import Figure, Page
from equipoise.audit.printed import ESTIMATE, Number, read_signs, whole
from equipoise.audit.results import Results, Row

TITLE = "Number at risk"
WORTH = "effective number"  # of weights: the line below says more of the same patients
COUNT = re.compile(r"\d{1,3}(?:[, \u2009\u202f]?\d{3})*")
MASKED = re.compile(r"<\d+|masked|[\u2013\u2014-]")
WORTHS = re.compile(rf"[\d.,\u00b7]+|{MASKED.pattern}")
MEDIAN = re.compile(rf"median ({ESTIMATE.pattern}|masked)")
RULE = "numbers at risk"


@dataclass(frozen=True, slots=True)
class Line:
    """counts: at the ticks in order; None where one is masked."""

    name: str
    counts: tuple[int | None, ...]


def numbers_at_risk(page: Page, results: Results | None) -> Iterator[Finding]:
    """Of the curves of a page: each line falls, begins with the patients of the row that gives its median, or where none is drawn
    of any row, and has the numbers of the rows of that curve."""
    for figure in page.figures:
        for lines, words in _panels(figure):
            yield from _falls(page.file, figure, lines)
            if results is not None:
                yield from _begins(page.file, figure, lines, words, results)


def _panels(figure: Figure) -> Iterator[tuple[list[Line], list[str]]]:
    """The lines under each panel, and the words drawn behind them."""
    drawn = list(figure.drawn)
    starts = [i for i, words in enumerate(drawn) if words == TITLE]
    for start, end in pairwise([*starts, len(drawn)]):
        lines, at = [], start + 1
        while at + 1 < end and not _is_count(drawn[at]) and _is_count(drawn[at + 1]):
            name, counts = drawn[at], []
            at += 1
            while at < end and _is_count(drawn[at]):
                counts.append(whole(re.sub(r"\D", "", drawn[at])) if COUNT.fullmatch(drawn[at]) else None)
                at += 1
            if counts[0] == 0 and any(counts):  # the axis of the next panel, of which nobody is at risk at 0
                break
            lines.append(Line(name, tuple(counts)))
            if at < end and drawn[at] == WORTH:
                at = next((i for i in range(at + 1, end) if not WORTHS.fullmatch(drawn[i])), end)
        yield lines, drawn[at:end]


def _is_count(words: str) -> bool:
    return COUNT.fullmatch(words) is not None or MASKED.fullmatch(words) is not None


def _falls(file: str, figure: Figure, lines: list[Line]) -> Iterator[Finding]:
    for line in lines:
        known = [n for n in line.counts if n is not None]
        risen = next(((a, b) for a, b in zip(known, known[1:], strict=False) if b > a), None)
        if risen is not None:
            yield Finding(file, figure.number, RULE, f"{risen[1]} patients at risk after {risen[0]}", line.name)


def _begins(file: str, figure: Figure, lines: list[Line], words: list[str], results: Results) -> Iterator[Finding]:
    medians = [found for said in words if (found := MEDIAN.search(read_signs(said)))]
    for i, line in enumerate(lines):
        if not line.counts or line.counts[0] is None:
            continue
        rows = _of_median(medians[i], results) if len(medians) == len(lines) else []
        sizes = {round(r.n) for r in rows if r.n == r.n} or results.sizes
        if line.counts[0] not in sizes:
            asked = " or ".join(map(str, sorted(sizes))) if len(sizes) <= 3 else "the size of no group"
            yield Finding(
                file, figure.number, RULE, f"{line.counts[0]} patients at the start, and {asked} in results.csv", line.name
            )

        elif rows and not any(_counted(line.counts, results.at_risk(row)) for row in rows):
            said = ", ".join("masked" if n is None else f"{n}" for n in line.counts)
            yield Finding(
                file, figure.number, RULE, f"{said} at risk, which no curve of this median has in results.csv", line.name
            )


def _of_median(found: re.Match[str], results: Results) -> list[Row]:
    if found[2] is None:
        return []  # masked
    value, low, high = (Number.of(found[i]) for i in (2, 3, 4))
    return [r for r in results.estimates(value, low, high) if r.statistic == "median" and r.part("analysis") == "kaplan_meier"]


def _counted(counts: tuple[int | None, ...], there: list[float]) -> bool:
    """Whether a curve has these patients at risk, masked where they are, at every time, or every second or third ...; so if none
    are known of it."""
    later = [*there, *[0.0] * len(there) * len(counts)]  # nobody is at risk after the last row
    ways = (later[::step][: len(counts)] for step in range(1, len(there) + 1))
    return not there or any(
        all((n is None) if v != v else n == round(v) for n, v in zip(counts, way, strict=True)) for way in ways
    )
