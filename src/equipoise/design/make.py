"""The designs of a study: unadjusted, the declared ones, and the variants of the primary one. Outcomes are not an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.bootstrap import rematched
from equipoise.design.bundle import bundle_designs
from equipoise.design.diagnostics import stop_where_asked, with_equipoise
from equipoise.design.kinds import KINDS, stratified
from equipoise.design.plan import Plan, everybody
from equipoise.design.propensity import NO_COMPLETE_CASE
from equipoise.design.several_balance import several_balance
from equipoise.errors import DataError
from equipoise.protocol.designs import UNADJUSTED, label_of, pairwise
from equipoise.protocol.spec import Protocol
from equipoise.records import OTHER_ARM, Cohort, Covariates, Design, Designs, Drawn, Imputed, cohort_among, covariates_among


def make_designs(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Designs:
    """Unadjusted, then the designs in the order of the protocol, then one per propensity variant (named variant_<name>); without
    a design in the protocol the first alone. Raises DataError when the primary design cannot be made; what only the data lack
    (nobody of an arm has all covariates of the score), and another design or a variant that cannot be made, is told in `unmade`,
    and the rest stands. In each population of `restrict` the same is made again. Raises DataError too where the primary design
    passes a threshold of `stop_if`."""
    made = _made(protocol.over_all_arms, cohort, covariates)
    planned = protocol.primary_design
    in_pairs = protocol.arms.several and planned is not None and pairwise(planned)
    if not in_pairs:
        stop_where_asked(protocol.over_all_arms, cohort, made)
    again = bundle_designs(protocol, cohort, covariates)
    restricted = dict(_restricted(protocol, cohort, covariates))
    for name in protocol.comparisons if in_pairs else ():
        stop_where_asked(protocol.within(name), restricted[name].cohort, restricted[name])
    again_by_bootstrap = rematched(protocol, cohort, covariates)
    return replace(made, restricted=restricted, again=again, rematched=again_by_bootstrap)


def _restricted(protocol: Protocol, cohort: Cohort, covariates: Covariates, copy: bool = False) -> Iterator[tuple[str, Designs]]:
    """Each restricted population, and each comparison of several arms, with its designs; whatever cannot be made in it is told,
    and stops nothing."""
    for name in protocol.populations:
        member = covariates.populations[name]
        part = _part(protocol, cohort, member, name)
        empty = [arm.label for key, arm in protocol.within(name).arms.groups.items() if not part.in_arm(key).any()]
        if empty:
            who = f"nobody of the arm {empty[0]}" if part.n else "nobody"
            yield name, Designs(part, (), {UNADJUSTED: f"{who} is in it"})
        else:
            own, known = protocol.within(name), covariates_among(covariates, member == 1)
            made = _made(own.over_all_arms, part, known, False, copy)
            yield name, replace(made, restricted=dict(_restricted(own, part, known, copy)))


def _part(protocol: Protocol, cohort: Cohort, member: np.ndarray, name: str) -> Cohort:
    arm, arms = protocol.comparisons.get(name), protocol.arms
    if arm is None:
        return cohort_among(cohort, member, protocol.restrict[name].label)
    return cohort_among(cohort, member, f"{arms.label(arm)} or {arms.label(arms.reference)}", OTHER_ARM)


def designs_again(protocol: Protocol, cohort: Cohort, drawn: Drawn) -> Imputed:
    """The designs within each copy of the covariates, score and all, also in the restricted populations, whose patients are those
    of the recorded values; a design that cannot be made in a copy is told there."""
    return Imputed(drawn, tuple(_within_copy(protocol, cohort, copy) for copy in drawn.copies))


def _within_copy(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Designs:
    made = _made(protocol, cohort, covariates, strict=False, copy=True)
    return replace(made, restricted=dict(_restricted(protocol, cohort, covariates, copy=True)))


def _made(protocol: Protocol, cohort: Cohort, covariates: Covariates, strict: bool = True, copy: bool = False) -> Designs:
    """strict: raise where the primary design cannot be made. copy: the covariates are imputed."""
    made, unmade = [_unadjusted(protocol, cohort, covariates)], {}
    for plan in _plans(protocol, cohort, covariates, copy):
        if plan.variant and protocol.primary in unmade:
            continue
        try:
            made.append(with_equipoise(KINDS[plan.spec.kind](plan), plan))
        except DataError as error:
            if strict and plan.name == protocol.primary and any(fault.rule != NO_COMPLETE_CASE for fault in error.faults):
                raise
            unmade[plan.name] = "; ".join(fault.message for fault in error.faults)
    return Designs(cohort, tuple(stratified(protocol, covariates, design) for design in made), unmade)


def _plans(protocol: Protocol, cohort: Cohort, covariates: Covariates, copy: bool = False) -> Iterator[Plan]:
    for name, spec in protocol.designs.items():
        place = protocol.place(*protocol.design_path(name, "propensity"))
        yield Plan(protocol, cohort, covariates, name, label_of(spec), spec, place, copy=copy)
    primary = protocol.primary_design
    for key, variant in protocol.sensitivity.propensity_variants.items() if primary is not None else ():
        place = protocol.place("sensitivity", "propensity_variants", key, "covariates")
        spec = primary.with_propensity(variant.covariates)
        yield Plan(protocol, cohort, covariates, f"variant_{key}", variant.label, spec, place, variant=True)


def _unadjusted(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Design:
    """Everybody with weight one. Of a single arm the balance is empty."""
    single, sample = protocol.arms.single, everybody(cohort)
    scored, denominator = set(protocol.scored), protocol.smd_denominator
    if protocol.arms.several:
        rows = several_balance(protocol, cohort, covariates, sample, scored)
    else:
        rows = () if single else balance_rows(protocol, cohort, covariates, sample, scored, denominator)
    return Design(UNADJUSTED, "Analyzed" if single else "Unadjusted", sample, rows)
