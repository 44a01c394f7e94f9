"""Survival that the patients of a design would have under each treatment, by a model of the outcome (g-formula)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.encoding import model_matrix
from equipoise.estimate.horizon import horizon_of
from equipoise.estimate.other_scales import comparable, compared, effect_row, landmarks_within
from equipoise.estimate.survival import Setting
from equipoise.protocol.effects import Standardised
from equipoise.records import Covariates, Curve, Row
from equipoise.records.reasons import not_estimable

ANALYSIS, MEANS = "standardised", "standardised_rmst"
MOST_STEPS = 400  # times at which a curve is taken where there are more events


@dataclass(frozen=True, slots=True)
class Smooth:
    """A curve of a model: days, and survival there; 1 at day 0."""

    time: np.ndarray
    survival: np.ndarray


def standardised(s: Setting, covariates: Covariates) -> tuple[list[Row], dict[str, Curve]]:
    """Survival at the landmarks, its difference and restricted means with everybody treated and with nobody, averaged over the
    patients of the design by their weights; complete cases. Limits by bootstrap (pairs drawn together): of the arms plain, of
    differences percentiles. Curves by key standardised.endpoint.design.population.arm. Nothing where it is not asked for."""
    asked = s.protocol.effects.standardised
    if asked is None or not comparable(s):
        return [], {}
    names = asked.covariates or s.protocol.scored
    matrix = model_matrix(s.protocol, s.cohort, covariates, names)
    part = s.among(matrix.complete)
    landmarks, horizon = landmarks_within(part, part.mask), horizon_of(s)
    left = f"; {s.n - part.n:.0f} without a covariate left out" if part.n < s.n else ""
    over = f"averaged over the patients of the design{' by their weights' if s.sample.weighted else ''}"
    words = f"adjusted for {', '.join(s.protocol.covariates[n].label for n in names)}, {over}{left}"
    try:
        fit = _fit(part, asked, matrix.X[part.mask], landmarks, horizon.days if horizon.reached else None)
    except stats.ArrayError as error:
        return list(_none(part, landmarks, not_estimable(str(error), words))), {}
    failed = f", {fit.failed} without an estimate" if fit.failed else ""
    method = f"{fit.method}{failed}; {words}"
    return [*_survival(part, fit, landmarks, method), *_means(part, fit, method)], _curves(part, fit)


def _fit(s: Setting, asked: Standardised, X: np.ndarray, landmarks: dict[str, float], horizon: float | None):
    time, event = s.outcome.time[s.mask], s.outcome.event[s.mask]
    if not event.any():
        raise stats.ArrayError("nobody has the event")
    last = max([*landmarks.values(), *([horizon] if horizon is not None else [])], default=float(time.max()))
    more = {
        "weight": s.sample.weights, "cluster": s.sample.clusters, "replicates": asked.replicates, "seed": asked.seed,
        "conf_level": s.protocol.level, "horizon": horizon,
    }  # fmt: skip
    if asked.model == "pooled_logistic":
        width = asked.days(s.protocol.days_per_unit)
        at = width * np.arange(1, max(math.ceil(last / width - 1e-6), 1) + 1)
        return stats.pooled_logistic_curves(time, event, compared(s), X, at, interval=width, **more)
    at = np.unique(np.append(_steps(time[event == 1], last), list(landmarks.values())))
    by_arm, ties = asked.model == "cox_by_arm", s.protocol.cox.ties
    return stats.standardised_curves(time, event, compared(s), X, at, by_arm=by_arm, ties=ties, **more)


def _steps(events: np.ndarray, last: float) -> np.ndarray:
    """The times of events up to the last day that is asked for, or an even choice of them."""
    times = np.unique(events[events <= last])
    if len(times) <= MOST_STEPS:
        return times
    return times[np.unique(np.linspace(0, len(times) - 1, MOST_STEPS).round().astype(int))]


def _survival(s: Setting, fit, landmarks: dict[str, float], method: str) -> Iterator[Row]:
    arms, base = s.protocol.arms, {"analysis": ANALYSIS, "n": s.n, "events": s.n_events, "method": method}
    for level, day in landmarks.items():
        i = int(np.argmin(np.abs(fit.times - day)))
        for arm, value, se in ((arms.compared, fit.treated, fit.se_treated), (arms.reference, fit.control, fit.se_control)):
            reach = _z(fit) * se[i]
            low, high = max(value[i] - reach, 0.0), min(value[i] + reach, 1.0)
            yield effect_row(s, "survival", value[i], low=float(low), high=float(high), level=level, group=arm, **base)
        low, high = float(fit.low[i]), float(fit.high[i])
        yield effect_row(s, "difference", fit.difference[i], low=low, high=high, level=level, contrast=arms.contrast, **base)


def _means(s: Setting, fit, method: str) -> Iterator[Row]:
    """Days; nothing where an arm was not observed up to the horizon."""
    means, arms = fit.means, s.protocol.arms
    if means is None:
        return
    base = {"analysis": MEANS, "n": s.n, "events": s.n_events, "method": method}
    for arm, value, se in ((arms.compared, means.treated, means.se_treated), (arms.reference, means.control, means.se_control)):
        reach = _z(fit) * se
        yield effect_row(s, "rmst", value, low=max(value - reach, 0.0), high=min(value + reach, means.horizon), group=arm, **base)
    yield effect_row(s, "difference", means.difference, low=means.low, high=means.high, contrast=arms.contrast, **base)


def _z(fit) -> float:
    """The normal quantile behind the limits of a difference."""
    known = fit.se > 0
    return float(((fit.wald_high - fit.difference)[known] / fit.se[known])[0]) if known.any() else math.nan


def _none(s: Setting, landmarks: dict[str, float], method: str) -> Iterator[Row]:
    for level in landmarks:
        yield effect_row(
            s, "difference", math.nan, analysis=ANALYSIS, level=level, contrast=s.protocol.arms.contrast, n=s.n,
            events=s.n_events, method=method,
        )  # fmt: skip


def _curves(s: Setting, fit) -> dict[str, Curve]:
    arms, part = s.protocol.arms, s.sample
    found = {}
    for arm, survival in ((arms.compared, fit.treated), (arms.reference, fit.control)):
        curve = Smooth(np.append(0.0, fit.times), np.append(1.0, survival))
        key = f"standardised.{s.endpoint}.{part.design}.{part.population}.{arm}"
        found[key] = Curve(s.endpoint, part.design, part.population, arm, curve, part.weighted)
    return found
