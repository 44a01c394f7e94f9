"""Nearest free partner on one score, where nothing else decides who may be paired.

Controls stand on a line; those with equal scores are one place where the identifier decides, a place each where MatchIt's rule
does. A taken place leaves the line. In order of the score the free places are two stacks, one below and one above the focal
patient, and no search is needed; in any other order they are found by "next free" pointers with path compression.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

SCALE = 1e10  # scores that agree to 1e-10 are ties, so that rounding in the last bit of a fit cannot choose a pair
SAME_DISTANCE = 2  # and so are distances that rounding three scores can make differ, as in `nearest`


class Line:
    """score: float, shape (n,), in order of rank; focal: bool; caliper: inclusive; reuse: how often a control may serve."""

    def __init__(self, score: np.ndarray, focal: np.ndarray, caliper: float, reuse: float, matchit: bool):
        controls = np.flatnonzero(~focal)
        self.matchit, self.reuse, self.tied = matchit, reuse, 0
        self.slack = 0 if matchit else SAME_DISTANCE
        value, self.limit = (score, caliper if caliper == caliper else -1.0) if matchit else scaled(score, caliper)
        by_score = controls[np.argsort(value[controls], kind="stable")]
        sorted_value = value[by_score]
        starts = np.flatnonzero(np.r_[True, sorted_value[1:] != sorted_value[:-1]]) if len(by_score) else np.zeros(0, dtype=int)
        sizes = np.diff(np.r_[starts, len(by_score)])
        if matchit:
            group = np.repeat(np.arange(len(starts)), sizes)
            first, room, places = np.arange(len(by_score)), np.ones(len(by_score), dtype=int), sorted_value
            place = _before(value, ~focal)
        else:
            group, first, room, places = np.arange(len(starts)), starts, sizes, sorted_value[starts]
            place = np.searchsorted(places, value, side="left")
        self._of_focal = place, value
        self._value, self._first, self._group = places.tolist(), first.tolist(), group.tolist()
        self._member = by_score.tolist()
        self._left = (room * reuse).tolist()  # how often each place can still be taken
        self._room = (room * reuse).tolist()
        self._shared = (sizes * reuse).tolist()  # and each score

    @cached_property
    def _place(self) -> list[int]:
        """How many places lie below each patient."""
        return self._of_focal[0].tolist()

    @cached_property
    def _target(self) -> list[float]:
        return self._of_focal[1].tolist()

    @cached_property
    def _up(self) -> list[int]:
        """Leads to a free place at or above, the number of places where there is none."""
        return list(range(len(self._value) + 1))

    @cached_property
    def _down(self) -> list[int]:
        """[k + 1] leads to a free place at or below k, -1 where there is none."""
        return list(range(-1, len(self._value)))

    def nearest(self, i: int) -> tuple[int, float]:
        """The nearest free place to focal patient i and its distance; -1 where none lies within the caliper."""
        m, target = len(self._value), self._target[i]
        above, below = self._next_up(self._place[i]), self._next_down(self._place[i] - 1)
        to_above = self._value[above] - target if above < m else np.inf
        to_below = target - self._value[below] if below >= 0 else np.inf
        best, gap = (above, to_above) if self._above_wins(below, above, to_below, to_above) else (below, to_below)
        return (best, gap) if 0 <= best < m and gap <= self.limit else (-1, np.inf)

    def is_free(self, k: int) -> bool:
        return self._left[k] > 0

    def take(self, i: int, k: int) -> int:
        """Position of the control that stands first in place k, now taken by focal patient i."""
        other = self._next_up(k + 1) if self._target[i] > self._value[k] else self._next_down(k - 1)
        self._count_tie(k, 0 <= other < len(self._value) and self._mirror(i, k, other))
        j = self._pick(k)
        if self._left[k] <= 0:
            self._up[k], self._down[k + 1] = k + 1, k - 1
        return j

    def _mirror(self, i: int, k: int, other: int) -> bool:
        return abs(abs(self._value[other] - self._target[i]) - abs(self._value[k] - self._target[i])) <= self.slack

    def _above_wins(self, below: int, above: int, to_below: float, to_above: float) -> bool:
        if below < 0 or above >= len(self._value):
            return below < 0
        if abs(to_above - to_below) > self.slack:
            return to_above < to_below
        return not self.matchit and self._head(above) < self._head(below)

    def _head(self, k: int) -> int:
        return self._member[self._first[k] + int((self._room[k] - self._left[k]) // self.reuse)]

    def _pick(self, k: int) -> int:
        j = self._head(k)
        self._left[k] -= 1
        self._shared[self._group[k]] -= 1
        return j

    def _count_tie(self, k: int, mirrored: bool) -> None:
        if mirrored or self._shared[self._group[k]] > self.reuse:
            self.tied += 1

    def _next_up(self, k: int) -> int:
        up = self._up
        while up[k] != k:
            up[k] = k = up[up[k]]
        return k

    def _next_down(self, k: int) -> int:
        down, k = self._down, k + 1
        while down[k] != k - 1:
            down[k] = down[down[k] + 1]
            k = down[k] + 1
        return k - 1

    def sweep(self, turns: np.ndarray) -> tuple[list[int], list[int]]:
        """Who gets a partner, and whom, of focal patients who come in order of their score, one each; two stacks instead of
        pointers. Every call is a round; the pointers are not kept, so that `nearest` may not follow."""
        left, shared, group, value, member, first, room = (
            self._left, self._shared, self._group, self._value, self._member, self._first, self._room
        )  # fmt: skip
        limit, matchit, slack, inf, tied = self.limit, self.matchit, self.slack, float("inf"), 0
        place, target = (of[turns].tolist() for of in self._of_focal)
        below, above = [k for k, free in enumerate(left) if free], []
        if place and place[0] < len(value) // 2:
            below, above = [], below[::-1]
        who, whom = [], []
        for i, p, x in zip(turns.tolist(), place, target, strict=True):
            while below and below[-1] >= p:
                above.append(below.pop())
            while above and above[-1] < p:
                below.append(above.pop())
            to_above = value[above[-1]] - x if above else inf
            to_below = x - value[below[-1]] if below else inf
            same = -slack <= to_above - to_below <= slack
            if (not matchit and self._head(above[-1]) < self._head(below[-1])) if same else to_above < to_below:
                side, gap = above, to_above
            else:
                side, gap = below, to_below
            if not side or gap > limit:
                continue
            k = side[-1]
            who.append(i)
            whom.append(member[first[k] + room[k] - left[k]])
            left[k] -= 1
            if same or shared[group[k]] > 1:
                tied += 1
            shared[group[k]] -= 1
            if not left[k]:
                side.pop()
        self.tied += tied
        return who, whom

    def outward(self, i: int, k: int) -> list[int]:
        """The k nearest controls within the caliper, taken by nobody (with replacement); ties as in `nearest`."""
        m, target, found = len(self._value), self._target[i], []
        above, below = self._place[i], self._place[i] - 1
        while len(found) < k:
            to_above = self._value[above] - target if above < m else np.inf
            to_below = target - self._value[below] if below >= 0 else np.inf
            gap = min(to_above, to_below)
            if gap == np.inf or gap > self.limit:
                break
            here = []
            if to_below - gap <= self.slack:
                here += self._members(below)
                below -= 1
            if to_above - gap <= self.slack and not (self.matchit and here):
                here += self._members(above)
                above += 1
            room = k - len(found)
            found += (here if self.matchit else sorted(here))[:room]
            if len(found) == k:
                self.tied += int(len(here) > room or self._next_gap(above, below, target) - gap <= self.slack)
        return found

    def _next_gap(self, above: int, below: int, target: float) -> float:
        gaps = [self._value[above] - target] if above < len(self._value) else []
        return min([*gaps, target - self._value[below]] if below >= 0 else gaps, default=np.inf)

    def _members(self, k: int) -> list[int]:
        end = self._first[k + 1] if k + 1 < len(self._first) else len(self._member)
        return self._member[self._first[k] : end]


def scaled(score: np.ndarray, caliper: float) -> tuple[np.ndarray, float]:
    """Scores and caliper as whole multiples of 1e-10: equal scores and equal distances are equal to the last bit. The largest
    whole number whose value is not beyond the caliper; -1 where the caliper is unknown, so that it admits nobody."""
    whole = np.rint(np.asarray(score, dtype=float) * SCALE)
    if np.isnan(caliper):
        return whole, -1.0
    if np.isinf(caliper):
        return whole, np.inf
    limit = np.floor(caliper * SCALE) + 1
    while limit / SCALE > caliper:
        limit -= 1
    return whole, float(limit)


def _before(value: np.ndarray, control: np.ndarray) -> np.ndarray:
    """How many controls stand before each patient in the order of (score, position)."""
    order = np.argsort(value, kind="stable")
    count = np.cumsum(control[order]) - control[order]
    place = np.empty(len(value), dtype=int)
    place[order] = count
    return place
