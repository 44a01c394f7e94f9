"""Matched designs beyond pairs of nearest neighbours on the score: other orders, several partners, replacement, distances of the
covariates, optimal pairs, full and coarsened exact matching."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.distances import coordinates
from equipoise.design.full_matching import full_match
from equipoise.design.greedy import Bounds, nearest_neighbours, variable_ratios
from equipoise.design.matched_sets import MatchedSets, spread
from equipoise.design.matching import WORDS, alone_in_cell, exact_gaps, lost, matched, no_pairs, tie_rank
from equipoise.design.optimal import optimal_pairs
from equipoise.design.plan import Plan, score_facts, without_score
from equipoise.design.propensity import Propensity, score_sd
from equipoise.design.strata import coarsened_exact
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import MatchSpec, denominator_of
from equipoise.protocol.match_options import STURGES, VariableRatio, in_sd
from equipoise.records import LEFT, MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, Design, Sample, Words

TARGETS = {"att": "focal", "atc": "other", "ate": "all"}
ESTIMANDS = {
    "att": "The effect in patients like those of the focal arm who could be matched.",
    "atc": "The effect in patients like those of the other arm who could be matched.",
    "ate": "The effect in all patients who could be matched, had all received the one treatment or all the other.",
}
DECIMALS = 10  # scores that agree to 1e-10 are ties
ON_SETS, BY_PATIENT = "cluster-robust standard error by matched set", "robust variance"


def matched_any(plan: Plan) -> Design:
    """A matched design of any method. Raises DataError as `matched` does, and where the optimum cannot be found."""
    assert isinstance(plan.spec, MatchSpec)
    return matched(plan) if plan.spec.plain else _in_sets(plan)


def _in_sets(plan: Plan) -> Design:
    spec, focal = plan.spec, plan.focal
    assert isinstance(spec, MatchSpec)
    fitted = plan.fitted()
    cells, values = plan.covariates.cells(spec.exact)
    apart = [plan.covariates.cells([name])[0] for name in spec.anti_exact]
    told = [~plan.covariates.missing(name) for name in spec.calipers]
    known = np.flatnonzero(~np.isnan(fitted.logit) & (cells >= 0) & np.all([*(c >= 0 for c in apart), *told], axis=0))
    match = spread(_match(plan, fitted, cells, apart, known), known, len(focal))
    if not match.n_focal:
        raise DataError(no_pairs(plan, fitted, cells))
    include = match.set_id > 0 if not match.reused else match.weight > 0
    sample = _sample(plan, spec, match, include)
    left = without_score(fitted, np.where(focal, NO_PARTNER, NOT_CHOSEN))
    unknown = np.ones(len(focal), dtype=bool)
    unknown[known] = False
    left[unknown & (left != NO_COUNTERPART)] = MISSING
    alone = alone_in_cell(fitted.logit, focal, cells)
    left[alone] = NO_COUNTERPART
    left[include] = ""
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=balance_rows(plan.protocol, plan.cohort, plan.covariates, sample, set(spec.propensity), denominator_of(spec)),
        facts=_facts(plan, spec, fitted, match, sample, left),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        left=left,
        reasons=LEFT,
        gaps=(*fitted.gaps, *exact_gaps(plan, alone, cells, values)),
    )


def _match(plan: Plan, fitted: Propensity, cells: np.ndarray, apart: list[np.ndarray], known: np.ndarray) -> MatchedSets:
    """The match of the patients with a score and a value of whatever is asked to agree or to differ."""
    spec, focal = plan.spec, plan.focal[known]
    assert isinstance(spec, MatchSpec)
    score = _score(spec, fitted)
    rank = np.argsort(np.argsort(tie_rank(plan.cohort, spec.ties)[known]))
    if spec.method == "cem":
        columns, bins = _coarsened(plan, spec, known)
        columns["exact"] = cells[known]
        return coarsened_exact(columns, focal, bins, TARGETS[spec.target])
    if spec.method != "full" and spec.most > int((~focal).sum()):
        message = (
            f"{spec.most} partners are asked for a patient, and the other arm has {int((~focal).sum())} who may be one; lower "
            "the ratio"
        )
        raise DataError(Fault(_place(plan, "ratio"), "ratio too large", message))
    codes = np.column_stack([c[known] for c in apart]) if apart else None
    narrow = tuple((plan.covariates.values[name][known], width) for name, width in widths(plan).items())
    bounds = Bounds(_caliper(spec, fitted, plan.focal), narrow, cells[known], codes)
    at = None
    if spec.distance != "score":
        columns, factor = _columns(plan, spec, known)
        at = coordinates(columns, focal, spec.distance, factor)
    try:
        if spec.method == "full":
            return full_match(score[known], focal, bounds, TARGETS[spec.target], coordinates=at, rank=rank)
        if spec.method == "optimal":
            return optimal_pairs(score[known], focal, bounds, spec.most, at, rank)
    except ValueError as error:
        raise DataError(Fault(_place(plan, "method"), "too many pairs", f"{error}, or take method: nearest")) from error
    reuse = np.inf if spec.replace else 1
    matchit = spec.ties == "matchit"
    ratio = _ratio(spec, score[known], focal, rank)
    return nearest_neighbours(score[known], focal, bounds, spec.order, ratio, reuse, at, rank, matchit, spec.seed)


def _ratio(spec: MatchSpec, score: np.ndarray, focal: np.ndarray, rank: np.ndarray) -> int | np.ndarray:
    """Partners of each patient: one number, or one per patient."""
    if not isinstance(spec.ratio, VariableRatio):
        return spec.ratio
    turn = np.argsort(rank)
    line = score if spec.ties == "matchit" else np.round(score, DECIMALS)
    asked = np.zeros(len(focal), dtype=int)
    asked[turn] = variable_ratios(line[turn], focal[turn], spec.ratio.mean, spec.ratio.min, spec.ratio.max)
    return asked


def widths(plan: Plan) -> dict[str, float]:
    """The largest difference within a pair of each covariate that has a caliper, in its unit. A standard deviation is that of all
    patients with a value, or pooled over the arms, as for the caliper of the score."""
    spec, found = plan.spec, {}
    assert isinstance(spec, MatchSpec)
    for name, width in spec.calipers.items():
        share = in_sd(width)
        sd = 1.0 if share is None else score_sd(plan.covariates.values[name].astype(float), plan.focal, spec.caliper_sd)
        found[name] = (float(width) if share is None else share) * sd
    return found


def _score(spec: MatchSpec, fitted: Propensity) -> np.ndarray:
    return fitted.logit if spec.scale == "logit" else fitted.propensity


def _caliper(spec: MatchSpec, fitted: Propensity, focal: np.ndarray) -> float:
    return np.inf if spec.caliper is None else spec.caliper * score_sd(_score(spec, fitted), focal, spec.caliper_sd)


def _place(plan: Plan, key: str) -> str:
    declared = plan.protocol.primary if plan.variant else plan.name
    return plan.protocol.place(*plan.protocol.design_path(declared, key))


def _columns(plan: Plan, spec: MatchSpec, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The covariates of the score as columns, of a factor one per level, and which are a factor's."""
    columns, factor = [], []
    for name in spec.propensity:
        declared, values = plan.protocol.covariates[name], plan.covariates.values[name][known]
        if declared.kind == "categorical":
            columns += [(values == level).astype(float) for level in declared.levels]
            factor += [True] * len(declared.levels)
        else:
            columns.append(values.astype(float))
            factor.append(False)
    return np.column_stack(columns), np.array(factor)


def _coarsened(plan: Plan, spec: MatchSpec, known: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """The covariates of coarsened exact matching and the bins of the continuous ones."""
    columns = {name: plan.covariates.values[name][known] for name in spec.propensity}
    continuous = [name for name in spec.propensity if plan.protocol.covariates[name].kind == "continuous"]
    return {n: v if n in continuous else v.astype(str) for n, v in columns.items()}, {
        n: spec.bins.get(n, STURGES) for n in continuous
    }


def _sample(plan: Plan, spec: MatchSpec, match: MatchedSets, include: np.ndarray) -> Sample:
    cohort = f"matched cohort ({plan.label[:1].lower()}{plan.label[1:]})"
    if spec.pairs:
        words = replace(WORDS, cohort=cohort)
        return Sample(plan.name, words, include, include.astype(float), cluster=match.set_id, stratum=match.set_id, paired=True)
    variance = BY_PATIENT if match.reused else ON_SETS
    target = spec.target if spec.method in ("full", "cem") else "att"
    words = Words(
        kind="match",
        adjective="matched",
        cohort=cohort,
        heading="After matching",
        hazard_ratio=f"marginal hazard ratio (matched, weighted), {variance}",
        variance=variance,
        estimand=ESTIMANDS[target],
    )
    cluster = np.arange(plan.cohort.n) if match.reused else match.set_id
    return Sample(plan.name, words, include, match.weight, cluster=cluster, weighted=True)


def _facts(
    plan: Plan, spec: MatchSpec, fitted: Propensity, match: MatchedSets, sample: Sample, left: np.ndarray
) -> dict[str, object]:
    score, focal = _score(spec, fitted), plan.focal
    facts: dict[str, object] = {
        **score_facts(fitted),
        **lost(left),
        "exact": tuple(spec.exact),
        "needed": (*spec.anti_exact, *spec.calipers),
        "unmatched_focal": int((focal & ~sample.include).sum()),
        "unmatched_other": int((~focal & ~sample.include).sum()),
        "method": match.method + (f", exact on {', '.join(spec.exact)}" if spec.exact else ""),
        "score_sd": score_sd(score, focal, spec.caliper_sd),
        "score_sd_pooled": score_sd(score, focal, "pooled"),
    }
    if spec.method == "nearest":
        facts |= {"tied_choices": match.tied_choices, "tied_scores": match.tied_scores}
    if spec.caliper is not None and spec.method != "cem":
        facts["caliper"] = _caliper(spec, fitted, focal)
        facts["caliper_pooled"] = spec.caliper * score_sd(score, focal, "pooled")
    if spec.calipers:
        facts["calipers"] = widths(plan)
    if spec.pairs:
        return {"pairs": match.n_focal, **facts}
    parts = {arm: sample.among(mine) for arm, mine in plan.arms}
    effective = {arm: part.effective_n for arm, part in parts.items()}
    heaviest = {arm: float(p.weight[p.include].max() / p.weight[p.include].mean()) for arm, p in parts.items()}
    return {**facts, "effective_n": {"total": sum(effective.values()), **effective}, "largest_weight": heaviest}
