"""Matched designs beyond pairs of nearest neighbours on the score: other orders, several partners, replacement, distances of the
covariates, optimal pairs, full and coarsened exact matching."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.grounds import TARGETS, Grounds, grounds_of
from equipoise.design.matched_sets import MatchedSets, spread
from equipoise.design.matching import WORDS, alone_in_cell, exact_gaps, lost, matched, no_pairs
from equipoise.design.plan import Plan, place_of, score_facts, without_score
from equipoise.design.propensity import Propensity, score_sd
from equipoise.design.strata import coarsened_exact
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import MatchSpec, denominator_of
from equipoise.protocol.match_options import STURGES
from equipoise.records import LEFT, MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN, Design, Sample, Words

ESTIMANDS = {
    "att": "The effect in patients like those of the focal arm who could be matched.",
    "atc": "The effect in patients like those of the other arm who could be matched.",
    "ate": "The effect in all patients who could be matched, had all received the one treatment or all the other.",
}
ON_SETS, BY_PATIENT = "cluster-robust standard error by matched set", "robust variance"


def matched_any(plan: Plan) -> Design:
    """A matched design of any method. Raises DataError as `matched` does, and where the optimum cannot be found."""
    assert isinstance(plan.spec, MatchSpec)
    return matched(plan) if plan.spec.plain else _in_sets(plan)


def _in_sets(plan: Plan) -> Design:
    spec, focal = plan.spec, plan.focal
    assert isinstance(spec, MatchSpec)
    fitted = plan.fitted()
    grounds, values = grounds_of(plan), plan.covariates.cells(spec.exact)[1]
    cells, known = grounds.cells, grounds.known(fitted.logit)
    match = _match(plan, fitted, grounds, known)
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
        facts=_facts(plan, fitted, match, sample, left, grounds),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        left=left,
        reasons=LEFT,
        gaps=(*fitted.gaps, *exact_gaps(plan, alone, cells, values)),
    )


def _match(plan: Plan, fitted: Propensity, grounds: Grounds, known: np.ndarray) -> MatchedSets:
    """The match of the patients with a score and a value of whatever is asked to agree, to differ or to be near."""
    spec, others = grounds.spec, int((~grounds.focal[known]).sum())
    if spec.method == "cem":
        columns, bins = _coarsened(plan, spec, known)
        columns["exact"] = grounds.cells[known]
        return spread(coarsened_exact(columns, grounds.focal[known], bins, TARGETS[spec.target]), known, len(grounds.focal))
    if spec.method != "full" and spec.most > others:
        message = f"{spec.most} partners are asked for a patient, and the other arm has {others} who may be one; lower the ratio"
        raise DataError(Fault(place_of(plan, "ratio"), "ratio too large", message))
    try:
        return grounds.match(_score(spec, fitted))
    except ValueError as error:
        raise DataError(Fault(place_of(plan, "method"), "too many pairs", f"{error}, or take method: nearest")) from error


def _score(spec: MatchSpec, fitted: Propensity) -> np.ndarray:
    return fitted.logit if spec.scale == "logit" else fitted.propensity


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
    plan: Plan, fitted: Propensity, match: MatchedSets, sample: Sample, left: np.ndarray, grounds: Grounds
) -> dict[str, object]:
    spec, focal = grounds.spec, plan.focal
    score = _score(spec, fitted)
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
        facts["caliper"] = grounds.caliper(score)
        facts["caliper_pooled"] = spec.caliper * score_sd(score, focal, "pooled")
    if spec.calipers:
        facts["calipers"] = grounds.widths()
    if spec.pairs:
        return {"pairs": match.n_focal, **facts}
    parts = {arm: sample.among(mine) for arm, mine in plan.arms}
    effective = {arm: part.effective_n for arm, part in parts.items()}
    heaviest = {arm: float(p.weight[p.include].max() / p.weight[p.include].mean()) for arm, p in parts.items()}
    return {**facts, "effective_n": {"total": sum(effective.values()), **effective}, "largest_weight": heaviest}
