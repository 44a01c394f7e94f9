"""What decides between equals in a match."""

from __future__ import annotations

import numpy as np

from equipoise.records import Cohort


def tie_rank(cohort: Cohort, ties: str) -> np.ndarray:
    """The place of each patient in the order that decides ties: by identifier in code-point order, or by row of the file."""
    if ties == "identifier":
        texts = [str(p) for p in cohort.patient]
        order = np.array(sorted(range(cohort.n), key=texts.__getitem__), dtype=int)
    else:
        order = np.argsort(cohort.row, kind="stable")
    rank = np.empty(cohort.n, dtype=int)
    rank[order] = np.arange(cohort.n)
    return rank
