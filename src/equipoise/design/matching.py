"""The matched design: pairs of one patient of each arm on the propensity score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.nearest import Match, greedy_nearest
from equipoise.design.plan import Plan, furthest_apart, score_facts, without_score
from equipoise.design.propensity import Propensity, fit_propensity, score_sd
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import MatchSpec, denominator_of
from equipoise.records import LEFT, NO_PARTNER, NOT_CHOSEN, Cohort, Design, Sample, Words

SEEDS = range(1, 11)  # of the drawn orders of tied patients
MOST_DRAWN = 20_000  # patients
WORDS = Words(
    kind="match",
    adjective="matched",
    cohort="propensity score-matched cohort",
    heading="After propensity score matching",
    hazard_ratio="marginal hazard ratio (matched), variance clustered on pairs",
    variance="variance clustered on pairs",
    estimand="The effect in patients like those of the focal arm who found a partner.",
)


def matched(plan: Plan) -> Design:
    """Pairs within the caliper; who has none leaves. Raises DataError where the arms do not overlap or nobody has a partner."""
    spec, focal = plan.spec, plan.focal
    assert isinstance(spec, MatchSpec)
    fitted = fit_propensity(plan.protocol, plan.cohort, plan.covariates, spec.propensity, plan.place)
    score = fitted.logit if spec.scale == "logit" else fitted.propensity
    sd = score_sd(score, focal, spec.caliper_sd)
    caliper = np.inf if spec.caliper is None else spec.caliper * sd
    rank = tie_rank(plan.cohort, spec.ties)
    match = _match(spec, score, focal, caliper, rank)
    if match.n_pairs == 0:
        raise DataError(_no_pairs(plan, fitted))
    include = match.pair > 0
    sample = Sample(plan.name, WORDS, include, include.astype(float), cluster=match.pair, stratum=match.pair, paired=True)
    drawn = () if plan.variant else _drawn_orders(spec, score, focal, caliper, match)
    scored = set(spec.propensity)
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=balance_rows(plan.protocol, plan.cohort, plan.covariates, sample, scored, denominator_of(spec)),
        facts=_facts(spec, match, fitted, score, focal, sd, rank) | _tied(match, drawn),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        left=np.where(include, "", without_score(fitted, np.where(focal, NO_PARTNER, NOT_CHOSEN))).astype(object),
        reasons=LEFT,
        gaps=fitted.gaps,
        tie_orders=drawn if any(not np.array_equal(match.pair, other) for other in drawn) else (),
    )


def _no_pairs(plan: Plan, fitted: Propensity) -> Fault:
    message = (
        "no pair lies within the caliper: the arms hardly overlap in the propensity score and this design cannot be made. "
        + furthest_apart(plan, fitted)
    )
    declared = plan.protocol.primary if plan.variant else plan.name
    return Fault(plan.protocol.place(*plan.protocol.design_path(declared, "caliper")), "no pairs", message)


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


def _match(spec: MatchSpec, score: np.ndarray, focal: np.ndarray, caliper: float, rank: np.ndarray) -> Match:
    """Match the patients with a score; the others stay unmatched."""
    known = np.flatnonzero(~np.isnan(score))
    among = np.argsort(np.argsort(rank[known]))
    match = greedy_nearest(score[known], focal[known], caliper, spec.order, among, spec.ties == "matchit")
    pair = np.zeros(len(score), dtype=int)
    pair[known] = match.pair
    return replace(match, pair=pair)


def _drawn_orders(spec: MatchSpec, score: np.ndarray, focal: np.ndarray, caliper: float, match: Match) -> tuple[np.ndarray, ...]:
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
    spec: MatchSpec, match: Match, fitted: Propensity, score: np.ndarray, focal: np.ndarray, sd: float, rank: np.ndarray
) -> dict[str, float | str]:
    facts: dict[str, float | str] = {
        "pairs": match.n_pairs,
        "unmatched_focal": int((focal & (match.pair == 0)).sum()),
        "unmatched_other": int((~focal & (match.pair == 0)).sum()),
        **score_facts(fitted),
        "score_sd": sd,
        "score_sd_pooled": score_sd(score, focal, "pooled"),
        "method": match.method,
    }
    if spec.caliper is not None:
        pooled = score_sd(score, focal, "pooled")
        facts["caliper"] = match.caliper
        facts["caliper_pooled"] = spec.caliper * pooled
        if np.isfinite(pooled):
            facts["pairs_pooled"] = _match(spec, score, focal, spec.caliper * pooled, rank).n_pairs
    return facts
