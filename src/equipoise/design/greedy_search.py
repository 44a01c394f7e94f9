"""Nearest free partner where more than one score decides: distances of several covariates, calipers on covariates, levels that a
pair may not share. Each search looks at the free controls within the caliper of the score, at once for all of them."""

from __future__ import annotations

import numpy as np

from equipoise.design.greedy_line import SAME_DISTANCE, SCALE, scaled

MATCHIT_DECIMALS = 11  # of distances of several covariates: their last bits are noise


class Search:
    """score: float, shape (n,), in order of rank, or None; limit on it, inclusive. coordinates: float, shape (n, p), the distance
    is Euclidean in them, of the score alone where None. apart: codes, shape (n, q), none of which a pair may share. narrow: pairs
    of (values, width), inclusive. reuse: how often a control may serve."""

    def __init__(
        self,
        score: np.ndarray | None,
        focal: np.ndarray,
        caliper: float,
        reuse: float,
        matchit: bool,
        coordinates: np.ndarray | None = None,
        apart: np.ndarray | None = None,
        narrow: tuple[tuple[np.ndarray, float], ...] = (),
    ):
        self.matchit, self.reuse, self.tied = matchit, reuse, 0
        self.slack = 0 if matchit else SAME_DISTANCE
        n = len(focal)
        value = np.zeros(n) if score is None else np.asarray(score, dtype=float)
        limit = caliper if caliper == caliper else -1.0
        if not matchit:
            value, limit = scaled(value, caliper)
        controls = np.flatnonzero(~focal)
        order = controls[np.argsort(value[controls], kind="stable")]
        self._position, self._value, self._sorted, self.limit = order, value, value[order], limit
        self._low = np.searchsorted(self._sorted, value - limit * (1 + 1e-9), side="left")
        self._high = np.searchsorted(self._sorted, value + limit * (1 + 1e-9), side="right")
        self._coordinates = coordinates
        self._columns = None if coordinates is None else np.ascontiguousarray(coordinates[order].T)
        self._apart = [] if apart is None else [(column, column[order]) for column in np.asarray(apart).T]
        self._narrow = [(values, values[order], width) for values, width in narrow]
        self._left = np.full(len(order), float(reuse))

    def nearest(self, i: int, without: tuple[int, ...] = ()) -> tuple[int, float]:
        """Index and distance of the nearest free control for focal patient i; -1 where there is none. without: positions of
        controls that the patient has already."""
        allowed, gap = self._candidates(i, without)
        if not len(allowed):
            return -1, np.inf
        nearest = gap.min()
        return self._of_equal(i, allowed[gap <= nearest + self.slack]), float(nearest)

    def is_free(self, k: int) -> bool:
        return bool(self._left[k] > 0)

    def take(self, i: int, k: int, without: tuple[int, ...] = ()) -> int:
        """Position of control k, now taken by focal patient i."""
        gap = self._candidates(i, without)[1]
        self.tied += int((gap <= gap.min() + self.slack).sum() > 1)
        self._left[k] -= 1
        return int(self._position[k])

    def outward(self, i: int, k: int) -> list[int]:
        """The k nearest controls, taken by nobody (with replacement); ties as in `nearest`."""
        found: list[int] = []
        while len(found) < k:
            best, _ = self.nearest(i, tuple(found))
            if best < 0:
                break
            found.append(int(self._position[best]))
        return found

    def _candidates(self, i: int, without: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        window = slice(self._low[i], self._high[i])
        fine = self._left[window] > 0
        for column, among in self._apart:
            fine &= among[window] != column[i]
        for values, among, width in self._narrow:
            fine &= np.abs(among[window] - values[i]) <= width
        away = np.abs(self._sorted[window] - self._value[i])
        fine &= away <= self.limit
        if without:
            fine &= ~np.isin(self._position[window], without)
        allowed = np.flatnonzero(fine)
        if self._columns is None:
            return allowed + window.start, away[allowed]
        allowed += window.start
        square = np.zeros(len(allowed))
        for k, column in enumerate(self._columns):
            square += (column[allowed] - self._coordinates[i, k]) ** 2
        gap = np.sqrt(square)
        return allowed, np.round(gap, MATCHIT_DECIMALS) if self.matchit else np.rint(gap * SCALE)

    def _of_equal(self, i: int, tied: np.ndarray) -> int:
        """Of equally near controls the lowest rank; or as MatchIt: the last before the patient, else the first after it."""
        position = self._position[tied]
        if not self.matchit:
            return int(tied[np.argmin(position)])
        if self._columns is not None:
            before = position < i
        else:
            at = self._sorted[tied]
            before = (at < self._value[i]) | ((at == self._value[i]) & (position < i))
            position = tied  # they stand in order of (score, position)
        return int(tied[before][np.argmax(position[before])] if before.any() else tied[np.argmin(position)])
