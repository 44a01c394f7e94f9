"""Covariates as the columns of a regression: the one bridge from named variables to a matrix."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equipoise.protocol.spec import TREATMENT, Protocol
from equipoise.records import Cohort, Covariates


@dataclass(frozen=True, slots=True)
class ModelMatrix:
    """X: float, shape (patients, columns). terms: (variable, level) of each column; level '' for continuous and binary.

    complete: patients without a missing value in any column; the others hold nan and must be left out by the caller.
    """

    X: np.ndarray
    terms: tuple[tuple[str, str], ...]
    complete: np.ndarray


def model_matrix(protocol: Protocol, cohort: Cohort, covariates: Covariates | None, names: list[str]) -> ModelMatrix:
    """Continuous and binary variables as they are; a categorical one as indicators against its first declared level; the
    word `treatment` as 1 in the compared arm, 0 in the reference arm (which needs no covariates); of several arms as an indicator
    of each that is not the reference."""
    columns: list[np.ndarray] = []
    terms: list[tuple[str, str]] = []
    for name in names:
        if name == TREATMENT:
            for arm in protocol.arms.treatments:
                columns.append(cohort.in_arm(arm).astype(float))
                terms.append((name, arm if protocol.arms.several else ""))
            continue
        spec, value = protocol.covariates[name], covariates.values[name]
        if spec.kind != "categorical":
            columns.append(value.astype(float))
            terms.append((name, ""))
            continue
        missing = covariates.missing(name)
        for level in list(spec.levels)[1:]:
            columns.append(np.where(missing, np.nan, (value == level).astype(float)))
            terms.append((name, level))
    X = np.column_stack(columns) if columns else np.empty((cohort.n, 0))
    return ModelMatrix(X, tuple(terms), ~np.isnan(X).any(axis=1))


def in_steps(protocol: Protocol, matrix: ModelMatrix) -> ModelMatrix:
    """The same columns, those of continuous covariates in the steps that the protocol declares (`per: 10`: tens of years)."""
    steps = [1.0 if name == TREATMENT else protocol.covariates[name].per for name, _ in matrix.terms]
    return replace(matrix, X=matrix.X / np.array(steps)) if any(step != 1 for step in steps) else matrix
