"""Multiple imputation by chained equations: every incomplete column from all others, in turn, until the chain has settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .imputation_models import MODELS, Drawing, predictors
from .permutation import logrank_scores
from .validation import ArrayError, observations, require, whole

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Imputations:
    """m completed copies of a table.

    Attributes
    ----------
    values : float ndarray, shape (m, n, p)
        Observed values as they were, missing ones filled.
    missing : bool ndarray, shape (n, p)
    trace_mean, trace_sd : float ndarray, shape (m, iterations, p)
        Mean and SD of the imputed values of each column after each pass (codes, for categories); nan for complete columns.
    methods : tuple of str
        By column; "" for complete ones, which are predictors only.
    """

    values: Floats
    missing: NDArray[np.bool_]
    trace_mean: Floats
    trace_sd: Floats
    methods: tuple[str, ...]
    seed: int
    method: str

    @property
    def settled(self) -> Floats:
        """Potential scale reduction of the traces of the means over the second half of the passes, by column (about 1 where the
        chains mix); nan for complete columns, a single chain or fewer than four passes; shape (p,)."""
        return _scale_reduction(self.trace_mean)

    def __str__(self) -> str:
        m, n, _ = self.values.shape
        return f"{self.method}: {m} copies of {n} rows, {int(self.missing.sum())} cells filled in each"


def impute(
    columns: ArrayLike,
    methods: Sequence[str],
    *,
    imputations: int = 20,
    iterations: int = 10,
    seed: int,
    donors: int = 5,
    predict: ArrayLike | None = None,
) -> Imputations:
    """Fill the missing cells (nan) of a table several times, each time with the uncertainty of the models drawn.

    Parameters
    ----------
    columns : array_like, shape (n, p)
        Everything that the analysis will use, and whatever predicts it: covariates, treatment, and of a time-to-event
        outcome the event and the cumulative hazard at the patient's own time (White and Royston), not the time itself.
    methods : sequence of str, length p
        "pmm": predictive mean matching, values of like patients.  "normal": Bayesian linear regression.  "logistic": columns of 0
        and 1.  "multinomial": categories coded by whole numbers.  Columns without missing values are predictors, their
        method says only whether they are categories.
    imputations, iterations : int
        Copies, and passes over the columns (from left to right) for each.
    seed : int
        Chain k depends on it and on k only: the first copies are the same however many are asked for.
    donors : int, default 5
        Observed patients among whom predictive mean matching draws.
    predict : array_like of bool, shape (p, p), optional
        [j, k]: column k predicts column j.  Default: all others.

    Returns
    -------
    Imputations

    Raises
    ------
    ArrayError
        For a column without any observed value, or values that its method cannot hold.

    References
    ----------
    van Buuren S, Groothuis-Oudshoorn K. J Stat Softw 2011;45(3).  White IR, Royston P. Stat Med 2009;28:1982-1998.
    White IR, Daniel R, Royston P. Comput Stat Data Anal 2010;54:2267-2275 (categories that are predicted perfectly).
    """
    table = np.array(columns, dtype=float)
    require(table.ndim == 2 and table.shape[0] > 1, "columns must be a matrix with at least two rows.")
    missing = np.isnan(table)
    p = table.shape[1]
    _refuse(table, missing, methods)
    m, passes = whole(imputations, "imputations", 1), whole(iterations, "iterations", 1)
    how = Drawing(whole(donors, "donors", 1))
    allowed = _allowed(predict, p)
    values = np.empty((m, *table.shape))
    traces = np.full((2, m, passes, p), np.nan)
    for k in range(m):
        rng = np.random.default_rng([whole(seed, "seed"), k])
        values[k] = _chain(table, missing, tuple(methods), allowed, passes, how, rng, traces[:, k])
    used = tuple(name if missing[:, j].any() else "" for j, name in enumerate(methods))
    return Imputations(values, missing, traces[0], traces[1], used, int(seed), "Multiple imputation by chained equations")


def nelson_aalen(time: ArrayLike, event: ArrayLike) -> Floats:
    """Nelson-Aalen cumulative hazard of all rows at each row's own time, shape (n,): with the event, the outcome as a predictor.

    time, event: shape (n,); 1 or True for an event, 0 or False for right censoring.
    """
    seen = observations(time, event)
    return np.asarray(seen.event - logrank_scores(seen), dtype=float)


def _refuse(table: Floats, missing: NDArray[np.bool_], methods: Sequence[str]) -> None:
    require(len(methods) == table.shape[1], f"methods must name one method per column, {table.shape[1]} of them.")
    for j, name in enumerate(methods):
        require(name in MODELS, f"methods[{j}] must be one of {', '.join(map(repr, MODELS))}, not {name!r}.")
        seen = table[~missing[:, j], j]
        if not seen.size:
            raise ArrayError(f"column {j} (counted from 0) has no observed value: nothing can be imputed from it.")
        require(bool(np.isfinite(seen).all()), f"column {j} (counted from 0) holds infinite values.")
        if name == "logistic":
            require(bool(((seen == 0) | (seen == 1)).all()), f"column {j} must be 0 or 1 for 'logistic'.")
        if name == "multinomial":
            require(bool((seen == np.floor(seen)).all()), f"column {j} must hold whole numbers for 'multinomial'.")


def _allowed(predict: ArrayLike | None, p: int) -> NDArray[np.bool_]:
    allowed = np.ones((p, p), dtype=bool) if predict is None else np.array(predict, dtype=bool)
    require(allowed.shape == (p, p), f"predict must be a matrix of {p} by {p}.")
    np.fill_diagonal(allowed, False)
    return allowed


def _chain(
    table: Floats,
    missing: NDArray[np.bool_],
    methods: tuple[str, ...],
    allowed: NDArray[np.bool_],
    passes: int,
    how: Drawing,
    rng: np.random.Generator,
    traces: Floats,
) -> Floats:
    """One completed copy; it begins with values drawn from the observed ones.  traces, shape (2, passes, p), is filled."""
    filled = table.copy()
    wanting = [int(j) for j in np.flatnonzero(missing.any(axis=0))]
    for j in wanting:
        seen = table[~missing[:, j], j]
        filled[missing[:, j], j] = rng.choice(seen, int(missing[:, j].sum()))
    for step in range(passes):
        for j in wanting:
            rows = missing[:, j]
            X = predictors(filled, methods, np.flatnonzero(allowed[j]))
            drawn = MODELS[methods[j]](table[~rows, j], X[~rows], X[rows], how, rng)
            filled[rows, j] = drawn
            traces[:, step, j] = drawn.mean(), drawn.std(ddof=1) if drawn.size > 1 else np.nan
    return filled


def _scale_reduction(trace: Floats) -> Floats:
    m, passes, p = trace.shape
    if m < 2 or passes < 4:
        return np.full(p, np.nan)
    half = trace[:, passes // 2 :]
    n = half.shape[1]
    within = half.var(axis=1, ddof=1).mean(axis=0)
    between = half.mean(axis=1).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(within > 0, np.sqrt((n - 1) / n + between / within), np.where(between > 0, np.inf, np.nan * within))
