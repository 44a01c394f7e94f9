"""Every pair that may be made, as a sparse matrix of distances: one row per focal patient, one column per other patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.design.greedy import Bounds
from equipoise.design.greedy_line import SCALE, scaled

BLOCK = 2_000_000  # pairs looked at at once
MOST_PAIRS = 60_000_000  # about 1.5 GiB with the assignment


@dataclass(frozen=True, slots=True)
class PairGraph:
    """rows, columns: positions of the focal and of the other patients. The pairs of row r are start[r]..start[r + 1] - 1: column
    (index, rising) and distance."""

    rows: np.ndarray
    columns: np.ndarray
    start: np.ndarray
    column: np.ndarray
    distance: np.ndarray

    @property
    def row(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.rows)), np.diff(self.start))


@dataclass(frozen=True, slots=True)
class Known:
    """What decides on pairs, of patients in order of rank: see `nearest_neighbours`. `taken` gives the score as multiples of
    1e-10: of two matches with the same total rounding in the last bit of a fit, another on every processor, must not choose.
    Raises ValueError for a score that is missing or infinite."""

    score: np.ndarray | None
    focal: np.ndarray
    bounds: Bounds
    coordinates: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.score is None and self.coordinates is None:
            raise ValueError("there is no score to match on")
        for values in (self.score, self.coordinates):
            if values is not None and not np.isfinite(np.asarray(values, dtype=float)).all():
                raise ValueError("a score is missing or infinite")

    def taken(self, order: np.ndarray) -> Known:
        """The patients at these positions."""
        b = self.bounds
        bounds = Bounds(
            b.caliper,
            tuple((np.asarray(values, dtype=float)[order], width) for values, width in b.narrow),
            None if b.exact is None else np.asarray(b.exact)[order],
            None if b.apart is None else np.asarray(b.apart).reshape(len(self.focal), -1)[order],
        )
        score, at = (None if v is None else np.asarray(v, dtype=float)[order] for v in (self.score, self.coordinates))
        score = None if score is None else np.rint(score * SCALE) / SCALE
        return Known(score, np.asarray(self.focal, dtype=bool)[order], bounds, at)


def distance_of(i: np.ndarray, j: np.ndarray, score: np.ndarray | None, coordinates: np.ndarray | None) -> np.ndarray:
    """Distance of the patients at positions i and j: of their coordinates, else of their scores."""
    at = np.asarray(score, dtype=float)[:, None] if coordinates is None else np.asarray(coordinates, dtype=float)
    return np.sqrt(((at[i] - at[j]) ** 2).sum(axis=1))


def pair_graph(known: Known) -> PairGraph:
    """All pairs within the bounds, but for the exact cells: these are taken apart before. Rows by position, columns by (score,
    position). Without a caliper there are as many pairs as focal times other patients. Raises ValueError for more pairs than
    memory holds."""
    focal, bounds, at = known.focal, known.bounds, known.coordinates
    value = np.zeros(len(focal)) if known.score is None else known.score
    rows, others = np.flatnonzero(focal), np.flatnonzero(~focal)
    whole, limit = scaled(value, bounds.caliper)
    columns = others[np.argsort(whole[others], kind="stable")]
    low = np.searchsorted(whole[columns], whole[rows] - limit, side="left")
    high = np.maximum(low, np.searchsorted(whole[columns], whole[rows] + limit, side="right"))
    if (high - low).sum() > MOST_PAIRS:
        raise ValueError(f"optimal matching would weigh {(high - low).sum():,} pairs; with a narrower caliper there are fewer")
    parts, sizes = [], np.zeros(len(rows), dtype=np.intp)
    for block in _blocks(high - low):
        width = high[block] - low[block]
        row = np.repeat(np.arange(block.start, block.stop), width)
        column = np.arange(width.sum()) + np.repeat(low[block] - np.r_[0, np.cumsum(width)[:-1]], width)
        gap = np.abs(value[columns[column]] - np.repeat(value[rows[block]], width))
        fine = np.ones(len(gap), dtype=bool)
        for values, largest in bounds.narrow:
            fine &= np.abs(values[columns[column]] - values[rows[row]]) <= largest
        if bounds.apart is not None:
            for code in bounds.apart.T:
                fine &= code[columns[column]] != code[rows[row]]
        if not fine.all():
            row, column, gap = row[fine], column[fine], gap[fine]
        if at is not None:
            gap = np.sqrt(sum((at[columns[column], k] - at[rows[row], k]) ** 2 for k in range(at.shape[1])))
            gap = np.rint(gap * SCALE) / SCALE
        sizes[block] = np.bincount(row - block.start, minlength=block.stop - block.start)
        parts.append((column, gap))
    column = np.concatenate([c for c, _ in parts]) if parts else np.zeros(0, dtype=np.intp)
    gap = np.concatenate([g for _, g in parts]) if parts else np.zeros(0)
    return PairGraph(rows, columns, np.r_[0, np.cumsum(sizes)], column, gap)


def _blocks(width: np.ndarray) -> list[slice]:
    """Consecutive rows with about BLOCK pairs together."""
    if not len(width):
        return []
    part = np.cumsum(width) // BLOCK
    edges = np.r_[0, np.flatnonzero(np.diff(part)) + 1, len(width)]
    return [slice(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
