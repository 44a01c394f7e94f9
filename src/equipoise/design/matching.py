"""Greedy 1:1 nearest-neighbour matching on one score, without replacement.

Focal patients are taken in a stated order; each takes the nearest free control within the caliper. Ties: a focal patient
with the same score as another goes by position; two controls at the same distance, the one with the lower position.
Cost: a sort, and a search with two "next free" arrays (path compression), n log n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DECIMALS = 10  # scores that agree to 1e-10 are ties, so that rounding in the last bit of a fit cannot choose a pair


@dataclass(frozen=True, slots=True)
class Match:
    """pair: int per patient, 1.. numbered by the position of the focal patient, 0 = unmatched. caliper: in units of the
    score, inf where none. method: in words."""

    pair: np.ndarray
    n_pairs: int
    caliper: float
    method: str


def greedy_nearest(score: np.ndarray, focal: np.ndarray, caliper: float = np.inf, order: str = "largest") -> Match:
    """Match each focal patient (focal True) to one other patient.

    score: float, shape (n,), finite. focal: bool, shape (n,). caliper: largest distance allowed, inclusive. order: largest
    (highest score first), smallest or data (by position).
    """
    score = np.round(np.asarray(score, dtype=float), DECIMALS)
    focal = np.asarray(focal, dtype=bool)
    if not np.isfinite(score).all():
        raise ValueError("a score is missing or infinite")
    pool = _FreeControls(score, np.flatnonzero(~focal))
    mate: dict[int, int] = {}
    for i in _turns(score, np.flatnonzero(focal), order):
        j = pool.take_nearest(float(score[i]), caliper)
        if j >= 0:
            mate[int(i)] = j
    pair = np.zeros(len(score), dtype=int)
    for number, i in enumerate(sorted(mate), start=1):
        pair[i] = pair[mate[i]] = number
    return Match(pair, len(mate), float(caliper), f"greedy 1:1 nearest neighbour without replacement, {order} first")


def _turns(score: np.ndarray, focal: np.ndarray, order: str) -> np.ndarray:
    if order == "data":
        return focal
    sign = -1.0 if order == "largest" else 1.0
    return focal[np.lexsort((focal, sign * score[focal]))]


class _FreeControls:
    """Controls sorted by (score, position), with pointers to the next free one on either side."""

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

    def take_nearest(self, target: float, caliper: float) -> int:
        """Position of the nearest free control within the caliper, now taken; -1 where there is none."""
        k = int(np.searchsorted(self._sorted, target, side="left"))
        above = self._next_up(k)
        below = self._next_down(k - 1)
        if below >= 0:
            below = self._next_up(self._group[below])  # of equal scores, the lowest position
        best = self._closer(target, below, above)
        if best < 0 or round(abs(self._score[best] - target), DECIMALS) > caliper:
            return -1
        self._up[best] = best + 1
        self._down[best + 1] = best - 1
        return self._position[best]

    def _closer(self, target: float, below: int, above: int) -> int:
        if above >= len(self._score):
            return below
        if below < 0:
            return above
        to_below = round(target - self._score[below], DECIMALS)
        to_above = round(self._score[above] - target, DECIMALS)
        if to_below != to_above:
            return below if to_below < to_above else above
        return below if self._position[below] < self._position[above] else above

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
