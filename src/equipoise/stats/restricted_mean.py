"""Restricted mean survival time, its differences and ratios, and adjustment for covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, IntArray
from .rmst_regression import AdjustedRmst, adjusted_rmst
from .survival_curve import SurvivalCurve, influence_parts, kaplan_meier, kaplan_meier_product
from .tails import normal_two_sided, two_sided_z
from .timeline import Timeline, lay_out, part_of, tail_sums
from .validation import ArrayError, Observations, labels, matrix, observations, probability, require, vector


@dataclass(frozen=True, slots=True)
class RmstContrast:
    """One group against the reference; P and limits from the normal approximation.

    Attributes
    ----------
    group, reference : labels
    difference, difference_se, difference_low, difference_high, difference_p : float
        RMST of `group` less that of `reference`, in the unit of time.
    ratio, ratio_low, ratio_high, ratio_p : float
        Their ratio, on the log scale.
    """

    group: object
    reference: object
    difference: float
    difference_se: float
    difference_low: float
    difference_high: float
    difference_p: float
    ratio: float
    ratio_low: float
    ratio_high: float
    ratio_p: float

    def __str__(self) -> str:
        return (
            f"{self.group} vs {self.reference}: difference {self.difference:.6g} "
            f"({self.difference_low:.6g} to {self.difference_high:.6g}), P = {self.difference_p:.4g}; "
            f"ratio {self.ratio:.6g} ({self.ratio_low:.6g} to {self.ratio_high:.6g})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Rmst:
    """Restricted mean survival time by group.

    Attributes
    ----------
    groups : tuple of labels
        The reference first.
    mean, se, low, high : float ndarray, shape (groups,)
        Area under the Kaplan-Meier curve to `tau`, Greenwood-type standard error, plain limits.
    lost : float ndarray, shape (groups,)
        Restricted mean time lost, tau - mean.
    contrasts : tuple of RmstContrast
        Every other group against the reference.
    adjusted : AdjustedRmst or None
        Differences adjusted for covariates, where X was given.
    tau : float
    """

    groups: tuple[object, ...]
    mean: Array
    se: Array
    low: Array
    high: Array
    lost: Array
    contrasts: tuple[RmstContrast, ...]
    adjusted: AdjustedRmst | None
    tau: float
    conf_level: float
    method: str

    def __str__(self) -> str:
        rows = [
            f"  {g}: {m:.6g} ({a:.6g} to {b:.6g})" for g, m, a, b in zip(self.groups, self.mean, self.low, self.high, strict=True)
        ]
        extra = [] if self.adjusted is None else [str(self.adjusted)]
        return "\n".join([f"{self.method}, tau = {self.tau:g}", *rows, *(f"  {c}" for c in self.contrasts), *extra])


def rmst(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike | None = None,
    tau: float | None = None,
    *,
    reference: int | None = None,
    X: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> Rmst:
    """Restricted mean survival time up to `tau`, by group, with differences and ratios.

    Parameters
    ----------
    time : array_like, shape (n,)
        Follow-up time, not negative.
    event : array_like, shape (n,)
        1 or True for an event, 0 or False for right censoring.
    group : array_like, shape (n,), optional
    tau : float, optional
        Horizon.  Default: the shortest of the groups' last observed times.  It is tied with an observed time that
        differs from it by rounding only, as those are among themselves.
    reference : label, optional
        Denominator of the contrasts; default the first group in sorted order.
    X : array_like, shape (n, p), optional
        Covariates; adds differences adjusted by inverse-probability-of-censoring weighted regression.
    weight : array_like, shape (n,), optional
        Case weights: whole ones are frequencies, fractional ones (inverse probability of treatment) take the
        infinitesimal jackknife variance.  Not together with `X`.
    entry : array_like, shape (n,), optional
        Delayed entry: a row is at risk on (entry, time].  Not together with `X` or fractional weights.
    conf_level : float, default 0.95

    Returns
    -------
    Rmst

    Raises
    ------
    ArrayError
        For bad arrays, or a `tau` beyond the last observation of a group whose curve has not reached zero.

    References
    ----------
    Uno H et al. J Clin Oncol 2014;32:2380-2385.
    Tian L, Zhao L, Wei LJ. Biostatistics 2014;15:222-233 (adjustment).
    """
    seen = observations(time, event, weight=weight, entry=entry)
    require(weight is None or X is None, "weight and X cannot be combined in the restricted mean.")
    require(entry is None or X is None, "entry and X cannot be combined in the restricted mean.")
    fractional = seen.weight is not None and bool((seen.weight != np.floor(seen.weight)).any())
    require(entry is None or not fractional, "entry and fractional weights cannot be combined in the restricted mean.")
    n = seen.time.size
    conf_level = probability(conf_level, "conf_level")
    code, levels = _groups(group, n, reference)
    seen, line = _tied(seen)
    tau = _horizon(seen, line, code, levels, tau)
    rows = [slice(None)] if len(levels) == 1 else [(code == k).nonzero()[0] for k in range(len(levels))]
    found = [_area(seen, line, part, tau, label) for part, label in zip(rows, levels, strict=True)]
    mean, se = np.array([m for m, _ in found]), np.array([s for _, s in found])
    z = two_sided_z(conf_level)
    contrasts = tuple(_contrast(levels[k], levels[0], mean[[k, 0]], se[[k, 0]], z) for k in range(1, len(levels)))
    adjusted = None
    if X is not None:
        require(len(levels) > 1, "group must hold at least two groups for adjusted differences.")
        adjusted = adjusted_rmst(seen, code, levels, matrix(X, n), tau, conf_level)
    return Rmst(
        tuple(levels), mean, se, mean - z * se, mean + z * se, tau - mean, contrasts, adjusted, tau, conf_level,
        "Restricted mean survival time (area under the Kaplan-Meier curve)",
    )  # fmt: skip


def _groups(group: ArrayLike | None, n: int, reference: object) -> tuple[IntArray, list[object]]:
    if group is None:
        return np.zeros(n, dtype=np.intp), ["all"]
    code, present = labels(group, "group", n)
    levels = present.tolist()
    if reference is None or reference == levels[0]:
        return code, levels
    require(reference in levels, f"reference {reference!r} is not a group.")
    first = levels.index(reference)
    order = [first, *(k for k in range(len(levels)) if k != first)]
    place = np.empty(len(levels), dtype=np.intp)
    place[order] = np.arange(len(levels))
    return place[code], [levels[k] for k in order]


def _tied(seen: Observations) -> tuple[Observations, Timeline]:
    """The observations with times that differ by rounding only made one over all groups, and their timeline."""
    line = lay_out(seen.time, seen.entry)
    entry = seen.entry
    if entry is not None and not np.array_equal(line.values[line.code], seen.time):
        entry = line.values[line.entry]
    return Observations(line.values[line.code], seen.event, seen.weight, entry), line


def _horizon(seen: Observations, line: Timeline, code: IntArray, levels: list[object], tau: float | None) -> float:
    if tau is None:
        tau = min(float(seen.time[code == k].max()) for k in range(len(levels)))
    tau = line.nearest(float(vector([tau], "tau")[0]))
    require(tau > 0, "tau must be positive.")
    return tau


def _area(seen: Observations, line: Timeline, rows: IntArray | slice, tau: float, label: object) -> tuple[float, float]:
    """Area under the curve of some rows, and its standard error."""
    part = seen.rows(rows)
    own = part_of(line, seen.time, seen.entry, rows)
    weight, size = part.weight, own.values.size
    require(weight is None or bool(weight.any()), f"weight is zero in every row of group {label!r}.")
    leaving = np.bincount(own.code, weight, size)
    at_risk = tail_sums(leaving)
    if own.entry is not None:
        at_risk = at_risk - tail_sums(np.bincount(own.entry, weight, size))
    died = own.code[part.event]
    events = np.bincount(died, None if weight is None else weight[part.event], size)
    happened = events.nonzero()[0]
    n, d, time = at_risk[happened], events[happened], own.values[happened]
    survival = kaplan_meier_product(n, d)
    if tau > part.time.max() and (not survival.size or survival[-1] > 0):
        raise ArrayError(f"tau is beyond the last observation of group {label!r}.")
    inside = int(np.searchsorted(time, tau))
    n, d = n[:inside], d[:inside]
    edges = np.concatenate(([0.0], time[:inside], [tau]))
    pieces = (edges[1:] - edges[:-1]) * np.concatenate(([1.0], survival[:inside]))
    left = tail_sums(pieces)[1:]
    if weight is not None and (weight != np.floor(weight)).any():
        curve = kaplan_meier(part.time, part.event, weight=weight)
        return float(pieces.sum()), _jackknife_se(Observations(part.time, part.event, weight, None), curve, tau)
    last = n == d
    terms = left**2 * d / (n * np.where(last, 1, n - d))
    terms[last] = 0.0
    return float(pieces.sum()), float(np.sqrt(terms.sum()))


def _jackknife_se(seen: Observations, curve: SurvivalCurve, tau: float) -> float:
    """Root of the summed squared influence of the weighted rows on the area.

    A row raises log survival by path(t) while at risk and by a constant afterwards, so its influence on the area
    is (integral of path * survival to its time) + constant * (area left from there).
    """
    inside = curve.time < tau
    edges = np.concatenate(([0.0], curve.time[inside], [tau]))
    pieces = np.diff(edges) * np.concatenate(([1.0], curve.survival[inside]))
    left = tail_sums(pieces)[1:]
    line = lay_out(seen.time)
    kept = np.flatnonzero(np.bincount(line.code))
    parts = influence_parts(curve.survival, curve.at_risk, curve.events, seen, line, kept)
    steps = np.count_nonzero(inside)
    # The piece after each time inside carries that time's path; what comes before the first carries none.
    gone = np.concatenate(([0.0], np.cumsum(parts.path[:steps] * pieces[1:])))
    ahead = np.append(left, 0.0)
    place = np.minimum(parts.place, steps)
    influence = seen.weight * (parts.final * ahead[place] + gone[place])
    return float(np.sqrt(influence @ influence))


def _contrast(label: object, reference: object, mean: Array, se: Array, z: float) -> RmstContrast:
    difference, spread = float(mean[0] - mean[1]), float(np.hypot(se[0], se[1]))
    ratio = float(mean[0] / mean[1])
    log_spread = float(np.hypot(se[0] / mean[0], se[1] / mean[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = normal_two_sided(np.divide(difference, spread))
        ratio_p = normal_two_sided(np.divide(np.log(ratio), log_spread))
    return RmstContrast(
        label, reference, difference, spread, difference - z * spread, difference + z * spread, p,
        ratio, ratio * float(np.exp(-z * log_spread)), ratio * float(np.exp(z * log_spread)), ratio_p,
    )  # fmt: skip
