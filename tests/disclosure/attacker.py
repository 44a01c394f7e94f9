"""Who tries to compute a masked count from everything that a run wrote.

He knows what each row is about and therefore which counts add up: arms to all patients, levels to their patients, kept and lost
to the unadjusted cohort, subgroups to everybody, best responses to response rates, and which analyses tell the same events. A sum
counts as known where it holds in the true results of every arm, design and population of its analysis, so that nothing of it is
taken from the program. What the masked results leave possible of each count are two linear programmes.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

COUNTS = {"n", "events", "missing", "differ", "conflicts", "patients", "analysed", "deaths_before", "rows"}
PARTS = ("phase", "analysis", "design", "endpoint", "population", "contrast", "variable", "level", "group")
SMALL = "masked: a count below the minimum"
RATES = {"orr": ("CR", "PR"), "dcr": ("CR", "PR", "SD", "NON-CR/NON-PD")}
Name = tuple[str, ...]
Row = Mapping[str, str]


def rows_of(path: Path) -> dict[str, Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {r["key"]: r for r in csv.DictReader(lines)}


def number(words: str) -> float:
    try:
        return float(words)
    except ValueError:
        return math.nan


def name(row: Row, kind: str = "") -> Name:
    return (*(row[p] for p in PARTS), kind or ("n" if row["statistic"] == "percent" else row["statistic"]))


def counted(row: Row) -> str:
    """The column in which a row tells a count; '' where it tells none."""
    if row["statistic"] in COUNTS:
        return "value"
    return "events" if row["statistic"] == "percent" else ""


@dataclass
class Attack:
    """true, seen: the results without and with masks, by key."""

    true: dict[str, Row]
    seen: dict[str, Row]
    least: int
    exact: dict[Name, float] = field(default_factory=dict)
    shown: dict[Name, float] = field(default_factory=dict)
    small: set[Name] = field(default_factory=set)

    def __post_init__(self) -> None:
        for key, row in self.true.items():
            column = counted(row)
            for kind, cell in (("", column), ("of", "n")) if column else ():
                found = number(row[cell])
                if math.isnan(found) or found != round(found):
                    continue
                at = name(row, kind)
                self.exact[at] = found
                told = number(self.seen[key][cell])
                if not math.isnan(told):
                    self.shown[at] = told
                elif cell == column and self.seen[key]["method"] == SMALL:
                    self.small.add(at)

    def sums(self) -> list[tuple[tuple[Name, ...], tuple[Name, ...]]]:
        """Pairs of counts on either side: those on the left add up to those on the right."""
        families: dict[Name, list[tuple[tuple[Name, ...], tuple[Name, ...]]]] = defaultdict(list)
        for kind, of, left, right in self._proposed():
            families[(kind, *of)].append((left, right))
        kept = []
        for found in families.values():
            if all(self._total(left) == self._total(right) for left, right in found):
                kept += found
        return kept

    def _total(self, names: tuple[Name, ...]) -> float:
        return sum(self.exact[n] for n in names)

    def _proposed(self) -> Iterator[tuple[str, Name, tuple[Name, ...], tuple[Name, ...]]]:
        yield from self._grouped(8, "arms", lambda group: group not in ("", "total"), lambda group: group in ("", "total"))
        yield from self._parts(7, "levels")
        yield from self._parts(6, "variables")
        yield from self._moved(2, "designs")
        yield from self._populations()
        yield from self._responses()
        yield from self._same()

    def _grouped(self, at, kind, part, whole):
        found: dict[Name, dict[str, Name]] = defaultdict(dict)
        for n in self.exact:
            found[(*n[:at], "*", *n[at + 1 :])][n[at]] = n
        for shared, members in found.items():
            parts = tuple(n for word, n in members.items() if part(word))
            for word, total in members.items():
                if whole(word) and len(parts) > 1:
                    yield kind, (shared[0], shared[1], shared[6], shared[9]), parts, (total,)

    def _parts(self, at, kind):
        """Levels, or variables, to what they are counted among."""
        found: dict[Name, list[Name]] = defaultdict(list)
        for n in self.exact:
            if n[at] and n[9] in ("n", "patients"):
                found[(*n[:at], "*", *n[at + 1 :])].append(n)
        for shared, members in found.items():
            among = {self.exact.get((*m[:9], "of")) for m in members}
            if len(members) > 1 and len(among) == 1 and None not in among:
                yield kind, (shared[0], shared[1], shared[6], shared[3]), tuple(members), ((*members[0][:9], "of"),)

    def _moved(self, at, kind):
        """Kept and lost to the unadjusted; kept to those of the design."""
        for n in self.exact:
            if n[:2] != ("lost", "lost") or n[9] not in ("n", "missing"):
                continue
            keep = ("lost", "kept", *n[2:])
            before, after = ("baseline", "", "unadjusted", *n[3:]), ("baseline", "", *n[2:])
            if keep in self.exact and before in self.exact:
                yield kind, ("lost",), (n, keep), (before,)
            if keep in self.exact and after in self.exact:
                yield "kept", ("kept",), (keep,), (after,)

    def _populations(self):
        found: dict[Name, dict[str, Name]] = defaultdict(dict)
        for n in self.exact:
            found[(*n[:4], "*", *n[5:])][n[4]] = n
        for members in found.values():
            whole = members.get("all")
            variables: dict[str, list[Name]] = defaultdict(list)
            for word, n in members.items():
                if word != "all":
                    variables[word.split(" ")[0]].append(n)
            for variable, parts in variables.items():
                if whole is not None and len(parts) > 1:
                    yield "populations", (variable, whole[9]), tuple(parts), (whole,)

    def _responses(self):
        best: dict[Name, dict[str, Name]] = defaultdict(dict)
        for n in self.exact:
            if n[0] == "response" and n[1].startswith("best_response") and n[9] == "n":
                best[(n[1].removeprefix("best_response"), *n[2:7], n[8])][n[7]] = n
        for (suffix, design, endpoint, population, contrast, variable, group), levels in best.items():
            for rate, codes in RATES.items():
                whole = ("response", f"{rate}{suffix}", design, endpoint, population, contrast, variable, "", group, "n")
                parts = tuple(levels[c] for c in codes if c in levels)
                if whole in self.exact and parts:
                    yield "rates", (rate, suffix), parts, (whole,)

    def _same(self):
        """Events and patients of one endpoint are the same in every analysis that says so for everybody."""
        first: dict[Name, Name] = {}
        for n in self.exact:
            if n[0] == "survival" and not n[6] and not n[7] and n[9] in ("events", "of"):
                shared = (n[2], n[3], n[4], n[8] or "total", n[9])
                if shared in first:
                    yield "same", (n[1], first[shared][1], n[9]), (n,), (first[shared],)
                else:
                    first[shared] = n

    def determined(self) -> list[tuple[Name, float, float]]:
        """Masked counts below the minimum of which fewer than two values are possible, with what is possible."""
        found = self.sums()
        hidden = [n for n in self.exact if n not in self.shown]
        place = {n: i for i, n in enumerate(hidden)}
        left = np.zeros((len(found), len(hidden)))
        right = np.zeros(len(found))
        for i, (parts, whole) in enumerate(found):
            for sign, names in ((1.0, parts), (-1.0, whole)):
                for n in names:
                    if n in place:
                        left[i, place[n]] += sign
                    else:
                        right[i] -= sign * self.shown[n]
        used = np.any(left != 0, axis=1)
        left, right = left[used], right[used]
        bounds = [self._bounds(n) for n in hidden]
        return [
            (n, *ends)
            for n in hidden
            if 0 < self.exact[n] < self.least and n[9] != "of"
            for ends in [self._ends(place[n], left, right, bounds)]
            if ends[1] - ends[0] < 1 - 1e-6
        ]

    def _bounds(self, n: Name) -> tuple[float, float | None]:
        if n in self.small:
            return 1.0, self.least - 1.0
        among = self.shown.get((*n[:9], "of"))
        return 0.0, among

    @staticmethod
    def _ends(at: int, left: np.ndarray, right: np.ndarray, bounds: list) -> tuple[float, float]:
        near = _component(at, left)
        rows = np.any(left[:, near] != 0, axis=1)
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(near))
            aim[near.index(at)] = sign
            solved = linprog(aim, A_eq=left[np.ix_(rows, near)] if rows.any() else None, b_eq=right[rows] if rows.any() else None,
                             bounds=[bounds[j] for j in near])  # fmt: skip
            ends.append(sign * solved.fun if solved.status == 0 else sign * -math.inf)
        return ends[0], ends[1]


def _component(at: int, left: np.ndarray) -> list[int]:
    """The counts that hang together with one through sums."""
    seen, waiting = {at}, [at]
    while waiting:
        rows = np.flatnonzero(left[:, waiting.pop()])
        for j in np.flatnonzero(np.any(left[rows] != 0, axis=0)) if len(rows) else ():
            if int(j) not in seen:
                seen.add(int(j))
                waiting.append(int(j))
    return sorted(seen)
