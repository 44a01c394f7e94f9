"""Whether a number of a fit may be printed, and the sentence that says why it may not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.encoding import ModelMatrix
from equipoise.protocol.spec import TREATMENT, Protocol
from equipoise.protocol.wording import covariate_words, lower_first

ROUNDING = 1e-8
SPARSE = 5  # a group of fewer patients is sparse: its Wald limits are not to be trusted


def usable(fit: stats.CoxFit, k: int) -> bool:
    """Whether coefficient k has an estimate with a finite standard error, from an iteration that converged."""
    se = fit.se if fit.robust_se is None else fit.robust_se
    known = np.isfinite(fit.coef[k]) and np.isfinite(se[k]) and se[k] > 0
    return bool(fit.converged and fit.estimable[k] and known and not no_influence(fit, k))


def no_influence(fit: stats.CoxFit, k: int) -> bool:
    """Whether the robust variance of coefficient k is nothing but rounding, as where all events are tied."""
    return fit.robust_se is not None and bool(fit.robust_se[k] < ROUNDING * fit.se[k])


def all_usable(fit: stats.CoxFit) -> bool:
    """The same of every coefficient."""
    return all(usable(fit, k) for k in range(len(fit.coef)))


@dataclass(frozen=True, slots=True)
class Side:
    """Patients of one side of an indicator and their events; label: `with stage I`, `with alfamab`."""

    label: str
    n: int
    events: int

    @property
    def empty(self) -> bool:
        return self.n > 0 and self.events == 0

    @property
    def sparse(self) -> bool:
        return 0 < self.n < SPARSE

    @property
    def told(self) -> str:
        patients = f"{self.n} patient{'' if self.n == 1 else 's'}"
        return f"no event among the {patients} {self.label}" if self.empty else f"only {patients} {self.label}"


def sides(protocol: Protocol, matrix: ModelMatrix, keep: np.ndarray, event: np.ndarray, k: int) -> list[Side]:
    """The two groups that term k compares: its level and the reference level; none where the term is no indicator.

    event: bool per kept patient.
    """
    column = matrix.X[keep, k]
    if not ((column == 0) | (column == 1)).all():
        return []
    variable, level = matrix.terms[k]
    own = [j for j, (v, _) in enumerate(matrix.terms) if v == variable]
    inside, outside = column == 1, column == 0
    for j in own:
        outside = outside & (matrix.X[keep, j] == 0)
    named = _labels(protocol, variable, level)
    return [
        Side(name, int(np.count_nonzero(g)), int(np.count_nonzero(event[g])))
        for name, g in zip(named, (inside, outside), strict=True)
    ]


def _labels(protocol: Protocol, variable: str, level: str) -> tuple[str, str]:
    if variable == TREATMENT:
        arms = protocol.arms
        named = (arms.label(level or arms.compared), arms.label(arms.reference))
        return f"with {lower_first(named[0])}", f"with {lower_first(named[1])}"
    spec = protocol.covariates[variable]
    if level:
        first, label = next(iter(spec.levels)), lower_first(spec.label)
        return f"with {label} {spec.levels[level]}", f"with {label} {spec.levels[first]}"
    label = covariate_words(spec)
    return f"with {label}", f"in the reference group of {label}"


def why_not(protocol: Protocol, matrix: ModelMatrix, keep: np.ndarray, event: np.ndarray, fit: stats.CoxFit, k: int) -> str:
    """Why term k of a model has no estimate: with the level and the count, where a level is behind it."""
    if not fit.converged:
        return "the iteration did not converge"
    if np.ptp(matrix.X[keep, k]) == 0:
        return "all patients are alike"
    if fit.aliased[k]:
        return "determined by the other covariates of the model"
    found = [side.told for side in sides(protocol, matrix, keep, event, k) if side.empty]
    if found:
        return "; ".join(found)
    if no_influence(fit, k):
        return "no patient moves the estimate, so that its robust variance is zero"
    return "a covariate, or several together, separate the events from the others at risk"


def sparse_terms(protocol: Protocol, matrix: ModelMatrix, keep: np.ndarray, event: np.ndarray) -> dict[int, str]:
    """Terms with a level of fewer than SPARSE patients or no event, and which; those that nobody or everybody has are none."""
    found = {}
    for k in range(len(matrix.terms)):
        pair = sides(protocol, matrix, keep, event, k)
        if pair and np.ptp(matrix.X[keep, k]) > 0 and all(side.n for side in pair):
            told = [side.told for side in pair if side.sparse or side.empty]
            if told:
                found[k] = "; ".join(told)
    return found
