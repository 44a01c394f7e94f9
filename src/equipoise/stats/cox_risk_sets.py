"""Rows of a Cox model laid out by risk set, so that every sum over a risk set is a few passes over arrays.

Rows are sorted by slot, a slot being one distinct event time of one stratum.  Within a slot the censored rows
come first and the events last; each of these runs is a segment, summed by ``np.add.reduceat``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, BoolArray, Counts, IntArray
from .radix_order import order_of_codes
from .timeline import Timeline, lay_out
from .validation import Observations

# Rows per block: ten columns of a block stay in the processor's second-level cache.
BLOCK_ROWS = 8192
# What is left of a sum after those not yet at risk are taken off must be more than this share of it.
_LEFT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Sorted rows and the segments and slots they fall into.

    Attributes
    ----------
    columns : float ndarray, shape (p, m)
        Centred covariates of the m rows that are at risk at some event time, in sorted order.
    row : intp ndarray, shape (m,)
        The original row behind each sorted row.
    weight, offset : float ndarray, shape (m,), or None
    event : bool ndarray, shape (m,)
    seg_start, seg_length : intp ndarray, shape (g,)
        First sorted row and number of rows of each segment.
    seg_slot : intp ndarray, shape (g,)
    seg_event : bool ndarray, shape (g,)
    slot_seg : intp ndarray, shape (k,)
        Segment that holds the events of each slot.
    first_seg : intp ndarray, shape (k,)
        First segment of each slot.
    censored_seg, censored_slot : intp ndarray
        Segments of censored rows and their slots.
    entry_slot : intp ndarray, shape (m,), or None
        Last slot of the row's stratum that lies at or before the row's entry, -1 for none.
    slot_time : float ndarray, shape (k,)
    stratum_start : intp ndarray, shape (s,)
        First slot of each stratum that has an event.
    tied : float ndarray, shape (k,)
        Number of events in each slot.
    tied_weight : float ndarray, shape (k,)
        Sum of their weights.
    mean : float ndarray, shape (p,)
        Taken off the covariates.
    n : int
        Number of original rows.
    """

    columns: Array
    row: IntArray
    weight: Array | None
    offset: Array | None
    event: BoolArray
    seg_start: IntArray
    seg_length: IntArray
    seg_slot: IntArray
    seg_event: BoolArray
    slot_seg: IntArray
    first_seg: IntArray
    censored_seg: IntArray
    censored_slot: IntArray
    entry_slot: IntArray | None
    slot_time: Array
    stratum_start: IntArray
    tied: Array
    tied_weight: Array
    mean: Array
    n: int

    @property
    def n_slots(self) -> int:
        return self.slot_seg.size

    def blocks(self) -> list[tuple[int, int]]:
        """Segment ranges (first, last + 1) of about BLOCK_ROWS rows each."""
        m = self.row.size
        if m <= 2 * BLOCK_ROWS:
            return [(0, self.seg_start.size)]
        edges = np.searchsorted(self.seg_start, np.arange(0, m, BLOCK_ROWS), side="left")
        edges = np.unique(np.append(edges, self.seg_start.size))
        return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))

    def longest_block(self) -> int:
        """Rows of the longest block."""
        return max((stop - start for start, stop in (self.rows_of(*block) for block in self.blocks())), default=0)

    def rows_of(self, first: int, last: int) -> tuple[int, int]:
        """Sorted rows (start, stop) of a range of segments."""
        stop = self.row.size if last == self.seg_start.size else int(self.seg_start[last])
        return int(self.seg_start[first]), stop

    def at_risk(self, segment_sums: Array, per_row: Array | None = None) -> Array:
        """Sums over each slot's risk set, from sums over segments (last axis) and, with entry, row values."""
        total = self._not_ended(segment_sums)
        if self.entry_slot is not None and per_row is not None:
            total = total - self.tails(self._entering(self.entry_slot, per_row))
        return total

    def _not_ended(self, segment_sums: Array) -> Array:
        if self.stratum_start.size == 1:
            # The sums from a slot on are those from its first segment on.
            return segment_sums[..., ::-1].cumsum(axis=-1)[..., ::-1].take(self.first_seg, axis=-1)
        slots = segment_sums.take(self.slot_seg, axis=-1)
        slots[..., self.censored_slot] += segment_sums.take(self.censored_seg, axis=-1)
        return self.tails(slots)

    def keeps_digits(self, segment_sums: Array, at_risk: Array) -> bool:
        """Whether :meth:`at_risk`, shape (k,), lost few digits to the subtraction of rows that enter later.

        A row's risk is part of what has not ended at each slot before its end, so that the same bounds what its
        cumulated hazard loses to the subtraction of the hazard before its entry.
        """
        return self.entry_slot is None or bool((at_risk > _LEFT * self._not_ended(segment_sums)).all())

    def row_slot(self) -> IntArray:
        """Slot of each sorted row, shape (m,)."""
        return self.seg_slot.repeat(self.seg_length)

    def interval(self) -> tuple[IntArray, IntArray]:
        """First and last slot at which each sorted row is at risk, shape (m,) each."""
        slot = self.row_slot()
        first = self.stratum_start[np.searchsorted(self.stratum_start, slot, side="right") - 1]
        return first if self.entry_slot is None else np.maximum(first, self.entry_slot + 1), slot

    def _entering(self, entry_slot: IntArray, per_row: Array) -> Counts:
        # A row enters the risk sets after its entry slot: it is absent from that slot and all before it.
        late = entry_slot >= 0
        place = entry_slot[late]
        if per_row.ndim == 1:
            return np.bincount(place, per_row[late], self.n_slots)
        return np.stack([np.bincount(place, column[late], self.n_slots) for column in per_row])

    def tails(self, slots: Array) -> Array:
        """Sums from each slot to the last of its stratum, along the last axis."""
        if self.stratum_start.size == 1:
            return slots[..., ::-1].cumsum(axis=-1)[..., ::-1]
        return self._segmented(slots[..., ::-1], self._stratum_of_slot()[::-1])[..., ::-1]

    def heads(self, slots: Array) -> Array:
        """Sums from the first slot of the stratum to each slot, along the last axis."""
        if self.stratum_start.size == 1:
            return slots.cumsum(axis=-1)
        return self._segmented(slots, self._stratum_of_slot())

    def _stratum_of_slot(self) -> IntArray:
        first = np.zeros(self.n_slots, dtype=np.intp)
        first[self.stratum_start[1:]] = 1
        return np.cumsum(first)

    def _segmented(self, values: Array, stratum: IntArray) -> Array:
        if self.stratum_start.size <= 32:
            return self._few_strata(values, stratum)
        # Doubling adds terms of one stratum only, so a small stratum keeps full precision beside large ones.
        total, step = values.copy(), 1
        longest = int(np.bincount(stratum).max())
        while step < longest:
            same = stratum[step:] == stratum[:-step]
            total[..., step:] = total[..., step:] + np.where(same, total[..., :-step], 0.0)
            step *= 2
        return total

    @staticmethod
    def _few_strata(values: Array, stratum: IntArray) -> Array:
        total = np.empty(values.shape)
        edges = np.concatenate(([0], np.flatnonzero(np.diff(stratum)) + 1, [stratum.size]))
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            np.cumsum(values[..., start:stop], axis=-1, out=total[..., start:stop])
        return total

    def to_rows(self, segment_values: Array, first: int, last: int) -> Array:
        """Repeat segment values (last axis) over the rows of segments first..last-1."""
        return segment_values[..., first:last].repeat(self.seg_length[first:last], axis=-1)


def risk_sets(seen: Observations, X: Array, strata: IntArray | None = None, offset: Array | None = None) -> RiskSets:
    """Sort checked rows into risk sets.

    Parameters
    ----------
    seen : Observations
    X : float ndarray, shape (n, p)
    strata : intp ndarray, shape (n,), optional
        Codes 0..s-1.
    offset : float ndarray, shape (n,), optional

    Returns
    -------
    RiskSets
        Rows that are at risk at no event time, or carry no weight, are left out.
    """
    line = lay_out(seen.time, seen.entry)
    event = seen.event if seen.weight is None else seen.event & (seen.weight > 0)
    if strata is None:
        slot, entry_slot, slot_time, stratum_start = _slots(line, event)
    else:
        slot, entry_slot, slot_time, stratum_start = _slots_by_stratum(line, event, strata)
    row = _rows_at_risk(slot, entry_slot, seen.weight)
    key = (2 * slot + event) if row is None else (2 * slot[row] + event[row])
    order = order_of_codes(key, 2 * slot_time.size)
    counts = np.bincount(key, minlength=2 * slot_time.size)
    row = order if row is None else row[order]
    filled = np.flatnonzero(counts)
    seg_length = counts[filled]
    seg_event = (filled & 1).astype(bool)
    slot_seg, censored_seg = seg_event.nonzero()[0], (~seg_event).nonzero()[0]
    seg_start, seg_slot = np.cumsum(seg_length) - seg_length, filled >> 1
    weight = None if seen.weight is None else seen.weight[row]
    tied = seg_length[slot_seg].astype(float)
    mean = X.mean(axis=0)
    return RiskSets(
        columns=_centred_columns(X, row, mean),
        row=row,
        weight=weight,
        offset=None if offset is None else offset[row],
        event=np.repeat(seg_event, seg_length),
        seg_start=seg_start,
        seg_length=seg_length,
        seg_slot=seg_slot,
        seg_event=seg_event,
        slot_seg=slot_seg,
        first_seg=np.concatenate(([0], slot_seg[:-1] + 1)) if slot_seg.size else slot_seg,
        censored_seg=censored_seg,
        censored_slot=seg_slot[censored_seg],
        entry_slot=None if entry_slot is None else entry_slot[row],
        slot_time=slot_time,
        stratum_start=stratum_start,
        tied=tied,
        tied_weight=tied if weight is None or row.size == 0 else np.add.reduceat(weight, seg_start)[slot_seg],
        mean=mean,
        n=seen.time.size,
    )


def _slots(line: Timeline, event: BoolArray) -> tuple[IntArray, IntArray | None, Array, IntArray]:
    happened = np.bincount(line.code[event], minlength=line.values.size) > 0
    slot_of_code = np.cumsum(happened) - 1
    entry_slot = None if line.entry is None else np.where(line.entry >= 0, slot_of_code[line.entry], -1)
    return slot_of_code[line.code], entry_slot, line.values[happened], np.zeros(1, dtype=np.intp)


def _slots_by_stratum(line: Timeline, event: BoolArray, strata: IntArray) -> tuple[IntArray, IntArray | None, Array, IntArray]:
    size = line.values.size
    joint = strata * size + line.code
    slots = np.sort(joint[event])
    slots = slots[np.diff(slots, prepend=-1) > 0]  # np.unique hashes whole numbers, several times slower
    owner = slots // size

    def last_at_or_before(place: IntArray) -> IntArray:
        found = np.searchsorted(slots, strata * size + place, side="right") - 1
        known = found >= 0
        known[known] = owner[found[known]] == strata[known]
        return np.where(known, found, -1)

    entry_slot = None if line.entry is None else last_at_or_before(line.entry)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    return last_at_or_before(line.code), entry_slot, line.values[slots % size], starts


def _rows_at_risk(slot: IntArray, entry_slot: IntArray | None, weight: Array | None) -> IntArray | None:
    used = slot >= 0
    if entry_slot is not None:
        used &= entry_slot < slot
    if weight is not None:
        used &= weight > 0
    return None if used.all() else np.flatnonzero(used)


def _centred_columns(X: Array, row: IntArray, mean: Array) -> Array:
    m, p = row.size, X.shape[1]
    columns = np.empty((p, m))
    shift = mean[:, None]
    for start in range(0, m, BLOCK_ROWS):
        block = row[start : start + BLOCK_ROWS]
        np.subtract(X[block].T, shift, out=columns[:, start : start + block.size])
    return columns
