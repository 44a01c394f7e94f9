"""Follow-up split into intervals where a covariate switches on (counting-process style)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, ArrayLike, IntArray
from .validation import observations, require


@dataclass(frozen=True, slots=True, eq=False)
class SplitFollowUp:
    """Intervals (entry, time] in the order of the subjects, off before on.

    Attributes
    ----------
    row : intp ndarray, shape (m,)
        Subject of each interval.
    entry, time : float ndarray, shape (m,)
    event : intp ndarray, shape (m,)
        1 only on a subject's last interval.
    on : float ndarray, shape (m,)
        1 after the switch, 0 before it.
    """

    row: IntArray
    entry: Array
    time: Array
    event: IntArray
    on: Array


def split_at(time: ArrayLike, event: ArrayLike, switch: ArrayLike, *, entry: ArrayLike | None = None) -> SplitFollowUp:
    """Split each subject's follow-up at the time a covariate switches on.

    Parameters
    ----------
    time, event : array_like, shape (n,)
    switch : array_like, shape (n,)
        Time of the switch, nan for never.  A switch at or after `time` never comes into effect, one at or before
        `entry` holds from the start; an event on the day of the switch belongs to the time before it.
    entry : array_like, shape (n,), optional
        Delayed entry; 0 where it is left out.

    Returns
    -------
    SplitFollowUp
        The rows that ``tmerge`` of R's survival makes with ``tdc(switch)``.

    Raises
    ------
    ArrayError
        As `cox`; and where `switch` has another length.
    """
    seen = observations(time, event, entry=entry)
    n = seen.time.size
    switch = np.asarray(switch, dtype=float)
    require(switch.shape == (n,), "switch needs one value per subject, nan for never.")
    entry = np.zeros(n) if seen.entry is None else seen.entry
    cut = np.where(np.isnan(switch), np.inf, switch)
    cut = np.minimum(np.maximum(cut, entry), seen.time)
    before, after = np.flatnonzero(cut > entry), np.flatnonzero(cut < seen.time)
    happened = seen.event.astype(np.intp)
    row = np.concatenate((before, after))
    on = np.repeat([0.0, 1.0], [before.size, after.size])
    start = np.concatenate((entry[before], cut[after]))
    stop = np.concatenate((cut[before], seen.time[after]))
    ends = np.concatenate((np.where(cut[before] == seen.time[before], happened[before], 0), happened[after]))
    order = np.lexsort((on, row))
    return SplitFollowUp(row[order], start[order], stop[order], ends[order], on[order])
