"""Harrell's concordance of a risk score with survival, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, BoolArray, Counts, IntArray
from .timeline import lay_out
from .validation import labels, observations, require, vector


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


def _pairs(
    order_of_time: IntArray, score: Array, event: BoolArray, w: Array, entered: IntArray | None
) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array]]:
    """Weights of each row's partners: as the earlier event of a pair, and as the later member."""
    rank = np.unique(score, return_inverse=True)[1].reshape(-1)
    lower, same, total = _beyond(order_of_time, rank, w)
    if entered is not None:
        lower, same, total = _less((lower, same, total), _across(order_of_time, 2 * entered + 1.5, rank, w))
    as_event = np.where(event, lower, 0.0), np.where(event, total - lower - same, 0.0), np.where(event, same, 0.0)
    # Mirrored, the earlier events are those "beyond".
    lower, same, total = _beyond(-order_of_time, rank, w * event)
    if entered is not None:
        lower, same, total = _less((lower, same, total), _across(-(2 * entered + 1.5), -order_of_time, rank, w * event))
    as_later = total - lower - same, lower, same
    return as_event, as_later


def _less(whole: tuple[Array, Array, Array], part: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    return whole[0] - part[0], whole[1] - part[1], whole[2] - part[2]


def _across(asked: Counts, place: Counts, rank: IntArray, w: Array) -> tuple[Array, Array, Array]:
    """As `_beyond`, for rows that stand at `asked` among rows that stand at `place`: those not at risk together."""
    n = rank.size
    both = np.unique(np.concatenate((asked, place)), return_inverse=True)[1].reshape(-1)
    found = _beyond(both, np.concatenate((rank, rank)), np.concatenate((np.zeros(n), w)))
    return found[0][:n], found[1][:n], found[2][:n]


def _beyond(place: IntArray, rank: IntArray, w: Array) -> tuple[Array, Array, Array]:
    """Weight of rows with a larger place: of lower rank, of equal rank, and of any rank."""
    total = _sum_of_larger(place, w)
    key = rank * (np.ptp(place) + 2) + (place - place.min())
    same = _sum_of_larger(key, w) - _sum_of_larger(rank, w)
    return _lower_beyond(place, rank, w), same, total


def _sum_of_larger(key: IntArray, w: Array) -> Counts:
    values, code = np.unique(key, return_inverse=True)
    sums = np.bincount(code.reshape(-1), w, values.size)
    return (np.cumsum(sums[::-1])[::-1] - sums)[code.reshape(-1)]


def _lower_beyond(place: IntArray, rank: IntArray, w: Array) -> Array:
    """Weight of rows with larger place and lower rank, by merging halves level by level (O(n log**2 n))."""
    # Larger places first; among equal places falling ranks, so that none of lower rank stands before a row.
    order = np.lexsort((-rank, -place))
    r, weight = rank[order], w[order]
    found = np.zeros(r.size)
    position = np.arange(r.size)
    step = 1
    while step < r.size:
        block, right = position // (2 * step), (position // step) % 2 == 1
        # Equal ranks: queries (right half) before the values they must not count (left half).
        arranged = np.lexsort((~right, r, block))
        left_weight = np.where(right[arranged], 0.0, weight[arranged])
        running = np.cumsum(left_weight)
        first = np.searchsorted(block[arranged], block[arranged], side="left")
        base = np.where(first > 0, running[first - 1], 0.0)
        query = right[arranged]
        found[arranged[query]] += (running - base)[query]
        step *= 2
    out = np.empty(r.size)
    out[order] = found
    return out
