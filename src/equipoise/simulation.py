"""The study made again under a known truth: the conductor of `equipoise simulate`.

Its patients keep their covariates; arms are drawn from their scores and outcomes under a hazard ratio that is known, and every
design is made anew. A replicate hangs on the seed and its number alone, whatever process makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.again import attempted
from equipoise.design.kinds import stratified
from equipoise.design.make import make_designs
from equipoise.design.plan import everybody
from equipoise.design.propensity import fit_propensity
from equipoise.disclosure.again import masked_simulation
from equipoise.estimate.simulated import estimates_of
from equipoise.outcomes.outcomes import derive_outcomes
from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.designs import UNADJUSTED, DesignSpec
from equipoise.protocol.load import load_protocol
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, TimeToEvent, covariates_among
from equipoise.records.simulation import ADJUSTED, MARGINAL, Asked, Estimate, Kept, Replicate, Simulation
from equipoise.simulate.asked import asked_as_written, conditional_effect, settled
from equipoise.simulate.plasmode import course_of
from equipoise.simulate.summary import estimators_of, summary
from equipoise.simulate.world import Unmeasured, World, drawn
from equipoise.study import build_cohort
from equipoise.workers import in_order, processors

Say = Callable[[str], None]
Tell = Callable[[int, int], None]
CHUNK = 20  # replicates that a process makes before it tells how far it is
__all__ = ["Asked", "asked_as_written", "run_simulation"]

FAILED = {"no overlap": "the arms do not overlap", "no pairs": "no pair lies within the caliper"}


@dataclass(frozen=True, slots=True)
class _Whole:
    """What every replicate is made of. effects: conditional log hazard ratios. made: the designs where nobody changes arm."""

    protocol: Protocol
    cohort: Cohort
    covariates: Covariates
    asked: Asked
    endpoint: str
    world: World
    effects: tuple[float, ...]
    blank: TimeToEvent
    made: dict[str, Design | str] = field(default_factory=dict)


def run_simulation(
    path: str | Path,
    asked: Asked,
    say: Say = lambda line: None,
    tell: Tell = lambda done, of: None,
    confine: bool = False,
    processes: int = 0,
) -> tuple[Protocol, Simulation]:
    """Bias, coverage and power of the study's own designs under known hazard ratios. Nothing is written, and no outcome is read
    unless `asked.outcomes`.

    say: called with a line per phase; tell: with the replicates made and all of them. processes: 0 for as many as there are
    processors. Raises ProtocolError for what cannot be asked, DataError where the primary design cannot be made of the study.
    """
    given = load_protocol(path, confine=confine)
    say(f"protocol    {given.file}: {given.study.title}")
    asked = settled(given, asked)
    endpoint = asked.endpoint
    protocol = given.once if asked.outcomes else _blind(given).once
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    make_designs(protocol, cohort, covariates)  # what the study itself cannot make is said and not simulated
    say(f"cohort      {cohort.n} analysed{'' if asked.outcomes else '; outcomes stay unopened'}")
    logit = _logit(protocol, cohort, covariates)
    outcome = derive_outcomes(protocol, sources, cohort).endpoints[endpoint] if asked.outcomes else None
    course = course_of(given, protocol, cohort, covariates, logit, asked, endpoint, outcome)
    focal, hidden = cohort.in_arm(protocol.arms.focal), asked.unmeasured
    same = protocol.arms.focal == protocol.arms.compared
    unmeasured = None if hidden is None else Unmeasured(*hidden)
    world = World(logit, focal, course.risk, course.baseline, course.follow_up, unmeasured, same, asked.kept)
    estimators = estimators_of(protocol)
    effects = tuple(conditional_effect(world, protocol, asked, hr) for hr in asked.hazard_ratios)
    info = given.endpoints[endpoint]
    blank = TimeToEvent(np.empty(0), np.empty(0), np.empty(0, dtype=object), info.label, info.short)
    whole = _Whole(protocol, cohort, covariates, asked, endpoint, world, effects, blank)
    if asked.kept and not asked.n:
        whole = replace(whole, made=dict(_designs(protocol, cohort, covariates)))
    say(f"simulation  {asked.replicates:,} replicates of {asked.n or cohort.n} patients; {course.words}")
    found: list[Replicate] = []
    for part in in_order(_chunk, whole, range(0, asked.replicates, CHUNK), processes or processors()):
        found += part
        tell(len(found), asked.replicates)
    made = summary(protocol, asked, world, course.words, effects, estimators, found)
    return given, masked_simulation(made, given.minimum_cell)


def _logit(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> np.ndarray:
    """Of the score of the primary design; without a design everybody's is that of the share of the focal arm."""
    if protocol.scored:
        place = protocol.place(*protocol.design_path(protocol.primary, "propensity"))
        return fit_propensity(protocol, cohort, covariates, protocol.scored, place).logit
    share = cohort.in_arm(protocol.arms.focal).mean()
    return np.full(cohort.n, np.log(share / (1 - share)))


def _blind(protocol: Protocol) -> Protocol:
    """The request without its outcomes; the strata of the models are known at baseline and stay."""
    closed = without_outcomes(protocol)
    return closed.model_copy(update={"cox": closed.cox.model_copy(update={"strata": protocol.cox.strata})})


def _chunk(whole: _Whole, start: int) -> list[Replicate]:
    return [_replicate(whole, r) for r in range(start, min(start + CHUNK, whole.asked.replicates))]


def _replicate(whole: _Whole, number: int) -> Replicate:
    """The designs of one draw of arms, and their effects under each truth."""
    asked, protocol = whole.asked, whole.protocol
    rng = np.random.default_rng([asked.seed, number])
    world, cohort, covariates = whole.world, whole.cohort, whole.covariates
    if asked.n:
        chosen = rng.integers(0, cohort.n, asked.n)
        world, covariates = world.rows(chosen), covariates_among(covariates, chosen)
        cohort = _again(cohort, chosen)
    draw = drawn(world, rng)
    arms = protocol.arms
    cohort = replace(cohort, arm=np.where(draw.focal, arms.focal, arms.other).astype(object))
    made: dict[str, Design | str] = {UNADJUSTED: _unadjusted(protocol, cohort, covariates)}
    made |= whole.made or dict(_designs(protocol, cohort, covariates))
    outcomes = []
    for effect in whole.effects:
        time, event = draw.outcome(effect)
        outcomes.append(replace(whole.blank, time=time, event=event, source=np.full(len(time), "", dtype=object)))
    estimates = {}
    for name, design in made.items():
        for k, outcome in enumerate(outcomes):
            if isinstance(design, str):
                estimates |= {(k, name, kind): Estimate(why=design) for kind in (MARGINAL, ADJUSTED)}
            else:
                found = estimates_of(protocol, cohort, covariates, design, whole.endpoint, outcome)
                estimates |= {(k, name, kind): one for kind, one in found}
    return Replicate(estimates, {name: _kept(protocol, cohort, d) for name, d in made.items() if not isinstance(d, str)})


def _again(cohort: Cohort, chosen: np.ndarray) -> Cohort:
    """These patients, who may be there several times, each under a number of his own."""
    n = len(chosen)
    return Cohort(
        patient=np.array([f"{i:07d}" for i in range(n)], dtype=object),
        arm=cohort.arm[chosen],
        index_date=cohort.index_date[chosen],
        site=None if cohort.site is None else cohort.site[chosen],
        n_start=n,
        attrition=(),
        row=np.arange(n),
    )


def _kept(protocol: Protocol, cohort: Cohort, design: Design) -> Kept:
    parts = [design.sample.among(cohort.in_arm(arm)) for arm in (protocol.arms.compared, protocol.arms.reference)]
    compared, reference = (part.effective_n if part.n else 0.0 for part in parts)
    smd = [np.inf if b.apart else abs(b.smd) for b in design.balance if b.in_propensity and not b.level]
    known = [v for v in smd if not np.isnan(v)]
    pairs = float(design.facts.get("pairs", np.nan))
    return Kept(float(design.sample.n), compared + reference, compared, pairs, max(known, default=np.nan))


def _unadjusted(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Design:
    return stratified(protocol, covariates, Design(UNADJUSTED, "Unadjusted", everybody(cohort), ()))


def _designs(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[tuple[str, Design | str]]:
    """Each declared design, or why it could not be made."""
    scores: dict = {}
    for name, spec in protocol.designs.items():
        yield name, _design(protocol, cohort, covariates, name, spec, scores)


def _design(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, name: str, spec: DesignSpec, scores: dict
) -> Design | str:
    made = attempted(protocol, cohort, covariates, spec, name, scores)
    if isinstance(made, Design):
        return made
    return "; ".join(dict.fromkeys(FAILED.get(fault.rule, fault.rule) for fault in made))
