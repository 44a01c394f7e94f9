"""Harrell's concordance of a risk score with survival, with its standard error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, Counts, IntArray
from .radix_order import order_of_codes, rising_order
from .timeline import lay_out
from .validation import labels, observations, require, vector

STEP = 2  # bits of the places that are decided at a time
DIGITS = 2**STEP
_HALF = 2**31  # sums of whole weights below it: two of them are kept in one number
Three = tuple[Array, Array, Array]


@dataclass(frozen=True, slots=True)
class Concordance:
    """Share of comparable pairs in which the subject with the earlier event had the higher score.

    Attributes
    ----------
    c, se : float
        Ties in the score count half; the standard error is the infinitesimal jackknife.
    concordant, discordant, tied : float
        (Weighted) numbers of comparable pairs.
    """

    c: float
    se: float
    concordant: float
    discordant: float
    tied: float
    method: str

    def __str__(self) -> str:
        return f"{self.method}: {self.c:.4f} (SE {self.se:.4f})"


def concordance(
    time: ArrayLike,
    event: ArrayLike,
    score: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> Concordance:
    """Harrell's C of a score that should be higher the earlier the event.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        A pair is comparable when the earlier time is an event; at a shared time an event precedes a censoring
        and two events are not comparable.
    score : array_like, shape (n,)
    strata : array_like, shape (n,), optional
        Only pairs within a stratum are compared.
    weight : array_like, shape (n,), optional
    entry : array_like, shape (n,), optional
        Delayed entry: a row is compared with the events on (entry, time] only.

    Returns
    -------
    Concordance
        As ``concordance(..., reverse=TRUE)`` of R's survival.

    References
    ----------
    Harrell FE et al. JAMA 1982;247:2543-2546.  Therneau TM, Watson DA. Mayo Clinic technical report 85, 2015.
    """
    seen = observations(time, event, weight=weight, entry=entry)
    n = seen.time.size
    score = vector(score, "score", n)
    w = np.ones(n) if seen.weight is None else seen.weight
    stratum = np.zeros(n, dtype=np.intp) if strata is None else labels(strata, "strata", n)[0]
    line = lay_out(seen.time, seen.entry)
    order_of_time = 2 * line.code + ~seen.event
    concordant, discordant, tied = (np.zeros(n) for _ in range(3))
    for s in range(int(stratum.max()) + 1):
        rows = np.flatnonzero(stratum == s)
        entered = None if line.entry is None else line.entry[rows]
        later, earlier = _pairs(order_of_time[rows], score[rows], seen.event[rows], w[rows], entered)
        for total, part in zip((concordant, discordant, tied), later, strict=True):
            total[rows] += part
        for total, part in zip((concordant, discordant, tied), earlier, strict=True):
            total[rows] += part
    sums = [float(w @ values) / 2 for values in (concordant, discordant, tied)]
    pairs = sum(sums)
    require(pairs > 0, "no pair of subjects is comparable: there is no concordance.")
    somers = (sums[0] - sums[1]) / pairs
    influence = w * (concordant - discordant - somers * (concordant + discordant + tied)) / pairs
    se = float(np.sqrt(influence @ influence)) / 2
    return Concordance((somers + 1) / 2, se, sums[0], sums[1], sums[2], "Harrell's concordance index")


def _pairs(order_of_time: IntArray, score: Array, event: BoolArray, w: Array, entered: IntArray | None) -> tuple[Three, Three]:
    """Weights of each row's partners: as the earlier event of a pair, and as the later member."""
    rank = _ranks(score)
    (later, _), (_, earlier) = _beside(order_of_time, rank, (w, w * event))
    if entered is not None:
        later = _less(later, _across(order_of_time, 2 * entered + 1.5, rank, w)[0])
        earlier = _less(earlier, _across(2 * entered + 1.5, order_of_time, rank, w * event)[1])
    lower, same, total = later
    as_event = np.where(event, lower, 0.0), np.where(event, total - lower - same, 0.0), np.where(event, same, 0.0)
    lower, same, total = earlier
    return as_event, (total - lower - same, lower, same)


def _less(whole: Three, part: Three) -> Three:
    return whole[0] - part[0], whole[1] - part[1], whole[2] - part[2]


def _across(asked: Counts, place: Counts, rank: IntArray, w: Array) -> tuple[Three, Three]:
    """As `_beside`, for rows that stand at `asked` among rows that stand at `place`: those not at risk together."""
    n = rank.size
    both = np.unique(np.concatenate((asked, place)), return_inverse=True)[1].reshape(-1)
    ((later, earlier),) = _beside(both, np.concatenate((rank, rank)), (np.concatenate((np.zeros(n), w)),))
    return (later[0][:n], later[1][:n], later[2][:n]), (earlier[0][:n], earlier[1][:n], earlier[2][:n])


def _beside(place: IntArray, rank: IntArray, weights: Sequence[Array]) -> list[tuple[Three, Three]]:
    """Of each weight, shape (n,), the sums over the rows with a larger place, and over those with a smaller: of lower rank, of
    equal rank, of any rank. rank: 0, 1, ..., each there."""
    place = place - place.min()
    order = _sorted_by(rank, place)
    p, r = place[order], rank[order]
    first = np.flatnonzero(np.concatenate(([True], (r[1:] != r[:-1]) | (p[1:] != p[:-1]))))
    cells = _Cells(p[first], r[first], first, np.diff(np.append(first, r.size)), order_of_codes(p[first], int(p.max()) + 1))
    beyond = _beyond(p, [w[order] for w in weights])
    return [_of_weight(place, rank, order, w, cells, b) for w, b in zip(weights, beyond, strict=True)]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows of one rank and one place, in that order: where they begin, how many they are. by_place: their order by place."""

    place: IntArray
    rank: IntArray
    first: IntArray
    length: IntArray
    by_place: IntArray


def _of_weight(place: IntArray, rank: IntArray, order: IntArray, w: Array, cells: _Cells, beyond: Array) -> tuple[Three, Three]:
    at_place, at_rank = (np.asarray(np.bincount(of, w), dtype=float) for of in (place, rank))
    through = np.cumsum(at_place)
    lower = np.cumsum(at_rank) - at_rank
    cell = np.add.reduceat(w[order], cells.first)
    same_before = np.cumsum(cell) - cell - lower[cells.rank]
    same_after = at_rank[cells.rank] - same_before - cell
    turned = cell[cells.by_place]
    lower_here = np.empty_like(cell)
    lower_here[cells.by_place] = np.cumsum(turned) - turned - (through - at_place)[cells.place[cells.by_place]]

    def of_rows(of_cells: Array) -> Array:
        rows = np.empty_like(w)
        rows[order] = of_cells if of_cells.size == w.size else np.repeat(of_cells, cells.length)
        return rows

    lower_after = np.empty_like(w)
    lower_after[order] = beyond
    lower_before = lower[rank] - lower_after - of_rows(lower_here)
    after = lower_after, of_rows(same_after), through[-1] - through[place]
    return after, (lower_before, of_rows(same_before), (through - at_place)[place])


def _sorted_by(major: IntArray, minor: IntArray) -> IntArray:
    """Positions in the order of two small whole numbers, at ties in their own order."""
    order = order_of_codes(minor, int(minor.max()) + 1)
    return order.take(order_of_codes(major.take(order), int(major.max()) + 1))


def _ranks(values: Array) -> IntArray:
    """0, 1, ... in the order of the values, the same for equal ones."""
    order = rising_order(values)
    rising = values.take(order)
    new = np.empty(rising.size, dtype=bool)
    new[0] = False
    np.not_equal(rising[1:], rising[:-1], out=new[1:])
    rank = np.empty(rising.size, dtype=np.intp)
    rank[order] = new.cumsum()
    return rank


def _beyond(place: IntArray, weights: Sequence[Array]) -> list[Array]:
    """Of each row the weight of the rows above it with a larger place; whole weights, two in one number, are counted faster."""
    if len(weights) > 2 or not all(w.sum() < _HALF and (w == np.floor(w)).all() for w in weights):
        return _earlier_and_beyond(place, weights)
    joint = np.zeros(place.size, dtype=np.int64)
    for w in weights:
        joint = joint * _HALF + w.astype(np.int64)
    (sums,) = _earlier_and_beyond(place, [joint])
    parts = [sums] if len(weights) == 1 else [sums // _HALF, sums % _HALF]
    return [part.astype(float) for part in parts]


def _earlier_and_beyond(place: IntArray, weights: Sequence[Counts]) -> list[Counts]:
    """Of each row the weight of the rows above it with a larger place. Two bits of the places are decided at a time, from the
    highest on: rows that agree in all bits so far stay together, in their order (O(n log**2 n))."""
    n = place.size
    bits = max(int(n - 1).bit_length(), 1)
    turn = np.empty(n, dtype=np.int64)  # places told apart, the same place in the order of the rows
    rows = np.arange(n)
    turn[order_of_codes(place, int(place.max()) + 1)] = rows
    found = [np.zeros(n, dtype=w.dtype) for w in weights]
    above = np.zeros((DIGITS, n + 1), dtype=weights[0].dtype)
    for shift in range((bits - 1) // STEP * STEP, -1, -STEP):
        t = turn[rows]
        digit = (t >> shift) & (DIGITS - 1)
        at = digit * (n + 1)
        here, start = at + np.arange(n), at + (t >> (shift + STEP) << (shift + STEP))
        for sums, w in zip(found, weights, strict=True):
            given = w[rows]
            for d in range(DIGITS - 1):  # of the digits beyond d
                np.cumsum(given * (digit > d), out=above[d, 1:])
            flat = above.ravel()
            sums[rows] += flat[here] - flat[start]
        if shift:
            rows = order_of_codes(turn >> shift, 1 << (bits - shift))
    return found
