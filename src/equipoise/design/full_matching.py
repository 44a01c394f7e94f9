"""Optimal full matching: everybody who can be paired at all, in sets of one focal patient with several others or one other with
several focal patients, with the least total distance (Rosenbaum 1991; Hansen and Klopfer 2006).

The sets are the stars of an edge cover of least weight: where a path of three links would remain, its middle link could be left
out. Without limits on the sets' sizes the cover is an assignment (Schrijver 2003, 19.3): each patient pays for the cheapest link,
and a chosen link saves what its two ends would pay apart. With limits it is a linear programme whose corners are whole numbers
(the matrix of a bipartite graph is totally unimodular); columns come in as their reduced cost asks for them.
"""

from __future__ import annotations

import numpy as np

from equipoise.design.greedy import ANYBODY, Bounds, cells
from equipoise.design.line_graph import adjacent_pairs
from equipoise.design.matched_sets import MatchedSets, class_weights, numbered
from equipoise.design.pair_graph import Known, PairGraph, distance_of, pair_graph

NEAREST = 12  # links of each patient in the first linear programme
ROUNDS = 200
PRICE = 1e-9  # a reduced cost above -PRICE is zero


def full_match(
    score: np.ndarray | None,
    focal: np.ndarray,
    bounds: Bounds = ANYBODY,
    target: str = "focal",
    most_others: int | None = None,
    most_focal: int | None = None,
    coordinates: np.ndarray | None = None,
    rank: np.ndarray | None = None,
) -> MatchedSets:
    """Full matching of the patients who have anybody within the bounds; the others have set 0.

    Arguments as for `nearest_neighbours`. target: whom the weights represent, focal, other or all (see `class_weights`).
    most_others: of one focal patient; most_focal: of one other patient; None for no limit. Several solutions may have the same
    total: which one is found depends on `rank` and not on the order of rows.
    Raises ValueError where the limits admit no full matching, or a score is missing or infinite.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    focal = np.asarray(focal, dtype=bool)
    turn = np.arange(len(focal)) if rank is None else np.argsort(rank)
    known = Known(score, focal, bounds, coordinates).taken(turn)
    found = [np.zeros((0, 2), dtype=int)]
    for cell in cells(known.bounds.exact, known.focal):
        found.append(turn[cell[_pairs(known.taken(cell), most_others, most_focal)]])
    i, j = np.concatenate(found).T
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    distance = distance_of(i, j, score, coordinates)
    _, part = connected_components(csr_array((np.ones(len(i)), (i, j)), shape=(len(focal), len(focal))), directed=False)
    label = np.zeros(len(focal), dtype=int)
    used = np.union1d(i, j)
    label[used] = part[used] + 1
    set_id = numbered(label)
    weight = class_weights(set_id, focal, target)
    what = "" if coordinates is None else " on several covariates"
    return MatchedSets(
        set_id,
        weight,
        i,
        j,
        np.ones(len(i), dtype=int),
        distance,
        int((focal & (set_id > 0)).sum()),
        int((~focal & (set_id > 0)).sum()),
        f"optimal full matching{what}, least total distance",
    )


def _pairs(part: Known, most_others: int | None, most_focal: int | None) -> np.ndarray:
    """Positions of focal and other patient of each link, of the patients of one cell."""
    if most_others is None and most_focal is None:
        on_a_line = part.coordinates is None and part.bounds.plain
        graph = adjacent_pairs(part.score, part.focal, part.bounds.caliper) if on_a_line else pair_graph(part)
        chosen = _cheapest_cover(graph)
    else:
        graph = pair_graph(part)
        chosen = _limited_cover(graph, most_others or len(graph.columns), most_focal or len(graph.rows))
    row, column, distance = graph.row[chosen], graph.column[chosen], graph.distance[chosen]
    kept = _needed(row, column, distance)
    return np.column_stack([graph.rows[row[kept]], graph.columns[column[kept]]])


def _needed(row: np.ndarray, column: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Indices of the links without which somebody would be alone: links of no length may be left over in a cover of least weight.
    The longest is dropped first, of equal ones the last."""
    rows, columns = np.bincount(row).tolist(), np.bincount(column).tolist()
    kept = []
    for k in np.argsort(distance, kind="stable")[::-1].tolist():
        if rows[row[k]] > 1 and columns[column[k]] > 1:
            rows[row[k]] -= 1
            columns[column[k]] -= 1
        else:
            kept.append(k)
    return np.array(sorted(kept), dtype=int)


def _cheapest_cover(graph: PairGraph) -> np.ndarray:
    """Indices of the pairs of an edge cover of least weight."""
    row, column, distance = graph.row, graph.column, graph.distance
    if not len(row):
        return np.zeros(0, dtype=int)
    by_row, by_column = _cheapest(row, distance, len(graph.rows)), _cheapest(column, distance, len(graph.columns))
    saving = distance[by_row[row]] + distance[by_column[column]] - distance
    good = np.flatnonzero(saving > 0)
    taken = good[_heaviest_matching(row[good], column[good], saving[good], len(graph.rows), len(graph.columns))]
    alone_row = np.setdiff1d(np.flatnonzero(by_row >= 0), row[taken])
    alone_column = np.setdiff1d(np.flatnonzero(by_column >= 0), column[taken])
    return np.unique(np.concatenate([taken, by_row[alone_row], by_column[alone_column]]))


def _cheapest(end: np.ndarray, distance: np.ndarray, n: int) -> np.ndarray:
    """Index of the cheapest pair of each patient, the first of equal ones; -1 where there is none."""
    order = np.lexsort((distance, end))
    first = order[np.r_[True, np.diff(end[order]) != 0]]
    best = np.full(n, -1)
    best[end[first]] = first
    return best


def _heaviest_matching(row: np.ndarray, column: np.ndarray, saving: np.ndarray, n: int, m: int) -> np.ndarray:
    """Indices of the pairs of a matching of largest total saving. Each row has a stand-in that saves nothing."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if not len(row):
        return np.zeros(0, dtype=int)
    lift = float(saving.max()) * 2  # costs are positive, for an entry of zero is no entry
    cost = np.r_[lift - saving, np.full(n, lift)]
    rows, columns = np.r_[row, np.arange(n)], np.r_[column, m + np.arange(n)]
    found, partner = min_weight_full_bipartite_matching(coo_array((cost, (rows, columns)), shape=(n, m + n)).tocsr())
    real = partner < m
    return np.searchsorted(row * m + column, found[real] * m + partner[real])  # pairs stand by row, then column


def _limited_cover(graph: PairGraph, most_others: int, most_focal: int) -> np.ndarray:
    """Indices of the pairs of a cover of least weight in which no focal patient has more than most_others links and no other
    patient more than most_focal."""
    row, column, distance = graph.row, graph.column, graph.distance
    n = len(graph.rows)
    ends = np.unique(np.concatenate([row, n + column]), return_inverse=True)
    row_code, column_code = ends[1][: len(row)], ends[1][len(row) :]
    most = np.where(ends[0] < n, most_others, most_focal).astype(float)
    if not len(row):
        return np.zeros(0, dtype=int)
    never = (distance.max() + 1) * (len(ends[0]) + 1)  # what it costs to leave a patient out
    active = np.zeros(len(row), dtype=bool)
    for end in (row, column):
        active[_few_cheapest(end, distance)] = True
    for _ in range(ROUNDS):
        use = np.flatnonzero(active)
        value, price = _programme(row_code[use], column_code[use], distance[use], most, never)
        reduced = distance - price[row_code] - price[column_code]
        wanted = np.flatnonzero((reduced < -PRICE * (1 + distance.max())) & ~active)
        if not len(wanted):
            break
        per_row = _few_cheapest(row[wanted], reduced[wanted])
        active[wanted[per_row]] = True
    else:
        raise ValueError("the linear programme of the full matching did not settle")
    if value[len(use) :].max(initial=0) > 0.5:
        raise ValueError("the limits on the sizes of the sets admit no full matching")
    return use[value[: len(use)] > 0.5]


def _few_cheapest(end: np.ndarray, cost: np.ndarray) -> np.ndarray:
    order = np.lexsort((cost, end))
    starts = np.flatnonzero(np.r_[True, np.diff(end[order]) != 0])
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    return order[place < NEAREST]


def _programme(
    row: np.ndarray, column: np.ndarray, distance: np.ndarray, most: np.ndarray, never: float
) -> tuple[np.ndarray, np.ndarray]:
    """Least cost so that every patient has at least one link and at most `most`; stand-ins keep it solvable. Values of the links,
    then of the stand-ins; price of each patient: what another link of it is worth."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array, vstack

    n, k = len(most), len(row)
    ends = coo_array((np.ones(2 * k), (np.r_[row, column], np.r_[np.arange(k), np.arange(k)])), shape=(n, k + n)).tocsr()
    stand_in = coo_array((np.ones(n), (np.arange(n), k + np.arange(n))), shape=(n, k + n)).tocsr()
    limits = np.concatenate([-np.ones(n), most])
    both = vstack([-(ends + stand_in), ends], format="csr")
    found = linprog(np.r_[distance, np.full(n, never)], A_ub=both, b_ub=limits, bounds=(0, 1), method="highs-ds")
    if not found.success:
        raise ValueError(f"the linear programme of the full matching was not solved: {found.message}")
    dual = found.ineqlin.marginals
    return found.x, dual[n:] - dual[:n]
