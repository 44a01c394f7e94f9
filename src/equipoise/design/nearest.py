"""Greedy 1:1 nearest-neighbour matching on one score, without replacement.

Focal patients are taken in a stated order; each takes the nearest free control within the caliper. Ties, of focal patients with
the same score and of controls at the same distance, go by a rank that the caller gives (the patient identifier), so that the
order of rows decides nothing; or as MatchIt 4.7.2 has them. Cost: a sort, and a search with two "next free" arrays (path
compression), n log n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DECIMALS = 10  # scores that agree to 1e-10 are ties, so that rounding in the last bit of a fit cannot choose a pair
# Distances that differ by no more than rounding three scores to 1e-10 can make them differ (2e-10) are equal: else a control a
# year older and one a year younger would be told apart by the last digits of the fit, and not by the identifier.
SAME_DISTANCE = 2.5e-10


@dataclass(frozen=True, slots=True)
class Match:
    """pair: int per patient, 1.. numbered by the position of the focal patient, 0 = unmatched. caliper: in units of the
    score, inf where none. method: in words. tied_choices: focal patients for whom several free controls were equally near;
    tied_scores: focal patients who share their score with another."""

    pair: np.ndarray
    n_pairs: int
    caliper: float
    method: str
    tied_choices: int = 0
    tied_scores: int = 0


def greedy_nearest(
    score: np.ndarray,
    focal: np.ndarray,
    caliper: float = np.inf,
    order: str = "largest",
    rank: np.ndarray | None = None,
    matchit: bool = False,
) -> Match:
    """Match each focal patient (focal True) to one other patient.

    score: float, shape (n,), finite. focal: bool, shape (n,). caliper: largest distance allowed, inclusive. order: largest
    (highest score first), smallest or data (by rank). rank: a permutation of 0..n-1 that decides ties, lowest first; the
    position where it is None. matchit: ties of controls as MatchIt has them: distances equal to the last bit; a control below
    the focal patient in order of (score, rank) before one above; of equal scores the nearer in that order.
    """
    score = np.asarray(score, dtype=float)
    if not np.isfinite(score).all():
        raise ValueError("a score is missing or infinite")
    if not matchit:
        score = np.round(score, DECIMALS)
    turn = np.arange(len(score)) if rank is None else np.argsort(rank)
    score, focal = score[turn], np.asarray(focal, dtype=bool)[turn]
    pool = (_AsMatchIt if matchit else _FreeControls)(score, np.flatnonzero(~focal))
    mate: dict[int, int] = {}
    for i in _turns(score, np.flatnonzero(focal), order):
        j = pool.take_nearest(float(score[i]), caliper, int(i))
        if j >= 0:
            mate[int(turn[i])] = int(turn[j])
    pair = np.zeros(len(score), dtype=int)
    for number, i in enumerate(sorted(mate), start=1):
        pair[i] = pair[mate[i]] = number
    shared = np.unique(score[focal], return_counts=True)[1]
    method = f"greedy 1:1 nearest neighbour without replacement, {order} first"
    return Match(pair, len(mate), float(caliper), method, pool.tied, int(shared[shared > 1].sum()))


def _turns(score: np.ndarray, focal: np.ndarray, order: str) -> np.ndarray:
    if order == "data":
        return focal
    sign = -1.0 if order == "largest" else 1.0
    return focal[np.lexsort((focal, sign * score[focal]))]


class _FreeControls:
    """Controls sorted by (score, position), with pointers to the next free one on either side. tied: how often several were
    equally near."""

    def __init__(self, score: np.ndarray, controls: np.ndarray):
        order = np.lexsort((controls, score[controls]))
        self._position = controls[order].tolist()
        sorted_score = score[controls][order]
        self._score = sorted_score.tolist()
        self._sorted = sorted_score
        m = len(self._score)
        self._up = list(range(m + 1))  # _up[k]: a free index >= k, m = none
        self._down = list(range(-1, m))  # _down[k + 1]: a free index <= k, -1 = none
        self._group = np.searchsorted(sorted_score, sorted_score, side="left").tolist()
        self.tied = 0

    def take_nearest(self, target: float, caliper: float, position: int) -> int:
        """Position of the nearest free control within the caliper, now taken; -1 where there is none. position: of the focal
        patient."""
        k = self._place(target, position)
        above, below = self._next_up(k), self._next_down(k - 1)
        best = self._closer(target, below, above)
        if best < 0 or not self._distance(target, best) <= caliper:  # an unknown caliper admits nobody
            return -1
        self.tied += self._is_tied(target, best, below, above)
        self._up[best] = best + 1
        self._down[best + 1] = best - 1
        return self._position[best]

    def _place(self, target: float, position: int) -> int:
        """Index of the first control that is not below the focal patient."""
        return int(np.searchsorted(self._sorted, target, side="left"))

    def _distance(self, target: float, k: int) -> float:
        return round(abs(self._score[k] - target), DECIMALS)

    def _closer(self, target: float, below: int, above: int) -> int:
        if below >= 0:
            below = self._next_up(self._group[below])  # of equal scores, the lowest position
        if above >= len(self._score):
            return below
        if below < 0:
            return above
        if not self._as_near(target, below, above):
            return below if self._distance(target, below) < self._distance(target, above) else above
        return below if self._position[below] < self._position[above] else above

    def _as_near(self, target: float, one: int, other: int) -> bool:
        return abs(self._distance(target, one) - self._distance(target, other)) <= SAME_DISTANCE

    def _is_tied(self, target: float, best: int, below: int, above: int) -> bool:
        """Whether another free control is as near as the best: of the same score, or on the other side."""
        m = len(self._score)
        if below >= 0 and above < m and self._as_near(target, below, above):
            return True
        beside = (self._next_up(best + 1), self._next_down(best - 1))
        return any(0 <= k < m and self._group[k] == self._group[best] for k in beside)

    def _next_up(self, k: int) -> int:
        root = k
        while self._up[root] != root:
            root = self._up[root]
        while self._up[k] != root:
            self._up[k], k = root, self._up[k]
        return root

    def _next_down(self, k: int) -> int:
        root = k
        while self._down[root + 1] != root:
            root = self._down[root + 1]
        while self._down[k + 1] != root:
            self._down[k + 1], k = root, self._down[k + 1]
        return root


class _AsMatchIt(_FreeControls):
    """The ties of MatchIt 4.7.2."""

    def _place(self, target: float, position: int) -> int:
        low, high = (int(np.searchsorted(self._sorted, target, side=side)) for side in ("left", "right"))
        return low + int(np.searchsorted(self._position[low:high], position))

    def _distance(self, target: float, k: int) -> float:
        return abs(self._score[k] - target)

    def _as_near(self, target: float, one: int, other: int) -> bool:
        return self._distance(target, one) == self._distance(target, other)

    def _closer(self, target: float, below: int, above: int) -> int:
        if above >= len(self._score):
            return below
        if below < 0:
            return above
        return below if self._distance(target, below) <= self._distance(target, above) else above
