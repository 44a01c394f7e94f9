"""MaxCombo: the largest of several Fleming-Harrington tests, with its joint distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike
from .logrank_counts import GroupCounts, group_counts, time_weights
from .normal_box import normal_box
from .tails import normal_two_sided
from .validation import ArrayError, labels, observations, require


@dataclass(frozen=True, slots=True, eq=False)
class MaxComboTest:
    """Result of the MaxCombo test of two groups.

    Attributes
    ----------
    statistic : float
        Largest absolute z.
    p : float
        Two-sided, from the joint normal distribution of the z values; exact to about 1e-6.
    z : float ndarray, shape (m,)
        One per (rho, gamma); positive where the second group has more events than expected.  nan for a weight that
        leaves no variance (late weights where all events share one time), which takes no part.
    correlation : float ndarray, shape (m, m)
    family : tuple of (rho, gamma)
    """

    statistic: float
    p: float
    z: Array
    correlation: Array
    family: tuple[tuple[float, float], ...]
    method: str

    def __str__(self) -> str:
        parts = ", ".join(f"FH({r:g}, {g:g}) {z:.4g}" for (r, g), z in zip(self.family, self.z, strict=True))
        return f"{self.method}: max |z| = {self.statistic:.6g}, P = {self.p:.4g} ({parts})"


def maxcombo(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    family: Sequence[tuple[float, float]] = ((0, 0), (0, 1), (1, 0), (1, 1)),
) -> MaxComboTest:
    """MaxCombo test of two groups, for hazards that may not be proportional.

    Parameters
    ----------
    time, event, group, strata
        As for :func:`equipoise.stats.logrank`; exactly two groups.
    family : sequence of (rho, gamma)
        Fleming-Harrington weights to combine; the default is that of the cross-pharma working group.

    Returns
    -------
    MaxComboTest

    References
    ----------
    Lin RS et al. Stat Biopharm Res 2020;12:187-198.  Karrison TG. Stata J 2016;16:678-690.
    """
    seen = observations(time, event)
    codes, levels = labels(group, "group", seen.time.size)
    require(levels.size == 2, f"group must hold exactly two labels, not {levels.size}.")
    pairs = tuple((float(rho), float(gamma)) for rho, gamma in family)
    require(len(pairs) > 0 and all(min(pair) >= 0 for pair in pairs), "family needs weights that are not negative.")
    strata_code = None if strata is None else labels(strata, "strata", seen.time.size)[0]
    excess, covariance = np.zeros(len(pairs)), np.zeros((len(pairs), len(pairs)))
    for counts in group_counts(seen, codes, 2, strata_code):
        part, spread = _joint(counts, pairs)
        excess, covariance = excess + part, covariance + spread
    variance = np.diag(covariance)
    used = variance > 0
    if not used.any():
        raise ArrayError("no test of the family has a variance: the groups are never at risk together at an event.")
    scale = np.sqrt(np.where(used, variance, np.nan))
    z, correlation = excess / scale, covariance / np.outer(scale, scale)
    largest = float(np.abs(z[used]).max())
    # Below 1e-6 the quadrature has no digits left; the P of one test and Bonferroni's enclose that of all.
    one = float(normal_two_sided(largest))
    p = min(max(1 - normal_box(largest, correlation[np.ix_(used, used)]), one), np.count_nonzero(used) * one, 1.0)
    name = "MaxCombo test" + (", stratified" if strata is not None else "")
    return MaxComboTest(largest, p, z, correlation, pairs, name)


def _joint(counts: GroupCounts, family: tuple[tuple[float, float], ...]) -> tuple[Array, Array]:
    d, n = counts.n_events, counts.n_at_risk
    share = counts.at_risk[1] / n
    away = counts.events[1] - d * share
    spread = share * (1 - share) * d * (n - d) / np.maximum(n - 1, 1)
    weights = [time_weights(counts, "fleming-harrington", rho, gamma) for rho, gamma in family]
    W = np.stack([np.ones(d.size) if w is None else w for w in weights])
    return W @ away, (W * spread) @ W.T
