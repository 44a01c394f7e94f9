"""The matched design: pairs of one patient of each arm on the propensity score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.greedy import Bounds, nearest_neighbours
from equipoise.design.matched_sets import MatchedSets, spread
from equipoise.design.plan import Plan, furthest_apart, score_facts, without_score
from equipoise.design.propensity import Propensity, score_sd
from equipoise.design.tie_rank import tie_rank
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import MatchSpec, denominator_of
from equipoise.records import LEFT, MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, Design, Gap, Sample, Words

SEEDS = range(1, 11)  # of the drawn orders of tied patients
MOST_DRAWN = 20_000  # patients
WORDS = Words(
    kind="match",
    adjective="matched",
    cohort="propensity score-matched cohort",
    heading="After propensity score matching",
    hazard_ratio="marginal hazard ratio (matched), cluster-robust standard error by pair",
    variance="cluster-robust standard error by pair",
    estimand="The effect in patients like those of the focal arm who found a partner.",
)


def matched(plan: Plan) -> Design:
    """Pairs within the caliper; who has none leaves. Raises DataError where the arms do not overlap or nobody has a partner."""
    spec, focal = plan.spec, plan.focal
    assert isinstance(spec, MatchSpec)
    fitted = plan.fitted()
    score = fitted.logit if spec.scale == "logit" else fitted.propensity
    sd = score_sd(score, focal, spec.caliper_sd)
    caliper = np.inf if spec.caliper is None else spec.caliper * sd
    rank = tie_rank(plan.cohort, spec.ties)
    cells, values = plan.covariates.cells(spec.exact)
    match = _match(spec, score, focal, caliper, rank, cells)
    if match.n_focal == 0:
        raise DataError(no_pairs(plan, fitted, cells))
    include = match.set_id > 0
    sample = Sample(plan.name, WORDS, include, include.astype(float), cluster=match.set_id, stratum=match.set_id, paired=True)
    drawn = () if plan.variant or plan.copy else _drawn_orders(spec, score, focal, caliper, match, cells)
    left = without_score(fitted, np.where(focal, NO_PARTNER, NOT_CHOSEN))
    alone = alone_in_cell(score, focal, cells)
    left[(left != MISSING) & (cells < 0)] = MISSING
    left[alone] = NO_COUNTERPART
    left[include] = ""
    scored = set(spec.propensity)
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=balance_rows(plan.protocol, plan.cohort, plan.covariates, sample, scored, denominator_of(spec)),
        facts=_facts(spec, match, fitted, score, focal, sd, rank, cells)
        | lost(left)
        | _tied(match, drawn)
        | {"exact": tuple(spec.exact)},
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        left=left,
        reasons=LEFT,
        gaps=(*fitted.gaps, *exact_gaps(plan, alone, cells, values)),
        tie_orders=drawn if any(not np.array_equal(match.set_id, other) for other in drawn) else (),
    )


def alone_in_cell(score: np.ndarray, focal: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Patients with a score in whose cell nobody of the other arm has one."""
    out = np.zeros(len(score), dtype=bool)
    for cell in np.unique(cells[cells >= 0]):
        mine = (cells == cell) & ~np.isnan(score)
        if mine.any() and (focal[mine].all() or not focal[mine].any()):
            out |= mine
    return out


def exact_gaps(plan: Plan, alone: np.ndarray, cells: np.ndarray, values: list[tuple[str, ...]]) -> Iterator[Gap]:
    """The values of the exact match that nobody of the other arm has."""
    assert isinstance(plan.spec, MatchSpec)
    for cell in np.unique(cells[alone]):
        for arm, mine in plan.arms:
            n = int((alone & mine & (cells == cell)).sum())
            if n:
                yield Gap(tuple(plan.spec.exact), ", ".join(values[cell]), arm, n)


def lost(left: np.ndarray) -> dict[str, float]:
    """How many have a covariate missing, and how many no counterpart."""
    return {"missing_score": int((left == MISSING).sum()), "no_counterpart": int((left == NO_COUNTERPART).sum())}


def no_pairs(plan: Plan, fitted: Propensity, cells: np.ndarray) -> Fault:
    assert isinstance(plan.spec, MatchSpec)
    if plan.spec.exact and alone_in_cell(fitted.logit, plan.focal, cells)[(cells >= 0) & ~np.isnan(fitted.logit)].all():
        message = (
            f"no value of {' and '.join(plan.spec.exact)} is shared by patients of both arms, so that nobody can be matched "
            "exactly and this design cannot be made"
        )
        return Fault(plan.protocol.place(*plan.protocol.design_path(plan.name, "exact")), "no pairs", message)
    declared = plan.protocol.primary if plan.variant else plan.name
    if plan.spec.calipers:
        score = ["the score"] if plan.spec.caliper is not None else []
        message = (
            f"no pair lies within the calipers of {', '.join([*score, *plan.spec.calipers])} together, so that this design "
            "cannot be made; widen one of them"
        )
        return Fault(plan.protocol.place(*plan.protocol.design_path(declared, "calipers")), "no pairs", message)
    message = (
        "no pair lies within the caliper: the arms hardly overlap in the propensity score and this design cannot be made. "
        + furthest_apart(plan, fitted)
    )
    return Fault(plan.protocol.place(*plan.protocol.design_path(declared, "caliper")), "no pairs", message)


def _match(
    spec: MatchSpec, score: np.ndarray, focal: np.ndarray, caliper: float, rank: np.ndarray, cells: np.ndarray
) -> MatchedSets:
    """Match the patients with a score, each within its cell (all in one, without exact matching); the others stay unmatched."""
    known = np.flatnonzero(~np.isnan(score) & (cells >= 0))
    among = np.argsort(np.argsort(rank[known]))
    bounds = Bounds(caliper, exact=cells[known])
    found = nearest_neighbours(score[known], focal[known], bounds, spec.order, rank=among, matchit=spec.ties == "matchit")
    return spread(found, known, len(score))


def _drawn_orders(
    spec: MatchSpec, score: np.ndarray, focal: np.ndarray, caliper: float, match: MatchedSets, cells: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The pairs under drawn orders of the tied, where there are ties and not too many patients."""
    if len(score) > MOST_DRAWN or not (match.tied_choices or match.tied_scores):
        return ()
    plain = spec.model_copy(update={"ties": "rows"})
    ranks = [np.random.default_rng(seed).permutation(len(score)) for seed in SEEDS]
    return tuple(_match(plain, score, focal, caliper, rank, cells).set_id for rank in ranks)


def _tied(match: MatchedSets, drawn: tuple[np.ndarray, ...]) -> dict[str, float]:
    """How many were tied, and how many pairs are not found again in every drawn order."""
    facts = {"tied_choices": match.tied_choices, "tied_scores": match.tied_scores}
    if drawn:
        own = _partners(match.set_id)
        facts["tied_pairs"] = len(own - set.intersection(*(_partners(pair) for pair in drawn)))
    return facts


def _partners(pair: np.ndarray) -> set[tuple[int, int]]:
    """Each pair as the positions of its two patients."""
    members = np.argsort(pair, kind="stable")[int((pair == 0).sum()) :].reshape(-1, 2)
    return {(int(a), int(b)) for a, b in members}


def _facts(
    spec: MatchSpec,
    match: MatchedSets,
    fitted: Propensity,
    score: np.ndarray,
    focal: np.ndarray,
    sd: float,
    rank: np.ndarray,
    cells: np.ndarray,
) -> dict[str, float | str]:
    facts: dict[str, float | str] = {
        "pairs": match.n_focal,
        "unmatched_focal": int((focal & (match.set_id == 0)).sum()),
        "unmatched_other": int((~focal & (match.set_id == 0)).sum()),
        **score_facts(fitted),
        "score_sd": sd,
        "score_sd_pooled": score_sd(score, focal, "pooled"),
        "method": match.method + (f", exact on {', '.join(spec.exact)}" if spec.exact else ""),
    }
    if spec.caliper is not None:
        pooled = score_sd(score, focal, "pooled")
        facts["caliper"] = spec.caliper * sd
        facts["caliper_pooled"] = spec.caliper * pooled
        if np.isfinite(pooled):
            facts["pairs_pooled"] = _match(spec, score, focal, spec.caliper * pooled, rank, cells).n_focal
    return facts
