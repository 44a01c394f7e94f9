"""The few pairs that an optimal match on one score needs to look at.

Pairs of the score alone lie on a line, and a pair that could be shortened by an exchange is in no optimal match, or in none that
is needed (Karp and Li 1975). The arguments are about sums of absolute differences.
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
