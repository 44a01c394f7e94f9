"""Exact null distributions of rank statistics."""

from __future__ import annotations

import numpy as np

from .arrays import Array, IntArray


def rank_sum_half(m: int, n: int) -> Array:
    """Probabilities of the lower half, 0..m*n // 2, of the Mann-Whitney statistic, which is symmetric.

    The Gaussian binomial coefficient's terms, by multiplying (1 - q**(n+i)) and dividing by (1 - q**i); the upper half
    would come from cancelling sums.  Each step is scaled to probabilities, so that nothing overflows.
    """
    if m > n:
        m, n = n, m
    chance = np.zeros(m * n // 2 + 1)
    chance[0] = 1.0
    for i in range(1, m + 1):
        chance = _times_range(chance, n + i, i) * (i / (n + i))
    return chance


def _times_range(counts: Array, top: int, bottom: int) -> Array:
    if top < counts.size:
        counts[top:] = counts[top:] - counts[:-top].copy()
    # Division by 1 - q**bottom is a running sum with stride `bottom`.
    for start in range(min(bottom, counts.size)):
        counts[start::bottom] = np.cumsum(counts[start::bottom])
    return counts


def signed_rank_half(ranks: IntArray) -> Array:
    """Probabilities of the lower half, 0..sum(ranks) // 2, of the sum of the positive ranks; `ranks` whole and positive."""
    chance = np.zeros(int(np.sum(ranks)) // 2 + 1)
    chance[0] = 1.0
    for rank in ranks:
        here = chance.copy()
        here[rank:] += chance[: max(chance.size - rank, 0)]
        chance = here / 2
    return chance
