"""The numbers of results.csv, by what a page prints of them."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from equipoise.audit.printed import Number

MONTH = 365.25 / 12
SCALES = (1.0, 100.0, 1 / MONTH, 1 / 30.0, 1 / 365.25, 1 / 7.0, -1.0, -100.0)
PARTS = ("phase", "analysis", "design", "endpoint", "population", "contrast", "variable", "level", "group")
QUARTILES = ("q1", "median", "q3")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of results.csv. nan: empty."""

    key: str
    parts: tuple[str, ...]
    statistic: str
    value: float
    low: float
    high: float
    n: float
    events: float

    def part(self, name: str) -> str:
        return self.parts[PARTS.index(name)]


class Results:
    """Rows of results.csv: estimates by their value, counts by what they count. sizes: of all that is counted."""

    def __init__(self, rows: Iterable[Row]):
        self.rows = list(rows)
        self.by_key = {row.key: row for row in self.rows}
        triples = [*((r.value, r.low, r.high, r) for r in self.rows), *_quartiles(self.rows)]
        known = sorted((t for t in triples if not math.isnan(t[0])), key=lambda t: t[0])
        self._sorted = np.array([t[:3] for t in known], dtype=float).reshape(-1, 3)  # value, low, high
        self._rows_sorted = [t[3] for t in known]
        self._unreached: dict[tuple[bool, bool], list[Row]] = defaultdict(list)  # by which of their limits are not reached either
        for row in self.rows:
            if math.isnan(row.value):
                self._unreached[math.isnan(row.low), math.isnan(row.high)].append(row)
        self._found: dict[tuple[Number, ...], list[Row]] = {}
        self._counts: dict[int, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.statistic == "percent" and not math.isnan(row.events):
                self._counts[round(row.events)].append(row)
        among = [r for r in self.rows if not math.isnan(r.n)]
        self._pairs = {(round(r.events), round(r.n)) for r in among if not math.isnan(r.events)}
        self._pairs |= {(round(r.value), round(r.n)) for r in among if r.statistic == "n" and not math.isnan(r.value)}
        counted = (v for r in self.rows for v in (r.n, r.events, r.value if r.statistic == "n" else math.nan))
        self._at_risk: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for row in self.rows:
            if row.statistic == "at_risk":
                self._at_risk[_curve_of(row)].append(row.value)
        self.sizes = {round(v) for v in counted if not math.isnan(v)}
        self._p: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.statistic in ("p", "p_holm", "p_adjusted") or row.statistic.startswith("p_"):
                self._p[scope(row)].append(row)

    def estimates(self, value: Number, low: Number, high: Number) -> list[Row]:
        """Rows that are printed as this estimate with these limits, in any unit."""
        asked = (value, low, high)
        if asked not in self._found:
            self._found[asked] = self._without_value(low, high) if value.open else list(self._with_value(*asked))
        return self._found[asked]

    def _without_value(self, low: Number, high: Number) -> list[Row]:
        rows = self._unreached[low.open, high.open]
        return [r for r in rows if any(_limits_print(low, high, r.low * s, r.high * s) for s in SCALES)]

    def _with_value(self, value: Number, low: Number, high: Number) -> Iterator[Row]:
        for scale in SCALES:
            ends = sorted(((value.value - 1.01 * value.half) / scale, (value.value + 1.01 * value.half) / scale))
            first, end = np.searchsorted(self._sorted[:, 0], ends[0]), np.searchsorted(self._sorted[:, 0], ends[1], "right")
            if first == end:
                continue
            exact, least, most = self._sorted[first:end].T * scale
            if scale < 0:
                least, most = most, least
            printed = value.round_all(exact) & low.round_all(least) & high.round_all(most)
            yield from (self._rows_sorted[first + i] for i in np.flatnonzero(printed))

    def at_risk(self, row: Row) -> list[float]:
        """Patients at risk at the rising times of the curve that a row is of; nan where masked, none where they have no rows."""
        return self._at_risk.get(_curve_of(row), [])

    def prints(self, key: str, printed: Number) -> bool:
        """Whether the row of a key has this number, in any unit: value, count, patients or share; so if there is no such row."""
        row = self.by_key.get(key)
        if row is None or math.isnan(row.value):
            return True
        share = 100 * row.events / row.n if row.n > 0 else math.nan
        exact = [row.events, row.n, share, *(row.value * scale for scale in (*SCALES, -1 / MONTH))]
        return any(printed.rounds(x) for x in exact)

    def limits(self, key: str, printed: Number) -> bool:
        """Whether a limit of the row of a key is this number, in any unit."""
        row = self.by_key[key]
        return any(printed.rounds(x * scale) for x in (row.low, row.high) for scale in SCALES)

    def shares(self, count: int, percent: Number) -> list[Row]:
        """Rows of a percentage that are printed as this count and per cent."""
        return [r for r in self._counts.get(count, ()) if percent.rounds(r.value)]

    def counted(self, events: int, n: int) -> bool:
        """Whether a row has this many events or patients of so many."""
        return (events, n) in self._pairs

    def probabilities(self, scopes: Iterable[tuple[str, ...]]) -> list[float]:
        """Every P of some comparisons."""
        return [p.value for scope in scopes for p in self._p.get(scope, ())]

    def interactions(self, effects: Iterable[tuple[str, ...]]) -> list[float]:
        """Every P between subgroups in these phases, designs and endpoints."""
        there = set(effects)
        return [
            r.value for found in self._p.values() for r in found if r.part("analysis") == "interaction" and scope(r)[:3] in there
        ]


def read_results(path: Path) -> Results | None:
    """None where the folder holds no results.csv that can be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return Results([_row(cells) for cells in csv.DictReader(lines)])
    except (OSError, ValueError, csv.Error):
        return None


def _row(cells: Mapping[str, str]) -> Row:
    numbers = [_number(cells.get(name) or "") for name in ("value", "low", "high", "n", "events")]
    return Row(cells.get("key") or "", tuple(cells.get(name) or "" for name in PARTS), cells.get("statistic") or "", *numbers)


def _number(words: str) -> float:
    try:
        return float(words)
    except ValueError:
        return math.nan


def _limits_print(low: Number, high: Number, least: float, most: float) -> bool:
    return low.rounds(least) and high.rounds(most)


def scope(row: Row) -> tuple[str, ...]:
    """What a comparison is about: phase, design, endpoint, population, variable."""
    return tuple(row.part(name) for name in ("phase", "design", "endpoint", "population", "variable"))


def _curve_of(row: Row) -> tuple[str, ...]:
    names = "phase", "analysis", "design", "endpoint", "population", "group", "variable", "contrast"
    return tuple(row.part(name) for name in names)


def _quartiles(rows: Iterable[Row]) -> Iterator[tuple[float, float, float, Row]]:
    by_parts: dict[tuple[str, ...], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row.statistic in QUARTILES:
            by_parts[row.parts][row.statistic] = row
    for found in by_parts.values():
        if len(found) == len(QUARTILES):
            q1, median, q3 = (found[name] for name in QUARTILES)
            yield median.value, q1.value, q3.value, median
