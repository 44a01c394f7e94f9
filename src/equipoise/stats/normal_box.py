"""Probability that correlated standard normals all lie within a symmetric bound."""

from __future__ import annotations

import numpy as np

from .arrays import Array

# Nodes per dimension of the outer integrals; kinks at redundant bounds limit the order, so there are many.
_NODES = {0: 1, 1: 2000, 2: 400, 3: 60}


def normal_box(bound: float, correlation: Array) -> float:
    """P(all |Z_i| <= bound) for Z normal with the given, possibly singular, correlation.

    Parameters
    ----------
    bound : float
    correlation : float ndarray, shape (m, m)
        Of rank at most 4.

    Returns
    -------
    float
        By Gauss-Legendre quadrature over all but one of the independent components behind Z.
    """
    from scipy.special import ndtr

    factor, pivots = _pivoted_factor(correlation)
    rank = factor.shape[1]
    if rank - 1 > max(_NODES):
        raise ValueError("correlation of rank above 4 is not supported")
    points, weights = _grid(bound, factor[pivots], rank - 1)
    fixed = factor[:, : rank - 1] @ points
    low, high = np.full(points.shape[1], -np.inf), np.full(points.shape[1], np.inf)
    bounding = [row for row in range(factor.shape[0]) if row not in pivots[:-1]]
    for row in bounding:
        slope = factor[row, rank - 1]
        if abs(slope) < 1e-9:
            weights = np.where(np.abs(fixed[row]) <= bound, weights, 0.0)
            continue
        ends = (-bound - fixed[row]) / slope, (bound - fixed[row]) / slope
        low, high = np.maximum(low, np.minimum(*ends)), np.minimum(high, np.maximum(*ends))
    return float(weights @ np.maximum(ndtr(high) - ndtr(low), 0.0))


def _pivoted_factor(correlation: Array) -> tuple[Array, list[int]]:
    """L with L L' = correlation, as many columns as the rank, and the rows that made them."""
    rest = correlation.astype(float).copy()
    columns: list[Array] = []
    pivots: list[int] = []
    while rest.diagonal().max() > 1e-9 and len(columns) < rest.shape[0]:
        pivot = int(np.argmax(rest.diagonal()))
        column = rest[:, pivot] / np.sqrt(rest[pivot, pivot])
        column[pivots] = 0.0
        columns.append(column)
        pivots.append(pivot)
        rest = rest - np.outer(column, column)
    return np.column_stack(columns), pivots


def _grid(bound: float, triangle: Array, dimensions: int) -> tuple[Array, Array]:
    """Nodes, shape (dimensions, N), and normal weights over the region that the pivot rows allow."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES[dimensions])
    points, mass = np.zeros((0, 1)), np.ones(1)
    for axis in range(dimensions):
        past = triangle[axis, :axis] @ points
        low = np.clip((-bound - past) / triangle[axis, axis], -9.0, 9.0)
        high = np.clip((bound - past) / triangle[axis, axis], -9.0, 9.0)
        middle, half = (low + high) / 2, (high - low) / 2
        x = middle[:, None] + half[:, None] * nodes
        mass = (mass[:, None] * half[:, None] * weights * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)).reshape(-1)
        points = np.vstack((np.repeat(points, nodes.size, axis=1), x.reshape(1, -1)))
    return points, mass
