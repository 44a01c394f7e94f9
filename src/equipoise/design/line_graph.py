"""The few pairs that an optimal match on one score needs to look at.

Pairs of the score alone lie on a line, and a pair that could be shortened by an exchange is in no optimal match, or in none that
is needed. The arguments are about sums of absolute differences (Karp and Li 1975).
"""

from __future__ import annotations

import numpy as np

from equipoise.design.greedy_line import scaled
from equipoise.design.pair_graph import PairGraph


def bracket_pairs(score: np.ndarray, focal: np.ndarray, ratio: int = 1) -> PairGraph:
    """Two candidates at most for each patient of the smaller side, all of whom are to be matched, without a caliper.

    Read the line as brackets, patients of the smaller side opening and those of the larger side closing: the candidates are the
    bracket that closes it, and the one that closes it when the line is read from the other end. A link to the right under which
    a patient of the other side is left alone, or is linked across one of its ends, could be shortened; so what lies under a
    link is paired among itself. ratio: links of each focal patient, who stands that often on the line.
    """
    n = len(focal)
    copies = np.where(focal, ratio, 1)
    unit = np.repeat(np.arange(n), copies)
    unit = unit[np.argsort(score[unit], kind="stable")]
    opens_focal = int(focal.sum()) * ratio <= int((~focal).sum())
    opens = (focal[unit] == opens_focal).tolist()
    pairs = set()
    for walk in (range(len(unit)), range(len(unit) - 1, -1, -1)):
        waiting: list[int] = []
        for k in walk:
            if opens[k]:
                waiting.append(k)
            elif waiting:
                pairs.add((int(unit[waiting.pop()]), int(unit[k])))
    ends = np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)
    return _graph(score, focal, *(ends.T if opens_focal else ends.T[::-1]))


def optimal_window(score: np.ndarray, focal: np.ndarray, ratio: int, caliper: float) -> tuple[np.ndarray, np.ndarray]:
    """Of each focal patient, in order of position, the first and the last + 1 of the others, in order of (score, position), that
    some match with the most pairs and the least total distance does not need to look beyond.

    There is such a match in which no two links run over each other in opposite directions, everybody under a link is linked, and
    links of one direction keep their order: else an exchange shortens one, and lengthens none beyond the caliper. So links to
    the right form blocks in which the i-th focal patient has the i-th other, and the number of focal less other patients along
    the line, d, is at a block's ends what it was at its start and never lower between. The partner of a focal patient follows
    from d at the start, which must have been reached before and must be reached again. Links to the left are the mirror image.
    ratio: links of each focal patient, who stands that often on the line.
    """
    whole, limit = scaled(score, caliper)
    unit = np.repeat(np.arange(len(focal)), np.where(focal, ratio, 1))
    unit = unit[np.argsort(whole[unit], kind="stable")]
    m = int((~focal).sum())
    beyond = _furthest(whole[unit], focal[unit], limit)
    before = m - _furthest(-whole[unit[::-1]], focal[unit[::-1]], limit)[::-1]
    low, high = np.full(len(focal), m), np.zeros(len(focal), dtype=np.intp)
    standing = unit[focal[unit]]
    np.minimum.at(low, standing, before)
    np.maximum.at(high, standing, beyond)
    return low[focal], np.maximum(high, low)[focal]


def _furthest(whole: np.ndarray, focal: np.ndarray, limit: float) -> np.ndarray:
    """Of each focal patient of a sorted line, how many others stand up to the last candidate to its right."""
    others, focals = np.cumsum(~focal), np.cumsum(focal)
    d = focals - others
    lowest_before = np.minimum.accumulate(np.r_[0, d[:-1]])[focal]
    lowest_after = np.minimum.accumulate(d[::-1])[::-1][~focal]
    number = focals[focal]
    returns = np.searchsorted(lowest_after + np.arange(1, len(lowest_after) + 1), number, side="right")
    near = np.searchsorted(whole[~focal], whole[focal] + limit, side="right")
    return np.maximum(others[focal], np.minimum(np.minimum(number - lowest_before, returns), near))


def adjacent_pairs(score: np.ndarray, focal: np.ndarray, caliper: float) -> PairGraph:
    """The pairs of a full matching without limits: of one run of the same arm with the next run of the line. Of a pair across
    another of them, the two ends could each take the nearer one, and both links were shorter."""
    order = np.argsort(score, kind="stable")
    start = np.flatnonzero(np.r_[True, focal[order][1:] != focal[order][:-1]])
    end = np.r_[start[1:], len(order)]
    ones, twos = [np.zeros(0, dtype=np.intp)], [np.zeros(0, dtype=np.intp)]
    for a, b, c in zip(start[:-1].tolist(), start[1:].tolist(), end[1:].tolist(), strict=True):
        ones.append(np.repeat(order[a:b], c - b))
        twos.append(np.tile(order[b:c], b - a))
    one, two = np.concatenate(ones), np.concatenate(twos)
    whole, limit = scaled(score, caliper)
    near = np.abs(whole[one] - whole[two]) <= limit
    one, two = one[near], two[near]
    return _graph(score, focal, np.where(focal[one], one, two), np.where(focal[one], two, one))


def _graph(score: np.ndarray, focal: np.ndarray, i: np.ndarray, j: np.ndarray) -> PairGraph:
    rows, others = np.flatnonzero(focal), np.flatnonzero(~focal)
    columns = others[np.argsort(score[others], kind="stable")]
    place = np.empty(len(focal), dtype=np.intp)
    place[rows], place[columns] = np.arange(len(rows)), np.arange(len(columns))
    order = np.lexsort((place[j], place[i]))
    i, j = i[order], j[order]
    start = np.r_[0, np.cumsum(np.bincount(place[i], minlength=len(rows)))]
    return PairGraph(rows, columns, start, place[j], np.abs(score[i] - score[j]))
