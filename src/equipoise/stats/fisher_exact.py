"""Fisher's exact test, for 2 x 2 and for larger tables."""

from __future__ import annotations

import math

import numpy as np

from .arrays import AnyArray, Array, ArrayLike, IntArray
from .outcome import TestResult
from .tails import log_factorial
from .validation import counts_table, require, whole

# A table counts as no more probable than the observed one up to this relative rounding (R's relErr).
_SLACK = 1e-7
# Partial tables at one stage, and steps in all: a few seconds at most.
_MAX_PATHS = 5_000_000
_MAX_STEPS = 20_000_000
_CHEAP_TABLES = 2_000_000
_CHEAP_PEOPLE = 1_000_000
SIMULATIONS, SEED = 100_000, 1
_SIMULATED_CELLS = 10_000_000


class _TooLarge(Exception):
    """The exact distribution takes more steps than are worth it."""


def fisher(table: ArrayLike) -> TestResult:
    """Fisher's exact test of independence, two-sided.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)
        Rows and columns of zeros are dropped.

    Returns
    -------
    TestResult
        The P value is the sum of the probabilities of all tables with the same margins that are no more
        probable than the observed one (within a relative 1e-7, as in R), summed in log space.  `statistic` is the
        sample odds ratio of a 2 x 2 table, else nan.

        Beyond five million partial tables at one stage, or twenty million steps in all, the P is that of
        :func:`fisher_monte_carlo` with its default seed and up to 100,000 tables, and `method` says so.

    Raises
    ------
    ArrayError
        For a table that is no table of counts.

    References
    ----------
    Fisher RA. Statistical Methods for Research Workers, 5th ed. 1934.
    Freeman GH, Halton JH. Biometrika 1951;38:141-149.
    """
    table = counts_table(table)
    shape, full = table.shape, table
    table = _filled(table)
    odds_ratio = _odds_ratio(table) if shape == (2, 2) else math.nan
    if min(table.shape) < 2:
        p = 1.0
    elif table.shape == (2, 2):
        p = _two_by_two(table)
    else:
        try:
            p = _larger(table)
        except _TooLarge:
            return fisher_monte_carlo(full)
    name = "Fisher's exact test" if shape == (2, 2) else f"Fisher's exact test, {shape[0]} x {shape[1]}"
    return TestResult(odds_ratio, math.nan, p, f"{name}, two-sided by probability")


def fisher_is_cheap(table: ArrayLike) -> bool:
    """Whether the exact P costs next to nothing: 2 x 2, or at most two million tables with these margins."""
    table = _filled(counts_table(table))
    if min(table.shape) <= 1 or table.shape == (2, 2):
        return bool(table.sum() <= _CHEAP_PEOPLE)
    rows, columns = sorted((table.sum(axis=1), table.sum(axis=0)), key=len)
    # Every column but the largest is filled freely, in at most as many ways as there are to share it out.
    spare = len(rows) - 1
    logs = [_log_ways(int(column), spare) for column in np.sort(columns)[:-1]]
    return sum(logs) <= math.log(_CHEAP_TABLES)


def _log_ways(column: int, spare: int) -> float:
    return math.lgamma(column + spare + 1) - math.lgamma(column + 1) - math.lgamma(spare + 1)


def _filled(table: Array) -> IntArray:
    """The table without its rows and columns of zeros, as whole numbers."""
    return table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(np.int64)


def fisher_monte_carlo(table: ArrayLike, n_simulations: int | None = None, seed: int = SEED) -> TestResult:
    """Fisher's test of a table too large for the exact sum, from random tables with its margins.

    Parameters
    ----------
    table : array_like of counts, shape (r, c)
    n_simulations : int, optional
        Default 100,000, or fewer where the table has more than 100 cells (ten million cells in all, at least 2,000
        tables).
    seed : int, default 1
        The same seed gives the same P.

    Returns
    -------
    TestResult
        P is (1 + number of simulated tables no more probable than the observed one) / (1 + simulations), as
        ``fisher.test(simulate.p.value=TRUE)`` defines it; `statistic` and `df` are nan.

    References
    ----------
    Agresti A, Wackerly D, Boyett JM. Psychometrika 1979;44:75-83.
    """
    table = _filled(counts_table(table))
    if n_simulations is None:
        n_simulations = min(SIMULATIONS, max(2_000, _SIMULATED_CELLS // table.size))
    n_simulations, seed = whole(n_simulations, "n_simulations", 1), whole(seed, "seed")
    method = f"Fisher's exact test, Monte Carlo with {n_simulations:,} tables, seed {seed}"
    if min(table.shape) < 2:
        return TestResult(math.nan, math.nan, 1.0, method)
    require(table.sum() < 1_000_000_000, "table holds a thousand million counts or more: use Pearson's chi-square.")
    logs = -_random_log_factorials(table.sum(axis=1), table.sum(axis=0), n_simulations, np.random.default_rng(seed))
    observed = -float(log_factorial(table).sum())
    rare = int(np.count_nonzero(logs <= observed + _SLACK))
    return TestResult(math.nan, math.nan, (1 + rare) / (1 + n_simulations), method)


def _random_log_factorials(rows: IntArray, columns: IntArray, size: int, rng: np.random.Generator) -> Array:
    """Sum of log factorials of the cells of `size` random tables with the given margins."""
    total = np.zeros(size)
    left = np.repeat(columns[None, :], size, axis=0)
    for row in rows[:-1]:
        open_cells = np.full(size, row)
        rest = left.sum(axis=1)
        for j in range(columns.size):
            rest = rest - left[:, j]
            cell = rng.hypergeometric(left[:, j], rest, open_cells)
            total += log_factorial(cell)
            left[:, j] -= cell
            open_cells = open_cells - cell
    return total + log_factorial(left).sum(axis=1)


def _odds_ratio(table: IntArray) -> float:
    if table.shape != (2, 2):
        return math.nan
    (a, b), (c, d) = table.tolist()
    if b * c == 0:
        return math.inf if a * d > 0 else math.nan
    return a * d / (b * c)


def _two_by_two(table: IntArray) -> float:
    (a, b), (c, d) = table.tolist()
    row, column, n = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - n), min(row, column)
    # Bernstein's inequality: what lies further from the mean than this has a probability below exp(-800), 0 as a float.
    mean = row * column / n
    reach = 600 + 40 * math.sqrt(mean * (1 - row / n))
    if high - low > 4 * reach:
        low, high = max(low, int(mean - reach)), min(high, int(mean + reach))
        if not low <= a <= high:
            return 0.0
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


def _larger(table: IntArray) -> float:
    """Fill the columns one after another; meet halfway with the distribution of the last two.

    A state is the sorted row margins still to fill: tables that differ in the order of rows share it.  Paths to
    a state are kept by their log probability (merged within rounding, with the log of their number), and joined
    to the sorted log probabilities of all ways to complete the state.
    """
    if table.shape[0] > table.shape[1]:
        table = table.T
    # The smallest columns first: they lead to the fewest states, and the last two are filled in one go.
    columns = np.sort(table.sum(axis=0)).tolist()
    observed = -float(log_factorial(table).sum())
    logs_of = log_factorial(np.arange(int(table.sum(axis=1).max()) + 1))
    if logs_of.size ** table.shape[0] > 2**62:  # the states' keys must fit a machine word
        raise _TooLarge
    states = {tuple(sorted(table.sum(axis=1).tolist())): (np.zeros(1), np.zeros(1))}
    steps = 0
    for column in columns[:-2]:
        states, taken = _next_states(states, column, logs_of)
        steps += taken
        if steps > _MAX_STEPS:
            raise _TooLarge
    below, total, shift = 0.0, 0.0, -math.inf
    for margin, (past, log_ways) in states.items():
        ahead = np.sort(_completions(margin, columns[-2], logs_of))
        steps += ahead.size
        if steps > _MAX_STEPS:
            raise _TooLarge
        cumulated = np.concatenate(([0.0], np.cumsum(np.exp(ahead - ahead[-1]))))
        reached = np.searchsorted(ahead, observed + _SLACK - past, side="right")
        logs = log_ways + past + ahead[-1]
        # Only ratios matter: all sums are kept relative to the most probable state so far, so that none overflows.
        if logs.max() > shift:
            below, total = (x * math.exp(shift - logs.max()) for x in (below, total))
            shift = float(logs.max())
        scale = np.exp(logs - shift)
        below += float(scale @ cumulated[reached])
        total += float(scale.sum() * cumulated[-1])
    return min(1.0, below / total)


def _next_states(
    states: dict[tuple[int, ...], tuple[Array, Array]], column: int, logs_of: Array
) -> tuple[dict[tuple[int, ...], tuple[Array, Array]], int]:
    """All states after one more column, with their paths merged where they are equally probable; and the steps it took."""
    base = np.int64(logs_of.size)
    key_parts: list[AnyArray] = []
    log_parts: list[Array] = []
    weight_parts: list[Array] = []
    size = 0
    for margin, (past, log_ways) in states.items():
        cells = _fillings(margin, column)
        size += past.size * cells.shape[0]
        if size > _MAX_PATHS:
            raise _TooLarge
        rest = np.sort(np.array(margin) - cells, axis=1)
        # One number per state: sorting numbers is many times faster than sorting rows.
        key_parts.append(np.tile(rest @ base ** np.arange(rest.shape[1]), past.size))
        log_parts.append(np.add.outer(past, -logs_of[cells].sum(axis=1)).reshape(-1))
        weight_parts.append(log_ways.repeat(cells.shape[0]))
    keys, logs, weights = np.concatenate(key_parts), np.concatenate(log_parts), np.concatenate(weight_parts)
    order = np.lexsort((np.round(logs, 9), keys))
    keys, logs, weights = keys[order], logs[order], weights[order]
    fresh = np.flatnonzero(np.concatenate(([True], (np.diff(keys) != 0) | (np.diff(np.round(logs, 9)) != 0))))
    keys, logs, weights = keys[fresh], logs[fresh], np.logaddexp.reduceat(weights, fresh)
    starts = np.flatnonzero(np.concatenate(([True], np.diff(keys) != 0)))
    rows = len(next(iter(states)))
    margins = (keys[starts][:, None] // base ** np.arange(rows) % base).tolist()
    pieces = zip(margins, np.split(logs, starts[1:]), np.split(weights, starts[1:]), strict=True)
    # Each state costs as much as three hundred paths or so.
    return {tuple(margin): (past, log_ways) for margin, past, log_ways in pieces}, size + 300 * len(margins)


def _completions(margin: tuple[int, ...], column: int, logs_of: Array) -> Array:
    """Log probabilities, up to a constant, of all ways to fill the last two columns."""
    cells = _fillings(margin, column)
    return -(logs_of[cells] + logs_of[np.array(margin) - cells]).sum(axis=1)


def _fillings(margin: tuple[int, ...], column: int) -> IntArray:
    """All ways to put `column` counts into rows that have room for `margin`, shape (ways, rows)."""
    cells, left = np.zeros((1, 0), dtype=np.int64), np.array([column])
    room = np.append(np.cumsum(margin[::-1])[::-1], 0)
    for i, most in enumerate(margin):
        low = np.maximum(0, left - room[i + 1])
        high = np.minimum(most, left)
        spread = high - low + 1
        if spread.sum() > _MAX_PATHS:
            raise _TooLarge
        owner = np.repeat(np.arange(left.size), spread)
        taken = np.arange(owner.size) - np.repeat(np.cumsum(spread) - spread, spread) + low[owner]
        cells = np.column_stack((cells[owner], taken))
        left = left[owner] - taken
    return cells
