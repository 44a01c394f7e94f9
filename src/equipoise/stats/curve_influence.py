"""Influence of every row's weight on the Kaplan-Meier curve of its arm and on the area under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .survival_curve import influence_parts, kaplan_meier_product
from .timeline import lay_out, tail_sums
from .validation import ArrayError, Observations

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CurveInfluence:
    """One arm's survival at k times, and its area, with the derivatives by each row's log weight.

    survival, shape (k,); of_survival, shape (n, k); area to the horizon and of_area, shape (n,).  Each column sums to 0 over the
    rows; summed within clusters and squared, it gives the infinitesimal jackknife variance.
    """

    survival: Floats
    of_survival: Floats
    area: float
    of_area: Floats


def curve_influence(seen: Observations, times: Floats, tau: float | None = None) -> CurveInfluence:
    """Influence on survival at `times` (carried forward beyond the last observation) and on the area to `tau`.

    seen: without delayed entry; rows of weight 0 influence nothing.
    """
    weight = np.ones(seen.time.size) if seen.weight is None else seen.weight
    line = lay_out(seen.time)
    size = line.values.size
    kept = np.flatnonzero(np.bincount(line.code, minlength=size))
    at_risk = tail_sums(np.bincount(line.code, weight, size))[kept]
    events = np.bincount(line.code, weight * seen.event, size)[kept]
    survival = kaplan_meier_product(at_risk, events)
    parts = influence_parts(survival, at_risk, events, Observations(seen.time, seen.event, weight, None), line, kept)
    at = line.values[kept]
    asked = np.array([line.nearest(float(t)) for t in times])
    step = np.searchsorted(at, asked, side="right")
    curve, path = np.concatenate(([1.0], survival)), np.concatenate(([0.0], parts.path))
    over = step[None, :] > parts.place[:, None]
    moved = np.where(over, parts.final[:, None], path[step][None, :])
    of_survival = weight[:, None] * moved * curve[step]
    area, of_area = np.nan, np.zeros(weight.size)
    if tau is not None:
        area, of_area = _area(at, survival, parts.path, parts.final, parts.place, line.nearest(tau))
    return CurveInfluence(curve[step], of_survival, area, weight * of_area)


def _area(at: Floats, survival: Floats, path: Floats, final: Floats, place: NDArray[np.intp], tau: float) -> tuple[float, Floats]:
    """Area to tau, and by row: the integral of survival times the path to its time, then times its final influence."""
    inside = int(np.count_nonzero(at < tau))
    edges = np.concatenate(([0.0], at[:inside], [tau]))
    pieces = np.diff(edges) * np.concatenate(([1.0], survival[:inside]))
    gone = np.concatenate(([0.0], np.cumsum(path[:inside] * pieces[1:])))
    ahead = np.append(np.cumsum(pieces[::-1])[::-1][1:], 0.0)
    stop = np.minimum(place, inside)
    return float(pieces.sum()), final * ahead[stop] + gone[stop]


def refuse_beyond(seen: Observations, tau: float, name: str) -> None:
    """Raise where an arm is not observed up to tau and somebody of it still lives."""
    counted = seen.time if seen.weight is None else seen.time[seen.weight > 0]
    last = float(counted.max())
    if tau > last * (1 + 1e-12):
        ends = seen.event[seen.time == last] if seen.weight is None else seen.event[(seen.time == last) & (seen.weight > 0)]
        if not ends.all():
            raise ArrayError(f"tau is beyond the last observation of the {name}: the area has no estimate there.")
