"""Fisher's exact test, for 2 x 2 and for larger tables."""

import math

import numpy as np

from .outcome import TestResult
from .tails import log_factorial
from .validation import ArrayError, counts_table

# A table counts as no more probable than the observed one up to this relative rounding (R's relErr).
_SLACK = 1e-7
_MAX_NODES = 5_000_000


def fisher(table):
    """Fisher's exact test of independence, two-sided.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)
        Rows and columns of zeros are dropped.

    Returns
    -------
    TestResult
        The P value is the sum of the probabilities of all tables with the same margins that are no more
        probable than the observed one (within a relative 1e-7, as in R).  `statistic` is the sample odds ratio
        of a 2 x 2 table, else nan.

    Raises
    ------
    ArrayError
        For a table that is no table of counts, or so large that its distribution has more than five million
        distinct partial margins.

    References
    ----------
    Fisher RA. Statistical Methods for Research Workers, 5th ed. 1934.
    Freeman GH, Halton JH. Biometrika 1951;38:141-149.
    """
    table = counts_table(table)
    shape = table.shape
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(np.int64)
    odds_ratio = _odds_ratio(table) if shape == (2, 2) else math.nan
    if min(table.shape) < 2:
        p = 1.0
    elif table.shape == (2, 2):
        p = _two_by_two(table)
    else:
        p = _larger(table)
    name = "Fisher's exact test" if shape == (2, 2) else f"Fisher's exact test, {shape[0]} x {shape[1]}"
    return TestResult(odds_ratio, math.nan, p, f"{name}, two-sided by probability")


def _odds_ratio(table):
    if table.shape != (2, 2):
        return math.nan
    (a, b), (c, d) = table.tolist()
    if b * c == 0:
        return math.inf if a * d > 0 else math.nan
    return a * d / (b * c)


def _two_by_two(table):
    (a, b), (c, d) = table.tolist()
    row, column, n = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - n), min(row, column)
    support = np.arange(low, high + 1)
    log_p = -(
        log_factorial(support)
        + log_factorial(row - support)
        + log_factorial(column - support)
        + log_factorial(n - row - column + support)
    )
    probability = np.exp(log_p - log_p.max())
    rare = probability <= probability[a - low] * (1 + _SLACK)
    return float(min(1.0, probability[rare].sum() / probability.sum()))


def _larger(table):
    """Walk the columns; states are the row margins still to fill, merged when equal up to order.

    Each state holds its distinct partial probabilities (log, merged within rounding) with how much weight
    arrives by them.  The number of states is that of a network algorithm without its bounds.
    """
    if table.shape[0] > table.shape[1]:
        table = table.T
    columns = np.sort(table.sum(axis=0))[::-1]
    observed = -float(log_factorial(table).sum())
    states = {tuple(sorted(table.sum(axis=1).tolist())): {0.0: 1.0}}
    seen = 0
    for column in columns[:-1].tolist():
        following = {}
        for margin, paths in states.items():
            for rest, log_p, ways in _fillings(margin, column):
                target = following.setdefault(rest, {})
                for past, weight in paths.items():
                    key = round(past + log_p, 10)
                    target[key] = target.get(key, 0.0) + weight * ways
                seen += len(paths)
                if seen > _MAX_NODES:
                    raise ArrayError("table is too large for the exact test: use Pearson's chi-square.")
        states = following
    return _tail(states, observed)


def _fillings(margin, column):
    """Ways to put `column` counts into rows with `margin` left: (rest sorted, log weight, number of ways)."""
    merged = {}
    for cells in _compositions(margin, column):
        rest = tuple(sorted(m - c for m, c in zip(margin, cells, strict=True)))
        key = (rest, round(-sum(math.lgamma(c + 1) for c in cells), 11))
        merged[key] = merged.get(key, 0) + 1
    return [(rest, log_p, ways) for (rest, log_p), ways in merged.items()]


def _compositions(margin, total):
    if len(margin) == 1:
        if total <= margin[0]:
            yield (total,)
        return
    room = sum(margin[1:])
    for first in range(max(0, total - room), min(margin[0], total) + 1):
        for others in _compositions(margin[1:], total - first):
            yield (first, *others)


def _tail(states, observed):
    log_ps, weights = [], []
    for margin, paths in states.items():
        last = -sum(math.lgamma(m + 1) for m in margin)
        log_ps.extend(past + last for past in paths)
        weights.extend(paths.values())
    log_ps, weights = np.array(log_ps), np.array(weights)
    probability = weights * np.exp(log_ps - log_ps.max())
    rare = log_ps <= observed + _SLACK
    return float(min(1.0, probability[rare].sum() / probability.sum()))
