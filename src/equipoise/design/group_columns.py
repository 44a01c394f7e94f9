"""Groups of covariates as columns of a score: sparse, one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.records import Covariates


def group_columns(covariates: Covariates, groups: Sequence[str], kept: np.ndarray) -> Any:
    """A sparse matrix (csc) of the kept patients and the columns that vary among them; of columns that are the same, such as a
    concept and the only one below it, the first."""
    from scipy import sparse  # heavy, and asked by few studies

    n, blocks = int(kept.sum()), []
    for name in groups:
        group = covariates.groups[name].among(kept)
        blocks.append(sparse.csc_matrix((np.ones(len(group.row)), (group.row, group.column)), shape=(n, len(group.labels))))
    whole = sparse.hstack(blocks, format="csc")
    whole.sort_indices()
    first: dict[bytes, int] = {}
    for k in range(whole.shape[1]):
        held = whole.indices[whole.indptr[k] : whole.indptr[k + 1]]
        if 0 < len(held) < n:
            first.setdefault(held.tobytes(), k)
    return whole[:, sorted(first.values())]
