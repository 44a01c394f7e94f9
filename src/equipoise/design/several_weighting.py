"""Weights over more than two arms, from a multinomial score: everybody with a score counts, so that all arms speak for one
population.

Li F, Li F. Propensity score weighting for causal inference with multiple treatments. Ann Appl Stat 2019;13:2389-2415. McCaffrey
DF, Griffin BA, et al. Stat Med 2013;32:3388-3414. Matching weights: Yoshida K, et al. Epidemiology 2017;28:387-395.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equipoise import stats
from equipoise.design.indicator import score_view
from equipoise.design.overlap import levels_of
from equipoise.design.plan import Plan
from equipoise.design.several_balance import several_balance
from equipoise.design.weighting import sizes, weight_remarks, words_of
from equipoise.encoding import ModelMatrix, model_matrix
from equipoise.errors import DataError, Fault
from equipoise.protocol.score import Score
from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights import WeightsSpec
from equipoise.records import MISSING, NO_COUNTERPART, Cohort, Covariates, Design, Gap, Sample

ESTIMANDS = {
    "ate": "The effect in all patients, had all received the one treatment or all the other.",
    "overlap": "The effect in patients for whom each of the treatments was likely (of clinical equipoise between all arms).",
    "matching": "The effect in patients like those whom a match of one from each arm, without caliper, would keep.",
}


@dataclass(frozen=True, slots=True)
class SeveralScore:
    """The probability of each arm. probability: float, shape (patients, arms in the order of the protocol), nan without a score.
    matrix: the columns that were fitted; complete: the patients they were fitted to. fit: log odds of each arm against the
    reference arm, in the order of `arms`, the reference first. missing: patients with a covariate missing. gaps: who has a level
    that some arm lacks."""

    probability: np.ndarray
    matrix: ModelMatrix
    fit: stats.MultinomialFit
    arms: tuple[str, ...]
    covariates: tuple[str, ...]
    missing: np.ndarray
    gaps: tuple[Gap, ...] = ()
    absent: tuple[tuple[str, str, str], ...] = ()
    score: Score = Score()  # maximum likelihood of the covariates as they are


def weighted_several(plan: Plan) -> Design:
    """Everybody with a score, weighted. Raises DataError where an arm has nobody with all covariates, or covariates tell an arm
    apart."""
    spec, protocol, cohort = plan.spec, plan.protocol, plan.cohort
    assert isinstance(spec, WeightsSpec)
    fitted = several_score(protocol, cohort, plan.covariates, spec.propensity, plan.place)
    include = fitted.matrix.complete
    code = np.array([list(protocol.arms.groups).index(a) for a in cohort.arm], dtype=int)
    weight = np.zeros(cohort.n)
    weight[include] = stats.several_arm_weights(fitted.probability[include], code[include], spec.target)
    if spec.stabilised:
        weight[include] *= np.bincount(code[include])[code[include]] / include.sum()
    if spec.truncate is not None:
        everybody = np.zeros(int(include.sum()), dtype=bool)
        weight[include] = stats.truncate_weights(weight[include], everybody, "ate", at=spec.truncate)
    words = replace(words_of(spec, "", ""), estimand=ESTIMANDS[spec.target])
    sample = Sample(plan.name, words, include, weight, cluster=np.arange(cohort.n), weighted=True)
    left = np.full(cohort.n, "", dtype=object)
    left[~include] = NO_COUNTERPART
    left[fitted.missing] = MISSING
    return Design(
        name=plan.name,
        label=plan.label,
        sample=sample,
        balance=several_balance(protocol, cohort, plan.covariates, sample, set(spec.propensity)),
        facts=_facts(plan, spec, fitted, sample),
        model=fitted,
        remarks=tuple(weight_remarks(plan, sample)),
        left=left,
        reasons=(MISSING, NO_COUNTERPART),
        gaps=fitted.gaps,
    )


def several_score(protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], place: str) -> SeveralScore:
    """Multinomial logistic regression of the arm, maximum likelihood, on the complete cases whose levels every arm has."""
    view = score_view(protocol, covariates, names)
    whole = model_matrix(view.protocol, cohort, view.covariates, list(view.names))
    kept, gaps = _levels_of_all(view.protocol, cohort, view.covariates, list(view.names), whole.complete)
    for arm in protocol.arms.groups:
        if not (kept & cohort.in_arm(arm)).any():
            labels = ", ".join(protocol.covariates[n].label for n in names)
            message = (
                f"in the arm {protocol.arms.label(arm)} no patient has all of {labels} recorded with values that every arm has, "
                "so that nobody there has a propensity score; leave out of the score what is not recorded, or an arm"
            )
            raise DataError(Fault(place, "no overlap", message))
    X = whole.X[kept]
    varies = X.max(axis=0) > X.min(axis=0) if len(whole.terms) else np.zeros(0, dtype=bool)
    used = np.flatnonzero(varies)
    arms = (protocol.arms.reference, *protocol.arms.treatments)
    code = np.array([arms.index(a) for a in cohort.arm[kept]], dtype=int)
    try:
        fit = stats.multinomial(code, X[:, used])
    except stats.ArrayError as error:
        message = (
            f"the covariates {', '.join(protocol.covariates[n].label for n in names)} tell an arm apart from the others for some "
            "patients, so that no weight can make the arms alike and this design cannot be made. Leave out of the score what did "
            "not decide on treatment, or restrict the study to patients who could have received every treatment"
        )
        raise DataError(Fault(place, "no overlap", message)) from error
    probability = np.full((cohort.n, len(arms)), np.nan)
    probability[kept] = fit.probability[:, [arms.index(a) for a in protocol.arms.groups]]
    terms = tuple(view.term(*whole.terms[k]) for k in used)
    absent = tuple((*view.term(*whole.terms[k]), "nobody to compare") for k in np.flatnonzero(~varies))
    matrix = ModelMatrix(whole.X[:, used], terms, kept)
    return SeveralScore(
        probability, matrix, fit, arms, tuple(names), ~whole.complete, tuple(view.gap(gap) for gap in gaps), absent
    )  # fmt: skip


def _levels_of_all(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], complete: np.ndarray
) -> tuple[np.ndarray, list[Gap]]:
    """Without the patients of a level that some arm has not, each counted under the first; such a level has no finite
    coefficient."""
    kept, gaps, found = complete.copy(), [], True
    arms = {arm: cohort.in_arm(arm) for arm in protocol.arms.groups}
    while found:
        found = False
        for name in names:
            if protocol.covariates[name].kind == "continuous":
                continue
            for level, has in levels_of(protocol, covariates, name):
                mine = kept & has
                if not mine.any() or all((mine & arm).any() for arm in arms.values()):
                    continue
                gaps += [Gap((name,), level, arm, int((mine & who).sum())) for arm, who in arms.items() if (mine & who).any()]
                kept &= ~mine
                found = True
    return kept, gaps


def _facts(plan: Plan, spec: WeightsSpec, fitted: SeveralScore, sample: Sample) -> dict[str, object]:
    """smallest_score, largest_score: of the probabilities of the own arm."""
    own = fitted.probability[fitted.matrix.complete]
    code = np.array([list(plan.protocol.arms.groups).index(a) for a in plan.cohort.arm[fitted.matrix.complete]], dtype=int)
    own = own[np.arange(len(code)), code]
    smaller = int(np.bincount(code).min())
    terms = len(fitted.matrix.terms)
    return {
        "missing_score": int(fitted.missing.sum()),
        "no_counterpart": int((~fitted.missing & ~fitted.matrix.complete).sum()),
        "events_per_coefficient": smaller / terms if terms else float("nan"),
        **sizes(plan, sample),
        "smallest_score": float(own.min()),
        "largest_score": float(own.max()),
        "method": f"multinomial propensity score weights, {spec.words}{', stabilised' if spec.stabilised else ''}",
    }
