"""Endpoints with a competing event: cumulative incidence with Gray's test, and the subdistribution hazard ratio. The hazard ratio
of the Cox model (phase survival) is the cause-specific one, as competing events end the time there."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.other_scales import comparable, compared, effect_row, landmarks_within
from equipoise.estimate.survival import Setting
from equipoise.records import Curve, Row
from equipoise.records.reasons import not_estimable

NO_WEIGHTED_TEST = "Gray's test treats weights as numbers of patients, so that its P would depend on their scale"
CAUSES = {1: "event", 2: "competing"}
NO_EVENT = "nobody, or everybody at risk, of an arm has the event"


def competing_rows(s: Setting) -> Iterator[Row]:
    """None of an endpoint that nothing competes with, or where nobody has the event. Curves of a weighted sample are weighted,
    with the infinitesimal jackknife; those of pairs, and Gray's test, do not regard the pairs; the subdistribution hazard ratio
    is clustered and weighted as the sample asks."""
    if not _competes(s):
        return
    cause = _cause(s)
    for arm in s.protocol.arms.groups:
        mine = s.arm(arm).include
        n = float((mine & (cause == 2)).sum())
        yield effect_row(s, "n", n, analysis="incidence", variable="competing", group=arm, n=float(mine.sum()))
    yield from _incidence(s, cause)
    yield from _subdistribution(s, cause)


def incidence_curves(s: Setting) -> dict[str, Curve]:
    """Cumulative incidence by key incidence.endpoint.design.population.cause.arm; cause: event, competing. None where
    nothing competes. Patients at risk are those of the Kaplan-Meier curve, which a competing event ends too."""
    if not _competes(s):
        return {}
    cause, part = _cause(s), s.sample
    fit = _fit(s, cause)
    found = {}
    for arm in s.protocol.arms.groups:
        for code, name in CAUSES.items():
            if (cause[s.arm(arm).include] == code).any():
                key = f"incidence.{s.endpoint}.{part.design}.{part.population}.{name}.{arm}"
                found[key] = Curve(s.endpoint, part.design, part.population, arm, fit.curve(code, arm), part.weighted)
    return found


def _competes(s: Setting) -> bool:
    return s.outcome.competing is not None and comparable(s) and s.n_events > 0


def _cause(s: Setting) -> np.ndarray:
    """Per patient: 0 censored, 1 the event, 2 the competing one."""
    return np.where(s.outcome.event == 1, 1, np.where(s.outcome.competing, 2, 0))


def _fit(s: Setting, cause: np.ndarray):
    return stats.cumulative_incidence(
        s.outcome.time[s.mask], cause[s.mask], s.cohort.arm[s.mask], weight=s.sample.weights, conf_level=s.protocol.level
    )


def _incidence(s: Setting, cause: np.ndarray) -> Iterator[Row]:
    fit = _fit(s, cause)
    together = "pairs" if s.sample.paired else "matched sets" if s.sample.in_sets else ""
    pairs = f"; without regard to {together}" if together else ""
    method = f"{'weighted ' if s.sample.weighted else ''}{fit.method}{pairs}"
    for level, day in landmarks_within(s, s.mask).items():
        for group in s.protocol.arms.groups:
            part = s.arm(group)
            at = fit.curve(1, group).at([day])
            size = {"n": float(part.n), "events": float(s.outcome.event[part.include].sum())}
            yield effect_row(
                s, "incidence", at.incidence[0], low=float(at.low[0]), high=float(at.high[0]), analysis="incidence",
                level=level, group=group, method=method, **size,
            )  # fmt: skip
    base = {"analysis": "incidence", "n": s.n, "events": s.n_events}
    if s.sample.weighted:
        yield effect_row(s, "p", math.nan, method=not_estimable(NO_WEIGHTED_TEST), **base)
        return
    test = fit.test(1)
    yield effect_row(s, "p", test.p, method=f"{test.method}{pairs}", **base)


def _subdistribution(s: Setting, cause: np.ndarray) -> Iterator[Row]:
    fit = stats.fine_gray(
        s.outcome.time[s.mask], cause[s.mask], compared(s).astype(float)[:, None],
        weight=s.sample.weights, cluster=s.sample.clusters, conf_level=s.protocol.level,
    )  # fmt: skip
    base = {"analysis": "fine_gray", "contrast": s.protocol.arms.contrast, "n": float(fit.n), "events": float(fit.n_events)}
    usable = bool(fit.estimable[0] and np.isfinite(fit.coef[0]) and np.isfinite(fit.se[0]) and fit.se[0] > 0 and fit.converged)
    if not usable:
        yield effect_row(s, "hr", math.nan, method=not_estimable(NO_EVENT, fit.method), **base)
        return
    yield effect_row(s, "hr", fit.hr[0], low=float(fit.low[0]), high=float(fit.high[0]), method=fit.method, **base)
    yield effect_row(s, "p", fit.p[0], method="Wald test", **base)
