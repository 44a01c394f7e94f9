"""Cox models: the treatment effect in a design, and predictors one at a time and together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.encoding import ModelMatrix, model_matrix
from equipoise.estimate.survival import Setting
from equipoise.protocol.spec import TREATMENT
from equipoise.records import Covariates, Row

NOT_ESTIMABLE = "not estimable"
SPARSE = 5  # a group of fewer patients is sparse: its Wald limits are not to be trusted


def treatment_rows(s: Setting) -> Iterator[Row]:
    """The hazard ratio of the compared arm: plain in an unadjusted design; in a matched one with the variance clustered on
    pairs, and stratified by pair as a sensitivity analysis. Then the proportional-hazards test. None of a single arm."""
    if s.protocol.arms.single:
        return
    treated = s.cohort.in_arm(s.protocol.arms.compared).astype(float)[s.mask, None]
    if s.n_events == 0 or len(np.unique(treated)) < 2:
        return
    time, event = s.outcome.time[s.mask], s.outcome.event[s.mask]
    pair = s.design.pair[s.mask]
    cluster = pair if s.design.paired else None
    fit = stats.cox(time, event, treated, ties=s.protocol.cox.ties, cluster=cluster)
    kind = "marginal hazard ratio (matched), variance clustered on pairs" if s.design.paired else "unadjusted hazard ratio"
    yield from _hazard_ratio(s, fit, 0, "cox", f"{fit.method}; {kind}")
    if s.design.tie_orders and s.population == "all" and fit.estimable[0]:
        yield _tie_orders(s, fit)
    if s.design.paired and s.population == "all":
        within = stats.cox(time, event, treated, ties=s.protocol.cox.ties, strata=pair)
        yield from _hazard_ratio(s, within, 0, "cox_pair_stratified", f"{within.method}; conditional on pairs")
    if fit.estimable[0]:
        yield from _ph_rows(s, stats.cox(time, event, treated, ties=s.protocol.cox.ties), "ph_test", [TREATMENT])


def _tie_orders(s: Setting, fit: stats.CoxFit) -> Row:
    """The hazard ratio, and in place of limits the least and the largest over the drawn orders of tied patients."""
    treated = s.cohort.in_arm(s.protocol.arms.compared).astype(float)[:, None]
    found = []
    for pair in s.design.tie_orders:
        keep = pair > 0
        if s.outcome.event[keep].any():
            other = _fit(s, treated, keep)
            found += [float(other.hr[0])] if other.estimable[0] else []
    method = f"{fit.method}; low and high: range over {len(s.design.tie_orders)} drawn orders of tied patients"
    low, high = (min(found), max(found)) if found else (float("nan"), float("nan"))
    return s.row("hr", fit.hr[0], low=low, high=high, analysis="tie_orders", contrast=s.protocol.arms.contrast, method=method)


def _hazard_ratio(s: Setting, fit: stats.CoxFit, k: int, analysis: str, method: str, **where: str) -> Iterator[Row]:
    contrast = {} if where else {"contrast": s.protocol.arms.contrast}
    base = {"analysis": analysis, "n": float(fit.n), "events": float(fit.n_events), **contrast, **where}
    if not fit.estimable[k]:
        yield s.row("hr", float("nan"), method=f"{NOT_ESTIMABLE}: {method}", **base)
        yield s.row("p", float("nan"), method=f"{NOT_ESTIMABLE}: {method}", **base)
        return
    yield s.row("hr", fit.hr[k], low=float(fit.low[k]), high=float(fit.high[k]), method=method, **base)
    yield s.row("p", fit.p[k], method="Wald test", **base)


def _ph_rows(s: Setting, fit: stats.CoxFit, analysis: str, names: list[str]) -> Iterator[Row]:
    test = fit.ph_test(transform="km")
    method = "score test of proportional hazards, Kaplan-Meier time"
    yield s.row("p", test.global_p, analysis=analysis, variable=names[0] if len(names) == 1 else "all", method=method)


def univariable_rows(s: Setting, covariates: Covariates, names: list[str]) -> Iterator[Row]:
    """One Cox model per variable, all patients with a value; and whether its P is below alpha (the screening rule)."""
    for name in names:
        matrix = model_matrix(s.protocol, s.cohort, covariates, [name])
        keep = s.mask & matrix.complete
        if s.outcome.event[keep].sum() == 0:
            continue
        fit = _fit(s, matrix.X, keep)
        for k, (variable, level) in enumerate(matrix.terms):
            yield from _hazard_ratio(s, fit, k, "cox_univariable", f"{fit.method}; univariable", variable=variable, level=level)
        yield from _sparse_rows(s, matrix, keep, "cox_univariable")
        p = fit.p[fit.estimable]
        selected = bool(len(p)) and float(p.min()) < s.protocol.conventions.alpha
        yield s.row("selected", float(selected), analysis="screening", variable=name, method="univariable P below alpha")


def multivariable_rows(s: Setting, covariates: Covariates, names: list[str]) -> Iterator[Row]:
    """One Cox model of all variables together, complete cases; events per coefficient; the global PH test."""
    matrix = model_matrix(s.protocol, s.cohort, covariates, names)
    keep = s.mask & matrix.complete
    if s.outcome.event[keep].sum() == 0:
        return
    fit = _fit(s, matrix.X, keep)
    for k, (variable, level) in enumerate(matrix.terms):
        yield from _hazard_ratio(
            s, fit, k, "cox_multivariable", f"{fit.method}; multivariable, conditional", variable=variable, level=level
        )
    yield from _sparse_rows(s, matrix, keep, "cox_multivariable")
    per_variable = float(fit.n_events) / len(matrix.terms)
    yield s.row("events_per_variable", per_variable, analysis="cox_multivariable", n=float(fit.n), events=float(fit.n_events))
    if fit.estimable.all():
        yield from _ph_rows(s, fit, "cox_multivariable_ph_test", ["all", "all"])
    if TREATMENT in names and keep.sum() < s.mask.sum():
        yield from _complete_cases(s, keep)


def _complete_cases(s: Setting, keep: np.ndarray) -> Iterator[Row]:
    """The unadjusted hazard ratio of the patients whom a model of complete cases rests on, to stand beside it."""
    treated = s.cohort.in_arm(s.protocol.arms.compared).astype(float)[keep, None]
    if len(np.unique(treated)) == 2:
        fit = stats.cox(s.outcome.time[keep], s.outcome.event[keep], treated, ties=s.protocol.cox.ties)
        method = f"{fit.method}; unadjusted hazard ratio of the patients of the multivariable model"
        yield from _hazard_ratio(s, fit, 0, "cox_complete_cases", method)


def _sparse_rows(s: Setting, matrix: ModelMatrix, keep: np.ndarray, analysis: str) -> Iterator[Row]:
    """Firth's penalised estimate with profile limits for indicator terms of which one side has fewer than SPARSE patients.

    The maximum-likelihood row stays in the results, beside it.
    """
    X = matrix.X[keep]
    sizes = [_smaller_group(X[:, k]) for k in range(X.shape[1])]
    sparse = [k for k, n in enumerate(sizes) if 0 < n < SPARSE]  # 0: everybody is alike, and no penalty tells them apart
    if not sparse:
        return
    fit = stats.cox(s.outcome.time[keep], s.outcome.event[keep], X, ties=s.protocol.cox.ties, firth=True)
    low, high = fit.profile_limits()
    for k in sparse:
        variable, level = matrix.terms[k]
        base = {
            "analysis": f"{analysis}_firth",
            "variable": variable,
            "level": level,
            "n": float(fit.n),
            "events": float(fit.n_events),
        }
        method = (
            f"Firth's penalised likelihood, profile limits: only {sizes[k]} patient{'' if sizes[k] == 1 else 's'} in one group"
        )
        yield s.row("hr", fit.hr[k], low=float(low[k]), high=float(high[k]), method=method, **base)
        yield s.row("p", fit.p[k], method="Wald test of the penalised estimate", **base)


def _smaller_group(x: np.ndarray) -> int:
    """Patients in the smaller group of an indicator; the number of patients for any other column."""
    if not np.isin(x, (0.0, 1.0)).all():
        return len(x)
    ones = int(x.sum())
    return min(ones, len(x) - ones)


def _fit(s: Setting, X: np.ndarray, keep: np.ndarray) -> stats.CoxFit:
    return stats.cox(s.outcome.time[keep], s.outcome.event[keep], X[keep], ties=s.protocol.cox.ties)
