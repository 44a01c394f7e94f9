"""The weighted design: everybody with a score counts, with a weight that makes the arms alike in a target population.

Definitions of WeightIt: Greifer N, WeightIt: weighting for covariate balance in observational studies. Overlap weights: Li F,
Morgan KL, Zaslavsky AM. J Am Stat Assoc 2018;113:390-400. Matching weights: Li L, Greene T. Int J Biostat 2013;9:215-234.
"""

from __future__ import annotations

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.plan import Plan, furthest_apart, score_facts, without_score
from equipoise.design.propensity import Propensity
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import TARGETS, WeightsSpec, denominator_of
from equipoise.records import MISSING, NO_COUNTERPART, Design, Sample, Words

FEW = 10  # an effective sample size below it is said
LARGE = 50  # a weight so many times the mean of its arm is said
ESTIMANDS = {
    "ate": "The effect in all patients, had all received the one treatment or all the other.",
    "att": "The effect in patients like those who received {focal}.",
    "atc": "The effect in patients like those who received {other}.",
    "overlap": "The effect in patients for whom either treatment was likely (those of clinical equipoise).",
    "matching": "The effect in patients like those whom a one-to-one match without caliper would keep.",
}


def words_of(spec: WeightsSpec, focal: str, other: str) -> Words:
    """The words of weights by target. focal, other: labels of the arms."""
    target = TARGETS[spec.target]
    return Words(
        kind="weights",
        adjective="weighted",
        cohort=f"weighted cohort ({target})",
        heading=f"After weighting ({target})",
        hazard_ratio=f"marginal hazard ratio (weighted, {target}), robust variance",
        variance="robust variance",
        estimand=ESTIMANDS[spec.target].format(focal=focal, other=other),
    )


def weighted(plan: Plan) -> Design:
    """Everybody with a propensity score, weighted. Raises DataError where covariates tell the arms apart completely, and where a
    score is 0 or 1 in the computer's numbers, so that a weight would be infinite."""
    spec, protocol = plan.spec, plan.protocol
    assert isinstance(spec, WeightsSpec)
    fitted = plan.fitted()
    include = fitted.matrix.complete
    weight = np.where(include, _weights(spec, fitted, plan.focal), 0.0)
    if not (np.isfinite(weight[include]).all() and (weight[include] > 0).all()):
        message = "some weights would be zero or infinite: the arms do not overlap in the score and this design cannot be made"
        raise DataError(Fault(plan.place, "no overlap", f"{message}. {furthest_apart(plan, fitted)}"))
    words = words_of(spec, *(protocol.arms.label(arm) for arm, _ in plan.arms))
    sample = Sample(plan.name, words, include, weight, cluster=np.arange(plan.cohort.n), weighted=True)
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=balance_rows(protocol, plan.cohort, plan.covariates, sample, set(spec.propensity), denominator_of(spec)),
        facts=_facts(plan, spec, fitted, sample),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        remarks=tuple(_remarks(plan, sample)),
        left=np.where(include, "", without_score(fitted, np.full(plan.cohort.n, ""))).astype(object),
        reasons=(MISSING, NO_COUNTERPART),
        gaps=fitted.gaps,
    )


def _weights(spec: WeightsSpec, fitted: Propensity, focal: np.ndarray) -> np.ndarray:
    """By target, from the score and its complement; nan without a score."""
    own = own_probability(fitted.logit, focal)
    rest = own_probability(fitted.logit, ~focal)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = {
            "ate": 1.0 / own,
            "att": np.where(focal, 1.0, rest / own),
            "atc": np.where(focal, rest / own, 1.0),
            "overlap": rest,
            "matching": np.minimum(own, rest) / own,
        }[spec.target]
    if spec.stabilised:
        known = fitted.matrix.complete
        share = float((focal & known).sum() / known.sum())
        weight = weight * np.where(focal, share, 1.0 - share)
    return weight


def own_probability(logit: np.ndarray, focal: np.ndarray) -> np.ndarray:
    """The probability of the arm that a patient is in, from the logit, so that one near 0 keeps its digits."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(np.where(focal, -logit, logit)))


def _facts(plan: Plan, spec: WeightsSpec, fitted: Propensity, sample: Sample) -> dict[str, object]:
    """effective_n: of each arm, and their sum: the scale of the weights of one arm against the other decides nothing.
    largest_weight: over the mean of all weights of its arm."""
    arms = {arm: sample.among(mine) for arm, mine in plan.arms}
    effective = {arm: part.effective_n for arm, part in arms.items()}
    known = fitted.propensity[sample.include]
    return {
        **score_facts(fitted),
        "effective_n": {"total": sum(effective.values()), **effective},
        "largest_weight": {arm: _largest(part) for arm, part in arms.items()},
        "smallest_score": float(known.min()),
        "largest_score": float(known.max()),
        "method": f"propensity score weights, {TARGETS[spec.target]}{', stabilised' if spec.stabilised else ''}",
    }


def _largest(part: Sample) -> float:
    w = part.weight[part.include]
    return float(w.max() / w.mean())


def _remarks(plan: Plan, sample: Sample) -> list[str]:
    said = []
    for arm, mine in plan.arms:
        part, label = sample.among(mine), plan.protocol.arms.label(arm)
        if part.effective_n < FEW:
            said.append(
                f"{plan.label}: the weights leave an effective sample size of {part.effective_n:.1f} in the arm {label}; fewer "
                f"than {FEW} make every estimate of this design unstable."
            )
        if _largest(part) > LARGE:
            said.append(
                f"{plan.label}: one patient of the arm {label} weighs {_largest(part):.0f} times the mean of the arm; the "
                "estimates of this design hang on that patient."
            )
    return said
