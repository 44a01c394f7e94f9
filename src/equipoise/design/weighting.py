"""The weighted design: everybody with a score counts, with a weight that makes the arms alike in a target population.

Definitions of WeightIt: Greifer N, WeightIt: weighting for covariate balance in observational studies. Overlap weights: Li F,
Morgan KL, Zaslavsky AM. J Am Stat Assoc 2018;113:390-400. Matching weights: Li L, Greene T. Int J Biostat 2013;9:215-234.
"""

from __future__ import annotations

import numpy as np

from equipoise import stats
from equipoise.design.balance import balance_rows
from equipoise.design.balancing import balancing_weights
from equipoise.design.plan import Plan, furthest_apart, place_of, score_facts, without_score
from equipoise.design.propensity import Propensity
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import WeightsSpec, denominator_of
from equipoise.records import MISSING, NO_COUNTERPART, TRIMMED, Design, Sample, Words

FEW = 10  # an effective sample size below it is said
LARGE = 50  # a weight so many times the mean of its arm is said
ESTIMANDS = {
    "ate": "The effect in all patients, had all received the one treatment or all the other",
    "att": "The effect in patients like those who received {focal}",
    "atc": "The effect in patients like those who received {other}",
    "overlap": "The effect in patients for whom either treatment was likely (those of clinical equipoise)",
    "matching": "The effect in patients like those whom a one-to-one match without caliper would keep",
}
AMONG = ", among patients whose probability of having received {focal} lay between {low:g} and {high:g}"


def words_of(spec: WeightsSpec, focal: str, other: str) -> Words:
    """The words of weights by target and method. focal, other: labels of the arms."""
    return Words(
        kind="weights",
        adjective="weighted",
        cohort=f"weighted cohort ({spec.words})",
        heading=f"After weighting ({spec.words})",
        hazard_ratio=f"marginal hazard ratio (weighted, {spec.words}), robust variance",
        variance="robust variance",
        estimand=estimand_of(spec, focal, other),
    )


def estimand_of(spec: WeightsSpec, focal: str, other: str) -> str:
    """For whom the effect is estimated, as a sentence; after trimming it is no longer the target's alone."""
    said = ESTIMANDS[spec.target].format(focal=focal, other=other)
    if spec.trim is not None:
        low, high = spec.trim.score
        said += AMONG.format(focal=focal, low=low, high=high)
    return f"{said}."


def weighted(plan: Plan) -> Design:
    """Everybody with a propensity score within the limits of `trim`, weighted. Raises DataError where covariates tell the arms
    apart completely, where trimming leaves nobody of an arm, where nothing balances the covariates as `method` asks, and where a
    weight is zero or infinite in the computer's numbers."""
    spec, protocol = plan.spec, plan.protocol
    assert isinstance(spec, WeightsSpec)
    fitted = plan.fitted()
    include = _within(plan, spec, fitted)
    plain = _weights(plan, spec, fitted, include)
    if not (np.isfinite(plain[include]).all() and (plain[include] > 0).all()):
        message = "some weights would be zero or infinite: the arms do not overlap in the score and this design cannot be made"
        raise DataError(Fault(plan.place, "no overlap", f"{message}. {furthest_apart(plan, fitted)}"))
    weight = np.where(include, plain, 0.0)
    if spec.truncate is not None:
        weight[include] = stats.truncate_weights(plain[include], plan.focal[include], spec.target, at=spec.truncate)
    words = words_of(spec, *(protocol.arms.label(arm) for arm, _ in plan.arms))
    sample = Sample(plan.name, words, include, weight, cluster=np.arange(plan.cohort.n), weighted=True)
    left = without_score(fitted, np.full(plan.cohort.n, TRIMMED))
    left[include] = ""
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=balance_rows(protocol, plan.cohort, plan.covariates, sample, set(spec.propensity), denominator_of(spec)),
        facts=_facts(plan, spec, fitted, sample) | _truncated(plan, spec, sample, plain),
        propensity=fitted.propensity,
        logit=fitted.logit,
        model=fitted,
        remarks=tuple(weight_remarks(plan, sample)),
        left=left,
        reasons=(MISSING, NO_COUNTERPART, TRIMMED) if spec.trim is not None else (MISSING, NO_COUNTERPART),
        gaps=fitted.gaps,
    )


def _within(plan: Plan, spec: WeightsSpec, fitted: Propensity) -> np.ndarray:
    """Who has a score, within the limits of `trim`; bool per patient."""
    include = fitted.matrix.complete.copy()
    if spec.trim is None:
        return include
    low, high = spec.trim.score
    include[include] = stats.within_scores(fitted.propensity[include], low, high)
    empty = [plan.protocol.arms.label(arm) for arm, mine in plan.arms if not (include & mine).any()]
    if empty:
        message = (
            f"nobody of the arm {' and nobody of the arm '.join(empty)} has a propensity score of {spec.trim.words}, so that "
            "trimming leaves nobody to compare; widen the limits of 'trim', or leave it out"
        )
        raise DataError(Fault(place_of(plan, "trim"), "no overlap", message))
    return include


def _weights(plan: Plan, spec: WeightsSpec, fitted: Propensity, include: np.ndarray) -> np.ndarray:
    """As `method` makes them; nan without a score."""
    focal = plan.focal
    made = spec.method != "logistic"
    weight = balancing_weights(plan, fitted, include) if made else _of_target(spec.target, fitted, focal)
    if spec.stabilised:
        share = float((focal & include).sum() / include.sum())
        weight = weight * np.where(focal, share, 1.0 - share)
    return weight


def _of_target(target: str, fitted: Propensity, focal: np.ndarray) -> np.ndarray:
    """From the score and its complement."""
    own = own_probability(fitted.logit, focal)
    rest = own_probability(fitted.logit, ~focal)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight: np.ndarray = {
            "ate": 1.0 / own,
            "att": np.where(focal, 1.0, rest / own),
            "atc": np.where(focal, rest / own, 1.0),
            "overlap": rest,
            "matching": np.minimum(own, rest) / own,
        }[target]
    return weight


def own_probability(logit: np.ndarray, focal: np.ndarray) -> np.ndarray:
    """The probability of the arm that a patient is in, from the logit, so that one near 0 keeps its digits."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(np.where(focal, -logit, logit)))


def _facts(plan: Plan, spec: WeightsSpec, fitted: Propensity, sample: Sample) -> dict[str, object]:
    """effective_n: of each arm, and their sum: the scale of the weights of one arm against the other decides nothing.
    largest_weight: over the mean of all weights of its arm."""
    known = fitted.propensity[sample.include]
    return {
        **score_facts(fitted),
        **sizes(plan, sample),
        "smallest_score": float(known.min()),
        "largest_score": float(known.max()),
        "method": f"propensity score weights, {spec.words}{', stabilised' if spec.stabilised else ''}",
    }


def sizes(plan: Plan, sample: Sample) -> dict[str, dict[str, float]]:
    """Effective sample sizes and the largest weight of each arm."""
    arms = {arm: sample.among(mine) for arm, mine in plan.arms}
    effective = {arm: part.effective_n for arm, part in arms.items()}
    return {
        "effective_n": {"total": sum(effective.values()), **effective},
        "largest_weight": {arm: _largest(part) for arm, part in arms.items()},
    }


def _truncated(plan: Plan, spec: WeightsSpec, sample: Sample, plain: np.ndarray) -> dict[str, object]:
    """weight_limit: what larger weights were brought down to; truncated: patients of each arm whose weight was."""
    if spec.truncate is None:
        return {}
    lowered = sample.include & (plain > sample.weight)
    looked_at = sample.include & {"att": ~plan.focal, "atc": plan.focal}.get(spec.target, True)
    return {
        "weight_limit": float(sample.weight[looked_at].max()),
        "truncated": {arm: int((lowered & mine).sum()) for arm, mine in plan.arms},
    }


def _largest(part: Sample) -> float:
    w = part.weight[part.include]
    return float(w.max() / w.mean())


def weight_remarks(plan: Plan, sample: Sample) -> list[str]:
    """What makes estimates of weights unstable."""
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
