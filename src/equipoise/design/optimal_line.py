"""Optimal matching on one score, solved along the line instead of as a graph.

Of all ways to make the most pairs, one with the least total distance has a simple shape (Karp and Li 1975, Theory of Computing
5): an exchange of partners that shortens one link lengthens none beyond the caliper.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from equipoise.design.greedy_line import SCALE, scaled
from equipoise.stats.radix_order import rising_order


def line_pairs(score: np.ndarray, focal: np.ndarray, ratio: int, caliper: float) -> np.ndarray:
    """Positions of focal and other patient of each pair, int, shape (m, 2): the most links within the caliper (inclusive), then
    the least total distance. ratio: links of each focal patient, who stands that often on the line.

    There is such a match in which no two links run over each other in opposite directions, everybody under a link is linked, and
    links of one direction keep their order. So the linked patients form blocks: with d the number of focal less other patients
    along the line, a block runs from one visit of d at a level to the next, links to the right where d is above it in between and
    to the left where it is below, and the i-th focal patient of the block has the i-th other. Each patient ends at most one
    block, and the best match up to a patient is the better of: without the patient, or the best one before the block together
    with the block. n log n.
    """
    unit = np.concatenate([np.arange(len(focal)), np.tile(np.flatnonzero(focal), ratio - 1)])  # of equal scores each once first
    unit = unit[rising_order(score[unit])]
    whole, limit = scaled(score, caliper)
    mine = focal[unit]
    d = np.r_[0, np.cumsum(np.where(mine, 1, -1))]
    begin = _last_visit(d)
    ends = np.flatnonzero(begin >= 0)
    ends = ends[_within(whole[unit], mine, d, begin, ends, limit)]
    return _best(score[unit], mine, unit, begin, ends)


def _last_visit(d: np.ndarray) -> np.ndarray:
    """Of each place the last one before it at the same level, -1 where there is none."""
    order = rising_order(d)
    again = np.flatnonzero(d[order][1:] == d[order][:-1]) + 1
    found = np.full(len(d), -1)
    found[order[again]] = order[again - 1]
    return found


def _within(whole: np.ndarray, mine: np.ndarray, d: np.ndarray, begin: np.ndarray, ends: np.ndarray, limit: float) -> np.ndarray:
    """Whether every link of the blocks that end there is inside the caliper. The k-th focal patient of the line has other number
    k - level: near enough where this number lies in its reach, so that the largest excess in the block decides."""
    focals, others = whole[mine], whole[~mine]
    number = np.arange(1, len(focals) + 1)
    beyond = number - np.searchsorted(others, focals + limit, side="right")  # no lower level to the right
    before = number - np.searchsorted(others, focals - limit, side="left") - 1  # no higher level to the left
    first, last = (np.r_[0, np.cumsum(mine)][at] for at in (begin[ends], ends))
    level, right = d[ends], mine[begin[ends]]
    fine = np.ones(len(ends), dtype=bool)
    fine[right] = _largest(beyond, first[right], last[right]) <= level[right]
    fine[~right] = -_largest(-before, first[~right], last[~right]) >= level[~right]
    return fine


def _largest(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The largest of values[first:last], last > first."""
    table, found = values, np.empty(len(first), dtype=values.dtype)
    step = np.frexp(last - first)[1] - 1  # the whole power of two in the width
    for k in range(int(step.max(initial=-1)) + 1):
        here = np.flatnonzero(step == k)
        found[here] = np.maximum(table[first[here]], table[last[here] - 2**k])
        table = np.maximum(table[: -(2**k)], table[2**k :])
    return found


def _best(at: np.ndarray, mine: np.ndarray, unit: np.ndarray, begin: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The pairs of the best choice of blocks."""
    # whole numbers, so that totals are compared without rounding
    signed = np.where(mine, -1, 1).tolist()
    position = [0, *accumulate(int(x) * s for x, s in zip(np.rint(at * SCALE).tolist(), signed, strict=True))]
    block = np.full(len(unit) + 1, -1)
    block[ends] = begin[ends]
    start, links, total = block.tolist(), [0] * (len(unit) + 1), [0] * (len(unit) + 1)
    for k in range(1, len(unit) + 1):
        n, cost, a = links[k - 1], total[k - 1], start[k]
        if a >= 0:
            more = links[a] + (k - a) // 2
            if more >= n:
                length = total[a] + abs(position[k] - position[a])
                if more > n or length <= cost:
                    links[k], total[k] = more, length
                    continue
        links[k], total[k], start[k] = n, cost, -1
    inside, k = np.zeros(len(unit), dtype=bool), len(unit)
    while k > 0:
        if start[k] < 0:
            k -= 1
        else:
            inside[start[k] : k] = True
            k = start[k]
    return np.column_stack([unit[inside & mine], unit[inside & ~mine]])
