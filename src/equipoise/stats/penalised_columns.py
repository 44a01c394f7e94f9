"""Standardised columns of a penalised regression: dense ones as they are, and many indicators that are never written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Z: dense columns of mean 0 and variance (over n) 1, constant ones 0. indicators: None, or a sparse matrix (csc) of further
    columns as they are. mean, sd: of all columns, the dense ones first, shape (p,)."""

    Z: Floats
    mean: Floats
    sd: Floats
    indicators: Any = None

    @property
    def width(self) -> int:
        return int(self.mean.size)

    def linear(self, b: Floats) -> Floats:
        """The standardised columns times coefficients of these."""
        d = self.Z.shape[1]
        out: Floats = self.Z @ b[:d]
        if self.indicators is not None:
            scaled = b[d:] / self.sd[d:]
            out = out + self.indicators @ scaled - float(self.mean[d:] @ scaled)
        return out

    def slopes(self, r: Floats) -> Floats:
        """Each column times r, shape (p,)."""
        own: Floats = r @ self.Z
        if self.indicators is None:
            return own
        d = self.Z.shape[1]
        return np.concatenate([own, (self.indicators.T @ r - self.mean[d:] * r.sum()) / self.sd[d:]])

    def gram(self, w: Floats, used: Places) -> tuple[Floats, Floats]:
        """Of some columns the weighted sums of products about their weighted means, and the weighted sums."""
        d, total = self.Z.shape[1], float(w.sum())
        dense, sparse = used[used < d], used[used >= d] - d
        Z = self.Z[:, dense]
        weighted = Z * w[:, None]
        wz = w @ Z
        products = Z.T @ weighted - np.outer(wz, wz) / total
        if not sparse.size:
            return products, wz
        S, mean, sd = self.indicators[:, sparse], self.mean[d + sparse], self.sd[d + sparse]
        ws = S.T @ w
        cross = (S.T @ weighted - np.outer(ws, wz) / total) / sd[:, None]
        own = ((S.multiply(w[:, None])).T @ S).toarray() - np.outer(ws, ws) / total
        own /= np.outer(sd, sd)
        whole = np.block([[products, cross.T], [cross, own]])
        return whole, np.concatenate([wz, (ws - mean * total) / sd])

    def among(self, rows: NDArray[np.bool_], X: Floats) -> Standardised:
        """Some rows, standardised anew. X: the dense columns as they are."""
        return standardised(X[rows], None if self.indicators is None else self.indicators[np.flatnonzero(rows)])


def standardised(X: Floats, indicators: Any = None) -> Standardised:
    """indicators: a sparse matrix of 0 and 1, of as many rows."""
    mean = X.mean(axis=0)
    centred = X - mean
    sd = np.sqrt(np.mean(centred**2, axis=0))
    flat = sd <= 1e-12 * np.abs(X).max(axis=0, initial=0.0)
    sd = np.where(flat, 1.0, sd)
    Z = np.where(flat, 0.0, centred / sd)
    if indicators is None:
        return Standardised(Z, mean, sd)
    columns = indicators.tocsc()
    share = np.asarray(columns.sum(axis=0), dtype=float).ravel() / X.shape[0]
    spread = np.sqrt(share * (1 - share))
    spread = np.where(spread <= 0, np.inf, spread)  # a column that does not vary has no slope and no coefficient
    return Standardised(Z, np.concatenate([mean, share]), np.concatenate([sd, spread]), columns)
