"""Penalised logistic coefficients along a path of penalties."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .penalised_columns import Floats, Places, Standardised

_STEPS = 100
_SWEEPS = 200
_LAST = 1e-6  # change of a coefficient, of a column with SD 1, whose square is nothing: the next step would be that
_LEAST = 1e-9  # smallest p (1 - p)


def probabilities(eta: Floats) -> Floats:
    tail = np.exp(-np.abs(eta))
    return np.asarray(np.where(eta >= 0, 1.0, tail) / (1 + tail))


def path_of(data: Standardised, event: NDArray[np.bool_], penalties: Floats, lasso: bool) -> Floats:
    """Coefficients in the units of X, intercept first, shape (l, p + 1); each fit begins at the one before."""
    return np.array(list(each_fit(data, event, penalties, lasso))).reshape(penalties.size, data.width + 1)


def each_fit(data: Standardised, event: NDArray[np.bool_], penalties: Floats, lasso: bool) -> Iterator[Floats]:
    """The same, one penalty after the other, as far as they are asked."""
    share = float(event.mean())
    here = np.zeros(data.width + 1)
    here[0] = np.log(share / (1 - share))
    before = float(penalties[0]) if penalties.size else 0.0
    for penalty in penalties:
        here = _lasso_fit(data, event, float(penalty), before, here) if lasso else _fit(data, event, float(penalty), False, here)
        before = float(penalty)
        slopes = here[1:] / data.sd
        yield np.concatenate([[here[0] - float(slopes @ data.mean)], slopes])


def _lasso_fit(data: Standardised, event: NDArray[np.bool_], penalty: float, before: float, start: Floats) -> Floats:
    """The fit on the columns that may have a coefficient (strong rule), widened until no other one would get any.

    Tibshirani R, Bien J, Friedman J, et al. J R Stat Soc B 2012;74:245.
    """
    slope = _slopes(data, event, start)
    used = (start[1:] != 0) | (slope >= 2 * penalty - before)
    here = start
    while True:
        here = _fit(data, event, penalty, True, here, np.flatnonzero(used))
        more = ~used & (_slopes(data, event, here) > penalty * (1 + 1e-9))
        if not more.any():
            return here
        used |= more


def _slopes(data: Standardised, event: NDArray[np.bool_], b: Floats) -> Floats:
    """Size of the slope of the likelihood per row along each column."""
    return np.abs(data.slopes(event - probabilities(b[0] + data.linear(b[1:])))) / event.size


def _fit(
    data: Standardised, event: NDArray[np.bool_], penalty: float, lasso: bool, start: Floats, used: Places | None = None
) -> Floats:
    """used: the columns that may have a coefficient; the others have none. None: all of them."""
    columns = np.arange(data.width) if used is None else used
    here, value = start, _objective(data, event, penalty, lasso, start)
    for _ in range(_STEPS):
        there = _newton(data, event, penalty, lasso, here, columns)
        share, move = 1.0, there - here
        while (new := _objective(data, event, penalty, lasso, here + share * move)) > value + 1e-15 and share > 1e-8:
            share /= 2
        here, value = here + share * move, new
        if np.abs(move).max() < _LAST:
            break
    return here


def _objective(data: Standardised, event: NDArray[np.bool_], penalty: float, lasso: bool, b: Floats) -> float:
    eta = b[0] + data.linear(b[1:])
    loss = float(np.mean(np.logaddexp(0.0, np.where(event, -eta, eta))))
    return loss + penalty * float(np.abs(b[1:]).sum() if lasso else (b[1:] @ b[1:]) / 2)


def _newton(data: Standardised, event: NDArray[np.bool_], penalty: float, lasso: bool, here: Floats, used: Places) -> Floats:
    """Where the quadratic approximation at `here`, with the penalty, is smallest."""
    n = event.size
    eta = here[0] + data.linear(here[1:])
    p = probabilities(eta)
    w = np.maximum(p * (1 - p), _LEAST)
    working = eta + (event - p) / w
    total = float(w.sum())
    middle = float(w @ working) / total
    sums, wz = data.gram(w, used)
    gram = np.asarray(sums / n, dtype=np.float64)
    pull = data.slopes(w * (working - middle))[used] / n
    if lasso:
        slopes = _soft_solution(gram, pull, penalty, here[1:][used].copy())
    else:
        slopes = np.asarray(np.linalg.solve(gram + penalty * np.eye(gram.shape[0]), pull), dtype=np.float64)
    there = np.zeros_like(here)
    there[1 + used] = slopes
    there[0] = middle - float(wz @ slopes) / total
    return there


def _soft_solution(gram: Floats, pull: Floats, penalty: float, b: Floats) -> Floats:
    """Smallest b' gram b / 2 - pull' b + penalty * sum |b|: solved with the signs of b as they are; where that is not it, sweeps
    over the columns come first."""
    fitted = gram @ b
    diagonal = gram.diagonal()
    usable = diagonal > 1e-14
    b[~usable] = 0.0
    for _ in range(_SWEEPS):
        exact = _with_signs(gram, pull, penalty, b)
        if exact is not None:
            return exact
        active = np.flatnonzero(usable & ((b != 0) | (np.abs(pull - fitted) > penalty)))
        for _ in range(3):
            for j in active:
                rest = pull[j] - fitted[j] + diagonal[j] * b[j]
                new = max(abs(rest) - penalty, 0.0) * (1 if rest > 0 else -1) / diagonal[j]
                if new != b[j]:
                    fitted += gram[j] * (new - b[j])
                    b[j] = new
    return b


def _with_signs(gram: Floats, pull: Floats, penalty: float, b: Floats) -> Floats | None:
    """The solution with the zeros and signs of b, if it is one."""
    used = np.flatnonzero(b)
    found = np.zeros_like(b)
    if used.size:
        try:
            found[used] = np.linalg.solve(gram[np.ix_(used, used)], pull[used] - penalty * np.sign(b[used]))
        except np.linalg.LinAlgError:
            return None
    right = (np.sign(found[used]) == np.sign(b[used])).all()
    slack = penalty * 1e-9 + 1e-14
    idle = np.ones(b.size, dtype=bool)
    idle[used] = False
    return found if right and (np.abs(pull - gram @ found)[idle] <= penalty + slack).all() else None
