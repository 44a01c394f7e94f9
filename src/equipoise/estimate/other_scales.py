"""The effect of treatment as a difference: of restricted mean survival and of survival at landmarks, also doubly robust."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.estimate.horizon import Horizon, horizon_of
from equipoise.estimate.survival import Setting
from equipoise.protocol.designs import TARGETS, WeightsSpec, target_of
from equipoise.records import Design, Row
from equipoise.records.reasons import not_estimable

PHASE = "effect"
NORMAL = "normal approximation"
FEW_COLUMNS = "an arm has too few patients for a model with the covariates of the score"
NO_TARGET = "no augmented estimator is defined here for this target population"
SHORTEST = 1e-9  # days; a mean time below it has no ratio in the computer's numbers
CERTAIN = "a propensity score of 0 or 1 leaves no weight"


def effect_row(s: Setting, statistic: str, value: float, **more: object) -> Row:
    """A row of this phase in the setting."""
    return replace(s.row(statistic, value, **more), phase=PHASE)


def comparable(s: Setting) -> bool:
    """Whether there are two arms, and both have patients."""
    return len(s.protocol.arms.groups) == 2 and all(s.arm(a).n for a in s.protocol.arms.groups)


def compared(s: Setting) -> np.ndarray:
    """bool per patient who counts: in the compared arm."""
    return s.cohort.in_arm(s.protocol.arms.compared)[s.mask]


def restricted_mean_rows(s: Setting, within: Horizon | None = None) -> Iterator[Row]:
    """Restricted mean survival time of each arm (days), difference (days) and ratio, compared less reference arm, up to a horizon
    that stands in a row of its own; weighted and clustered as the sample asks. Limits and P by the normal approximation, those
    of the ratio on the log scale; none where nobody had the event before the horizon. within: a horizon in place of the own."""
    if not comparable(s):
        return
    horizon, contrast = within or horizon_of(s), s.protocol.arms.contrast
    base = {"analysis": "rmst", "n": s.n, "events": s.n_events}
    words = f"restricted mean survival time to {horizon.days / s.protocol.days_per_unit:.6g} {s.protocol.time_unit}"
    yield effect_row(s, "horizon", horizon.days, method=horizon.rule, **base)
    why = "" if horizon.reached else "an arm was not observed up to the horizon"
    if horizon.days < SHORTEST:
        why = "the horizon is no length of time"
    if why:
        method = not_estimable(why, words)
        yield from (effect_row(s, x, math.nan, contrast=contrast, method=method, **base) for x in ("difference", "ratio"))
        return
    fit = stats.rmst_contrast(
        s.outcome.time[s.mask], s.outcome.event[s.mask], compared(s), horizon.days,
        weight=s.sample.weights, cluster=s.sample.clusters, conf_level=s.protocol.level,
    )  # fmt: skip
    method = f"{words}; {_variance(s)}"
    z = (fit.high - fit.difference) / fit.se if fit.se > 0 else math.nan
    arms = s.protocol.arms
    for arm, mean, se in ((arms.compared, fit.treated, fit.se_treated), (arms.reference, fit.control, fit.se_control)):
        part = s.arm(arm)
        own = {"n": float(part.n), "events": float(s.outcome.event[part.include].sum())}
        reach = z * se if se > 0 else math.nan
        yield effect_row(s, "rmst", mean, low=mean - reach, high=mean + reach, group=arm, method=method, **(base | own))
    base["contrast"] = contrast
    low, high, ratio_low, ratio_high = (fit.low, fit.high, fit.ratio_low, fit.ratio_high) if fit.se > 0 else [math.nan] * 4
    yield effect_row(s, "difference", fit.difference, low=low, high=high, method=method, **base)
    yield effect_row(s, "p", fit.p, method=NORMAL, **base)
    yield effect_row(s, "ratio", fit.ratio, low=ratio_low, high=ratio_high, method=method, **base)
    yield effect_row(s, "p_ratio", fit.ratio_p, method=f"{NORMAL}, log scale", **base)


def _variance(s: Setting) -> str:
    """How the variance was made."""
    weighted = "weighted, " if s.sample.weighted else ""
    return f"{weighted}{s.sample.words.variance or 'infinitesimal jackknife variance'}"


def landmarks_within(s: Setting, who: np.ndarray) -> dict[str, float]:
    """Landmarks up to which these patients of both arms were observed: label -> day. who: bool per patient."""
    arms = [who & s.cohort.in_arm(a) for a in s.protocol.arms.groups]
    if not all(arm.any() for arm in arms):
        return {}
    last = min(s.outcome.time[arm].max() for arm in arms)
    return {label: day for label, day in s.protocol.landmark_days.items() if day <= last}


def survival_difference_rows(s: Setting) -> Iterator[Row]:
    """Difference of Kaplan-Meier survival at the landmarks, compared less reference arm, a share; weighted and clustered as the
    sample asks; plain limits. A landmark beyond the last time of an arm has none."""
    landmarks = landmarks_within(s, s.mask) if comparable(s) else {}
    if not landmarks:
        return
    fit = stats.survival_contrast(
        s.outcome.time[s.mask], s.outcome.event[s.mask], compared(s), list(landmarks.values()),
        weight=s.sample.weights, cluster=s.sample.clusters, conf_level=s.protocol.level,
    )  # fmt: skip
    base = {"analysis": "survival_difference", "contrast": s.protocol.arms.contrast, "n": s.n, "events": s.n_events}
    method = f"difference of Kaplan-Meier estimates; {_variance(s)}"
    for i, level in enumerate(landmarks):
        low, high = float(fit.low[i]), float(fit.high[i])
        yield effect_row(s, "difference", fit.difference[i], low=low, high=high, level=level, method=method, **base)
        yield effect_row(s, "p", fit.p[i], level=level, method=NORMAL, **base)


def doubly_robust_rows(s: Setting, design: Design) -> Iterator[Row]:
    """Difference of survival at the landmarks by augmented weighting of pseudo-values, from everybody with a score: right where
    the score or the models of the outcome are right. Of a match the target is the focal arm, of weights theirs; those of overlap
    and matching weights have no estimate. The variance takes score and models as known. None without a score."""
    if design.model is None or not comparable(s):
        return
    spec = s.protocol.designs[design.name]
    target = target_of(spec)
    who = ~np.isnan(design.propensity)
    if isinstance(spec, WeightsSpec):
        who &= s.mask
    landmarks = landmarks_within(s, who)
    base = {
        "analysis": "doubly_robust",
        "contrast": s.protocol.arms.contrast,
        "n": float(who.sum()),
        "events": float(s.outcome.event[who].sum()),
    }
    method = f"augmented weighting of pseudo-values ({TARGETS[target]}), score and outcome models taken as known"
    why = _why_none(s, design, who, target)
    fits = [] if why else _augmented(s, design, who, target, list(landmarks.values()))
    for i, level in enumerate(landmarks):
        if why:
            yield effect_row(s, "difference", math.nan, level=level, method=not_estimable(why, method), **base)
            continue
        value, low, high, p = fits[i]
        yield effect_row(s, "difference", value, low=low, high=high, level=level, method=method, **base)
        yield effect_row(s, "p", p, level=level, method=NORMAL, **base)


def _why_none(s: Setting, design: Design, who: np.ndarray, target: str) -> str:
    if target not in ("ate", "att", "atc"):
        return NO_TARGET
    score = design.propensity[who]
    if not ((score > 0) & (score < 1)).all():
        return CERTAIN
    smaller = min(int((who & s.cohort.in_arm(a)).sum()) for a in s.protocol.arms.groups)
    return FEW_COLUMNS if smaller < design.model.columns.shape[1] + 2 else ""


def _augmented(
    s: Setting, design: Design, who: np.ndarray, target: str, days: list[float]
) -> list[tuple[float, float, float, float]]:
    """Difference, limits and P at each day, compared less reference arm."""
    arms = s.protocol.arms
    first = arms.other if target == "atc" else arms.focal  # whose patients the effect is meant for, where not everybody's
    treated = s.cohort.in_arm(first)[who]
    score = design.propensity[who] if first == arms.focal else 1.0 - design.propensity[who]
    pseudo = stats.pseudo_survival(s.outcome.time[who], s.outcome.event[who], days, group=treated)
    sign = 1.0 if first == arms.compared else -1.0
    found = []
    for j in range(len(days)):
        fit = stats.doubly_robust(
            pseudo[:, j], treated, score, design.model.columns[who],
            target="ate" if target == "ate" else "att", conf_level=s.protocol.level,
        ).difference  # fmt: skip
        ends = sorted((sign * fit.low, sign * fit.high))
        found.append((sign * fit.estimate, *ends, fit.p))
    return found
