"""The propensity score: the probability of the focal arm given the declared covariates, by logistic regression."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equipoise import stats
from equipoise.design.indicator import score_view
from equipoise.design.overlap import combination, level_gaps, separating, without_counterpart
from equipoise.encoding import ModelMatrix, model_matrix
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Gap

NO_COMPLETE_CASE = "no complete case"  # rule of a fault: what the data lack, not what the design asks for
FAR = 12.0  # a linear predictor beyond it makes us ask whether the likelihood has a maximum at all


@dataclass(frozen=True, slots=True)
class Propensity:
    """propensity, logit: per patient, nan where a covariate is missing or nobody of the other arm is like the patient. matrix:
    the columns that were fitted; complete: the patients they were fitted to. gaps: who has no counterpart. absent: terms without
    a coefficient, with the reason. missing: patients with a covariate missing."""

    propensity: np.ndarray
    logit: np.ndarray
    matrix: ModelMatrix
    fit: stats.LogisticFit
    covariates: tuple[str, ...]
    missing: np.ndarray
    gaps: tuple[Gap, ...] = ()
    absent: tuple[tuple[str, str, str], ...] = ()

    @property
    def events_per_coefficient(self) -> float:
        """Patients of the smaller arm per coefficient of the score."""
        smaller = min(self.fit.n_events, self.fit.n - self.fit.n_events)
        return smaller / len(self.matrix.terms) if self.matrix.terms else float("nan")


def fit_propensity(protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], place: str) -> Propensity:
    """Maximum likelihood on the complete cases who have a counterpart in the other arm; no penalty. Under `missing: indicator` a
    missing value is a level of its own, and nobody lacks a score for it.

    Raises DataError where covariates tell the arms apart completely. place: of the covariates in the protocol.
    """
    view = score_view(protocol, covariates, names)
    fitted = _fitted_to(view.protocol, cohort, view.covariates, list(view.names), place)
    matrix = replace(fitted.matrix, terms=tuple(view.term(*term) for term in fitted.matrix.terms))
    absent = tuple((*view.term(variable, level), why) for variable, level, why in fitted.absent)
    gaps = tuple(view.gap(gap) for gap in fitted.gaps)
    return replace(fitted, matrix=matrix, covariates=tuple(names), absent=absent, gaps=gaps)


def _fitted_to(protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], place: str) -> Propensity:
    whole = model_matrix(protocol, cohort, covariates, names)
    focal = cohort.in_arm(protocol.arms.focal)
    kept, gaps = whole.complete.copy(), []
    _refuse_empty(protocol, covariates, names, focal, kept, place)
    _refuse_separation(protocol, covariates, names, focal, kept, place)
    while True:
        kept, more = level_gaps(protocol, cohort, covariates, names, kept)
        gaps += more
        _refuse_separation(protocol, covariates, names, focal, kept, place)
        matrix, absent = _fitted_columns(whole, kept)
        X = matrix.X[kept]
        fit = _fit(X, focal[kept])
        if not _doubtful(fit):
            break
        apart = without_counterpart(X, focal[kept])
        if not apart.any():
            break
        together = combination(X, [v for v, _ in matrix.terms], focal[kept], int(apart.sum()))
        rest = focal[kept][~apart]
        if rest.all() or not rest.any():
            raise DataError(_separated(protocol, list(together), place))
        lost = np.flatnonzero(kept)[apart]
        for arm in (protocol.arms.focal, protocol.arms.other):
            n = int(cohort.in_arm(arm)[lost].sum())
            gaps += [Gap(together, "", arm, n)] if n else []
        kept[lost] = False
    propensity, logit = np.full(cohort.n, np.nan), np.full(cohort.n, np.nan)
    propensity[kept], logit[kept] = fit.fitted, fit.linear_predictor
    return Propensity(propensity, logit, matrix, fit, tuple(names), ~whole.complete, tuple(gaps), absent)


def _fit(X: np.ndarray, focal: np.ndarray) -> stats.LogisticFit:
    with np.errstate(all="ignore"):  # where the likelihood has no maximum, the fit is thrown away
        return stats.logistic(focal.astype(float), X)


def _doubtful(fit: stats.LogisticFit) -> bool:
    return fit.separated or not fit.converged or float(np.abs(fit.linear_predictor).max()) > FAR


def _fitted_columns(whole: ModelMatrix, kept: np.ndarray) -> tuple[ModelMatrix, tuple[tuple[str, str, str], ...]]:
    """The columns that vary among the kept patients. Where nobody kept has the first level of a variable, its next level is the
    reference; the terms that fall away come with the reason."""
    absent: list[tuple[str, str, str]] = []
    use: list[int] = []
    for variable in dict.fromkeys(v for v, _ in whole.terms):
        columns = [k for k, (v, _) in enumerate(whole.terms) if v == variable]
        X = whole.X[kept][:, columns]
        varies = X.max(axis=0) > X.min(axis=0)
        absent += [(*whole.terms[k], "nobody to compare") for k, v in zip(columns, varies, strict=True) if not v]
        columns = [k for k, v in zip(columns, varies, strict=True) if v]
        if whole.terms[columns[0]][1] if columns else False:
            moved = whole.X[kept][:, columns].sum(axis=1).min() == 1  # the reference level is gone
            if moved:
                absent.append((*whole.terms[columns[0]], "reference level among these patients"))
                columns = columns[1:]
        use += columns
    terms = tuple(whole.terms[k] for k in use)
    return replace(whole, X=whole.X[:, use], terms=terms, complete=kept.copy()), tuple(absent)


def _refuse_empty(
    protocol: Protocol, covariates: Covariates, names: list[str], focal: np.ndarray, kept: np.ndarray, place: str
) -> None:
    for arm, mine in ((protocol.arms.focal, focal), (protocol.arms.other, ~focal)):
        if (kept & mine).any():
            continue
        unknown = [n for n in names if covariates.missing(n)[mine].all()]
        listed = ", ".join(protocol.covariates[n].label for n in unknown or names)
        what = f"{listed} is not recorded for any patient" if len(unknown) == 1 else f"no patient has all of {listed} recorded"
        advice = "so that nobody there has a propensity score; leave out of the score what is not recorded"
        message = f"in the arm {protocol.arms.label(arm)} {what}, {advice}"
        raise DataError(Fault(place, NO_COMPLETE_CASE, message))


def _refuse_separation(
    protocol: Protocol, covariates: Covariates, names: list[str], focal: np.ndarray, kept: np.ndarray, place: str
) -> None:
    faults = [_separated(protocol, [n], place) for n in separating(protocol, covariates, names, focal, kept)]
    if faults:
        raise DataError(faults)


def _separated(protocol: Protocol, names: list[str], place: str) -> Fault:
    labels = [f"'{n}' ({protocol.covariates[n].label})" for n in names]
    if len(names) == 1:
        what = f"the covariate {labels[0]} separates the arms completely: whoever knows it knows the treatment"
    else:
        what = (
            f"the covariates {', '.join(labels[:-1])} and {labels[-1]} together separate the arms completely: whoever knows them "
            "knows the treatment"
        )
    them = "it" if len(names) == 1 else "one of them"
    message = (
        f"{what}, so no patient has a counterpart in the other arm and this design cannot be made. Leave {them} out of the "
        "propensity score if treatment was not chosen by it, or compare the arms as they are (design: none)"
    )
    return Fault(place, "no overlap", message)


def score_sd(score: np.ndarray, focal: np.ndarray, kind: str) -> float:
    """SD of the score that the caliper is a multiple of.

    whole_sample: of all patients (MatchIt). pooled: sqrt of the mean of the arms' variances (Austin 2011; SAS PSMATCH); nan where
    an arm has fewer than two patients with a score.
    """
    known = ~np.isnan(score)
    if kind == "whole_sample":
        return float(np.std(score[known], ddof=1))
    if min((known & focal).sum(), (known & ~focal).sum()) < 2:
        return float("nan")
    return float(np.sqrt((np.var(score[known & focal], ddof=1) + np.var(score[known & ~focal], ddof=1)) / 2))
