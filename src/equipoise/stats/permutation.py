"""Permutation P value of the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike
from .timeline import lay_out
from .validation import Observations, labels, observations, require, whole

_BATCH_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Two-sided P by permuting the group labels.

    Attributes
    ----------
    statistic : float
        Sum of the log-rank scores of the second group.
    p : float
        (1 + number of permutations at least as extreme) / (1 + permutations).
    n_permutations, seed : int
    """

    statistic: float
    p: float
    n_permutations: int
    seed: int
    method: str

    def __str__(self) -> str:
        return f"{self.method}: P = {self.p:.4g}"


def logrank_permutation(
    time: ArrayLike, event: Array, group: ArrayLike, *, n_permutations: int = 9999, seed: int = 1
) -> PermutationTest:
    """Permutation log-rank test of two groups, for samples too small for its chi-square.

    Parameters
    ----------
    time, event, group
        As for :func:`equipoise.stats.logrank`; exactly two groups.
    n_permutations : int, default 9999
    seed : int, default 1
        The same seed gives the same P.

    Returns
    -------
    PermutationTest

    Notes
    -----
    Permutes the log-rank scores event - cumulative hazard (Nelson-Aalen) of all rows, whose sum over a group is
    its observed less expected events; valid where censoring is alike in both groups.

    References
    ----------
    Peto R, Peto J. J R Stat Soc A 1972;135:185-207.
    """
    seen = observations(time, event)
    codes, levels = labels(group, "group", seen.time.size)
    require(levels.size == 2, f"group must hold exactly two labels, not {levels.size}.")
    n_permutations, seed = whole(n_permutations, "n_permutations", 1), whole(seed, "seed")
    scores = logrank_scores(seen)
    second = np.flatnonzero(codes == 1)
    observed = float(scores[second].sum())
    rng = np.random.default_rng(seed)
    extreme, left = 0, n_permutations
    slack = abs(observed) - 1e-9 * np.abs(scores).sum()
    while left:
        batch = min(left, max(1, _BATCH_CELLS // scores.size))
        shuffled = rng.permuted(np.broadcast_to(scores, (batch, scores.size)), axis=1)
        extreme += int(np.count_nonzero(np.abs(shuffled[:, : second.size].sum(axis=1)) >= slack))
        left -= batch
    p = (1 + extreme) / (1 + n_permutations)
    return PermutationTest(
        observed, p, n_permutations, seed, f"Permutation log-rank test, {n_permutations} permutations, seed {seed}"
    )


def logrank_scores(seen: Observations) -> Array:
    """Event indicator less Nelson-Aalen cumulative hazard at each row's time; they sum to zero."""
    line = lay_out(seen.time)
    size = line.values.size
    at_risk = np.cumsum(np.bincount(line.code, minlength=size)[::-1])[::-1]
    hazard = np.cumsum(np.bincount(line.code[seen.event], minlength=size) / np.maximum(at_risk, 1))
    return seen.event - hazard[line.code]
