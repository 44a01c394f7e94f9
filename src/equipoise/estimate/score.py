"""The propensity score as rows: its coefficients, and who keeps a score that a penalty alone makes finite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from equipoise import stats
from equipoise.protocol.missing import INDICATOR
from equipoise.protocol.score import FIRTH, LASSO, ML, Score
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Design, Row

RULES = {"min": "least deviance", "1se": "strongest within a standard error of the least deviance"}
FINITE = "the penalty alone makes their score finite"


def score_rows(protocol: Protocol, cohort: Cohort, design: Design) -> Iterator[Row]:
    """Coefficients and odds ratios of a design's score, limits and P of maximum likelihood alone; a term without a coefficient
    has the reason. Then who has no counterpart and a score all the same, by arm."""
    if isinstance(design.model.fit, stats.MultinomialFit):
        yield from _multinomial_model(protocol, design)
        return
    model = design.model
    method = f"logistic regression of the focal arm, {how(model.score, model.fit.strength)}, "
    method += "missing values by indicators" if protocol.missing.rule == INDICATOR else "complete cases"
    if model.gaps:
        method += " with a counterpart in the other arm"
    n = float(model.matrix.complete.sum())
    for k, (variable, level) in enumerate([("intercept", ""), *model.matrix.terms]):
        base = Row("design", "coef", float(model.fit.coef[k]), design=design.name, analysis="propensity", variable=variable,
                   level=level, n=n, method=method)  # fmt: skip
        yield from _coefficient(protocol, model.score, base, float(model.fit.se[k]), float(model.fit.p[k]))
    for variable, level, why in model.absent:
        part = {"phase": "design", "design": design.name, "analysis": "propensity", "variable": variable, "level": level}
        for statistic in ("coef", "se", "odds_ratio", "p") if model.score.fit == ML else ("coef", "odds_ratio"):
            yield Row(**part, statistic=statistic, value=float("nan"), n=n, method=f"not estimable: {why}")
    yield from _finite_by_penalty(protocol, cohort, design)


def how(score: Score, strength: float) -> str:
    """`maximum likelihood`, `LASSO penalty 0.0123 (least deviance in 10-fold cross-validation, seed 1)`."""
    if not score.shrunk:
        return "Firth's penalized likelihood" if score.fit == FIRTH else "maximum likelihood"
    name = "LASSO" if score.fit == LASSO else "ridge"
    return f"{name} penalty {strength:.4g} ({RULES[score.penalty]} in {score.folds}-fold cross-validation, seed {score.seed})"


def _coefficient(protocol: Protocol, score: Score, base: Row, se: float, p: float) -> Iterator[Row]:
    yield base
    if score.fit == ML:
        yield replace(base, statistic="se", value=se)
    if base.variable == "intercept":
        return
    z = stats.two_sided_z(protocol.level) if score.fit == ML else float("nan")
    low, high = (float(np.exp(base.value + s * z * se)) for s in (-1, 1))
    yield replace(base, statistic="odds_ratio", value=float(np.exp(base.value)), low=low, high=high)
    if score.fit == ML:
        yield replace(base, statistic="p", value=p, method="Wald test")


def _finite_by_penalty(protocol: Protocol, cohort: Cohort, design: Design) -> Iterator[Row]:
    n = {arm: float(cohort.in_arm(arm).sum()) for arm in protocol.arms.groups}
    base = Row("design", "n", 0.0, design=design.name, method=f"each patient counted under the first that applies; {FINITE}")
    for gap in design.model.one_sided:
        part = {"variable": " + ".join(gap.variables), "level": gap.level, "group": gap.arm, "n": n[gap.arm]}
        yield replace(base, analysis="one_sided", value=float(gap.n), **part)
    apart = design.model.told_apart
    method = f"patients with every level shared whom the columns tell apart for certain; {FINITE}"
    for arm in protocol.arms.groups if apart.any() else ():
        k = float((apart & cohort.in_arm(arm)).sum())
        yield replace(base, statistic="value", variable="told_apart", value=k, group=arm, n=n[arm], method=method)


def _multinomial_model(protocol: Protocol, design: Design) -> Iterator[Row]:
    """Odds ratios of each arm against the reference, with Wald limits."""
    model = design.model
    n, z = float(model.matrix.complete.sum()), stats.two_sided_z(protocol.level)
    patients = "missing values by indicators" if protocol.missing.rule == INDICATOR else "complete cases"
    method = f"multinomial logistic regression of the arm, maximum likelihood, {patients}"
    for arm, coefs, ses in zip(model.arms[1:], model.fit.coef, model.fit.se, strict=True):
        base = {
            "phase": "design",
            "design": design.name,
            "analysis": "propensity",
            "contrast": protocol.arms.contrasts[arm],
            "n": n,
        }
        for (variable, level), coef, se in zip([("intercept", ""), *model.matrix.terms], coefs, ses, strict=True):
            where = {**base, "variable": variable, "level": level}
            known = np.isfinite(se)
            told = method if known else "not estimable: given by the other covariates"
            coef = float(coef) if known else float("nan")
            yield Row(**where, statistic="coef", value=coef, method=told)
            yield Row(**where, statistic="se", value=float(se), method=told)
            if variable != "intercept":
                low, high = (float(np.exp(coef + s * z * se)) for s in (-1, 1))
                yield Row(**where, statistic="odds_ratio", value=float(np.exp(coef)), low=low, high=high, method=told)
                p = float(2 * ndtr(-abs(coef / se))) if known else float("nan")
                yield Row(**where, statistic="p", value=p, method="Wald test" if known else told)
