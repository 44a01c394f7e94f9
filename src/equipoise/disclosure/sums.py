"""Which cells add up: arms to the total, levels to their denominator, parts to a whole. Each sum that holds is one that a reader
may use to find what is masked."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from equipoise.disclosure.cells import TOTAL, Cell, Name

UNADJUSTED = "unadjusted"
GIVEN = "treatment_given"  # of the flow, by level: what else those received who are not analysed
PARTS_OF_RATES = {"orr": ("CR", "PR"), "dcr": ("CR", "PR", "SD", "NON-CR/NON-PD")}  # of best overall response
NESTED = {
    "grade_3_4": "any_grade",
    "lab_grade_3_4": "lab_any_grade",
    "orr": "dcr",
}  # its patients are among those


@dataclass(frozen=True, slots=True)
class Sum:
    """The counts of `parts`, by name, and `shown`, a number that is never masked, add up to `whole`: a name, or such a number."""

    parts: tuple[Name, ...]
    whole: Name | float
    shown: float = 0.0


def sums(cells: Mapping[Name, Cell], arms: tuple[str, ...]) -> tuple[dict[Name, Cell], list[Sum]]:
    """The cells with those that no row tells but differences do, and every sum among them, in the order of the cells."""
    known = dict(cells)
    found = [*_arms(cells, arms), *_levels(cells)]
    for whole, part in _nested(cells):
        rest = ("rest", *whole, *part)
        known[rest] = Cell(rest, cells[whole].count - cells[part].count, published=False)
        found.append(Sum((part, rest), whole))
    left, flow = _flow(cells)
    return known | left, [*found, *_lost(cells), *_rates(cells), *flow]


def _arms(cells: Mapping[Name, Cell], arms: tuple[str, ...]) -> Iterator[Sum]:
    """Arms to the total; of endpoints by their size, for a cell of an endpoint is named by its count."""
    plain = [n for n in cells if n[0] != "of endpoint"]
    for name in plain:
        if name[-1] == TOTAL:
            parts = tuple((*name[:-1], arm) for arm in arms)
            if all(p in cells for p in parts) and sum(cells[p].count for p in parts) == cells[name].count:
                yield Sum(parts, name)
    by_arm: dict[Name, dict[str, list[Name]]] = defaultdict(lambda: defaultdict(list))
    for name in cells:
        if name[0] == "of endpoint":
            by_arm[name[1:4]][name[4]].append(name)
    for groups in by_arm.values():
        for whole in groups.get(TOTAL, []):
            for parts in _products([groups.get(arm, []) for arm in arms]):
                if _adds(cells, parts, whole):
                    yield Sum(parts, whole)


def _adds(cells: Mapping[Name, Cell], parts: tuple[Name, ...], whole: Name) -> bool:
    among = sum(cells[p].among for p in parts)
    same = among == cells[whole].among or math.isnan(among) and math.isnan(cells[whole].among)
    return same and sum(cells[p].count for p in parts) == cells[whole].count


def _products(choices: list[list[Name]]) -> Iterator[tuple[Name, ...]]:
    if not choices:
        yield ()
        return
    for first in choices[0]:
        for rest in _products(choices[1:]):
            yield (first, *rest)


def _levels(cells: Mapping[Name, Cell]) -> Iterator[Sum]:
    """Levels of a variable, or variables of an analysis (which source decided, the reason), to their denominator."""
    for at in (7, 6):
        families: dict[Name, list[Name]] = defaultdict(list)
        for name in cells:
            if name[0] == "n" and name[at] and (name[1] != "attrition" or name[6] == GIVEN):
                families[(*name[:at], *name[at + 1 :])].append(name)
        for members in families.values():
            among = {cells[m].among for m in members}
            if len(members) > 1 and len(among) == 1 and sum(cells[m].count for m in members) == next(iter(among)):
                yield Sum(tuple(members), next(iter(among)))


def _lost(cells: Mapping[Name, Cell]) -> Iterator[Sum]:
    """Those whom a design kept and those whom it lost are all patients."""
    for name in cells:
        if name[1:3] == ("lost", "lost"):
            kept = (name[0], "baseline", "", *name[3:])
            whole = _replaced(kept, 4, UNADJUSTED)
            if kept in cells and whole in cells and cells[kept].count + cells[name].count == cells[whole].count:
                yield Sum((kept, name), whole)


def _nested(cells: Mapping[Name, Cell]) -> Iterator[tuple[Name, Name]]:
    """A whole and what it holds, whose difference a reader can take: any grade and grade 3-4, all patients and those of a design,
    all and a subgroup."""
    for name in cells:
        if name[0] != "n":
            continue
        outer = _replaced(name, 2, NESTED.get(name[2], ""))
        if outer in cells and cells[outer].count > cells[name].count:
            yield outer, name
        if name[4] not in ("", UNADJUSTED):
            outer = _replaced(name, 4, UNADJUSTED)
            if outer in cells and cells[outer].count > cells[name].count:
                yield outer, name
        if name[5] != "all" and name[6] != "start":  # whom a restricted population is taken from are the arms together
            outer = _replaced(name, 5, "all")
            if outer in cells and cells[outer].count > cells[name].count:
                yield outer, name
    yield from _nested_events(cells)


def _nested_events(cells: Mapping[Name, Cell]) -> Iterator[tuple[Name, Name]]:
    """The same of the events of an endpoint: by the largest of each group."""
    most: dict[Name, Name] = {}
    for name, cell in cells.items():
        if name[0] == "of endpoint":
            held = most.get(name[1:5])
            if held is None or cells[held].count < cell.count:
                most[name[1:5]] = name
    for (endpoint, design, population, group), name in most.items():
        for outer in ((endpoint, UNADJUSTED, population, group), (endpoint, design, "all", group)):
            whole = most.get(outer)
            if whole is not None and whole != name and cells[whole].count > cells[name].count:
                yield whole, name


def _replaced(name: Name, at: int, text: str) -> Name:
    return (*name[:at], text, *name[at + 1 :])


def _rates(cells: Mapping[Name, Cell]) -> Iterator[Sum]:
    """Response and control rates are sums of best responses."""
    by_count = _finder(cells)
    families: dict[Name, dict[str, Name]] = defaultdict(dict)
    for name in cells:
        if name[0] == "n" and name[1] == "response" and name[2].startswith("best_response"):
            families[(*name[2:6], name[8])][name[7]] = name
    for (_, endpoint, design, population, group), levels in families.items():
        for codes in PARTS_OF_RATES.values():
            parts = tuple(levels[c] for c in codes if c in levels)
            if parts:
                whole = by_count(endpoint, design, population, group, sum(cells[p].count for p in parts))
                if whole is not None:
                    yield Sum(parts, whole)


def _finder(cells: Mapping[Name, Cell]) -> Callable[..., Name | None]:
    index = {(*name[1:5], name[6]): name for name in cells if name[0] == "of endpoint"}
    return lambda endpoint, design, population, group, n: index.get((endpoint, design, population, group, f"{n:g}"))


def _flow(cells: Mapping[Name, Cell]) -> tuple[dict[Name, Cell], list[Sum]]:
    """Those before a step are those left and those gone, who are its reasons; a reader can count the gone of all steps together.
    Those left by the last step are the arms, whose sizes are always shown."""
    of = [name for name in cells if name[:3] == ("n", "attrition", "")]
    starts: dict[str, Name] = {n[5]: n for n in of if n[6] == "start"}
    steps: dict[str, dict[int, list[Name]]] = defaultdict(lambda: defaultdict(list))
    for name in of:
        if re.fullmatch(r"step_\d+", name[6]):
            steps[name[5]][int(name[6][5:])].append(name)
    known: dict[Name, Cell] = {}
    found: list[Sum] = []
    for population, start in starts.items():
        before = start
        for i, members in sorted(steps[population].items()):
            (left,) = [m for m in members if not m[7]]
            known[left] = replace(cells[left], among=math.nan)  # the gone are a cell of their own
            reasons = tuple(m for m in members if m[7])
            gone = ("gone", population, str(i))
            known[gone] = Cell(gone, cells[before].count - cells[left].count, published=False)
            found.append(Sum(reasons, gone))
            last = i == max(steps[population])
            found.append(Sum((gone,), before, cells[left].count) if last else Sum((gone, left), before))
            if last and before != start:
                gone = ("gone", population, "all")
                known[gone] = Cell(gone, cells[start].count - cells[left].count, published=False)
                found.append(Sum((gone,), start, cells[left].count))
            before = left
    return known, found
