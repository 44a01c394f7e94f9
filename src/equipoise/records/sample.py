"""Who counts in an analysis, with what weight, with whom they belong together, and what it is called."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Words:
    """What a page calls the kind of a design.

    kind: unadjusted, match, weights, strata, as in the protocol. adjective: `matched`. cohort: `propensity score-matched cohort`.
    heading: of a table's columns, `After propensity score matching`. hazard_ratio: what a hazard ratio of the design is, with its
    variance. variance: how the variance of an estimate takes the design into account, '' where it need not. estimand: for whom
    the effect is estimated, as a whole sentence.
    """

    kind: str
    adjective: str
    cohort: str
    heading: str
    hazard_ratio: str
    variance: str = ""
    estimand: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What every estimator takes, beside the outcome.

    design: name of the design, as in the results. include: bool per patient of the cohort. weight: float per patient, positive
    and finite where included. cluster: int per patient, those who share it are not independent; None where everybody stands
    alone. stratum: int per patient, those who may be compared with each other (the pair, the class of the score); None where
    everybody with everybody.
    paired: the strata are pairs of one patient of each arm, 0 = without partner. weighted: the weights are part of the design,
    so that whatever ignores them is no estimate of it, and variances are robust. population: all, or the subgroup.
    baseline_hazard: int per patient, those who share a baseline hazard in a Cox model (a site), -1 where that is unknown; None:
    all share one.
    """

    design: str
    words: Words
    include: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray | None = None
    stratum: np.ndarray | None = None
    paired: bool = False
    weighted: bool = False
    population: str = "all"
    baseline_hazard: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.include.dtype != bool or self.include.ndim != 1:
            raise ValueError("include: one bool per patient")
        for name in ("weight", "cluster", "stratum", "baseline_hazard"):
            given = getattr(self, name)
            if given is not None and given.shape != self.include.shape:
                raise ValueError(f"{name}: one value per patient")
        counted = self.weight[self.include]
        if not (np.isfinite(counted).all() and (counted > 0).all()):
            raise ValueError("weight: a patient who counts has a weight above 0")
        if self.paired and (self.stratum is None or self.cluster is None):
            raise ValueError("paired: the pairs are the strata and the clusters")

    def among(self, mask: np.ndarray, population: str = "") -> Sample:
        """The same sample, of these patients only. mask: bool per patient of the cohort. population: its name, if it has one."""
        made = copy(self)  # not checked again: whoever counts in it counts in this one
        object.__setattr__(made, "include", self.include & mask)
        object.__setattr__(made, "population", population or self.population)
        return made

    def without(self, leaving: np.ndarray) -> Sample:
        """The same sample when these patients are taken out; of a paired one their partners leave too."""
        if self.paired and self.stratum is not None:
            leaving = leaving | np.isin(self.stratum, np.unique(self.stratum[leaving & (self.stratum > 0)]))
        return self.among(~leaving)

    @property
    def pair(self) -> np.ndarray:
        """int per patient, 0 = unpaired."""
        return self.stratum if self.paired and self.stratum is not None else np.zeros(len(self.include), dtype=int)

    @property
    def in_sets(self) -> bool:
        """Whether the clusters are matched sets of several patients."""
        clusters = self.clusters
        return not self.paired and clusters is not None and len(np.unique(clusters)) < len(clusters)

    @property
    def n(self) -> int:
        """Patients, unweighted."""
        return int(np.count_nonzero(self.include))

    @property
    def weights(self) -> np.ndarray | None:
        """Of those who count, in their order; None where the design has none."""
        return self.weight[self.include] if self.weighted else None

    @property
    def clusters(self) -> np.ndarray | None:
        """Of those who count, in their order."""
        return None if self.cluster is None else self.cluster[self.include]

    @property
    def effective_n(self) -> float:
        """(Sum of weights)**2 / sum of squared weights (Kish, Survey Sampling, 1965); nan of nobody."""
        w = self.weight[self.include]
        return float(w.sum() ** 2 / (w**2).sum()) if len(w) else float("nan")
