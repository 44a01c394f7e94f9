"""A world made of a study's own patients: their covariates and their scores, with outcomes drawn under a known effect.

Franklin JM, Schneeweiss S, Polinski JM, Rassen JA. Comput Stat Data Anal 2014;72:219-226.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.encoding import model_matrix
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import TREATMENT, Protocol
from equipoise.records import Cohort, Covariates, TimeToEvent
from equipoise.records.simulation import Asked
from equipoise.simulate.times import Baseline, Estimated, FollowUp, Observed, Planned, Weibull


@dataclass(frozen=True, slots=True)
class Course:
    """What decides when the patients of a study have the event. risk: log hazard ratio from covariates, mean 0, shape (n,).
    words: where it comes from, as a clause of a sentence."""

    risk: np.ndarray
    baseline: Baseline
    follow_up: FollowUp
    words: str


def declared_risk(protocol: Protocol, covariates: Covariates, prognosis: dict[str, float]) -> np.ndarray:
    """Log hazard ratios as declared: of a continuous covariate per SD, of a binary one with against without, of a categorical one
    from each level to the next. A missing value adds what the mean of the others adds."""
    total = np.zeros(len(next(iter(covariates.values.values()))))
    for name, ratio in prognosis.items():
        value = _number(protocol, covariates, name)
        known = ~np.isnan(value)
        if known.any():
            value = value - value[known].mean()
            if protocol.covariates[name].kind == "continuous" and value[known].std() > 0:
                value = value / value[known].std()
            total += np.log(ratio) * np.where(known, value, 0.0)
    return total


def risk_along(logit: np.ndarray, ratio: float) -> np.ndarray:
    """A hazard ratio per SD of the logit of the score: the covariates act on the event as they act on the choice of treatment. A
    patient without a score is taken for average."""
    known = ~np.isnan(logit)
    sd = logit[known].std() if known.any() else 0.0
    if sd == 0:
        return np.zeros(len(logit))
    return np.log(ratio) * np.where(known, (logit - logit[known].mean()) / sd, 0.0)


def course_of(
    given: Protocol,
    protocol: Protocol,
    cohort: Cohort,
    covariates: Covariates,
    logit: np.ndarray,
    asked: Asked,
    endpoint: str,
    outcome: TimeToEvent | None,
) -> Course:
    """given: the protocol with what it declares of the outcomes. logit: of the score, shape (n,). outcome: the study's own, None
    where it is not opened. Raises DataError where nobody has the event."""
    if outcome is not None:
        course = fitted_course(protocol, cohort, covariates, protocol.scored, outcome)
        if course is None:
            message = f"nobody has the event of '{endpoint}', so that its times say nothing of how to draw others"
            raise DataError(Fault(protocol.place("endpoints", endpoint), "no event", message))
        return course
    return _declared_course(given, covariates, logit, asked, endpoint)


def _declared_course(protocol: Protocol, covariates: Covariates, logit: np.ndarray, asked: Asked, endpoint: str) -> Course:
    """As the protocol declares, and the command in its place."""
    power, unit, name = protocol.power, protocol.days_per_unit, protocol.time_unit
    declared = power.prognosis if power is not None else {}
    risk = declared_risk(protocol, covariates, declared) if declared else risk_along(logit, asked.prognosis)
    median, follow_up = asked.median, asked.follow_up
    if median is None or follow_up is None:
        assert power is not None  # else it was refused
        median, follow_up = median or power.median[endpoint], follow_up or power.follow_up
    lost = asked.lost_per_year if asked.lost_per_year is not None else power.lost_per_year if power is not None else 0.0
    shortest, longest = follow_up
    acts = f"a hazard ratio of {asked.prognosis:g} per SD of the score's logit" if protocol.scored else "no covariate acts"
    words = (
        f"a median of {median:g} {name} in an average patient of the reference arm, follow-up of {shortest:g} to {longest:g} "
        f"{name}{f', {lost:.0%} lost per year' if lost else ''}, {'covariates act as declared' if declared else acts}"
    )
    shape = power.shape if power is not None else 1.0
    return Course(risk, Weibull(median * unit, shape), Planned(shortest * unit, longest * unit, lost), words)


def fitted_course(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], outcome: TimeToEvent
) -> Course | None:
    """The course of the study's own patients: a Cox model of treatment and covariates fitted to all complete cases, penalised
    (Firth) where the likelihood has no maximum, with its baseline hazard in the reference arm, and the follow-up as it was. A
    missing value adds what the mean of the others adds. None without an event."""
    matrix = model_matrix(protocol, cohort, covariates, [TREATMENT, *names])
    keep = matrix.complete
    time, event = outcome.time, outcome.event
    if not event[keep].any():
        return None
    X = matrix.X.copy()
    means = X[keep].mean(axis=0)
    means[0] = 0.0  # of the reference arm
    X -= means
    fit = stats.cox(time[keep], event[keep], X[keep], ties=protocol.cox.ties)
    if not (fit.converged and (fit.estimable | fit.aliased).all()):
        fit = stats.cox(time[keep], event[keep], X[keep], ties=protocol.cox.ties, firth=True)
    coef = np.where(np.isfinite(fit.coef), fit.coef, 0.0)
    risk = np.where(np.isnan(X[:, 1:]), 0.0, X[:, 1:]) @ coef[1:]
    curve = fit.survival(np.zeros(X.shape[1]))
    censored = stats.reverse_kaplan_meier(time, event)
    words = "a Cox model fitted to the study's own outcomes, with its baseline hazard and follow-up"
    return Course(risk, Estimated(curve.time, curve.cumulative_hazard), _observed(censored), words)


def _observed(curve: stats.SurvivalCurve) -> Observed:
    """The reverse Kaplan-Meier curve, closed at its last time."""
    share = curve.survival.copy()
    share[-1] = 0.0
    return Observed(curve.time, share)


def _number(protocol: Protocol, covariates: Covariates, name: str) -> np.ndarray:
    """A covariate as a number: of a categorical one the place of its level in the order of the protocol."""
    spec, value = protocol.covariates[name], covariates.values[name]
    if spec.kind != "categorical":
        return value.astype(float)
    place = {level: float(k) for k, level in enumerate(spec.levels)}
    return np.array([np.nan if v is None else place.get(v, np.nan) for v in value])
