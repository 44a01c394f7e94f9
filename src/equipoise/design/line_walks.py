"""The two walks along a line of scores that a greedy match is made of, in plain loops over flat sequences.

Lists for the interpreter, arrays for a compiler: the same statements give the same pairs. Where numba is installed (the extra
`fast`) large matches are compiled; smaller ones are done before a compiler has begun.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, MutableSequence, Sequence
from typing import Any, NamedTuple

import numpy as np

LARGE, LOADED = 100_000, 2_000  # focal patients from which a compiler pays: its start takes a second, once it is there little


class Places(NamedTuple):
    """Places on the line, and their controls. value, first, group, room: of each place its score, the position of its first
    member, the number of its score, how often it may be taken; left: how often it still can; shared: the same of each score;
    member: controls in the order of the line. up, down: pointers to free places, or room for stacks."""

    value: Sequence[float]
    first: Sequence[int]
    group: Sequence[int]
    room: Sequence[int]
    left: MutableSequence[int]
    shared: MutableSequence[int]
    member: Sequence[int]
    up: MutableSequence[int]
    down: MutableSequence[int]


class Rule(NamedTuple):
    """limit: the caliper; slack: distances that are ties; reuse: how often a control may serve; matchit: whose ties."""

    limit: float
    slack: float
    reuse: int
    matchit: bool


def compiles(asking: np.ndarray) -> bool:
    """Whether a walk of these focal patients is compiled."""
    return len(asking) >= (LOADED if "numba" in sys.modules else LARGE) and compiler_there()


def walked(
    walk: Callable[..., tuple[int, int]], places: Places, rule: Rule, asking: Sequence[np.ndarray]
) -> tuple[list[int], list[int], int]:
    """Who gets a partner, whom, and how many choices were ties. places: lists, or where it `compiles` arrays; `left`, `shared`
    and the pointers are changed. asking: who comes, their place on the line, their score, in order of their turns."""
    n = len(asking[0])
    if not compiles(asking[0]):
        who, whom = [0] * n, [0] * n
        found, tied = walk(places, rule, *(of.tolist() for of in asking), who, whom)
        return who[:found], whom[:found], tied
    exact = Rule(float(rule.limit), float(rule.slack), int(rule.reuse), bool(rule.matchit))
    given = (asking[0].astype(np.int64), asking[1].astype(np.int64), asking[2].astype(float))
    chosen = np.zeros((2, n), dtype=np.int64)
    found, tied = compiled(walk)(places, exact, *given, chosen[0], chosen[1])
    return chosen[0, :found].tolist(), chosen[1, :found].tolist(), int(tied)


@functools.cache
def compiler_there() -> bool:
    return importlib.util.find_spec("numba") is not None


@functools.cache
def compiled(walk: Callable[..., Any]) -> Callable[..., Any]:
    """The walk by numba, kept on disk where there is a folder for it."""
    import numba

    try:
        return numba.njit(cache=True)(walk)
    except RuntimeError:  # no folder that may be written
        return numba.njit(walk)


def in_turn(places, rule, turns, place, target, who, whom):
    """Focal patients in any order: free places are found by pointers with path compression."""
    value, first, group, room, left, shared, member, up, down = places
    limit, slack, reuse, matchit = rule
    m, found, tied, inf = len(value), 0, 0, np.inf
    for t in range(len(turns)):
        above, x = place[t], target[t]
        below = above - 1
        while up[above] != above:
            up[above] = up[up[above]]
            above = up[above]
        step = down[below + 1]
        while step != below:
            down[below + 1] = down[step + 1]
            below = down[below + 1]
            step = down[below + 1]
        to_above = value[above] - x if above < m else inf
        to_below = x - value[below] if below >= 0 else inf
        same = -slack <= to_above - to_below <= slack
        takes_above = to_above < to_below
        if same:
            takes_above = not matchit and (
                member[first[above] + (room[above] - left[above]) // reuse]
                < member[first[below] + (room[below] - left[below]) // reuse]
            )
        k, gap = (above, to_above) if takes_above else (below, to_below)
        if gap > limit or gap == inf:
            continue
        who[found] = turns[t]
        whom[found] = member[first[k] + (room[k] - left[k]) // reuse]
        found += 1
        if same or shared[group[k]] > reuse:
            tied += 1
        left[k] -= 1
        shared[group[k]] -= 1
        if left[k] == 0:
            up[k], down[k + 1] = k + 1, k - 1
    return found, tied


def sweep(places, rule, turns, place, target, who, whom):
    """Focal patients in order of their score: the free places are two stacks, below and above the patient. The pointers serve as
    the room of the stacks."""
    value, first, group, room, left, shared, member, above, below = places
    limit, slack, _, matchit = rule
    m, found, tied, inf = len(value), 0, 0, np.inf
    n_below = n_above = 0
    from_below = len(turns) == 0 or place[0] >= m // 2
    for k in range(m):
        if from_below and left[k]:
            below[n_below] = k
            n_below += 1
        if not from_below and left[m - 1 - k]:
            above[n_above] = m - 1 - k
            n_above += 1
    for t in range(len(turns)):
        p, x = place[t], target[t]
        while n_below and below[n_below - 1] >= p:
            n_below -= 1
            above[n_above] = below[n_below]
            n_above += 1
        while n_above and above[n_above - 1] < p:
            n_above -= 1
            below[n_below] = above[n_above]
            n_below += 1
        high, low = (above[n_above - 1] if n_above else -1), (below[n_below - 1] if n_below else -1)
        to_above = value[high] - x if high >= 0 else inf
        to_below = x - value[low] if low >= 0 else inf
        same = -slack <= to_above - to_below <= slack
        takes_above = to_above < to_below
        if same:
            takes_above = not matchit and (
                member[first[high] + room[high] - left[high]] < member[first[low] + room[low] - left[low]]
            )
        k, gap = (high, to_above) if takes_above else (low, to_below)
        if k < 0 or gap > limit:
            continue
        who[found] = turns[t]
        whom[found] = member[first[k] + room[k] - left[k]]
        found += 1
        if same or shared[group[k]] > 1:
            tied += 1
        left[k] -= 1
        shared[group[k]] -= 1
        if left[k] == 0 and takes_above:
            n_above -= 1
        if left[k] == 0 and not takes_above:
            n_below -= 1
    return found, tied
