"""Pseudo-likelihood of the Fine-Gray model, by cumulative sums over event times.

A row is at risk with weight 1 up to its own time; a row with a competing event stays at risk afterwards with
weight G(t-)/G(T-).  Both parts are running sums over slots (the distinct times of the event of interest).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from .arrays import Array, BoolArray, IntArray
from .cox_likelihood import REACH
from .cox_scores import add_by_cluster
from .fine_gray_scaled import ScaledRiskSets
from .newton import Iterate, mean_squares
from .timeline import lay_out, tail_sums

_BLOCK_ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class SubdistributionPass:
    """Sums at coefficients `beta`.

    Attributes
    ----------
    risk : float ndarray, shape (n,)
        weight * exp(linear predictor) of the sorted rows; its logarithm where there is a `scale`.
    hazard : float ndarray, shape (k,)
        Baseline increment of each slot, multiplied by exp(scale) where there is one.
    mean : float ndarray, shape (p, k)
    scale : float ndarray, shape (k,), or None
        Logarithm of the largest risk of each slot's risk set.
    """

    beta: Array
    loglik: float
    gradient: Array
    information: Array
    risk: Array
    hazard: Array
    mean: Array
    scale: Array | None = None

    @property
    def known_scale(self) -> Array:
        """The `scale` of a pass that has one."""
        assert self.scale is not None
        return self.scale


@dataclass(frozen=True, slots=True, eq=False)
class Subdistribution:
    """Rows sorted by slot.

    Attributes
    ----------
    columns : float ndarray, shape (p, n)
        Centred covariates.
    row : intp ndarray, shape (n,)
        The original row behind each sorted row.
    slot : intp ndarray, shape (n,)
        Last slot at or before the row's time, plus one; 0 for none.
    event, competing, censored : bool ndarray, shape (n,)
    weight : float ndarray, shape (n,), or None
    inverse_g : float ndarray, shape (n,)
        1/G(T-) of rows with a competing event, else 0.
    g : float ndarray, shape (k,)
        G(t-) at the slots.
    tied : float ndarray, shape (k,)
        (Weighted) events of interest per slot.
    seg_start, seg_slot : intp ndarray
        Runs of rows with one slot, and the slot of each.
    code : intp ndarray, shape (n,)
        Place of the row's time among all distinct times.
    slot_of_code : intp ndarray
        Slots at or before each distinct time.
    offset : float ndarray, shape (n,), or None
        Known part of the linear predictor of the sorted rows.
    """

    columns: Array
    row: IntArray
    slot: IntArray
    event: BoolArray
    competing: BoolArray
    censored: BoolArray
    weight: Array | None
    inverse_g: Array
    g: Array
    tied: Array
    slot_time: Array
    seg_start: IntArray
    seg_slot: IntArray
    code: IntArray
    slot_of_code: IntArray
    mean: Array
    event_sum: Array
    offset: Array | None = None
    _scaled: list[ScaledRiskSets] = field(default_factory=list, repr=False)

    @property
    def n_columns(self) -> int:
        return self.columns.shape[0]

    @property
    def n_events(self) -> float:
        return float(self.tied.sum())

    @property
    def needs_origin(self) -> bool:
        return True

    @property
    def penalised(self) -> bool:
        return False

    def origin(self) -> Array:
        """Coefficients of zero, where the null likelihood is."""
        return np.zeros(self.n_columns)

    def yardstick(self, first: Iterate) -> tuple[Array, float]:
        """See :func:`equipoise.stats.newton.maximise`."""
        return self.n_events * self.spread(), self.n_events

    def spread(self) -> Array:
        """Mean square of each column, shape (p,)."""
        return mean_squares(self.columns, self.mean)

    def at(self, beta: Array) -> SubdistributionPass:
        """One pass: pseudo-likelihood, gradient, information."""
        eta = beta @ self.columns
        if self.offset is not None:
            eta += self.offset
        if eta.max(initial=0.0) - eta.min(initial=0.0) > REACH:
            return self._scaled_pass(beta, eta)
        risk = np.exp(eta)
        if self.weight is not None:
            risk *= self.weight
        S0 = self._at_risk(self._sums(risk), self._sums(risk * self.inverse_g))
        hazard = self.tied / S0
        S1, moment = self._moments(risk, self._cumulative(hazard))
        loglik = float(beta @ self.event_sum - self.tied @ np.log(S0)) + self.event_offset()
        mean = S1 / S0
        information = moment - (mean * self.tied) @ mean.T
        return SubdistributionPass(beta, loglik, self.event_sum - S1 @ hazard, information, risk, hazard, mean)

    def _scaled_pass(self, beta: Array, eta: Array) -> SubdistributionPass:
        """The same with each risk set scaled by its largest member."""
        size = eta if self.weight is None else eta + np.log(self.weight)
        scale, sums = self.scaled().sums(size, self.columns)
        hazard, mean = self.tied / sums[0], sums[1:] / sums[0]
        loglik = float(beta @ self.event_sum - self.tied @ (np.log(sums[0]) + scale)) + self.event_offset()
        done = SubdistributionPass(beta, loglik, self.event_sum - sums[1:] @ hazard, np.empty((0, 0)), size, hazard, mean, scale)
        moment = (self.columns * self.scaled().met(done, hazard)) @ self.columns.T
        return replace(done, information=moment - (mean * self.tied) @ mean.T)

    def scaled(self) -> ScaledRiskSets:
        """The risk sets with their logarithms, made once: the intervals are those of any columns and offset."""
        if not self._scaled:
            self._scaled.append(ScaledRiskSets(self))
        return self._scaled[0]

    def event_offset(self) -> float:
        """Weighted sum of the offsets of the events."""
        if self.offset is None:
            return 0.0
        return float(self.offset @ (self.event if self.weight is None else self.event * self.weight))

    def _sums(self, values: Array) -> Array:
        """Sums over segments, along the last axis."""
        return np.add.reduceat(values, self.seg_start, axis=-1)

    def _at_risk(self, all_rows: Array, reweighted: Array) -> Array:
        """Sums over the risk set of each slot, from segment sums of r and of r/G(T-) over competing events."""
        present, past = np.zeros((2, *all_rows.shape[:-1], self.tied.size + 1))
        present[..., self.seg_slot] = all_rows
        past[..., self.seg_slot] = reweighted
        return tail_sums(present)[..., 1:] + np.cumsum(past, axis=-1)[..., :-1] * self.g

    def _cumulative(self, increments: Array) -> tuple[Array, Array]:
        """Each row's sum of `increments` (last axis: slots) over its time at risk with its weights."""
        nothing = np.zeros((*increments.shape[:-1], 1))
        return np.concatenate((nothing, np.cumsum(increments, axis=-1)), axis=-1), self._later(increments)

    def _later(self, increments: Array) -> Array:
        """Sums of G(t-) * increments over the slots after the first s, for s = 0..k."""
        nothing = np.zeros((*increments.shape[:-1], 1))
        return np.concatenate((tail_sums(self.g * increments), nothing), axis=-1)

    def _rows(self, sums: tuple[Array, Array], rows: slice) -> Array:
        own, later = sums
        slot = self.slot[rows]
        return own[..., slot] + later[..., slot] * self.inverse_g[rows]

    def _met(self, done: SubdistributionPass, increments: Array) -> Callable[[slice], Array]:
        """Risk of the rows of a block times their sum of `increments` over their time at risk, as a function of the block."""
        if done.scale is not None:
            values = self.scaled().met(done, increments)
            return lambda rows: values[..., rows]
        cumulative = self._cumulative(increments)
        return lambda rows: self._rows(cumulative, rows) * done.risk[rows]

    def blocks(self) -> list[tuple[int, int, int, int]]:
        """Row ranges of about 8,000 rows that begin at a segment."""
        n = self.slot.size
        edges = np.unique(np.searchsorted(self.seg_start, np.arange(0, n, _BLOCK_ROWS)))
        starts = [*self.seg_start[edges[edges < self.seg_start.size]].tolist(), n]
        marks = [*edges[edges < self.seg_start.size].tolist(), self.seg_start.size]
        return list(zip(starts[:-1], starts[1:], marks[:-1], marks[1:], strict=True))

    def _moments(self, risk: Array, cumulative: tuple[Array, Array]) -> tuple[Array, Array]:
        p = self.columns.shape[0]
        plain, reweighted = np.empty((p, self.seg_start.size)), np.empty((p, self.seg_start.size))
        moment = np.zeros((p, p))
        for start, stop, first, last in self.blocks():
            rows = slice(start, stop)
            columns, r = self.columns[:, rows], risk[rows]
            local = self.seg_start[first:last] - start
            scaled = columns * r
            plain[:, first:last] = np.add.reduceat(scaled, local, axis=1)
            reweighted[:, first:last] = np.add.reduceat(scaled * self.inverse_g[rows], local, axis=1)
            scaled *= self._rows(cumulative, rows)
            moment += scaled @ columns.T
        return self._at_risk(plain, reweighted), moment

    def meat(self, done: SubdistributionPass, cluster: IntArray | None = None) -> Array:
        """Sum over rows (or clusters) of outer products of influences on the score, shape (p, p)."""
        p = self.columns.shape[0]
        hazard, drift = self._met(done, done.hazard), self._met(done, done.mean * done.hazard)
        jump, path = self._censoring(done)
        meat = np.zeros((p, p))
        sums = None if cluster is None else np.zeros((p, int(cluster.max()) + 1))
        for start, stop, *_ in self.blocks():
            rows = slice(start, stop)
            columns = self.columns[:, rows]
            part = drift(rows) - columns * hazard(rows)
            event = np.flatnonzero(self.event[rows])
            residual = columns[:, event] - done.mean[:, self.slot[rows][event] - 1]
            part[:, event] += residual if self.weight is None else residual * self.weight[rows][event]
            place = self.code[rows]
            part += jump[:, place] * self.censored[rows] - path[:, place]
            if cluster is None or sums is None:
                meat += part @ part.T
            else:
                add_by_cluster(sums, cluster[self.row[rows]], part)
        return meat if sums is None else sums @ sums.T

    def _censoring(self, done: SubdistributionPass) -> tuple[Array, Array]:
        """What a censoring adds to the score by moving G: q/pi at it, less the compensator up to it.

        Returns two arrays of shape (p, distinct times).
        """
        size = self.slot_of_code.size
        at_risk = np.maximum(tail_sums(np.bincount(self.code, minlength=size)), 1).astype(float)
        censored = np.bincount(self.code[self.censored], minlength=size)
        plain = done.scale is None
        jump = self._jumps(done, at_risk) if plain else self.scaled().censoring_jumps(done, self.columns, at_risk)
        return jump, np.cumsum(jump * (censored / at_risk), axis=1)

    def _jumps(self, done: SubdistributionPass, at_risk: Array) -> Array:
        lasting = np.flatnonzero(self.competing)
        weight, place = (done.risk * self.inverse_g)[lasting], self.code[lasting]
        # As Fine and Gray write it: competing events before the censoring, events of interest from it on.
        from_here = np.concatenate(([0], self.slot_of_code[:-1]))
        hazard_later = self._later(done.hazard)[from_here]
        mean_later = self._later(done.mean * done.hazard)[:, from_here]
        load = _lagged_sums(place, weight, at_risk.size)
        load_x = np.stack([_lagged_sums(place, weight * column[lasting], at_risk.size) for column in self.columns])
        return (load_x * hazard_later - load * mean_later) / at_risk


def prepare(time: Array, cause: IntArray, X: Array, which: int, weight: Array | None = None) -> Subdistribution:
    """Sort rows by slot and estimate the censoring distribution (unweighted); weights must be positive."""
    line = lay_out(time)
    size = line.values.size
    event, censored = cause == which, cause == 0
    count = np.bincount(line.code[event], None if weight is None else weight[event], size)
    happened = count > 0
    slot_of_code: IntArray = np.cumsum(happened)
    slot = slot_of_code[line.code]
    g_before = _uncensored_before(line.code, censored, size)
    order = np.argsort(slot.astype(np.uint16) if slot_of_code[-1] < 65_536 else slot, kind="stable")
    counts = np.bincount(slot)
    filled = np.flatnonzero(counts)
    competing = ~event & ~censored
    own_g = g_before[line.code]
    mean = X.mean(axis=0)
    columns = np.empty((X.shape[1], time.size))
    for start in range(0, time.size, _BLOCK_ROWS):
        rows = order[start : start + _BLOCK_ROWS]
        np.subtract(X[rows].T, mean[:, None], out=columns[:, start : start + rows.size])
    return Subdistribution(
        columns=columns,
        slot=slot[order],
        event=event[order],
        competing=competing[order],
        censored=censored[order],
        weight=None if weight is None else weight[order],
        row=order,
        inverse_g=np.where(competing, 1 / np.where(own_g > 0, own_g, 1.0), 0.0)[order],
        g=g_before[happened],
        tied=count[happened].astype(float),
        slot_time=line.values[happened],
        seg_start=np.cumsum(counts[filled]) - counts[filled],
        seg_slot=filled,
        code=line.code[order],
        slot_of_code=slot_of_code,
        mean=mean,
        event_sum=columns @ (event if weight is None else event * weight)[order].astype(float),
    )


def _lagged_sums(place: IntArray, values: Array, size: int) -> Array:
    """Sums over places before each one."""
    return np.concatenate(([0.0], np.cumsum(np.bincount(place, values, size))[:-1]))


def _uncensored_before(code: IntArray, censored: BoolArray, size: int) -> Array:
    """Kaplan-Meier curve of being uncensored just before each distinct time, shape (size,)."""
    at_risk = tail_sums(np.bincount(code, minlength=size))
    lost = np.bincount(code[censored], minlength=size)
    curve = np.cumprod(1 - lost / np.maximum(at_risk, 1))
    return np.concatenate(([1.0], curve[:-1]))
