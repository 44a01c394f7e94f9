"""Who has a counterpart in the other arm: the patients on whom a propensity score can be fitted at all.

A level that nobody of the other arm has, or a combination of covariates that tells the arms apart for certain, has no finite
maximum-likelihood coefficient (Albert & Anderson, Biometrika 1984;71:1-10). Its patients leave, so that the score of the others
is the limit of the likelihood and hangs on no stopping rule. The combinations are found by linear programming (Konis, Linear
programming algorithms for detecting separated data in binary logistic regression models, thesis, Oxford 2007).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Gap

MARGIN = 1e-6  # of standardized columns; the solver keeps its constraints to 1e-7


def separating(protocol: Protocol, covariates: Covariates, names: list[str], focal: np.ndarray, kept: np.ndarray) -> list[str]:
    """Covariates that tell the two arms apart for every patient of `kept`: no level shared, or ranges that do not touch."""
    found = []
    for name in names:
        here, there = covariates.values[name][kept & focal], covariates.values[name][kept & ~focal]
        if protocol.covariates[name].kind == "categorical":
            apart = set(here.tolist()).isdisjoint(there.tolist())
        else:
            apart = here.max() < there.min() or there.max() < here.min()
        if apart:
            found.append(name)
    return found


def level_gaps(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], kept: np.ndarray
) -> tuple[np.ndarray, list[Gap]]:
    """`kept` without the patients of a level that nobody of the other arm has, and those levels; a patient is counted under the
    first. A level that loses its last counterpart so is found too."""
    focal = cohort.in_arm(protocol.arms.focal)
    kept, gaps, found = kept.copy(), [], True
    while found:
        found = False
        for name in names:
            if protocol.covariates[name].kind == "continuous":
                continue
            for level, has in levels_of(protocol, covariates, name):
                mine = kept & has
                if mine.any() and (focal[mine].all() or not focal[mine].any()) and not _all_apart(focal, kept, mine):
                    arm = protocol.arms.focal if focal[mine].all() else protocol.arms.other
                    gaps.append(Gap((name,), level, arm, int(mine.sum())))
                    kept &= ~mine
                    found = True
    return kept, gaps


def _all_apart(focal: np.ndarray, kept: np.ndarray, mine: np.ndarray) -> bool:
    """Whether nobody of that arm would be left: complete separation, which is reported as such."""
    rest = kept & ~mine
    return focal[rest].all() or not focal[rest].any()


def levels_of(protocol: Protocol, covariates: Covariates, name: str) -> Iterator[tuple[str, np.ndarray]]:
    """Each level and who has it; of a binary covariate '1' and '0'."""
    value = covariates.values[name]
    if protocol.covariates[name].kind == "binary":
        yield "1", value == 1
        yield "0", value == 0
        return
    for level in protocol.covariates[name].levels:
        yield level, value == level


def without_counterpart(X: np.ndarray, focal: np.ndarray) -> np.ndarray:
    """Rows that some combination of the columns assigns to their arm for certain, while it decides wrongly for nobody.

    X: float, shape (n, p), without an intercept. focal: bool, shape (n,). All False where the likelihood has a maximum.
    """
    from scipy.optimize import linprog

    spread = X.std(axis=0)
    Z = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])
    signed = np.where(focal, 1.0, -1.0)[:, None] * Z
    rows, whose = np.unique(np.round(signed, 12), axis=0, return_inverse=True)
    out = np.zeros(len(rows), dtype=bool)
    while not out.all():
        rest = rows[~out]
        best = linprog(-rest.sum(axis=0), A_ub=-rest, b_ub=np.zeros(len(rest)), bounds=(-1, 1), method="highs")
        apart = rest @ best.x > MARGIN if best.status == 0 else np.zeros(len(rest), dtype=bool)
        if not apart.any():
            break
        out[np.flatnonzero(~out)[apart]] = True
    return out[whose.reshape(-1)]


def combination(X: np.ndarray, owners: list[tuple[str, ...]], focal: np.ndarray, n_apart: int) -> tuple[str, ...]:
    """The covariates that it takes to tell those patients apart: one that can be spared is left out with all its columns. owners:
    the covariates behind each column."""
    needed = list(dict.fromkeys(name for own in owners for name in own))
    for name in list(needed):
        fewer = [o for o in needed if o != name]
        columns = [k for k, own in enumerate(owners) if set(own) <= set(fewer)]
        if fewer and int(without_counterpart(X[:, columns], focal).sum()) == n_apart:
            needed = fewer
    return tuple(needed)
