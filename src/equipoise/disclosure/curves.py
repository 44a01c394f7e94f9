"""Curves whose steps rest on enough patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from equipoise.records import Curve, Masked, Row

PUBLISHED = "published"  # whose patients are not of this study
AT_RISK, WORTH = "at_risk", "effective_at_risk"
WHY = "masked: a count below the minimum, or one that would follow"


@dataclass(frozen=True, slots=True, eq=False)
class CoarseCurve:
    """A curve as it may be drawn: it changes only after every `least` events, stands still from the last such change to the last
    time at which `least` patients are at risk, and ends there. time: days. value: survival or incidence. No censoring
    is marked."""

    time: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    censored: np.ndarray
    whole: Any
    least: int

    @property
    def survival(self) -> np.ndarray:
        return self.value

    @property
    def incidence(self) -> np.ndarray:
        return self.value

    def at_risk_at(self, days: Sequence[float]) -> list[float]:
        """Patients at risk at rising days: masked where they, or those who left since the last number that is shown, are few."""
        return masked_neighbours([float(n) for n in _at_risk_at(self.whole, np.asarray(days, dtype=float))], self.least)

    def effective_at_risk_at(self, days: Sequence[float]) -> list[float]:
        worth = self.whole.effective_at_risk_at(np.asarray(days, dtype=float))
        return [n if isinstance(n, Masked) else float(w) for n, w in zip(self.at_risk_at(days), worth, strict=True)]


def masked_curve(curve: Curve, least: int) -> Curve:
    """The same curve, coarse; one of a model, which has no events of its own, as it is."""
    return replace(curve, fit=coarse(curve.fit, least)) if hasattr(curve.fit, "events") else curve


def coarse(fit: Any, least: int) -> CoarseCurve:
    """fit: a Kaplan-Meier or an incidence curve. Of weights a time with events counts as one."""
    at_risk = np.asarray(getattr(fit, "n_at_risk", fit.at_risk), dtype=float)
    events = np.asarray(fit.events, dtype=float)
    events = np.where(events == np.round(events), events, 1.0)
    rising = hasattr(fit, "incidence")
    value = fit.incidence if rising else fit.survival
    there = np.flatnonzero(at_risk >= least)
    end = int(there[-1]) if len(there) else -1
    kept, waiting = [], 0.0
    for i in range(end + 1):
        waiting += events[i]
        if waiting >= least:
            kept.append(i)
            waiting = 0.0
    time = fit.time[kept]
    columns = [c[kept] for c in (value, fit.low, fit.high)]
    if end >= 0 and (not kept or kept[-1] < end):
        start = 0.0 if rising else 1.0
        time = np.append(time, fit.time[end])
        columns = [np.append(c, c[-1] if len(c) else start) for c in columns]
    if end < 0:
        time, columns = np.zeros(1), [np.full(1, 0.0 if rising else 1.0)] * 3
    return CoarseCurve(time, *columns, np.zeros(len(time)), fit, least)


def masked_at_risk(rows: list[Row], least: int) -> list[Row]:
    """Patients at risk at the rising times of each curve: masked where they, or those who left since the last number that is
    shown, are few; and what masked ones are worth."""
    curves: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        if row.statistic == AT_RISK and row.phase != PUBLISHED:
            curves.setdefault(_curve_of(row), []).append(i)
    shown = list(rows)
    hidden: dict[tuple[str, ...], Row] = {}
    for places in curves.values():
        for i, n in zip(places, masked_neighbours([rows[i].value for i in places], least), strict=True):
            if isinstance(n, Masked) and not isinstance(rows[i].value, Masked):
                shown[i] = replace(rows[i], value=n, method=WHY)
            if isinstance(shown[i].value, Masked):
                hidden[(*_curve_of(rows[i]), rows[i].level)] = shown[i]
    for i, row in enumerate(rows):
        told = hidden.get((*_curve_of(row), row.level)) if row.statistic == WORTH else None
        if told is not None and not isinstance(row.value, Masked):
            shown[i] = replace(row, value=Masked(counted=True), n=told.n, method=told.method)
    return shown


def _curve_of(row: Row) -> tuple[str, ...]:
    return row.phase, row.endpoint, row.design, row.population, row.group, row.analysis, row.variable, row.contrast


def masked_neighbours(counts: Sequence[float], least: int) -> list[float]:
    """Falling counts: each is shown where it is 0 or at least `least`, and so is what it fell by since the last that is shown."""
    shown: list[float] = []
    last: float | None = None
    for n in counts:
        left = least if last is None else last - n
        if 0 < n < least:
            shown.append(Masked(f"<{least}", counted=True))
        elif 0 < left < least:
            shown.append(Masked(counted=True))
        else:
            shown.append(n)
            last = n
    return shown


def _at_risk_at(fit: Any, days: np.ndarray) -> np.ndarray:
    if hasattr(fit, "at_risk_at"):
        return fit.at_risk_at(days)
    return np.append(fit.at_risk, 0)[np.searchsorted(fit.time, days, side="left")]
