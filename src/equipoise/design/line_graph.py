"""The few pairs that a full matching on one score needs to look at: a pair that could be shortened by an exchange is in none."""

from __future__ import annotations

import numpy as np

from equipoise.design.greedy_line import scaled
from equipoise.design.pair_graph import PairGraph


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
