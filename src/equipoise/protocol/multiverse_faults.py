"""Faults of the grid of the multiverse that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.designs import WeightsSpec
from equipoise.protocol.match_options import VariableRatio
from equipoise.protocol.multiverse import AXES, EVERYBODY, MOST, OF_WEIGHTS, Multiverse
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol
from equipoise.protocol.specifications import Specification, match_of, said, specifications
from equipoise.protocol.weights import BALANCED

Place = Callable[..., str]
# Choices that a method of matching does not have.
MOOT = {"optimal": ("order",), "full": ("order", "ratio"), "cem": ("order", "caliper", "scale", "ratio")}


def multiverse_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """A grid without a design to vary, names that are none, choices that repeat a specification, and a grid that is too large."""
    grid = protocol.multiverse
    if grid is None:
        return
    if protocol.primary_design is None:
        yield Fault(
            place("multiverse"), "no design", "'multiverse' varies the primary design, and there is none; declare a design"
        )
        return
    faults = [*_names(protocol, grid, place), *_repeated(protocol, grid, place), *_moot(protocol, grid, place)]
    yield from faults
    if faults:
        return
    found = specifications(protocol)
    if len(found) > MOST:
        message = f"the grid has {len(found):,} specifications, more than {MOST:,}; take values out of the longest choices"
        yield Fault(place("multiverse"), "too many", message)
        return
    yield from _same(found, place)


def _same(found: list[Specification], place: Place) -> Iterator[Fault]:
    """Two specifications of which one choice makes the other idle: by the first pair."""
    taken: dict[tuple[str, ...], Specification] = {}
    for one in found:
        first = taken.setdefault(one.identity, one)
        if first is not one:
            axes = [a for a in AXES if first.choices[a] != one.choices[a]]
            told = " and ".join(f"'{axis}' {first.choices[axis]} and {one.choices[axis]}" for axis in axes)
            yield Fault(place("multiverse", axes[0]), "repeated", _twice(f"in this match {told} are one and the same"))
            return


def _names(protocol: Protocol, grid: Multiverse, place: Place) -> Iterator[Fault]:
    known = {"endpoint": list(protocol.endpoints), "restrict": [EVERYBODY, *protocol.restrict]}
    for axis, names in known.items():
        for i, name in enumerate(getattr(grid, axis)):
            if name not in names:
                message = f"there is no {'endpoint' if axis == 'endpoint' else 'population'} '{name}'; {hint(name, names)}"
                yield Fault(place("multiverse", axis, i), "unknown name", message)


def _repeated(protocol: Protocol, grid: Multiverse, place: Place) -> Iterator[Fault]:
    """A specification that stood twice in the grid would be counted twice in every share."""
    for axis in (a for a in AXES if a != "propensity"):
        values = [said(v) for v in getattr(grid, axis)]
        for i, value in enumerate(values):
            if value in values[:i]:
                yield Fault(place("multiverse", axis, i), "repeated", _twice(f"'{value}' stands twice under '{axis}'"))
    where: dict[str, str] = {}
    for i, name in enumerate(grid.restrict):
        condition = " ".join(protocol.restrict[name].where.split()) if name in protocol.restrict else name
        first = where.setdefault(condition, name)
        if first != name:
            told = _twice(f"the populations '{first}' and '{name}' have the same condition")
            yield Fault(place("multiverse", "restrict", i), "repeated", told)
    taken: dict[frozenset[str], str] = {}
    for name, covariates in grid.propensity.items():
        first = taken.setdefault(frozenset(covariates), name)
        if first != name:
            told = _twice(f"the scores '{first}' and '{name}' have the same covariates")
            yield Fault(place("multiverse", "propensity", name), "repeated", told)


def _twice(what: str) -> str:
    return f"{what}, so that the same specifications would be made twice and count twice; delete one of them"


def _moot(protocol: Protocol, grid: Multiverse, place: Place) -> Iterator[Fault]:
    if grid.weighs and not grid.target and not isinstance(protocol.primary_design, WeightsSpec):
        axis = next(a for a in OF_WEIGHTS if getattr(grid, a))
        message = f"'{axis}' is a choice of weights, and the grid has none; name their 'target', as target: [att], or delete it"
        yield Fault(place("multiverse", axis), "no meaning", message)
    for i, target in enumerate(grid.target):
        if grid.weighting and "logistic" not in grid.weighting and target not in BALANCED:
            message = (
                f"{' and '.join(grid.weighting)} has no weights for '{target}'; add logistic to 'weighting', or delete the target"
            )
            yield Fault(place("multiverse", "target", i), "undefined weights", message)
    match = match_of(protocol)
    for axis in MOOT.get(match.method, ()):
        if getattr(grid, axis):
            message = (
                f"a match of method '{match.method}' has no '{axis}', so that every value of it would be the same specification; "
                f"delete '{axis}'"
            )
            yield Fault(place("multiverse", axis), "repeated", message)
    for i, ratio in enumerate(grid.ratio):
        if isinstance(ratio, VariableRatio) and (match.method == "optimal" or match.replace):
            message = "a variable ratio is for a nearest match without replacement; write a number of partners"
            yield Fault(place("multiverse", "ratio", i), "no meaning", message)
