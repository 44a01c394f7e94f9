"""P values adjusted for the number of tests."""

from __future__ import annotations

import numpy as np

from .arrays import Array, ArrayLike


def holm(p: ArrayLike) -> Array:
    """Holm's step-down adjusted P values.

    Parameters
    ----------
    p : array_like, shape (k,)
        nan where a test could not be made; such tests do not count.

    Returns
    -------
    float ndarray, shape (k,)
        As ``p.adjust(method = "holm")`` of R, nan kept.

    References
    ----------
    Holm S. Scand J Stat 1979;6:65-70.
    """
    p = np.asarray(p, dtype=float)
    out = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    out[order] = np.minimum(1.0, np.maximum.accumulate(factors * p[order])) if order.size else []
    return out
