"""Copies of the covariates with their missing values drawn, and the designs made again in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from equipoise.records.cohort import Covariates
from equipoise.records.design import Designs


@dataclass(frozen=True, slots=True)
class Drawn:
    """copies: the covariates without missing values among `names`, one per imputation. names: those that were incomplete.
    predictors: all that the model of the missing values used. trace_mean, trace_sd: name -> mean and SD of its imputed values
    after each pass, shape (copies, passes). settled: name
    -> potential scale reduction of the chains, nan where it cannot be had. remarks: sentences on what is doubtful."""

    copies: tuple[Covariates, ...]
    names: tuple[str, ...]
    predictors: tuple[str, ...]
    trace_mean: Mapping[str, np.ndarray]
    trace_sd: Mapping[str, np.ndarray]
    settled: Mapping[str, float]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imputed:
    """What was drawn, and the designs within each copy; a copy in which one could not be made says so in its `unmade`."""

    drawn: Drawn
    designs: tuple[Designs, ...]
