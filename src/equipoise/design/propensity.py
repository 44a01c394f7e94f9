"""The propensity score: the probability of the focal arm given the declared covariates, by logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.encoding import ModelMatrix, model_matrix
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates


@dataclass(frozen=True, slots=True)
class Propensity:
    """propensity, logit: per patient, nan where a covariate is missing. fit: the logistic model of the focal arm."""

    propensity: np.ndarray
    logit: np.ndarray
    matrix: ModelMatrix
    fit: stats.LogisticFit
    covariates: tuple[str, ...]


def fit_propensity(protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str]) -> Propensity:
    """Maximum likelihood on complete cases; no penalty."""
    matrix = model_matrix(protocol, cohort, covariates, names)
    focal = cohort.in_arm(protocol.arms.focal).astype(float)
    keep = matrix.complete
    fit = stats.logistic(focal[keep], matrix.X[keep])
    propensity = np.full(cohort.n, np.nan)
    logit = np.full(cohort.n, np.nan)
    propensity[keep] = fit.fitted
    logit[keep] = fit.linear_predictor
    return Propensity(propensity, logit, matrix, fit, tuple(names))


def score_sd(score: np.ndarray, focal: np.ndarray, kind: str) -> float:
    """SD of the score that the caliper is a multiple of.

    whole_sample: of all patients (MatchIt). pooled: sqrt of the mean of the arms' variances (Austin 2011; SAS PSMATCH).
    """
    known = ~np.isnan(score)
    if kind == "whole_sample":
        return float(np.std(score[known], ddof=1))
    return float(np.sqrt((np.var(score[known & focal], ddof=1) + np.var(score[known & ~focal], ddof=1)) / 2))
