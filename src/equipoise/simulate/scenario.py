"""Invented cohorts whose truth is known: covariates, treatment by a logistic model, times by a hazard model, values missing at
random. For the manual and the tests; a study's own patients are in `plasmode`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

from equipoise.simulate.times import Baseline, FollowUp
from equipoise.simulate.world import Unmeasured, World

POPULATION, OF_POPULATION = 20_000, 20_130_227  # patients of whom truths are, and the seed that draws them


@dataclass(frozen=True, slots=True)
class Variable:
    """share: of a binary covariate; None, a continuous one with mean 0 and SD 1. log_odds: of the focal arm, log_hazard: of the
    event; per SD, or with against without."""

    share: float | None = None
    log_odds: float = 0.0
    log_hazard: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """correlation: between any two of the normal variables behind the covariates. treated: share of the focal arm in the
    population. contrast: multiplies the log odds ratios of treatment; the larger, the less the arms overlap."""

    variables: tuple[Variable, ...]
    treated: float
    baseline: Baseline
    follow_up: FollowUp
    correlation: float = 0.0
    contrast: float = 1.0
    unmeasured: Unmeasured | None = None

    def cohort(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, World]:
        """Covariates, shape (n, p), and the world of their patients, who are in no arm yet."""
        X = self._covariates(n, rng)
        return X, self._world(X, _intercept(self))

    @property
    def population(self) -> World:
        """A large one, of which truths are computed; the same at every call."""
        X = self._covariates(POPULATION, np.random.default_rng(OF_POPULATION))
        return self._world(X, _intercept(self))

    def _covariates(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Normal variables with a common part; a binary one is 1 above the quantile of its share."""
        p = len(self.variables)
        own, common = rng.standard_normal((n, p)), rng.standard_normal((n, 1))
        Z = np.sqrt(1 - self.correlation) * own + np.sqrt(self.correlation) * common
        for k, variable in enumerate(self.variables):
            if variable.share is not None:
                Z[:, k] = Z[:, k] > NormalDist().inv_cdf(1 - variable.share)
        return Z

    def _lean(self, X: np.ndarray) -> np.ndarray:
        return self.contrast * X @ np.array([v.log_odds for v in self.variables])

    def _world(self, X: np.ndarray, intercept: float) -> World:
        risk = X @ np.array([v.log_hazard for v in self.variables])
        nobody = np.zeros(len(X), dtype=bool)
        return World(intercept + self._lean(X), nobody, risk, self.baseline, self.follow_up, self.unmeasured)


@lru_cache
def _intercept(scenario: Scenario) -> float:
    """Of the logit of treatment, at which the population has the share of treated that was asked for."""
    lean = scenario._lean(scenario._covariates(POPULATION, np.random.default_rng(OF_POPULATION)))
    return float(brentq(lambda a: float(np.mean(1 / (1 + np.exp(-a - lean)))) - scenario.treated, -30, 30))


@dataclass(frozen=True, slots=True)
class MissingAtRandom:
    """A value is lost with probability `among` in patients of the focal arm who had the event before a day, else with `others`:
    given arm and outcome, which are known, what is lost says nothing of itself."""

    before: float
    among: float
    others: float

    def lost(self, focal: np.ndarray, time: np.ndarray, event: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """bool per patient."""
        early = focal & (event == 1) & (time < self.before)
        return rng.random(len(time)) < np.where(early, self.among, self.others)
