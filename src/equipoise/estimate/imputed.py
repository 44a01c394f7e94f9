"""The treatment effect over imputations: estimated within each copy of the data and its own designs, then pooled.

Rubin DB. Multiple Imputation for Nonresponse in Surveys. New York: Wiley, 1987. The within approach (a score, a match and weights
of each copy): de Vries BBLP, Groenwold RHH. Stat Methods Med Res 2017;26:2055-2070.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.estimate.effects import cox, strata_words, with_stratum
from equipoise.estimate.estimable import usable
from equipoise.estimate.survival import TOTAL, Setting
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Imputed, Outcomes, Row
from equipoise.records.reasons import not_estimable

ANY = "any"  # in place of a covariate: at least one of them
OVER = "mean over imputations; low and high: the smallest and the largest"


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The log hazard ratio in one copy and its variance. kind: what the hazard ratio is."""

    coef: float
    variance: float
    low: float
    high: float
    n: int
    events: int
    kind: str


def imputation_rows(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, imputed: Imputed, outcomes: Outcomes
) -> Iterator[Row]:
    """What was imputed; then of each declared design its size and balance over the copies, and the hazard ratio of each main
    endpoint, pooled on the log scale and in each copy."""
    yield from _drawn(protocol, cohort, covariates, imputed)
    for name in protocol.designs:
        made = [found[name] for found in imputed.designs if name not in found.unmade]
        if made:
            yield from _sizes(protocol, name, made)
            yield from _balance(name, made)
        for endpoint in protocol.main_endpoints:
            fitted = [_fit(Setting(protocol, cohort, d.sample, endpoint, outcomes.endpoints[endpoint])) for d in made]
            yield from _pooled(protocol, name, endpoint, [f for f in fitted if f is not None], len(imputed.designs))


def _drawn(protocol: Protocol, cohort: Cohort, covariates: Covariates, imputed: Imputed) -> Iterator[Row]:
    """Patients without each covariate, and without any of them; how well the chains mixed."""
    missing = {name: covariates.missing(name) for name in imputed.drawn.names}
    missing[ANY] = np.any(list(missing.values()), axis=0)
    base = {"phase": "design", "analysis": "imputed_values"}
    for name, who in missing.items():
        for group in (TOTAL, *protocol.arms.groups):
            mine = np.ones(cohort.n, dtype=bool) if group == TOTAL else cohort.in_arm(group)
            yield Row(**base, statistic="n", value=float((who & mine).sum()), variable=name, group=group, n=float(mine.sum()))
    for name, ratio in imputed.drawn.settled.items():
        if np.isfinite(ratio):
            method = "potential scale reduction of the means, second half of the passes"
            yield Row(**base, statistic="scale_reduction", value=ratio, variable=name, method=method)


def _sizes(protocol: Protocol, design: str, made: list[Design]) -> Iterator[Row]:
    """Pairs, or effective sample sizes in total and by arm; copies in which the design was made."""
    base = {"phase": "design", "analysis": "imputed", "design": design, "statistic": "value"}
    yield Row(**base, value=float(len(made)), variable="copies", method="imputed data sets in which the design could be made")
    if made[0].paired:
        yield Row(**base, **_over([float(d.facts["pairs"]) for d in made]), variable="pairs", method=OVER)
        return
    for group in (TOTAL, *protocol.arms.groups):
        sizes = [float(d.facts["effective_n"][group]) for d in made]
        yield Row(**base, **_over(sizes), variable="effective_n", group=group, method=f"Kish; {OVER}")


def _over(values: list[float]) -> Mapping[str, float]:
    return {"value": float(np.mean(values)), "low": min(values), "high": max(values)}


def _balance(design: str, made: list[Design]) -> Iterator[Row]:
    """The absolute standardized mean difference of each variable over the copies."""
    for position, first in enumerate(made[0].balance):
        if first.level:
            continue
        sizes = [abs(d.balance[position].smd) for d in made]
        base = {
            "phase": "design",
            "analysis": "imputed_balance",
            "design": design,
            "statistic": "smd",
            "variable": first.variable,
        }
        if not np.isfinite(sizes).all():
            yield Row(**base, value=float("nan"), method=not_estimable("not in every imputed data set", f"absolute; {OVER}"))
            continue
        yield Row(**base, **_over(sizes), method=f"absolute; {OVER}")


def _fit(s: Setting) -> _Fitted | None:
    """The hazard ratio of a design in one copy, with the variance of the design; None where it cannot be had."""
    words = strata_words(s, s.mask)
    s = with_stratum(s)
    treated = s.cohort.in_arm(s.protocol.arms.compared).astype(float)[s.mask, None]
    if s.n_events == 0 or len(np.unique(treated)) < 2:
        return None
    fit = cox(s, treated, s.sample)
    if not usable(fit, 0):
        return None
    kind = f"{fit.method}; {s.sample.words.hazard_ratio}{words.partition(' (')[0]}"
    variance = float(fit.covariance[0, 0])
    return _Fitted(float(fit.coef[0]), variance, float(fit.low[0]), float(fit.high[0]), int(fit.n), int(fit.n_events), kind)


def _pooled(protocol: Protocol, design: str, endpoint: str, fitted: list[_Fitted], copies: int) -> Iterator[Row]:
    base = {"phase": "survival", "design": design, "endpoint": endpoint, "contrast": protocol.arms.contrast}
    one = {**base, "analysis": "cox_imputed"}
    if len(fitted) < copies:
        why = f"in {copies - len(fitted)} of {copies} imputed data sets the design or its hazard ratio could not be made"
        for statistic in ("hr", "p"):
            yield Row(**one, statistic=statistic, value=float("nan"), method=not_estimable(why))
        return
    pooled = stats.rubin([f.coef for f in fitted], [f.variance for f in fitted], conf_level=protocol.level)
    one |= {"n": float(np.mean([f.n for f in fitted])), "events": float(np.mean([f.events for f in fitted]))}
    method = f"{fitted[0].kind}; pooled over {copies} imputed data sets on the log scale by Rubin's rules"
    low, high = float(np.exp(pooled.low)), float(np.exp(pooled.high))
    yield Row(**one, statistic="hr", value=float(np.exp(pooled.estimate)), low=low, high=high, method=method)
    endless = not np.isfinite(pooled.df)
    yield Row(**one, statistic="p", value=pooled.p, method="normal distribution" if endless else "Student's t")
    yield Row(**one, statistic="fmi", value=pooled.fmi, method="fraction of missing information, Rubin's rules")
    if endless:
        why = not_estimable("the imputed data sets give one estimate, and its limits are normal")
        yield Row(**one, statistic="df", value=float("nan"), method=why)
    else:
        yield Row(**one, statistic="df", value=pooled.df, method="degrees of freedom of Rubin, 1987")
    for k, f in enumerate(fitted, start=1):
        own = {**base, "analysis": "cox_each_imputation", "n": float(f.n), "events": float(f.events), "level": str(k)}
        yield Row(**own, statistic="hr", value=float(np.exp(f.coef)), low=f.low, high=f.high, method=f.kind)
