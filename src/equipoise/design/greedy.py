"""Nearest-neighbour matching: orders, several partners, replacement, calipers, exact and anti-exact matching.

Greedy: focal patients choose in a stated order, and a choice is not taken back. Ties, of focal patients with the same score and
of partners at the same distance, go by a rank that the caller gives (the patient identifier), so that the order of rows decides
nothing; or as MatchIt 4.7.2 has them. On one score a round of choices is a sort and two stacks (orders by score) or "next free"
pointers, n log n; where covariates decide too, each search looks at all free partners within the caliper.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.design.greedy_line import SCALE, Line
from equipoise.design.greedy_search import Search
from equipoise.design.matched_sets import MatchedSets, from_links
from equipoise.stats.radix_order import order_of_codes, rising_order

ORDERS = ("largest", "smallest", "closest", "farthest", "random", "data")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Who may be paired at all. caliper: largest difference of the score, inclusive. narrow: calipers on covariates, pairs of
    values, shape (n,), and largest difference, inclusive. exact: codes, shape (n,), that a pair must share. apart: codes, shape
    (n, q); a pair that shares any of them is forbidden."""

    caliper: float = np.inf
    narrow: tuple[tuple[np.ndarray, float], ...] = ()
    exact: np.ndarray | None = None
    apart: np.ndarray | None = None

    @property
    def plain(self) -> bool:
        return not self.narrow and self.apart is None


ANYBODY = Bounds()


def nearest_neighbours(
    score: np.ndarray | None,
    focal: np.ndarray,
    bounds: Bounds = ANYBODY,
    order: str = "largest",
    ratio: int | np.ndarray = 1,
    reuse: float = 1,
    coordinates: np.ndarray | None = None,
    rank: np.ndarray | None = None,
    matchit: bool = False,
    seed: int | None = None,
) -> MatchedSets:
    """Match each focal patient (focal True) to `ratio` others.

    score: float, shape (n,), finite; may be None where coordinates are given and the order needs none. order: largest or smallest
    score first; closest: the patient whose nearest free partner is nearest first, farthest the reverse; data (by rank); random
    (a permutation drawn with `seed`, the same for every order of rows). ratio: partners asked for, one number or one per patient
    (its values at focal positions count); everybody chooses a first partner before anybody chooses a second, and who finds none
    is out of the later rounds. reuse: how often a partner may serve, 1 = without replacement, inf = with; then the order does not
    matter. coordinates: float, shape (n, p), in which the distance is Euclidean (see `distances`); the score is then only for the
    caliper and the order. rank: a permutation of 0..n-1 that decides ties, lowest first; the position where it is None.

    matchit: ties as MatchIt 4.7.2 has them: distances equal to the last bit; a partner below the focal patient in order of
    (score, rank), of several covariates in order of rank, before one above, of these the nearest in that order; closest and
    farthest as a queue in which who lost its partner comes before (closest) or after (farthest) those at the same distance.
    Raises ValueError for a score that is missing or infinite, an unknown order, a random order without a seed.
    """
    focal = np.asarray(focal, dtype=bool)
    _check(score, focal, coordinates, order, seed)
    if np.min(ratio, initial=1) < 0 or np.max(ratio, initial=0) < 1 or not reuse >= 1:
        raise ValueError("the ratio is one or more, and a partner may serve once or more often")
    reuse = reuse if np.isinf(reuse) else int(reuse)
    turn = np.arange(len(focal)) if rank is None else np.argsort(rank)
    asked = np.broadcast_to(np.asarray(ratio, dtype=int), focal.shape)[turn]
    line = None if score is None else np.asarray(score, dtype=float)[turn]
    if line is not None and not matchit:
        line = np.rint(line * SCALE) / SCALE
    place = None if coordinates is None else np.asarray(coordinates, dtype=float)[turn]
    inner = Bounds(
        bounds.caliper,
        tuple((np.asarray(values, dtype=float)[turn], width) for values, width in bounds.narrow),
        None if bounds.exact is None else np.asarray(bounds.exact)[turn],
        None if bounds.apart is None else np.asarray(bounds.apart).reshape(len(focal), -1)[turn],
    )
    drawn = np.random.default_rng(seed).permutation(len(focal)) if order == "random" else None
    found, tied, tied_scores = [np.zeros((0, 3), dtype=int)], 0, 0
    for cell in cells(inner.exact, focal[turn]):
        part = _Cell(line, focal[turn], place, inner, cell, asked[cell], reuse, matchit, drawn)
        found.append(part.match(order))
        tied += part.pool.tied
        if line is not None:
            own = np.sort(line[cell[focal[turn][cell]]])
            same = own[1:] == own[:-1]
            tied_scores += int((np.r_[same, False] | np.r_[False, same]).sum())
    ends = np.concatenate(found)
    ends[:, [0, 2]] = turn[ends[:, [0, 2]]]
    choices = int(ends[:, 1].max(initial=0)) + 1
    ends = ends[order_of_codes(ends[:, 0] * choices + ends[:, 1], len(focal) * choices)]
    at = np.asarray(score, dtype=float)[:, None] if coordinates is None else np.asarray(coordinates, dtype=float)
    distance = np.sqrt(((at[ends[:, 0]] - at[ends[:, 2]]) ** 2).sum(axis=1))
    return from_links(focal, ends, distance, _words(order, ratio, reuse, coordinates), reuse > 1, tied, tied_scores)


def variable_ratios(score: np.ndarray, focal: np.ndarray, mean: float, fewest: int, most: int) -> np.ndarray:
    """Partners for each focal patient so that their mean is `mean` (Ming and Rosenbaum 2000, as MatchIt 4.7.2): those whose score
    is most like the focal arm's get `fewest`, the others `most`, one patient what remains. Ties in order of position. int, shape
    (n,), 0 for the others. Raises ValueError unless 1 <= fewest <= mean <= most and fewest < most."""
    if not (1 <= fewest <= mean <= most and fewest < most):
        raise ValueError("the mean ratio must lie between the fewest (1 or more) and the most partners")
    n = int(focal.sum())
    total = round(mean * n)
    with_most = int((total - fewest * (n - 1)) // (most - fewest))
    with_fewest = n - with_most - 1
    if with_fewest < 0:
        given = [most] * n
    else:
        rest = total - fewest * with_fewest - most * with_most
        given = [fewest] * with_fewest + [rest] + [most] * with_most
        if rest == 0:  # nobody goes without; the next one gives one up
            given[with_fewest : with_fewest + 2] = [1, most - 1][: n - with_fewest]
    own = np.asarray(score, dtype=float)[focal]
    falling = own.mean() > np.asarray(score, dtype=float)[~focal].mean()
    result = np.zeros(len(focal), dtype=int)
    result[np.flatnonzero(focal)[np.argsort(-own if falling else own, kind="stable")]] = given
    return result


class _Cell:
    """The patients among whom pairs may be made: all, or those of one level of the exact variables. Positions inside the cell."""

    def __init__(
        self,
        score: np.ndarray | None,
        focal: np.ndarray,
        coordinates: np.ndarray | None,
        bounds: Bounds,
        cell: np.ndarray,
        asked: np.ndarray,
        reuse: float,
        matchit: bool,
        drawn: np.ndarray | None,
    ):
        self.cell, self.focal, self.reuse, self.matchit = cell, focal[cell], reuse, matchit
        self.ratio = asked.tolist()
        self.mates: dict[int, list[int]] = {}
        self.score = None if score is None else score[cell]
        self.drawn = None if drawn is None else drawn[cell]
        again = 1 < reuse < np.inf and asked.max(initial=0) > 1  # nobody may have the same partner twice
        self.plain = bounds.plain and coordinates is None and not again
        if self.plain:
            self.pool: Line | Search = Line(self.score, self.focal, bounds.caliper, reuse, matchit)
        else:
            self.pool = Search(
                self.score,
                self.focal,
                bounds.caliper,
                reuse,
                matchit,
                None if coordinates is None else coordinates[cell],
                None if bounds.apart is None else bounds.apart[cell],
                tuple((values[cell], width) for values, width in bounds.narrow),
            )

    def match(self, order: str) -> np.ndarray:
        """Rows of focal patient, choice, partner: positions among all."""
        if np.isinf(self.reuse):
            mates = {i: self.pool.outward(i, self.ratio[i]) for i in np.flatnonzero(self.focal).tolist()}
            rows = [(i, choice, j) for i, found in mates.items() for choice, j in enumerate(found, start=1)]
            rounds = [np.array(rows, dtype=int).reshape(-1, 3)]
        else:
            rounds = self._rounds(order)
        links = np.concatenate([np.zeros((0, 3), dtype=int), *rounds])
        links[:, [0, 2]] = self.cell[links[:, [0, 2]]]
        return links

    def _rounds(self, order: str) -> list[np.ndarray]:
        turns, ratio, rounds = self._turns(order), np.asarray(self.ratio), []
        for choice in range(1, int(ratio[turns].max(initial=0)) + 1):
            turns = turns[ratio[turns] >= choice]
            if order in ("closest", "farthest"):
                who, whom = (self.pool.queue if self.plain else self._queue)(turns, order == "farthest")
            elif self.plain and self.reuse == 1 and order in ("largest", "smallest"):
                who, whom = self.pool.sweep(turns)
            elif self.plain:
                who, whom = self.pool.in_turn(turns)
            else:
                who, whom = self._in_turn(turns)
            if not self.plain:
                for i, j in zip(who, whom, strict=True):
                    self.mates.setdefault(i, []).append(j)
            rounds.append(np.column_stack([who, np.full(len(who), choice), whom]).astype(int).reshape(-1, 3))
            still = np.zeros(len(self.focal), dtype=bool)
            still[who] = True
            turns = turns[still[turns]]
        return rounds

    def _turns(self, order: str) -> np.ndarray:
        focal = np.flatnonzero(self.focal)
        if order in ("largest", "smallest"):
            focal = focal[rising_order(-self.score[focal] if order == "largest" else self.score[focal])]
        elif order == "random":
            focal = focal[np.argsort(self.drawn[focal])]
        return focal

    def _nearest(self, i: int) -> tuple[int, float]:
        return self.pool.nearest(i, tuple(self.mates.get(i, ())))

    def _take(self, i: int, k: int) -> int:
        return self.pool.take(i, k, tuple(self.mates.get(i, ())))

    def _in_turn(self, turns: np.ndarray) -> tuple[list[int], list[int]]:
        who, whom = [], []
        for i in turns.tolist():
            k, _ = self._nearest(i)
            if k >= 0:
                who.append(i)
                whom.append(self._take(i, k))
        return who, whom

    def _queue(self, turns: np.ndarray, farthest: bool) -> tuple[list[int], list[int]]:
        """Everybody names the nearest free partner; the queue goes by that distance, ties by rank. Who finds it taken names the
        next nearest and goes back into the queue."""
        sign = -1.0 if farthest else 1.0
        queue, who, whom, moved = [], [], [], 0
        for i in turns.tolist():
            k, gap = self._nearest(i)
            if k >= 0:
                queue.append((sign * gap, i, i, k))
        heapq.heapify(queue)
        while queue:
            _, _, i, k = heapq.heappop(queue)
            if self.pool.is_free(k):
                who.append(i)
                whom.append(self._take(i, k))
                continue
            k, gap = self._nearest(i)
            if k >= 0:
                moved += 1
                among = i if not self.matchit else len(self.focal) + moved if farthest else -moved
                heapq.heappush(queue, (sign * gap, among, i, k))
        return who, whom


def cells(exact: np.ndarray | None, focal: np.ndarray) -> list[np.ndarray]:
    """Positions of each cell that has both arms."""
    if exact is None:
        return [np.arange(len(focal))]
    code = np.unique(exact, return_inverse=True)[1].reshape(-1)
    order = np.argsort(code, kind="stable")
    parts: Sequence[np.ndarray] = np.split(order, np.flatnonzero(np.diff(code[order])) + 1)
    return [cell for cell in parts if focal[cell].any() and not focal[cell].all()]


def _check(score: np.ndarray | None, focal: np.ndarray, coordinates: np.ndarray | None, order: str, seed: int | None) -> None:
    if order not in ORDERS:
        raise ValueError(f"the order is one of {', '.join(ORDERS)}")
    if order == "random" and seed is None:
        raise ValueError("a random order needs a seed")
    if score is None and (coordinates is None or order in ("largest", "smallest")):
        raise ValueError("there is no score to match on or to order by")
    for values in (score, coordinates):
        if values is not None and not np.isfinite(np.asarray(values, dtype=float)).all():
            raise ValueError("a score is missing or infinite")


def _words(order: str, ratio: int | np.ndarray, reuse: float, coordinates: np.ndarray | None) -> str:
    many = "1:variable" if np.ndim(ratio) else f"1:{int(ratio)}"
    what = "" if coordinates is None else " on several covariates"
    again = (
        "without replacement" if reuse == 1 else "with replacement" if np.isinf(reuse) else f"each used up to {int(reuse)} times"
    )
    first = "" if np.isinf(reuse) else f", {order} first" if order not in ("random", "data") else f", in {order} order"
    return f"greedy {many} nearest neighbour{what} {again}{first}"
