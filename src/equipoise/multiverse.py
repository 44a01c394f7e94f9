"""The study made again in every specification of a grid: the conductor of `equipoise multiverse`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.again import make_again
from equipoise.design.make import make_designs
from equipoise.disclosure.again import masked_effects
from equipoise.errors import Fault, ProtocolError
from equipoise.estimate.multiverse import effect_of, spreads
from equipoise.lock.state import Locking, has_lock, lock_state
from equipoise.outcomes.outcomes import derive_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.protocol.multiverse import EVERYBODY
from equipoise.protocol.spec import Protocol
from equipoise.protocol.specifications import Specification, specifications
from equipoise.records import Cohort, Covariates, Design, LockState, Sources, TimeToEvent, cohort_among, covariates_among
from equipoise.records.multiverse import Effect, Multiverse
from equipoise.report.pages.design import state_lines
from equipoise.study import build_cohort
from equipoise.workers import in_order, processors

Say = Callable[[str], None]
Tell = Callable[[int, int], None]
ENOUGH = 100  # designs; fewer are made faster by one process than two are begun
CHUNK = 25  # designs that a process makes before it tells how far it is


@dataclass(frozen=True, slots=True)
class _World:
    """What every specification is made of. parts: population -> cohort, covariates and outcomes of its patients, or the reason
    that nothing can be made in it. jobs: the specifications that share a design, each with its place in the grid."""

    protocol: Protocol
    parts: dict[str, _Part | str]
    jobs: list[list[tuple[int, Specification]]]


@dataclass(frozen=True, slots=True)
class _Part:
    protocol: Protocol
    cohort: Cohort
    covariates: Covariates
    outcomes: dict[str, TimeToEvent]


@dataclass(frozen=True, slots=True)
class _Made:
    """Of a chunk: effects by place in the grid, matched designs among all patients, and in how many each patient stands."""

    effects: dict[int, Effect]
    designs: int
    matched: np.ndarray


def run_multiverse(
    path: str | Path,
    say: Say = lambda line: None,
    tell: Tell = lambda done, of: None,
    confine: bool = False,
    processes: int = 0,
    locking: Locking | None = None,
) -> tuple[Protocol, Multiverse]:
    """Every specification of the protocol's grid, or of one made of its own alternatives. Nothing is written.

    say: called with a line per phase; tell: with the designs made and all of them. processes: 0 for as many as there are
    processors. locking: as of a run; the planned specification is then the locked one. Raises ProtocolError where the study has
    no design, and DataError where the design changed after its lock or passes a threshold of `stop_if`.
    """
    protocol = load_protocol(path, confine=confine)
    say(f"protocol    {protocol.file}: {protocol.study.title}")
    if protocol.arms.several:
        message = "the multiverse makes one comparison of two arms in many ways, and this study has more arms"
        raise ProtocolError(Fault(protocol.place("arms"), "several arms", message))
    grid = specifications(protocol)
    if not grid:
        message = "the multiverse varies the primary design, and this protocol has none; declare one under 'design' or 'designs'"
        raise ProtocolError(Fault(protocol.place("design"), "no design", message))
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    say(f"cohort      {cohort.n} analysed")
    lock = _lock(protocol, sources, cohort, covariates, locking or Locking())
    for line in state_lines(lock):
        say(f"lock        {line}")
    outcomes = derive_outcomes(protocol, sources, cohort)
    world = _World(protocol, _parts(protocol, cohort, covariates, dict(outcomes.endpoints)), _jobs(grid))
    declared = "declared" if protocol.multiverse is not None else "of the protocol's own alternatives"
    say(f"grid        {len(grid):,} specifications, {declared}; {len(world.jobs):,} designs")
    effects: dict[int, Effect] = {}
    designs, matched = 0, np.zeros(cohort.n, dtype=int)
    done = 0
    for made in _all(world, processes or processors()):
        effects |= made.effects
        designs, matched, done = designs + made.designs, matched + made.matched, min(done + CHUNK, len(world.jobs))
        tell(done, len(world.jobs))
    ordered = masked_effects(grid, [effects[i] for i in range(len(grid))], protocol.minimum_cell)
    whole, parts = spreads(grid, ordered, protocol.balance_thresholds[1])
    lost = sum(bool(e.why) for e in ordered)
    say(f"effects     {len(grid) - lost:,} hazard ratios; {lost:,} specifications without one")
    kept = (cohort.arm, cohort.patient, protocol.multiverse is not None)
    return protocol, Multiverse(tuple(grid), ordered, whole, parts, designs, matched, *kept, lock)


def _lock(protocol: Protocol, sources: Sources, cohort: Cohort, covariates: Covariates, locking: Locking) -> LockState:
    """Before an outcome is looked at; the designs of the study are made where there is something to hold them against."""
    if protocol.stop_if is None and not has_lock(protocol, locking):
        return LockState()
    return lock_state(protocol, sources, covariates, make_designs(protocol, cohort, covariates), locking)


def _jobs(grid: list[Specification]) -> list[list[tuple[int, Specification]]]:
    """Specifications that differ in the endpoint alone share their design; those of one score follow each other."""
    jobs: dict[tuple[str, ...], list[tuple[int, Specification]]] = {}
    for i, one in enumerate(grid):
        jobs.setdefault(one.identity[1:], []).append((i, one))
    return list(jobs.values())


def _parts(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, outcomes: dict[str, TimeToEvent]
) -> dict[str, _Part | str]:
    """The whole study and each restricted population."""
    found: dict[str, _Part | str] = {EVERYBODY: _Part(protocol, cohort, covariates, outcomes)}
    for name, restriction in protocol.restrict.items():
        member = covariates.populations[name]
        keep = member == 1
        part = cohort_among(cohort, member, restriction.label)
        if not all(part.in_arm(arm).any() for arm in protocol.arms.groups):
            found[name] = f"an arm has nobody in the population {restriction.label}"
            continue
        times = {e: replace(o, time=o.time[keep], event=o.event[keep], source=o.source[keep]) for e, o in outcomes.items()}
        found[name] = _Part(protocol.within(name), part, covariates_among(covariates, keep), times)
    return found


def _all(world: _World, processes: int) -> Iterator[_Made]:
    """Every job, a chunk after the other in their order."""
    starts = range(0, len(world.jobs), CHUNK)
    yield from in_order(_chunk, world, starts, processes if len(world.jobs) >= ENOUGH else 1)


def _chunk(world: _World, start: int) -> _Made:
    effects: dict[int, Effect] = {}
    designs, matched = 0, np.zeros(0, dtype=int)
    scores: dict[str, dict] = {}
    whole = world.parts[EVERYBODY]
    assert isinstance(whole, _Part)
    matched = np.zeros(whole.cohort.n, dtype=int)
    for job in world.jobs[start : start + CHUNK]:
        first = job[0][1]
        part = world.parts[first.population]
        made = part if isinstance(part, str) else _design(part, first, scores.setdefault(first.population, {}))
        for i, one in job:
            if isinstance(made, str) or isinstance(part, str):
                effects[i] = Effect(why=str(made))
            else:
                effects[i] = effect_of(part.protocol, part.cohort, made, one.endpoint, part.outcomes[one.endpoint])
        if isinstance(made, Design) and first.population == EVERYBODY and first.spec.kind == "match":
            designs, matched = designs + 1, matched + made.include
    return _Made(effects, designs, matched)


def _design(part: _Part, one: Specification, scores: dict) -> Design | str:
    """Named as the primary one where it is the planned one."""
    return make_again(part.protocol, part.cohort, part.covariates, one.spec, part.protocol.primary, scores)
