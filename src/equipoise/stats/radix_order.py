"""Orders of long arrays by radix: numpy sorts 16-bit keys so, ten times faster than longer ones."""

from __future__ import annotations

import numpy as np

from .arrays import Array, IntArray

_DIGIT = 16
_LARGEST_KEY = 2.0**32 - 1
# Below this many rows a plain sort is as fast.
_RADIX_FROM = 4096


def order_of_codes(code: IntArray, size: int) -> IntArray:
    """Positions in the order of whole numbers 0..size-1, equal ones in their own order.

    Parameters
    ----------
    code : intp ndarray, shape (n,)
    size : int

    Returns
    -------
    intp ndarray, shape (n,)
    """
    if size > 1 << _DIGIT and code.size < _RADIX_FROM:
        return np.argsort(code, kind="stable")
    order = np.argsort(code.astype(np.uint16), kind="stable")
    for shift in range(_DIGIT, int(size - 1).bit_length(), _DIGIT):
        digit = (code >> shift).astype(np.uint16)
        order = order.take(np.argsort(digit.take(order), kind="stable"))
    return order


def rising_order(values: Array) -> IntArray:
    """Positions in rising order of finite numbers, equal ones in their own order.

    Parameters
    ----------
    values : float ndarray, shape (n,)

    Returns
    -------
    intp ndarray, shape (n,)
    """
    if values.size < _RADIX_FROM:
        return np.argsort(values, kind="stable")
    low, high = float(values.min()), float(values.max())
    with np.errstate(over="ignore", divide="ignore"):
        scale = np.divide(_LARGEST_KEY, high - low)
    if not (scale < np.inf and scale > 0):
        return np.argsort(values, kind="stable")
    order = order_of_codes(((values - low) * scale).astype(np.int64), 1 << 2 * _DIGIT)
    rising = values.take(order)
    if (rising[1:] >= rising[:-1]).all():
        return order
    # Values of one key may be out of order: what is nearly sorted is merged in few steps.
    return order.take(np.argsort(rising, kind="stable"))
