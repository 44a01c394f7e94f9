"""The propensity score: the probability of the focal arm given the declared covariates, by logistic regression."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from equipoise.design.group_columns import group_columns
from equipoise.design.indicator import ScoreView, score_view
from equipoise.design.overlap import combination, level_gaps, separating, without_counterpart
from equipoise.design.score_columns import DETERMINED, ScoreColumns, score_columns
from equipoise.design.score_fit import ScoreFit, fitted_score, fold_keys, likelihood
from equipoise.design.tie_rank import tie_rank
from equipoise.encoding import ModelMatrix, model_matrix
from equipoise.errors import DataError, Fault
from equipoise.protocol.score import KEEP, LEAVE, ML, Score
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Gap

NO_COMPLETE_CASE = "no complete case"  # rule of a fault: what the data lack, not what the design asks for


@dataclass(frozen=True, slots=True)
class Propensity:
    """propensity, logit: per patient, nan where a covariate is missing or nobody of the other arm is like the patient. matrix:
    the columns that were fitted; complete: the patients they were fitted to. gaps: who has no counterpart. absent: terms without
    a coefficient, with the reason. missing: patients with a covariate missing. one_sided: patients of a level that the other arm
    lacks who keep a score all the same; told_apart: bool per patient, the others whom the columns tell apart for certain."""

    propensity: np.ndarray
    logit: np.ndarray
    matrix: ModelMatrix
    fit: ScoreFit
    covariates: tuple[str, ...]
    missing: np.ndarray
    gaps: tuple[Gap, ...] = ()
    absent: tuple[tuple[str, str, str], ...] = ()
    score: Score = Score()
    one_sided: tuple[Gap, ...] = ()
    told_apart: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=bool))

    @property
    def events_per_coefficient(self) -> float:
        """Patients of the smaller arm per coefficient of the score that is not 0."""
        n = int(self.fit.kept.sum()) + int((self.fit.grouped != 0).sum())
        return self.fit.smaller_arm / n if n else float("nan")

    @property
    def columns(self) -> np.ndarray:
        """Those of the matrix that the score uses."""
        return self.matrix.X[:, self.fit.kept]


def fit_propensity(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, names: list[str], place: str, score: Score | None = None
) -> Propensity:
    """The score of the complete cases who have a counterpart in the other arm. Under `missing: indicator` a missing value is a
    level of its own, and nobody lacks a score for it.

    By maximum likelihood, patients whom the columns tell apart for certain have no counterpart; Firth's likelihood and a penalty
    give them a score, and they are counted. A covariate that tells the arms apart completely is refused whatever the fit.
    Raises DataError there, and as `fitted_score`. place: of the covariates in the protocol. score: maximum likelihood of the
    covariates alone where it is None.
    """
    return _fitted(score_view(protocol, covariates, names), cohort, score or Score(), tuple(names), place)


def _fitted(view: ScoreView, cohort: Cohort, score: Score, declared: tuple[str, ...], place: str) -> Propensity:
    protocol, covariates, names = view.protocol, view.covariates, list(view.names)
    whole = model_matrix(protocol, cohort, covariates, names)
    focal = cohort.in_arm(protocol.arms.focal)
    kept, gaps = whole.complete.copy(), []
    _refuse_empty(protocol, covariates, names, focal, kept, place)
    _refuse_separation(protocol, covariates, names, focal, kept, place)
    shared, one_sided = level_gaps(protocol, cohort, covariates, names, kept) if score.one_sided == KEEP else (kept, [])
    while True:
        if score.one_sided == LEAVE:
            kept, more = level_gaps(protocol, cohort, covariates, names, kept)
            gaps += more
        _refuse_separation(protocol, covariates, names, focal, kept, place)
        columns = score_columns(view, whole, kept, score, place)
        X = columns.X[kept]
        if score.fit != ML:
            grouped = group_columns(covariates, score.groups, kept) if score.groups else None
            fit, apart = _penalised(score, cohort, X, focal, kept, place, grouped)
            break
        fit, apart = likelihood(X, focal[kept]), np.zeros(cohort.n, dtype=bool)
        if not fit.doubtful:
            break
        alone = without_counterpart(X, focal[kept])
        if not alone.any():
            break
        together = combination(X, [c.owners(view) for c in columns.columns], focal[kept], int(alone.sum()))
        rest = focal[kept][~alone]
        if rest.all() or not rest.any():
            raise DataError(_separated(protocol, list(together), place))
        lost = np.flatnonzero(kept)[alone]
        for arm in (protocol.arms.focal, protocol.arms.other):
            n = int(cohort.in_arm(arm)[lost].sum())
            gaps += [Gap(together, "", arm, n)] if n else []
        kept[lost] = False
    columns, fit = _estimated(columns, fit)
    propensity, logit = np.full(cohort.n, np.nan), np.full(cohort.n, np.nan)
    propensity[kept], logit[kept] = fit.fitted, fit.linear_predictor
    return Propensity(
        propensity=propensity,
        logit=logit,
        matrix=replace(whole, X=columns.X, terms=tuple(c.term(view) for c in columns.columns), complete=kept.copy()),
        fit=fit,
        covariates=declared,
        missing=~whole.complete,
        gaps=tuple(view.gap(gap) for gap in gaps),
        absent=tuple((*c.term(view), why) for c, why in columns.absent),
        score=score,
        one_sided=tuple(view.gap(gap) for gap in one_sided),
        told_apart=apart & shared,
    )


def _penalised(
    score: Score, cohort: Cohort, X: np.ndarray, focal: np.ndarray, kept: np.ndarray, place: str, grouped: Any = None
) -> tuple[ScoreFit, np.ndarray]:
    """The fit, and the patients for whom maximum likelihood would have none: bool per patient."""
    keys = fold_keys(tie_rank(cohort, "identifier"), score.seed)[kept] if score.shrunk else np.empty(0)
    fit = fitted_score(score, X, focal[kept], keys, place, grouped)
    apart = np.zeros(cohort.n, dtype=bool)
    if likelihood(X, focal[kept]).doubtful:
        apart[kept] = without_counterpart(X, focal[kept])
    return fit, apart


def _estimated(columns: ScoreColumns, fit: ScoreFit) -> tuple[ScoreColumns, ScoreFit]:
    """Without the columns that earlier ones determine."""
    aliased = np.isnan(fit.coef[1:])
    if not aliased.any():
        return columns, fit
    keep = np.concatenate(([True], ~aliased))
    fit = replace(fit, coef=fit.coef[keep], se=fit.se[keep], p=fit.p[keep])
    return columns.without(aliased, DETERMINED), fit


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
