"""Cox models: the treatment effect in a design, and predictors one at a time and together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import chdtrc

from equipoise import stats
from equipoise.encoding import ModelMatrix, in_steps, model_matrix
from equipoise.estimate.estimable import all_usable, sparse_terms, usable, why_not
from equipoise.estimate.pair_bootstrap import pair_bootstrap_rows
from equipoise.estimate.survival import Setting
from equipoise.protocol.spec import TREATMENT
from equipoise.records import Covariates, Row, Sample
from equipoise.records.reasons import not_estimable


def treatment_rows(s: Setting, tie_orders: tuple[np.ndarray, ...] = ()) -> Iterator[Row]:
    """The hazard ratio of each arm that is not the reference, of several arms from one model with a P of all: plain in an
    unadjusted design; in a matched one with the variance clustered on pairs, and stratified by pair as a sensitivity analysis; in
    a weighted one with the robust variance; a penalised estimate beside it where an arm is sparse. Then the proportional-hazards
    test. None of a single arm.

    tie_orders: the pairs again under drawn orders of the tied. Of a weighted sample there is no penalised estimate and no test of
    proportional hazards: both take weights for numbers of patients, so that their P would depend on the scale of the weights.
    """
    if s.protocol.arms.single:
        return
    strata, s = strata_words(s, s.mask), with_stratum(s)
    arms, treated = s.protocol.arms, treatment_columns(s)[s.mask]
    if s.n_events == 0 or not s.arm(arms.reference).n or not treated.any():
        return
    time, event = s.outcome.time[s.mask], s.outcome.event[s.mask]
    fit = cox(s, treated, s.sample)
    kind = f"{s.sample.words.hazard_ratio}{strata}"
    for k, contrast in enumerate(arms.contrasts.values()):
        why = "" if usable(fit, k) else _why_no_effect(s, fit, s.mask, k)
        yield from _hazard_ratio(s, fit, k, "cox", f"{fit.method}; {kind}", why, contrast=contrast)
    matrix = model_matrix(s.protocol, s.cohort, None, [TREATMENT])
    yield from _sparse_rows(s, matrix, s.mask, "cox", list(arms.contrasts.values()))
    if arms.several:
        yield from _all_arms(s, fit)
    if tie_orders and usable(fit, 0):
        yield _tie_orders(s, fit, tie_orders)
    if s.sample.paired and s.sample.population == "all":
        pair = s.sample.pair[s.mask]
        within = stats.cox(time, event, treated, ties=s.protocol.cox.ties, strata=pair, conf_level=s.protocol.level)
        why = "" if usable(within, 0) else _why_no_effect(s, within, s.mask)
        method = f"{within.method}; conditional on pairs"
        yield from _hazard_ratio(s, within, 0, "cox_pair_stratified", method, why, contrast=arms.contrast)
        yield from pair_bootstrap_rows(s, fit, treated)
    if not arms.several:
        yield from _class_rows(s, treated)
    if all_usable(fit) and not s.sample.weighted:
        yield from _ph_rows(s, _fit(s, treatment_columns(s), s.mask), "ph_test", [TREATMENT])


def treatment_columns(s: Setting) -> np.ndarray:
    """1 in each arm that is not the reference, else 0; shape (patients of the cohort, arms - 1)."""
    return model_matrix(s.protocol, s.cohort, None, [TREATMENT]).X


def _all_arms(s: Setting, fit: stats.CoxFit) -> Iterator[Row]:
    """Whether any arm differs: the Wald test of all coefficients together, with the variance of the fit."""
    base = {"analysis": "cox_all_arms", "n": float(fit.n), "events": float(fit.n_events)}
    method = f"Wald test of {len(fit.coef)} hazard ratios together{', robust variance' if fit.robust_se is not None else ''}"
    chi2 = p = float("nan")
    if all_usable(fit):
        chi2 = float(fit.coef @ np.linalg.solve(fit.covariance, fit.coef))
        p = float(chdtrc(len(fit.coef), chi2))
    else:
        method = not_estimable("a hazard ratio has no estimate", method)
    yield s.row("chi2", chi2, method=method, **base)
    yield s.row("p", p, method=method, **base)


def _class_rows(s: Setting, treated: np.ndarray) -> Iterator[Row]:
    """Of a design in classes of the score the hazard ratio within classes, without weights."""
    if s.sample.paired or s.sample.stratum is None or s.sample.population != "all":
        return
    code = np.unique(s.sample.stratum[s.mask], return_inverse=True)[1]
    by = strata_of(s.sample)
    if by is not None:
        code = code * (int(by.max()) + 1) + by
    time, event = s.outcome.time[s.mask], s.outcome.event[s.mask]
    within = stats.cox(time, event, treated, ties=s.protocol.cox.ties, strata=code, conf_level=s.protocol.level)
    why = "" if usable(within, 0) else _why_no_effect(s, within, s.mask)
    also = f" and {', '.join(s.protocol.cox.strata)}" if by is not None else ""
    method = f"{within.method}; conditional on the class of the score{also}, without weights"
    yield from _hazard_ratio(s, within, 0, "cox_class_stratified", method, why, contrast=s.protocol.arms.contrast)


def cox(s: Setting, X: np.ndarray, sample: Sample) -> stats.CoxFit:
    """A Cox model of the patients of a sample with its weights, its strata and the variance that its clusters ask for. X: their
    rows."""
    return stats.cox(
        s.outcome.time[sample.include], s.outcome.event[sample.include], X, ties=s.protocol.cox.ties, weight=sample.weights,
        cluster=sample.clusters, strata=strata_of(sample), conf_level=s.protocol.level,
    )  # fmt: skip


def with_stratum(s: Setting) -> Setting:
    """Without those whose stratum is unknown."""
    return s if s.sample.baseline_hazard is None else s.among(s.sample.baseline_hazard >= 0)


def strata_of(sample: Sample) -> np.ndarray | None:
    """Of those who count, in their order; None where all share one baseline hazard."""
    return None if sample.baseline_hazard is None else sample.baseline_hazard[sample.include]


def strata_words(s: Setting, keep: np.ndarray) -> str:
    """`, stratified by site`, and how many of these patients have no stratum and, as in R, are left out."""
    if s.sample.baseline_hazard is None:
        return ""
    unknown = int((s.sample.baseline_hazard[keep] < 0).sum())
    left = f" ({unknown} without it left out)" if unknown else ""
    return f", stratified by {', '.join(s.protocol.cox.strata)}{left}"


def _tie_orders(s: Setting, fit: stats.CoxFit, tie_orders: tuple[np.ndarray, ...]) -> Row:
    """The hazard ratio, and in place of limits the least and the largest over the drawn orders of tied patients."""
    treated = s.cohort.in_arm(s.protocol.arms.compared).astype(float)[:, None]
    found = []
    for pair in tie_orders:
        keep = pair > 0
        if s.outcome.event[keep].any():
            other = _fit(s, treated, keep)
            found += [float(other.hr[0])] if usable(other, 0) else []
    method = f"{fit.method}; low and high: range over {len(tie_orders)} drawn orders of tied patients"
    low, high = (min(found), max(found)) if found else (float("nan"), float("nan"))
    return s.row("hr", fit.hr[0], low=low, high=high, analysis="tie_orders", contrast=s.protocol.arms.contrast, method=method)


def _why_no_effect(s: Setting, fit: stats.CoxFit, keep: np.ndarray, k: int = 0) -> str:
    """Why an arm, or of two the arms, have no hazard ratio among these patients."""
    matrix = model_matrix(s.protocol, s.cohort, None, [TREATMENT])
    why = why_not(s.protocol, matrix, keep, s.outcome.event[keep], fit, k)
    return "no pair tells the arms apart" if fit.aliased[k] and not s.protocol.arms.several else why


def _hazard_ratio(
    s: Setting, fit: stats.CoxFit, k: int, analysis: str, method: str, why: str = "", **where: str
) -> Iterator[Row]:
    """hr and p of coefficient k; why: the reason that it has none; where: its contrast, or variable and level."""
    base = {"analysis": analysis, "n": float(fit.n), "events": float(fit.n_events), **where}
    if why:
        yield s.row("hr", float("nan"), method=not_estimable(why, method), **base)
        yield s.row("p", float("nan"), method=not_estimable(why, method), **base)
        return
    yield s.row("hr", fit.hr[k], low=float(fit.low[k]), high=float(fit.high[k]), method=method, **base)
    yield s.row("p", fit.p[k], method="Wald test", **base)


def _terms(s: Setting, matrix: ModelMatrix, keep: np.ndarray, fit: stats.CoxFit, analysis: str, method: str) -> Iterator[Row]:
    """Every term of a model, contrasts of levels where their reference has no estimate, and penalised rows of sparse terms."""
    event = s.outcome.event[keep]
    for k, (variable, level) in enumerate(matrix.terms):
        why = "" if usable(fit, k) else why_not(s.protocol, matrix, keep, event, fit, k)
        yield from _hazard_ratio(s, fit, k, analysis, method, why, variable=variable, level=level)
    yield from _contrasts(s, matrix, keep, fit, f"{analysis}_contrast", method)
    yield from _sparse_rows(s, matrix, keep, analysis)


def _contrasts(s: Setting, matrix: ModelMatrix, keep: np.ndarray, fit: stats.CoxFit, analysis: str, method: str) -> Iterator[Row]:
    """Levels against the first level that they can be compared with, where the reference level has no event."""
    lost = [k for k in range(len(matrix.terms)) if not usable(fit, k) and not fit.aliased[k]]
    while lost and fit.converged:
        first, found = lost.pop(0), []
        for k in lost:
            if matrix.terms[k][0] == matrix.terms[first][0]:
                weights = np.zeros(len(matrix.terms))
                weights[k], weights[first] = 1.0, -1.0
                contrast = fit.contrast(weights)
                if contrast.estimable:
                    found.append(k)
                    yield from _contrast(s, matrix, fit, contrast, k, first, analysis, method)
        lost = [k for k in lost if k not in found]


def _contrast(
    s: Setting, matrix: ModelMatrix, fit: stats.CoxFit, c: stats.Contrast, k: int, first: int, analysis: str, method: str
) -> Iterator[Row]:
    variable, level = matrix.terms[k]
    other = matrix.terms[first][1]
    base = {"analysis": analysis, "n": float(fit.n), "events": float(fit.n_events), "variable": variable, "level": level}
    base["contrast"] = f"{level} vs {other}"
    yield s.row("hr", c.hr, low=c.low, high=c.high, method=f"{method}; the reference level has no estimate", **base)
    yield s.row("p", c.p, method="Wald test", **base)


def _ph_rows(s: Setting, fit: stats.CoxFit, analysis: str, names: list[str]) -> Iterator[Row]:
    test = fit.ph_test(transform="km")
    method = "score test of proportional hazards, Kaplan-Meier time"
    yield s.row("p", test.global_p, analysis=analysis, variable=names[0] if len(names) == 1 else "all", method=method)


def univariable_rows(s: Setting, covariates: Covariates, names: list[str]) -> Iterator[Row]:
    """One Cox model per variable, all patients with a value; and whether its P is below alpha (the screening rule)."""
    for name in names:
        matrix = in_steps(s.protocol, model_matrix(s.protocol, s.cohort, covariates, [name]))
        keep = s.mask & matrix.complete
        if s.outcome.event[keep].sum() == 0:
            continue
        fit = _fit(s, matrix.X, keep, stratified=False)
        yield from _terms(s, matrix, keep, fit, "cox_univariable", f"{fit.method}; univariable")
        p = np.array([fit.p[k] for k in range(len(matrix.terms)) if usable(fit, k)])
        selected = bool(len(p)) and float(p.min()) < s.protocol.conventions.alpha
        yield s.row("selected", float(selected), analysis="screening", variable=name, method="univariable P below alpha")


def multivariable_rows(s: Setting, covariates: Covariates, names: list[str]) -> Iterator[Row]:
    """One Cox model of all variables together, complete cases; events per coefficient; the global PH test."""
    strata, s = strata_words(s, s.mask), with_stratum(s)
    matrix = in_steps(s.protocol, model_matrix(s.protocol, s.cohort, covariates, names))
    keep = s.mask & matrix.complete
    if s.outcome.event[keep].sum() == 0:
        return
    fit = _fit(s, matrix.X, keep)
    yield from _terms(s, matrix, keep, fit, "cox_multivariable", f"{fit.method}; multivariable, conditional{strata}")
    per_variable = float(fit.n_events) / len(matrix.terms)
    yield s.row("events_per_variable", per_variable, analysis="cox_multivariable", n=float(fit.n), events=float(fit.n_events))
    if all_usable(fit):
        yield from _ph_rows(s, fit, "cox_multivariable_ph_test", ["all", "all"])
    if TREATMENT in names and keep.sum() < s.mask.sum():
        yield from _complete_cases(s, keep)


def _complete_cases(s: Setting, keep: np.ndarray) -> Iterator[Row]:
    """The unadjusted hazard ratio of the patients whom a model of complete cases rests on, to stand beside it."""
    arms, treated = s.protocol.arms, treatment_columns(s)
    if not s.arm(arms.reference).among(keep).n or not treated[keep].any() or not s.outcome.event[keep].any():
        return
    fit = _fit(s, treated, keep)
    method = f"{fit.method}; unadjusted hazard ratio of the patients of the multivariable model"
    for k, contrast in enumerate(arms.contrasts.values()):
        why = "" if usable(fit, k) else _why_no_effect(s, fit, keep, k)
        yield from _hazard_ratio(s, fit, k, "cox_complete_cases", method, why, contrast=contrast)


def _sparse_rows(
    s: Setting, matrix: ModelMatrix, keep: np.ndarray, analysis: str, contrasts: list[str] | None = None
) -> Iterator[Row]:
    """Firth's penalised estimate with profile limits for terms with a level of few patients or no event.

    The maximum-likelihood row stays in the results, beside it; the rows of the other terms are never replaced. contrasts: of the
    terms, where the rows stand for them and not for a variable and level. Pairs of a matched design cannot be told apart.
    """
    sparse = {} if s.sample.weighted else sparse_terms(s.protocol, matrix, keep, s.outcome.event[keep])
    if not sparse:
        return
    fit = _fit(s, matrix.X, keep, stratified=analysis != "cox_univariable", firth=True)
    wanted = [k for k in sparse if usable(fit, k)]
    low, high = fit.profile_limits(columns=wanted)
    p = fit.profile_p(wanted)
    for k in wanted:
        variable, level = matrix.terms[k]
        base = {"analysis": f"{analysis}_firth", "n": float(fit.n), "events": float(fit.n_events)}
        base |= {"contrast": contrasts[k]} if contrasts else {"variable": variable, "level": level}
        pairs = " without regard to pairs" if s.sample.paired else ""
        method = f"Firth's penalized likelihood{pairs}, profile limits: {sparse[k]}"
        yield s.row("hr", fit.hr[k], low=float(low[k]), high=float(high[k]), method=method, **base)
        yield s.row("p", p[k], method="penalized likelihood-ratio test", **base)


def _fit(s: Setting, X: np.ndarray, keep: np.ndarray, stratified: bool = True, firth: bool = False) -> stats.CoxFit:
    """A model of these patients each for himself, without weights. X: a row per patient of the cohort."""
    strata = s.sample.baseline_hazard if stratified else None
    return stats.cox(
        s.outcome.time[keep], s.outcome.event[keep], X[keep], ties=s.protocol.cox.ties, firth=firth,
        strata=None if strata is None else strata[keep], conf_level=s.protocol.level,
    )  # fmt: skip
