"""Penalised logistic coefficients along a path of penalties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 100
_SWEEPS = 200
_LAST = 1e-6  # change of a coefficient, of a column with SD 1, whose square is nothing: the next step would be that
_LEAST = 1e-9  # smallest p (1 - p)


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Z: columns of mean 0 and variance (over n) 1, constant ones 0; mean, sd: what was taken out, shape (p,)."""

    Z: Floats
    mean: Floats
    sd: Floats


def standardised(X: Floats) -> Standardised:
    mean = X.mean(axis=0)
    centred = X - mean
    sd = np.sqrt(np.mean(centred**2, axis=0))
    flat = sd <= 1e-12 * np.abs(X).max(axis=0, initial=0.0)
    sd = np.where(flat, 1.0, sd)
    return Standardised(np.where(flat, 0.0, centred / sd), mean, sd)


def probabilities(eta: Floats) -> Floats:
    tail = np.exp(-np.abs(eta))
    return np.asarray(np.where(eta >= 0, 1.0, tail) / (1 + tail))


def path_of(data: Standardised, event: NDArray[np.bool_], penalties: Floats, lasso: bool) -> Floats:
    """Coefficients in the units of X, intercept first, shape (l, p + 1); each fit begins at the one before."""
    share = float(event.mean())
    here = np.zeros(data.Z.shape[1] + 1)
    here[0] = np.log(share / (1 - share))
    found = np.empty((penalties.size, here.size))
    for k, penalty in enumerate(penalties):
        here = _fit(data.Z, event, float(penalty), lasso, here)
        found[k, 1:] = here[1:] / data.sd
        found[k, 0] = here[0] - found[k, 1:] @ data.mean
    return found


def _fit(Z: Floats, event: NDArray[np.bool_], penalty: float, lasso: bool, start: Floats) -> Floats:
    here, value = start, _objective(Z, event, penalty, lasso, start)
    for _ in range(_STEPS):
        there = _newton(Z, event, penalty, lasso, here)
        share, move = 1.0, there - here
        while (new := _objective(Z, event, penalty, lasso, here + share * move)) > value + 1e-15 and share > 1e-8:
            share /= 2
        here, value = here + share * move, new
        if np.abs(move).max() < _LAST:
            break
    return here


def _objective(Z: Floats, event: NDArray[np.bool_], penalty: float, lasso: bool, b: Floats) -> float:
    eta = b[0] + Z @ b[1:]
    loss = float(np.mean(np.logaddexp(0.0, np.where(event, -eta, eta))))
    return loss + penalty * float(np.abs(b[1:]).sum() if lasso else (b[1:] @ b[1:]) / 2)


def _newton(Z: Floats, event: NDArray[np.bool_], penalty: float, lasso: bool, here: Floats) -> Floats:
    """Where the quadratic approximation at `here`, with the penalty, is smallest."""
    n = event.size
    eta = here[0] + Z @ here[1:]
    p = probabilities(eta)
    w = np.maximum(p * (1 - p), _LEAST)
    working = eta + (event - p) / w
    total, wz = float(w.sum()), w @ Z
    middle = float(w @ working) / total
    weighted = Z * w[:, None]
    gram = (Z.T @ weighted - np.outer(wz, wz) / total) / n
    pull = weighted.T @ (working - middle) / n
    if lasso:
        slopes = _soft_solution(gram, pull, penalty, here[1:].copy())
    else:
        slopes = np.linalg.solve(gram + penalty * np.eye(gram.shape[0]), pull)
    return np.concatenate(([middle - wz @ slopes / total], slopes))


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
