"""The hazard ratio of two groups in many resamples at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, BoolArray, IntArray
from .validation import ArrayError, indicator, vector

STEPS = 50
FAR = 20.0  # a log hazard ratio beyond it is none: the likelihood rises without end
TOLERANCE = 1e-12


def cox_resampled(time: ArrayLike, event: ArrayLike, group: ArrayLike, counts: ArrayLike, *, ties: str = "efron") -> Array:
    """Log hazard ratio of group 1 against group 0 in each resample, by Cox's partial likelihood.

    Parameters
    ----------
    time : array_like, shape (n,)
    event : array_like, shape (n,)
        1 or True at an event.
    group : array_like, shape (n,)
        0 or 1.
    counts : array_like of int, shape (resamples, n)
        How often each subject is in each resample; one who is in it twice is two subjects with the same time.
    ties : {"efron", "breslow"}

    Returns
    -------
    float ndarray, shape (resamples,)
        nan where there is no estimate: no event, one group alone, or all events while one group alone is at risk or ahead.

    Notes
    -----
    With one covariate of two values the risk sets are four counts at each time, so that all resamples are one array and
    Newton's method runs in all of them together.  The same as :func:`.cox` of each resample.
    """
    if ties not in ("efron", "breslow"):
        raise ArrayError("ties is 'efron' or 'breslow'")
    times, happened = vector(time, "time"), indicator(event, "event")
    one, given = indicator(group, "group"), np.asarray(counts)
    drawn = given.astype(int)
    if (drawn != given).any() or drawn.ndim != 2 or drawn.shape[1] != times.size or (drawn < 0).any():
        raise ArrayError("counts has a row per resample and a whole number, 0 or more, per subject")
    order = np.argsort(times, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(times[order]) > 0]) if times.size else np.zeros(0, dtype=int)
    happened, one, drawn = happened[order], one[order], drawn[:, order]

    def summed(mask: BoolArray) -> IntArray:
        return np.add.reduceat(drawn * mask, starts, axis=1) if starts.size else np.zeros((len(drawn), 0), dtype=int)

    d0, d1 = summed(happened & ~one), summed(happened & one)
    n0, n1 = (summed(arm)[:, ::-1].cumsum(axis=1)[:, ::-1] for arm in (~one, one))
    which, at = np.nonzero(d0 + d1)
    d = (d0 + d1)[which, at]
    cell = np.repeat(np.arange(d.size), d)
    gone = (np.arange(cell.size) - np.repeat(np.cumsum(d) - d, d)) / d[cell] if ties == "efron" else np.zeros(cell.size)
    which, at = which[cell], at[cell]
    left0, left1 = n0[which, at] - gone * d0[which, at], n1[which, at] - gone * d1[which, at]
    return _newton(which, left0, left1, d1.sum(axis=1).astype(float))


def _newton(which: IntArray, left0: Array, left1: Array, events1: Array) -> Array:
    """which: resample of each event; left0, left1: who is at risk there, by group; events1: events of group 1 by resample."""
    beta, size = np.zeros(events1.size), events1.size
    done = np.zeros(size, dtype=bool)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            ahead = left1 * np.exp(beta)[which]
            share = ahead / (left0 + ahead)
            step = (events1 - np.bincount(which, share, size)) / np.bincount(which, share * (1 - share), size)
            beta = beta + np.clip(step, -2, 2)
            done = np.abs(step) < TOLERANCE
            if (done | ~np.isfinite(beta) | (np.abs(beta) > FAR)).all():
                break
    return np.where(done & (np.abs(beta) <= FAR), beta, np.nan)
