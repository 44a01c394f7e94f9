"""Ranks with ties sharing their mean."""

from __future__ import annotations

import numpy as np

from .arrays import Array


def average_ranks(values: Array) -> Array:
    """Ranks from 1, tied values sharing the mean of their ranks."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    start = np.flatnonzero(first)
    length = np.diff(np.append(start, values.size))
    ranks = np.empty(values.size)
    ranks[order] = np.repeat(start + (length + 1) / 2, length)
    return ranks


def tie_lengths(values: Array) -> Array:
    """How often each distinct value occurs."""
    return np.unique(values, return_counts=True)[1].astype(float)


def steadied(values: Array) -> Array:
    """Values rounded to 12 digits of the largest, so that equal rows stay equal whatever block summed them."""
    largest = float(np.max(np.abs(values), initial=0.0))
    if largest == 0 or not np.isfinite(largest):
        return values
    return np.round(values, 12 - int(np.ceil(np.log10(largest))))
