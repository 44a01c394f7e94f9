"""The designs of a study: unadjusted, matched, and the declared variants of the match. Outcomes are not an argument."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.matching import Match, greedy_nearest
from equipoise.design.propensity import NO_COMPLETE_CASE, Propensity, fit_propensity, score_sd
from equipoise.errors import DataError, Fault
from equipoise.protocol.analyses import DesignSpec
from equipoise.protocol.spec import Protocol
from equipoise.records import MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, Cohort, Covariates, Design, Designs

UNADJUSTED, MATCHED = "unadjusted", "matched"
SEEDS = range(1, 11)  # of the drawn orders of tied patients
MOST_DRAWN = 20_000  # patients


def make_designs(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Designs:
    """Unadjusted, matched, then one design per propensity variant (named variant_<name>); without a design in the protocol
    the first alone. Raises DataError when the matched design cannot be made; what only the data lack (nobody of an arm has all
    covariates of the score), and a variant that cannot be made, is told in `unmade`, and the unadjusted comparison stands."""
    designs = [_unadjusted(protocol, cohort, covariates)]
    if protocol.design is None:
        return Designs(cohort, tuple(designs))
    label, place = "Propensity score-matched", protocol.place("design", "propensity")
    unmade: dict[str, str] = {}
    try:
        designs.append(_matched(protocol, cohort, covariates, MATCHED, label, protocol.scored, place))
    except DataError as error:
        if any(fault.rule != NO_COMPLETE_CASE for fault in error.faults):
            raise
        return Designs(cohort, tuple(designs), {MATCHED: "; ".join(fault.message for fault in error.faults)})
    for key, variant in protocol.sensitivity.propensity_variants.items():
        name, place = f"variant_{key}", protocol.place("sensitivity", "propensity_variants", key, "covariates")
        try:
            designs.append(_matched(protocol, cohort, covariates, name, variant.label, variant.covariates, place))
        except DataError as error:
            unmade[name] = "; ".join(fault.message for fault in error.faults)
    return Designs(cohort, tuple(designs), unmade)


def _unadjusted(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Design:
    """Everybody with weight one. Of a single arm the balance is empty."""
    everyone = np.ones(cohort.n, dtype=bool)
    single = protocol.arms.single
    rows = () if single else balance_rows(protocol, cohort, covariates, everyone, set(protocol.scored))
    label = "Analysed" if single else "Unadjusted"
    return Design(UNADJUSTED, label, everyone, np.ones(cohort.n), np.zeros(cohort.n, dtype=int), rows)


def _matched(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, name: str, label: str, names: list[str], place: str
) -> Design:
    fitted = fit_propensity(protocol, cohort, covariates, names, place)
    focal = cohort.in_arm(protocol.arms.focal)
    spec = protocol.design
    score = fitted.logit if spec.scale == "logit" else fitted.propensity
    sd = score_sd(score, focal, spec.caliper_sd)
    caliper = np.inf if spec.caliper is None else spec.caliper * sd
    rank = tie_rank(cohort, spec.ties)
    match = _match(spec, score, focal, caliper, rank)
    if match.n_pairs == 0:
        raise DataError(_no_pairs(protocol, cohort, covariates, fitted))
    include = match.pair > 0
    drawn = _drawn_orders(spec, score, focal, caliper, match) if name == MATCHED else ()
    return Design(
        name=name,
        label=label,
        include=include,
        weight=include.astype(float),
        pair=match.pair,
        balance=balance_rows(protocol, cohort, covariates, include, set(names)),
        facts=_facts(protocol, match, fitted, score, focal, sd, rank) | _tied(match, drawn),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        left=_left(fitted, focal, include),
        gaps=fitted.gaps,
        tie_orders=drawn if any(not np.array_equal(match.pair, other) for other in drawn) else (),
    )


def _no_pairs(protocol: Protocol, cohort: Cohort, covariates: Covariates, fitted: Propensity) -> Fault:
    """Nobody has a partner: the covariates in which the arms are furthest apart, so that the user need not guess."""
    rows = balance_rows(protocol, cohort, covariates, fitted.matrix.complete, set(fitted.covariates))
    smd = {b.variable: abs(b.smd) for b in rows if b.in_propensity and not b.level and not np.isnan(b.smd)}
    furthest = sorted(smd, key=lambda v: -smd[v])[:2]
    named = " and ".join(f"'{v}' ({protocol.covariates[v].label})" for v in furthest)
    message = (
        "no pair lies within the caliper: the arms hardly overlap in the propensity score and this design cannot be made. They "
        f"are furthest apart in {named}; leave a covariate out of the score that did not decide on treatment, or restrict the "
        "study to patients who could have received either treatment"
    )
    for gap in fitted.gaps:
        who = " and ".join(f"'{v}'" for v in gap.variables) + (f" = {gap.level}" if gap.level else "")
        message += f". {gap.n} of the arm '{gap.arm}' have no counterpart by {who}"
    return Fault(protocol.place("design", "caliper"), "no pairs", message)


def _left(fitted: Propensity, focal: np.ndarray, include: np.ndarray) -> np.ndarray:
    """Why each patient is not in the match; the first reason that applies."""
    left = np.where(focal, NO_PARTNER, NOT_CHOSEN).astype(object)
    left[~fitted.matrix.complete] = NO_COUNTERPART
    left[fitted.missing] = MISSING
    left[include] = ""
    return left


def tie_rank(cohort: Cohort, ties: str) -> np.ndarray:
    """The place of each patient in the order that decides ties: by identifier in code-point order, or by row of the file."""
    if ties == "identifier":
        texts = [str(p) for p in cohort.patient]
        order = np.array(sorted(range(cohort.n), key=texts.__getitem__), dtype=int)
    else:
        order = np.argsort(cohort.row, kind="stable")
    rank = np.empty(cohort.n, dtype=int)
    rank[order] = np.arange(cohort.n)
    return rank


def _match(spec: DesignSpec, score: np.ndarray, focal: np.ndarray, caliper: float, rank: np.ndarray) -> Match:
    """Match the patients with a score; the others stay unmatched."""
    known = np.flatnonzero(~np.isnan(score))
    among = np.argsort(np.argsort(rank[known]))
    match = greedy_nearest(score[known], focal[known], caliper, spec.order, among, spec.ties == "matchit")
    pair = np.zeros(len(score), dtype=int)
    pair[known] = match.pair
    return replace(match, pair=pair)


def _drawn_orders(spec: DesignSpec, score: np.ndarray, focal: np.ndarray, caliper: float, match: Match) -> tuple[np.ndarray, ...]:
    """The pairs under drawn orders of the tied, where there are ties and not too many patients."""
    if len(score) > MOST_DRAWN or not (match.tied_choices or match.tied_scores):
        return ()
    plain = spec.model_copy(update={"ties": "rows"})
    ranks = [np.random.default_rng(seed).permutation(len(score)) for seed in SEEDS]
    return tuple(_match(plain, score, focal, caliper, rank).pair for rank in ranks)


def _tied(match: Match, drawn: tuple[np.ndarray, ...]) -> dict[str, float]:
    """How many were tied, and how many pairs are not found again in every drawn order."""
    facts = {"tied_choices": match.tied_choices, "tied_scores": match.tied_scores}
    if drawn:
        own = _partners(match.pair)
        facts["tied_pairs"] = len(own - set.intersection(*(_partners(pair) for pair in drawn)))
    return facts


def _partners(pair: np.ndarray) -> set[tuple[int, int]]:
    """Each pair as the positions of its two patients."""
    members = np.argsort(pair, kind="stable")[int((pair == 0).sum()) :].reshape(-1, 2)
    return {(int(a), int(b)) for a, b in members}


def _facts(
    protocol: Protocol, match: Match, fitted: Propensity, score: np.ndarray, focal: np.ndarray, sd: float, rank: np.ndarray
) -> dict[str, float | str]:
    spec = protocol.design
    facts: dict[str, float | str] = {
        "pairs": match.n_pairs,
        "unmatched_focal": int((focal & (match.pair == 0)).sum()),
        "unmatched_other": int((~focal & (match.pair == 0)).sum()),
        "missing_score": int(fitted.missing.sum()),
        "no_counterpart": int((~fitted.missing & ~fitted.matrix.complete).sum()),
        "events_per_coefficient": fitted.events_per_coefficient,
        "score_sd": sd,
        "score_sd_pooled": score_sd(score, focal, "pooled"),
        "c_statistic": fitted.fit.c_statistic,
        "method": match.method,
    }
    if spec.caliper is not None:
        pooled = score_sd(score, focal, "pooled")
        facts["caliper"] = match.caliper
        facts["caliper_pooled"] = spec.caliper * pooled
        if np.isfinite(pooled):
            facts["pairs_pooled"] = _match(spec, score, focal, spec.caliper * pooled, rank).n_pairs
    return facts
