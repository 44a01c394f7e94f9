"""The stratified design: classes by quantiles of the score, and weights that give the classes the same shares in both arms.

Rosenbaum PR, Rubin DB. J Am Stat Assoc 1984;79:516-524. Weights (marginal mean weighting through stratification): Hong G. J Educ
Behav Stat 2010;35:499-531. There are too few classes to cluster a variance on them, so that a patient is its unit.
"""

from __future__ import annotations

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.matching import tie_rank
from equipoise.design.plan import Plan, place_of, score_facts, without_score
from equipoise.design.propensity import Propensity
from equipoise.design.strata import classes_of, score_strata
from equipoise.design.weighting import ESTIMANDS, sizes, weight_remarks
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import TARGETS, StrataSpec, denominator_of
from equipoise.records import MISSING, NO_COUNTERPART, Design, Sample, Words

ARM = {"att": "focal", "atc": "other", "ate": "all"}  # whose quantiles, and whom the weights represent


def words_of(spec: StrataSpec, focal: str, other: str) -> Words:
    """The words of classes by target. focal, other: labels of the arms."""
    return Words(
        kind="strata",
        adjective="stratified",
        cohort=f"stratified cohort ({spec.words})",
        heading=f"After stratification ({spec.words})",
        hazard_ratio=f"marginal hazard ratio (weighted by class of the score, {spec.words}), robust variance",
        variance="robust variance",
        estimand=f"{ESTIMANDS[spec.target].format(focal=focal, other=other)}.",
    )


def in_classes(plan: Plan) -> Design:
    """Everybody with a propensity score, weighted by class. Raises DataError where covariates tell the arms apart completely, and
    where an arm has fewer patients than there are classes."""
    spec, protocol = plan.spec, plan.protocol
    assert isinstance(spec, StrataSpec)
    fitted = plan.fitted()
    include = fitted.matrix.complete
    known = np.flatnonzero(include)
    score, focal = fitted.propensity[known], plan.focal[known]
    smaller = min(int(focal.sum()), int((~focal).sum()))
    if smaller < spec.classes:
        message = (
            f"{spec.classes} classes are asked for, and an arm has {smaller} with a propensity score, so that a class "
            "would be without it; ask for fewer 'classes'"
        )
        raise DataError(Fault(place_of(plan, "classes"), "too many classes", message))
    rank = np.argsort(np.argsort(tie_rank(plan.cohort, "identifier")[known]))
    made = score_strata(score, focal, spec.classes, ARM[spec.target], rank=rank)
    where, weight = np.zeros(plan.cohort.n, dtype=int), np.zeros(plan.cohort.n)
    where[known], weight[known] = made.set_id, made.weight
    moved = int((classes_of(score, focal, spec.classes, ARM[spec.target]) + 1 != made.set_id).sum())
    words = words_of(spec, *(protocol.arms.label(arm) for arm, _ in plan.arms))
    together = np.arange(plan.cohort.n)
    sample = Sample(plan.name, words, include, weight, cluster=together, stratum=where, weighted=True)
    left = without_score(fitted, np.full(plan.cohort.n, "")).astype(object)
    left[include] = ""
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=balance_rows(protocol, plan.cohort, plan.covariates, sample, set(spec.propensity), denominator_of(spec)),
        facts=_facts(plan, fitted, sample, moved) | {"method": f"{made.method}, {TARGETS[spec.target]}"},
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        remarks=tuple(_remarks(plan, spec, sample)),
        left=left,
        reasons=(MISSING, NO_COUNTERPART),
        gaps=fitted.gaps,
    )


def _facts(plan: Plan, fitted: Propensity, sample: Sample, moved: int) -> dict[str, object]:
    """classes: how many there are, beside how many were asked for where limits are tied; moved: patients who stand in the class
    beside theirs so that both arms are in each."""
    known = fitted.propensity[sample.include]
    return {
        **score_facts(fitted),
        **sizes(plan, sample),
        "smallest_score": float(known.min()),
        "largest_score": float(known.max()),
        "classes": int(sample.stratum.max()) if sample.stratum is not None else 0,
        "moved": moved,
    }


def _remarks(plan: Plan, spec: StrataSpec, sample: Sample) -> list[str]:
    said = weight_remarks(plan, sample)
    assert sample.stratum is not None
    n = int(sample.stratum.max())
    if n < spec.classes:
        said.append(
            f"{plan.label}: the score has so many equal values that there are {n} classes, not the {spec.classes} asked for."
        )
    return said
