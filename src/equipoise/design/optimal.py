"""Optimal pair matching: of all ways to make the largest number of pairs, one with the least total distance.

In each exact cell alone: on one score along the line (see `optimal_line`), else as the assignment problem on the sparse graph of
allowed pairs (Jonker-Volgenant, scipy), in which every focal patient has a stand-in that costs more than any rearrangement could
save: nobody goes without a partner where another pair could be had.
"""

from __future__ import annotations

import numpy as np

from equipoise.design.greedy import ANYBODY, Bounds, cells
from equipoise.design.greedy_line import SCALE
from equipoise.design.matched_sets import MatchedSets, from_links
from equipoise.design.optimal_line import line_pairs
from equipoise.design.pair_graph import Known, PairGraph, distance_of, pair_graph


def optimal_pairs(
    score: np.ndarray | None,
    focal: np.ndarray,
    bounds: Bounds = ANYBODY,
    ratio: int = 1,
    coordinates: np.ndarray | None = None,
    rank: np.ndarray | None = None,
) -> MatchedSets:
    """Match each focal patient to up to `ratio` others without replacement, the most links first, then the least total distance.

    Arguments as for `nearest_neighbours`; the score may be None where coordinates are given. Several solutions may have the same
    total: which one is found depends on `rank` and not on the order of rows. With ratio k and not enough partners within the
    bounds, a patient may get fewer than k, and the most links does not mean the most focal patients.
    Raises ValueError for a score that is missing or infinite, a ratio below one.
    """
    if ratio < 1:
        raise ValueError("the ratio is one or more")
    focal = np.asarray(focal, dtype=bool)
    turn = np.arange(len(focal)) if rank is None else np.argsort(rank)
    known = Known(score, focal, bounds, coordinates).taken(turn)
    found = [np.zeros((0, 2), dtype=int)]
    for cell in cells(known.bounds.exact, known.focal):
        found.append(turn[cell[_pairs(known.taken(cell), ratio)]])
    pairs = np.concatenate(found)
    links = np.insert(pairs, 1, 1, axis=1)
    distance = distance_of(links[:, 0], links[:, 2], score, coordinates)
    order = np.lexsort((links[:, 2] if rank is None else np.asarray(rank)[links[:, 2]], distance, links[:, 0]))
    links, distance = links[order], distance[order]
    first = np.r_[True, links[1:, 0] != links[:-1, 0]] if len(links) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(links)), 0))
    links[:, 1] = np.arange(len(links)) - start + 1
    what = "" if coordinates is None else " on several covariates"
    return from_links(focal, links, distance, f"optimal 1:{ratio} matching{what} without replacement, least total distance")


def _pairs(part: Known, ratio: int) -> np.ndarray:
    """Positions of focal and other patient of each chosen pair, of the patients of one cell."""
    if part.coordinates is None and part.bounds.plain:
        return line_pairs(part.score, part.focal, ratio, part.bounds.caliper)
    graph = pair_graph(part)
    row, column = assignment(graph, ratio)
    return np.column_stack([graph.rows[row], graph.columns[column]])


def assignment(graph: PairGraph, ratio: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each chosen pair: no column twice, no row more than `ratio` times; the most pairs, the least total."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    n, m = len(graph.rows) * ratio, len(graph.columns)
    if not len(graph.distance):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    width = np.diff(graph.start)
    whole = np.rint(graph.distance * SCALE)  # sums of whole numbers are exact: equal totals are equal
    largest = float(whole.max())
    lift = largest or 1.0  # an entry of zero is no entry; the same for every pair and every stand-in
    without = lift + (min(n, m) + 1) * lift  # more than all pairs together
    start = np.r_[0, np.cumsum(np.repeat(width + 1, ratio))]
    column, cost = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])
    end = start[1:] - 1
    column[end], cost[end] = m + np.arange(n), without
    inner = np.ones(start[-1], dtype=bool)
    inner[end] = False
    if ratio == 1:
        column[inner], cost[inner] = graph.column, whole + lift
    else:
        again = np.concatenate([np.arange(a, b) for a, b in _spans(graph.start, ratio)])
        column[inner], cost[inner] = graph.column[again], whole[again] + lift
    matrix = csr_array((cost, column, start), shape=(n, m + n))
    row, chosen = min_weight_full_bipartite_matching(matrix)
    real = chosen < m
    return row[real] // ratio, chosen[real]


def _spans(start: np.ndarray, ratio: int) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in zip(start[:-1], start[1:], strict=True) for _ in range(ratio)]
