"""Nearest free partner on one score, where nothing else decides who may be paired.

Controls stand on a line; those with equal scores are one place where the identifier decides, a place each where MatchIt's rule
does. A taken place leaves the line. In order of the score the free places are two stacks, one below and one above the focal
patient, and no search is needed; in any other order they are found by "next free" pointers with path compression.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

import numpy as np

from equipoise.design import line_walks
from equipoise.design.line_walks import Places, Rule, compiles, walked
from equipoise.stats.radix_order import rising_order

SCALE = 1e10  # scores that agree to 1e-10 are ties, so that rounding in the last bit of a fit cannot choose a pair
# And so are distances that rounding three scores can make differ: else a control a year older and one a year younger would be
# told apart by the last digits of the fit, and not by the identifier.
SAME_DISTANCE = 2
ROUNDS = 3  # of taking whole sets of pairs at once, before one is taken after the other


class Line:
    """score: float, shape (n,), in order of rank; focal: bool; caliper: inclusive; reuse: how often a control may serve."""

    def __init__(self, score: np.ndarray, focal: np.ndarray, caliper: float, reuse: float, matchit: bool):
        controls = np.flatnonzero(~focal)
        self.matchit, self.reuse, self.tied = matchit, reuse, 0
        self.slack = 0 if matchit else SAME_DISTANCE
        value, self.limit = (score, caliper if caliper == caliper else -1.0) if matchit else scaled(score, caliper)
        by_score = controls[rising_order(value[controls])]
        sorted_value = value[by_score]
        starts = np.flatnonzero(np.r_[True, sorted_value[1:] != sorted_value[:-1]]) if len(by_score) else np.zeros(0, dtype=int)
        sizes = np.diff(np.r_[starts, len(by_score)])
        if matchit:
            group = np.repeat(np.arange(len(starts)), sizes)
            first, room, places = np.arange(len(by_score)), np.ones(len(by_score), dtype=int), sorted_value
            place = _before(value, ~focal)
        else:
            group, first, room, places = np.arange(len(starts)), starts, sizes, sorted_value[starts]
            place = _places_below(places, value, focal)
        self._of_focal = place, value
        times = int(reuse) if reuse < np.inf else 1  # where nobody is ever taken, nothing counts it
        room = room * times
        self._arrays = tuple(
            np.asarray(of, dtype=float if of is places else np.int64)
            for of in (places, first, group, room, room.copy(), sizes * times, by_score)
        )

    @cached_property
    def _lists(self) -> Places:
        """The places for loops of the interpreter; a walk that is compiled takes the arrays instead, and no other follows it."""
        return Places(*(of.tolist() for of in self._arrays), up=[], down=[])

    @cached_property
    def _value(self) -> list[float]:
        return self._lists.value

    @cached_property
    def _first(self) -> list[int]:
        return self._lists.first

    @cached_property
    def _group(self) -> list[int]:
        return self._lists.group

    @cached_property
    def _member(self) -> list[int]:
        return self._lists.member

    @cached_property
    def _room(self) -> list[int]:
        return self._lists.room

    @cached_property
    def _left(self) -> list[int]:
        return self._lists.left

    @cached_property
    def _shared(self) -> list[int]:
        return self._lists.shared

    @cached_property
    def _place(self) -> list[int]:
        """How many places lie below each focal patient."""
        return self._of_focal[0].tolist()

    @cached_property
    def _target(self) -> list[float]:
        return self._of_focal[1].tolist()

    @cached_property
    def _up(self) -> list[int]:
        return _pointers(np.array(self._left))[0].tolist()

    @cached_property
    def _down(self) -> list[int]:
        return _pointers(np.array(self._left))[1].tolist()

    def _head(self, k: int) -> int:
        """Position of the control that stands first in place k."""
        return self._member[self._first[k] + int((self._room[k] - self._left[k]) // self.reuse)]

    def in_turn(self, turns: np.ndarray) -> tuple[list[int], list[int]]:
        """Who gets a partner, and whom, of focal patients who come in any order, one each."""
        if compiles(turns):
            return self._walked(line_walks.in_turn, turns, Places(*self._arrays, *_pointers(self._arrays[4])))
        return self._walked(line_walks.in_turn, turns, self._lists._replace(up=self._up, down=self._down))

    def _walked(self, walk: Callable[..., Any], turns: np.ndarray, places: Places) -> tuple[list[int], list[int]]:
        place, target = (of[turns] for of in self._of_focal)
        rule = Rule(self.limit, self.slack, self.reuse, self.matchit)
        who, whom, tied = walked(walk, places, rule, (turns, place, target))
        self.tied += tied
        return who, whom

    def queue(self, turns: np.ndarray, farthest: bool) -> tuple[list[int], list[int]]:
        """Everybody names the nearest free partner; the queue goes by that distance, ties by rank. Who finds it taken names the
        next nearest and goes back into the queue."""
        who, whom = [], []
        if not (farthest or self.matchit or self.reuse > 1):
            who, whom = self._nearest_to_each_other(turns)
            turns = np.setdiff1d(turns, np.array(who, dtype=int), assume_unique=True)
        left, shared, group, value, up, down = self._left, self._shared, self._group, self._value, self._up, self._down
        place, target = (of.tolist() for of in self._of_focal)
        m, limit, slack, matchit, inf = len(value), self.limit, self.slack, self.matchit, float("inf")
        sign, n, moved, tied = -1.0 if farthest else 1.0, len(place), 0, 0
        first = self._first_named(turns, sign)
        order = rising_order(first[0])
        waiting = zip(*(column[order].tolist() for column in first), strict=True)
        turned = next(waiting, None)
        again: list[tuple[float, int, int, int, bool]] = []
        while turned or again:
            if not again or (turned and turned[:2] <= again[0][:2]):
                _, i, k, same = turned
                turned = next(waiting, None)
            else:
                _, _, i, k, same = heappop(again)
            above, x = place[i], target[i]
            free = left[k] > 0
            if not free or same:
                below = above - 1
                while up[above] != above:
                    up[above] = above = up[up[above]]
                while (step := down[below + 1]) != below:
                    down[below + 1] = below = down[step + 1]
                to_above = value[above] - x if above < m else inf
                to_below = x - value[below] if below >= 0 else inf
                same = -slack <= to_above - to_below <= slack
            if free:
                who.append(i)
                whom.append(self._head(k))
                tied += same or shared[group[k]] > self.reuse
                left[k] -= 1
                shared[group[k]] -= 1
                if not left[k]:
                    up[k], down[k + 1] = k + 1, k - 1
                continue
            if (not matchit and self._head(above) < self._head(below)) if same else to_above < to_below:
                k, gap = above, to_above
            else:
                k, gap = below, to_below
            if gap <= limit and gap < inf:
                moved += 1
                among = i if not matchit else n + moved if farthest else -moved
                heappush(again, (sign * gap, among, i, k, same))
        self.tied += tied
        return who, whom

    def _nearest_to_each_other(self, turns: np.ndarray) -> tuple[list[int], list[int]]:
        """Pairs that the queue of the closest is sure to make, all at once: of two nearest to each other, with nobody else
        as near to either. They are taken, and others are looked for among the rest."""
        value, x = np.array(self._value), self._of_focal[1]
        first, sizes = np.array(self._first, dtype=int), np.diff(np.r_[self._first, len(self._member)])
        who, where = [np.zeros(0, dtype=int)], [np.zeros(0, dtype=int)]
        for _ in range(ROUNDS):
            gap, i, k, same = self._first_named(turns, 1.0)
            order = np.argsort(x[i], kind="stable")
            gap, i, k, same = gap[order], i[order], k[order], same[order]
            beside = np.r_[-np.inf, x[i], np.inf]
            other = np.minimum(np.abs(value[k] - beside[:-2]), np.abs(beside[2:] - value[k]))
            sure = ~same & (other > gap + self.slack) & (sizes[k] == 1)
            who.append(i[sure])
            where.append(k[sure])
            left = np.array(self._left)
            left[k[sure]] = 0
            self._left[:] = left.tolist()
            turns = np.setdiff1d(turns, i[sure], assume_unique=True)
        at = np.concatenate(where)
        for k in at.tolist():
            self._shared[self._group[k]] = 0
        for pointers in ("_up", "_down"):  # of the round before: they lead to places that are taken now
            self.__dict__.pop(pointers, None)
        return np.concatenate(who).tolist(), np.array(self._member)[first[at]].tolist()

    def _first_named(self, turns: np.ndarray, sign: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Of these focal patients those with a free place within the caliper: its distance times `sign`, who, the place, and
        whether another on the other side is as near."""
        left, value = np.array(self._left), np.array(self._value)
        free = np.flatnonzero(left > 0)
        place, x = (of[turns] for of in self._of_focal)
        at = np.searchsorted(free, place)
        above, below = np.r_[free, -1][at], np.r_[-1, free][at]
        to_above = np.where(above >= 0, value[above] - x, np.inf) if len(free) else np.full(len(turns), np.inf)
        to_below = np.where(below >= 0, x - value[below], np.inf) if len(free) else to_above
        both = (above >= 0) & (below >= 0)
        same = both & (np.abs(np.where(both, to_above, 0.0) - np.where(both, to_below, 0.0)) <= self.slack)
        takes_above = ~same & (to_above < to_below)
        if not self.matchit:
            for t in np.flatnonzero(same).tolist():
                takes_above[t] = self._head(int(above[t])) < self._head(int(below[t]))
        gap = np.where(takes_above, to_above, to_below)
        fine = (gap <= self.limit) & (gap < np.inf)
        return sign * gap[fine], turns[fine], np.where(takes_above, above, below)[fine], same[fine]

    def sweep(self, turns: np.ndarray) -> tuple[list[int], list[int]]:
        """Who gets a partner, and whom, of focal patients who come in order of their score, one each; two stacks instead of
        pointers. Every call is a round; the pointers are not kept, so that no other order may follow."""
        if compiles(turns):
            places = Places(*self._arrays, *(np.zeros_like(self._arrays[4]) for _ in range(2)))
        else:
            places = self._lists._replace(up=[0] * len(self._left), down=[0] * len(self._left))
        return self._walked(line_walks.sweep, turns, places)

    def outward(self, i: int, k: int) -> list[int]:
        """The k nearest controls within the caliper, taken by nobody (with replacement); ties as in `in_turn`."""
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
    order = rising_order(value)
    count = np.cumsum(control[order]) - control[order]
    place = np.empty(len(value), dtype=int)
    place[order] = count
    return place


def _places_below(places: np.ndarray, value: np.ndarray, focal: np.ndarray) -> np.ndarray:
    """How many places lie below each focal patient, 0 for the others; asked in order of the values, near to each other."""
    who = np.flatnonzero(focal)
    who = who[np.argsort(value[who])]
    below = np.zeros(len(value), dtype=int)
    below[who] = np.searchsorted(places, value[who], side="left")
    return below


def _pointers(left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Up: leads to a free place at or above, the number of places where there is none. Down, [k + 1]: to a free place at or below
    k, -1 where there is none."""
    taken = left <= 0
    return np.arange(len(left) + 1) + np.r_[taken, False], np.arange(-1, len(left)) - np.r_[False, taken]
