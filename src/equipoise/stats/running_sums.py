"""Sums from places to the end of an array, faster than a running sum of every element."""

from __future__ import annotations

import numpy as np

from .arrays import Array, IntArray

# Elements that one product sums at once.
_CHUNK = 8
_TO_END = np.tril(np.ones((_CHUNK, _CHUNK)))


def sums_to_end(values: Array, place: IntArray) -> Array:
    """Sums along the last axis from each place to the end.

    Parameters
    ----------
    values : float ndarray, shape (..., n)
        Finite.
    place : intp ndarray, shape (k,)
        Rising.

    Returns
    -------
    float ndarray, shape (..., k)

    Notes
    -----
    Within chunks of eight by a product with ones, then over the chunks; terms are added only, so that small sums behind
    large ones keep their digits.
    """
    head = values.shape[-1] % _CHUNK
    front = values.shape[:-1]
    within = values[..., head:].reshape(*front, -1, _CHUNK) @ _TO_END
    chunks = within.shape[-2]
    after = np.zeros((*front, chunks + 1))
    after[..., :chunks] = within[..., ::-1, 0].cumsum(axis=-1)[..., ::-1]
    early = int(np.searchsorted(place, head))
    inner = place[early:] - head
    sums = within.reshape(*front, -1).take(inner, axis=-1)
    sums += after.take(inner // _CHUNK + 1, axis=-1)
    if not early:
        return sums
    first = values[..., :head][..., ::-1].cumsum(axis=-1)[..., ::-1].take(place[:early], axis=-1)
    return np.concatenate((first + after[..., :1], sums), axis=-1)
