"""The fit of a propensity score: by maximum likelihood, by Firth's, or with a ridge or LASSO penalty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from equipoise import stats
from equipoise.errors import DataError, Fault
from equipoise.protocol.score import FIRTH, Score

FAR = 12.0  # a linear predictor beyond it makes us ask whether the likelihood has a maximum at all
FEWEST = 3  # folds


@dataclass(frozen=True, slots=True)
class ScoreFit:
    """Intercept first in coef, then a coefficient per column. se, p: by Wald's method, nan under a penalty. linear_predictor,
    focal: of the fitted patients. strength: of a chosen penalty, else nan. grouped: coefficients of the columns of groups."""

    coef: np.ndarray
    se: np.ndarray
    p: np.ndarray
    linear_predictor: np.ndarray
    focal: np.ndarray
    doubtful: bool = False
    strength: float = float("nan")
    grouped: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def fitted(self) -> np.ndarray:
        """Probabilities of the focal arm."""
        tail = np.exp(-np.abs(self.linear_predictor))
        return np.where(self.linear_predictor >= 0, 1.0, tail) / (1.0 + tail)

    @property
    def c_statistic(self) -> float:
        """Area under the ROC curve, ties counting half."""
        return stats.c_statistic(self.linear_predictor, self.focal)

    @property
    def n(self) -> int:
        return len(self.focal)

    @property
    def smaller_arm(self) -> int:
        n = int(self.focal.sum())
        return min(n, len(self.focal) - n)

    @property
    def kept(self) -> np.ndarray:
        """bool per column: no penalty made its coefficient 0."""
        return self.coef[1:] != 0 if np.isfinite(self.strength) else np.ones(self.coef.size - 1, dtype=bool)


def fitted_score(
    score: Score, X: np.ndarray, focal: np.ndarray, fold_key: np.ndarray, place: str, grouped: Any = None
) -> ScoreFit:
    """X: shape (n, p), columns that vary; focal: bool; fold_key: float per patient, a drawn number whose order deals the folds;
    grouped: a sparse matrix of the columns of groups.

    Raises DataError where Firth's likelihood has no maximum that is found, an arm is too small for cross-validation, and where a
    penalty leaves no covariate.
    """
    if score.shrunk:
        return _shrunk(score, X, focal, fold_key, place, grouped)
    found = likelihood(X, focal, firth=score.fit == FIRTH)
    if score.fit == FIRTH and (found.doubtful or not np.isfinite(found.linear_predictor).all()):
        message = "no maximum of Firth's penalized likelihood was found; leave columns out of the score, or take fit: ridge"
        raise DataError(Fault(place, "no score", message))
    return found


def likelihood(X: np.ndarray, focal: np.ndarray, firth: bool = False) -> ScoreFit:
    """By the likelihood or Firth's; doubtful where the first may have no maximum, or none was found. Columns that earlier ones
    determine have nan."""
    with np.errstate(all="ignore"):  # where the likelihood has no maximum, the fit is thrown away
        fit = stats.logistic(focal.astype(float), X, firth=firth)
        logit = fit.linear_predictor
        doubtful = not fit.converged or (not firth and (fit.separated or float(np.abs(logit).max()) > FAR))
    return ScoreFit(fit.coef, fit.se, fit.p, logit, focal, doubtful)


def _shrunk(score: Score, X: np.ndarray, focal: np.ndarray, fold_key: np.ndarray, place: str, grouped: Any) -> ScoreFit:
    smaller = min(int(focal.sum()), int((~focal).sum()))
    if smaller < FEWEST:
        message = f"an arm has {smaller} patients with a score, too few to choose a penalty by cross-validation"
        raise DataError(Fault(place, "too few patients", f"{message}; take fit: firth or ml"))
    fold = dealt(score, focal, fold_key)
    fit = stats.penalised_logistic(focal, X, score.fit, rule=score.penalty, fold=fold, indicators=grouped)
    if not fit.coef[1:].any():
        message = (
            "the penalty that was chosen leaves no covariate in the score, so that it tells nobody apart and no design can be "
            f"made of it; take {'penalty: min, or ' if score.penalty == '1se' else ''}fit: ridge, firth or ml"
        )
        raise DataError(Fault(place, "empty score", message))
    own, more = fit.coef[: X.shape[1] + 1], fit.coef[X.shape[1] + 1 :]
    none = np.full(own.size, np.nan)
    predictor = own[0] + X @ own[1:]
    if grouped is not None:
        predictor = predictor + grouped @ more
    return ScoreFit(own, none, none, predictor, focal, strength=float(fit.penalty[fit.chosen]), grouped=more)


def dealt(score: Score, focal: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Each arm dealt apart in the order of the key, so that neither the order of rows nor the name of an arm decides."""
    fold = np.empty(len(focal), dtype=int)
    for arm in (focal, ~focal):
        who = np.flatnonzero(arm)
        fold[who[np.argsort(key[who], kind="stable")]] = np.arange(len(who)) % score.folds
    return fold


def fold_keys(rank: np.ndarray, seed: int) -> np.ndarray:
    """A drawn number for each patient. rank: his place in the order of identifiers."""
    return np.random.default_rng(seed).random(len(rank))[rank]
