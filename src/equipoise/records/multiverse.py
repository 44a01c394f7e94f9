"""A study made again in every specification of a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from equipoise.protocol.specifications import Specification
from equipoise.records.lock import LockState


@dataclass(frozen=True, slots=True)
class Effect:
    """The treatment effect in one specification. n: patients, unweighted. pairs: nan where there are none. effective_n: of both
    arms together, n where there are no weights. smd_score, smd: the largest |SMD| over the covariates of the score and their
    levels, and over every covariate (`variable` names it). why: the reason that there is no hazard ratio, '' where there is."""

    n: float = np.nan
    pairs: float = np.nan
    effective_n: float = np.nan
    events: float = np.nan
    hr: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    smd_score: float = np.nan
    smd: float = np.nan
    variable: str = ""
    method: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """The hazard ratios of some specifications of one endpoint. made, unmade: with and without one. below: with P below BELOW.
    above_one: with a hazard ratio above 1. rank: place of the planned one in the order of the hazard ratio, 1 the smallest, of
    equal ones the first; 0 where it is not among them. balanced: in whose sample no covariate has an |SMD| above the larger
    threshold of the study."""

    made: int
    unmade: int
    least: float
    q1: float
    median: float
    q3: float
    largest: float
    below: int
    above_one: int
    balanced: int
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Multiverse:
    """specifications and effects: in the order of the grid. spreads: by endpoint; by_choice: (endpoint, axis, value) -> the
    specifications that chose it. designs: matched designs among all patients that could be made; matched: int per patient, in
    how many of them the patient stands. declared: whether the protocol holds the grid. lock: what the lock of the design says."""

    specifications: tuple[Specification, ...]
    effects: tuple[Effect, ...]
    spreads: Mapping[str, Spread]
    by_choice: Mapping[tuple[str, str, str], Spread]
    designs: int
    matched: np.ndarray
    arm: np.ndarray
    patient: np.ndarray
    declared: bool
    lock: LockState = LockState()
