"""Exact null distributions of rank statistics, as counts of arrangements."""

import numpy as np


def rank_sum_counts(m, n):
    """Arrangements with each value 0..m*n of the Mann-Whitney statistic, shape (m*n + 1,).

    The Gaussian binomial coefficient's terms, by multiplying (1 - q**(n+i)) and dividing by (1 - q**i).
    """
    if m > n:
        m, n = n, m
    size = m * n + 1
    counts = np.zeros(size)
    counts[0] = 1.0
    for i in range(1, m + 1):
        counts = _times_range(counts, n + i, i)
    return counts


def _times_range(counts, top, bottom):
    if top < counts.size:
        counts[top:] = counts[top:] - counts[:-top].copy()
    # Division by 1 - q**bottom is a running sum with stride `bottom`.
    for start in range(min(bottom, counts.size)):
        counts[start::bottom] = np.cumsum(counts[start::bottom])
    return counts


def signed_rank_counts(ranks):
    """Sign patterns with each value 0..sum(ranks) of the sum of the positive ranks; `ranks` whole and positive."""
    counts = np.zeros(int(np.sum(ranks)) + 1)
    counts[0] = 1.0
    for rank in ranks:
        counts[rank:] = counts[rank:] + counts[:-rank].copy()
    return counts
