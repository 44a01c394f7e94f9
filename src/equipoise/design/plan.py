"""What is asked of one design, and what all kinds of design have in common."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from equipoise.design.balance import balance_rows
from equipoise.design.propensity import Propensity, fit_propensity
from equipoise.protocol.designs import UNADJUSTED, DesignSpec, denominator_of
from equipoise.protocol.spec import Protocol
from equipoise.records import MISSING, NO_COUNTERPART, Cohort, Covariates, Sample, Words

WORDS = Words(
    kind=UNADJUSTED,
    adjective=UNADJUSTED,
    cohort="unadjusted cohort",
    heading="Unadjusted",
    hazard_ratio="unadjusted hazard ratio",
    estimand="The difference between the patients as they were treated, whatever made them differ.",
)
Scores = dict[tuple[tuple[str, ...], str], Propensity]  # covariates and how -> the score fitted to the patients at hand


def everybody(cohort: Cohort) -> Sample:
    """The analysed patients as they are."""
    return Sample(UNADJUSTED, WORDS, np.ones(cohort.n, dtype=bool), np.ones(cohort.n))


@dataclass(frozen=True, slots=True)
class Plan:
    """One design to make. place: of the covariates of its score in the protocol. variant: it is another one redone with other
    covariates, as a sensitivity analysis. scores: those fitted to these patients already. copy: it is made again with imputed
    covariates, once for each imputation, and no other orders of the tied are drawn."""

    protocol: Protocol
    cohort: Cohort
    covariates: Covariates
    name: str
    label: str
    spec: DesignSpec
    place: str
    variant: bool = False
    scores: Scores | None = field(default=None, repr=False)
    copy: bool = False
    focal: np.ndarray = field(init=False, repr=False, compare=False)  # bool per patient

    def __post_init__(self) -> None:
        object.__setattr__(self, "focal", self.cohort.in_arm(self.protocol.arms.focal))

    def fitted(self) -> Propensity:
        """The propensity score of the design, fitted once to the same patients. Raises DataError as `fit_propensity`."""
        names, score = list(self.spec.propensity), self.spec.score
        known = self.scores if self.scores is not None else {}
        key = (tuple(names), repr(score.decides))
        if key not in known:
            known[key] = fit_propensity(self.protocol, self.cohort, self.covariates, names, self.place, score)
        return known[key]

    @property
    def arms(self) -> tuple[tuple[str, np.ndarray], ...]:
        """The focal arm and the other one, of several arms all of them, each with bool per patient."""
        if self.protocol.arms.several:
            return tuple((arm, self.cohort.in_arm(arm)) for arm in self.protocol.arms.groups)
        return (self.protocol.arms.focal, self.focal), (self.protocol.arms.other, ~self.focal)


def place_of(plan: Plan, key: str) -> str:
    """Where a key of the design stands in the file; of a variant, where that of the primary one does."""
    declared = plan.protocol.primary if plan.variant else plan.name
    return plan.protocol.place(*plan.protocol.design_path(declared, key))


def score_facts(fitted: Propensity) -> dict[str, float]:
    """Facts of the propensity score, whatever is made of it; of a penalty its strength and how many coefficients it leaves."""
    kept = fitted.fit.kept
    more = fitted.fit.grouped
    counted = {"coefficients": len(kept) + len(more), "coefficients_kept": int(kept.sum()) + int((more != 0).sum())}
    chosen = {"penalty": fitted.fit.strength, **counted}
    return {
        **(chosen if fitted.score.shrunk else {}),
        "missing_score": int(fitted.missing.sum()),
        "no_counterpart": int((~fitted.missing & ~fitted.matrix.complete).sum()),
        "events_per_coefficient": fitted.events_per_coefficient,
        "c_statistic": fitted.fit.c_statistic,
    }


def without_score(fitted: Propensity, others: np.ndarray) -> np.ndarray:
    """Why each patient has no score, the first reason that applies; `others`, text per patient, where there is one."""
    left = others.astype(object)
    left[~fitted.matrix.complete] = NO_COUNTERPART
    left[fitted.missing] = MISSING
    return left


def furthest_apart(plan: Plan, fitted: Propensity) -> str:
    """The two covariates of the score in which the arms differ most, and who has no counterpart."""
    sample = everybody(plan.cohort).among(fitted.matrix.complete)
    rows = balance_rows(plan.protocol, plan.cohort, plan.covariates, sample, set(plan.spec.propensity), denominator_of(plan.spec))
    smd = {b.variable: abs(b.smd) for b in rows if b.in_propensity and not b.level and not np.isnan(b.smd)}
    furthest = sorted(smd, key=lambda v: -smd[v])[:2]
    named = " and ".join(f"'{v}' ({plan.protocol.covariates[v].label})" for v in furthest)
    message = (
        f"They are furthest apart in {named}; leave a covariate out of the score that did not decide on treatment, or restrict "
        "the study to patients who could have received either treatment"
    )
    for gap in fitted.gaps:
        who = " and ".join(f"'{v}'" for v in gap.variables) + (f" = {gap.level}" if gap.level else "")
        message += f". {gap.n} of the arm '{gap.arm}' have no counterpart by {who}"
    return message
