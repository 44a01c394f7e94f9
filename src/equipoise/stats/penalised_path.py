"""Penalised logistic coefficients along a path of penalties."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .penalised_columns import Floats, Places, Standardised

_STEPS = 100
_MOVES = 10  # for each column, at most
_RIDGE = 1e-10
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
    """Smallest b' gram b / 2 - pull' b + penalty * sum |b|, by its signs: solved with those of the columns that have a
    coefficient, on the way to where the sum is smallest among the places at which a coefficient becomes 0; then with the column
    beside them whose slope is largest. It ends where no slope is beyond the penalty, however near columns are to each other.

    Lee H, Battle A, Raina R, Ng AY. Adv Neural Inf Process Syst 2007;19:801 (feature-sign search).
    """
    usable = gram.diagonal() > 1e-14
    b[~usable] = 0.0
    slack = penalty * 1e-9 + 1e-14
    whole = 0  # moves in a row at whose end the signs are as before: the second takes what rounding left of the first
    for _ in range(_MOVES * b.size):
        slope = pull - gram @ b
        sign = np.sign(b)
        used = np.flatnonzero(sign)
        if whole > 1 or not used.size or np.abs(slope[used] - penalty * sign[used]).max() <= slack:
            beyond = np.where(usable & (sign == 0), np.abs(slope), 0.0)
            more = int(np.argmax(beyond))
            if beyond[more] <= penalty + slack:
                break
            sign[more] = np.sign(slope[more])
            used = np.sort(np.append(used, more))
            whole = 0
        own = gram[np.ix_(used, used)]
        ridge = _RIDGE * float(own.diagonal().mean())  # columns that add up to others leave a direction open
        pulled = slope[used] - penalty * sign[used]
        move = np.asarray(np.linalg.solve(own + ridge * np.eye(used.size), pulled), dtype=np.float64)
        there = b[used] + move
        whole = whole + 1 if (np.sign(there) == sign[used]).all() else 0
        if not whole:
            there = _down(own, slope[used], penalty, b[used], move)
            if (there == b[used]).all():
                break  # no more digits
        b[used] = there
    return b


def _down(gram: Floats, slope: Floats, penalty: float, b: Floats, move: Floats) -> Floats:
    """b with the share of the move, the whole one or one at which a coefficient becomes 0, that leaves the smallest sum; b itself
    where none is smaller."""
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = np.where(move != 0, -b / move, -1.0)
    shares = np.append(crossing[(crossing > 0) & (crossing < 1)], 1.0)
    curve, straight = float(move @ gram @ move) / 2, float(slope @ move)
    sizes = np.abs(b + shares[:, None] * move).sum(axis=1) - np.abs(b).sum()
    gained = curve * shares**2 - straight * shares + penalty * sizes
    best = int(np.argmin(gained))
    if not gained[best] < 0:
        return b
    there = b + shares[best] * move
    there[crossing == shares[best]] = 0.0
    return np.asarray(there, dtype=np.float64)
