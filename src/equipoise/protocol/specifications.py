"""The points of a multiverse's grid, and the grid of a protocol that declares none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from equipoise.protocol.designs import DesignSpec, MatchSpec, StrataSpec, WeightsSpec
from equipoise.protocol.multiverse import AXES, EVERYBODY, NONE, OF_MATCH, Multiverse
from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights import BALANCED, Trim

PLANNED = "planned"
CALIPERS = (0.1, 0.2, 0.25, None)  # of a grid that is not declared
ORDERS = ("largest", "smallest", "closest", "data")
WEIGHTS = ("att", "ate", "overlap")


@dataclass(frozen=True, slots=True)
class Specification:
    """One point of the grid. choices: axis of AXES -> the value in the words of the protocol, '' where it does not apply (the
    caliper of weights). planned: the primary design among all patients."""

    choices: Mapping[str, str]
    spec: DesignSpec
    endpoint: str
    population: str
    planned: bool

    @property
    def identity(self) -> tuple[str, ...]:
        """What two specifications that would give the same numbers share: the score whatever the order of its covariates, and of
        a match nothing that its other choices make idle."""
        score = ", ".join(sorted(self.spec.propensity))
        settings = self.spec.model_dump_json(exclude={"propensity", "label", "why", "smd_denominator", "score", *idle(self.spec)})
        return self.endpoint, self.population, score, f"{settings} {self.spec.score.decides}"


def idle(spec: DesignSpec) -> set[str]:
    """Settings of a match that change nothing: the order where partners serve several times, the seed where nothing is drawn, the
    scale of the score where neither distance nor caliper is of the score."""
    if not isinstance(spec, MatchSpec):
        return set()
    found = {"order"} if spec.replace else set()
    found |= {"seed"} if spec.replace or spec.order != "random" else set()
    if spec.caliper is None:
        found |= {"caliper_sd"} | ({"scale"} if spec.distance != "score" else set())
    return found


def specifications(protocol: Protocol) -> list[Specification]:
    """The grid in the order of AXES, the first value of the first axis first; the planned specification of each endpoint stands
    before its others where the grid does not hold it. A protocol without a design has none."""
    planned = protocol.primary_design
    if planned is None:
        return []
    grid = protocol.multiverse or default_grid(protocol)
    scores = named_scores(protocol, grid)
    found = []
    for endpoint in grid.endpoint or list(protocol.main_endpoints):
        here = [
            _specification(protocol, spec, score, endpoint, population)
            for population in grid.restrict or [EVERYBODY]
            for score, names in scores.items()
            for spec in _designs(protocol, grid, names)
        ]
        if not any(s.planned for s in here):
            here.insert(0, _specification(protocol, planned, _name_of(scores, planned.propensity), endpoint, EVERYBODY))
        found += here if protocol.multiverse is not None else _once(here)
    return found


def _once(found: list[Specification]) -> list[Specification]:
    """Each specification the first time; a grid that nobody declared repeats none."""
    first: dict[tuple[str, ...], Specification] = {}
    for one in found:
        first.setdefault(one.identity, one)
    return list(first.values())


def default_grid(protocol: Protocol) -> Multiverse:
    """The protocol's own alternatives: its scores, targets, endpoints and populations, and the usual choices of a match."""
    weights = [s for s in protocol.designs.values() if isinstance(s, WeightsSpec)]
    match = match_of(protocol)
    own: dict[str, Any] = {
        "target": _each(s.target for s in weights) or list(WEIGHTS),
        "restrict": [EVERYBODY, *_populations(protocol)],
    }
    own |= {"weighting": _each(s.method for s in weights), "truncate": _each(s.truncate for s in weights)}
    own |= {"trim": _each(s.trim for s in weights)}
    own["classes"] = _each(s.classes for s in protocol.designs.values() if isinstance(s, StrataSpec))
    if isinstance(protocol.primary_design, MatchSpec) and match.method == "nearest":
        own |= {
            "order": list(dict.fromkeys((match.order, *ORDERS))),
            "caliper": list(dict.fromkeys((match.caliper, *CALIPERS))),
            "scale": list(dict.fromkeys((match.scale, "logit", "probability"))),
        }
    return Multiverse(**own, propensity=_own_scores(protocol))


def _each(values: Iterable[Any]) -> list[Any]:
    """Each value once, in order."""
    found: list[Any] = []
    for value in values:
        found += [] if value in found else [value]
    return found


def _populations(protocol: Protocol) -> list[str]:
    """The restricted populations, those of one condition once."""
    found: dict[str, str] = {}
    for name, restriction in protocol.restrict.items():
        found.setdefault(" ".join(restriction.where.split()), name)
    return list(found.values())


def _own_scores(protocol: Protocol) -> dict[str, list[str]]:
    """The scores of the protocol, each once: planned, of the other designs, of the variants."""
    given = {PLANNED: protocol.scored}
    given |= {name: spec.propensity for name, spec in protocol.designs.items()}
    given |= {name: variant.covariates for name, variant in protocol.sensitivity.propensity_variants.items()}
    found: dict[frozenset[str], tuple[str, list[str]]] = {}
    for name, covariates in given.items():
        found.setdefault(frozenset(covariates), (name, covariates))
    return dict(found.values())


def named_scores(protocol: Protocol, grid: Multiverse) -> dict[str, list[str]]:
    """Name -> covariates; the planned ones in their planned order, so that the numbers are those of the study."""
    own = protocol.scored
    if not grid.propensity:
        return {PLANNED: own}
    return {name: own if set(names) == set(own) else names for name, names in grid.propensity.items()}


def _name_of(scores: Mapping[str, list[str]], own: list[str]) -> str:
    return next((name for name, names in scores.items() if set(names) == set(own)), PLANNED)


def match_of(protocol: Protocol) -> MatchSpec:
    """The match whose choices are varied: the primary design, else the first match, else one of the study's conventions."""
    primary = protocol.primary_design
    found = [s for s in (primary, *protocol.designs.values()) if isinstance(s, MatchSpec)]
    own = {"caliper_sd": protocol.conventions.caliper_sd, "smd_denominator": protocol.conventions.smd_denominator}
    return found[0] if found else MatchSpec(propensity=protocol.scored, score=protocol.how_scored, **own)


def weights_of(protocol: Protocol, target: str) -> WeightsSpec:
    """The weights of a target: those of the protocol where it has them."""
    found = [s for s in (protocol.primary_design, *protocol.designs.values()) if isinstance(s, WeightsSpec)]
    own = [s for s in found if s.target == target]
    if own:
        return own[0]
    return WeightsSpec(kind="weights", target=target, propensity=protocol.scored, score=protocol.how_scored)


def strata_of(protocol: Protocol) -> StrataSpec:
    """The classes that are varied: those of the primary design, else of the first one that has any."""
    found = [s for s in (protocol.primary_design, *protocol.designs.values()) if isinstance(s, StrataSpec)]
    return found[0] if found else StrataSpec(kind="strata", propensity=protocol.scored)


def _designs(protocol: Protocol, grid: Multiverse, names: list[str]) -> Iterator[DesignSpec]:
    primary = protocol.primary_design
    if isinstance(primary, MatchSpec) or grid.matches:
        match = match_of(protocol)
        values = [getattr(grid, axis) or [getattr(match, axis)] for axis in OF_MATCH]
        for chosen in product(*values):
            yield match.model_copy(update=dict(zip(OF_MATCH, chosen, strict=True))).with_propensity(names)
    targets = list(grid.target)
    if isinstance(primary, WeightsSpec) and not targets:
        targets = [primary.target]
    for target in targets:
        yield from _weights(weights_of(protocol, target).with_propensity(names), grid)
    planned = strata_of(protocol)
    for classes in grid.classes or ([planned.classes] if isinstance(primary, StrataSpec) else []):
        yield planned.model_copy(update={"classes": classes, "propensity": names})


def _weights(own: WeightsSpec, grid: Multiverse) -> Iterator[WeightsSpec]:
    """The weights of a target in every way that is named and defined; else as they are."""
    for method, truncate, trim in product(
        grid.weighting or [own.method], grid.truncate or [own.truncate], grid.trim or [own.trim]
    ):
        if method == "logistic" or own.target in BALANCED:
            stabilised = own.stabilised and method != "entropy"
            yield own.model_copy(update={"method": method, "truncate": truncate, "trim": trim, "stabilised": stabilised})


def _specification(protocol: Protocol, spec: DesignSpec, score: str, endpoint: str, population: str) -> Specification:
    chosen = {**dict.fromkeys(AXES, ""), "endpoint": endpoint, "restrict": population, "propensity": score}
    if isinstance(spec, MatchSpec):
        chosen |= {axis: said(getattr(spec, axis)) for axis in OF_MATCH}
    elif isinstance(spec, WeightsSpec):
        chosen |= {"target": spec.target, "weighting": spec.method, "truncate": said(spec.truncate), "trim": said(spec.trim)}
    else:
        chosen["classes"] = said(spec.classes)
    made = Specification(chosen, spec, endpoint, population, False)
    planned = protocol.primary_design
    assert planned is not None
    own = Specification(chosen, planned, endpoint, EVERYBODY, True)
    return own if made.identity == own.identity else made


def said(value: object) -> str:
    """A value in the words of the protocol."""
    if isinstance(value, Trim):
        return value.words
    return NONE if value is None else f"{value:g}" if isinstance(value, float) else str(value)
