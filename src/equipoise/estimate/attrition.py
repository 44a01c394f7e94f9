"""The flow of patients and the facts of the designs, as rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from equipoise import stats
from equipoise.estimate.baseline import KISH
from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.match_options import in_sd
from equipoise.protocol.missing import INDICATOR
from equipoise.protocol.spec import Protocol
from equipoise.records import NO_PARTNER, NOT_CHOSEN, Cohort, Covariates, Design, Row

_FACTS = (
    "pairs", "unmatched_focal", "unmatched_other", "missing_score", "no_counterpart", "score_sd", "score_sd_pooled",
    "smallest_score", "largest_score", "c_statistic", "events_per_coefficient", "tied_choices", "tied_scores", "tied_pairs",
    "caliper", "caliper_pooled", "pairs_pooled", "weight_limit", "classes", "moved",
)  # fmt: skip
SD = {"whole_sample": "of all patients", "pooled": "pooled over the arms"}
EXACT = "exact matching"  # behind a value that only the exact match keeps apart
_BY_ARM = {
    "effective_n": KISH,
    "largest_weight": "the largest weight over the mean of its arm",
    "truncated": "patients whose weight was brought down to the limit",
    "equipoise_share": "share of the arm with a preference score of 0.3 to 0.7 (Walker)",
}


def attrition_rows(protocol: Protocol, cohort: Cohort) -> Iterator[Row]:
    """Start, each step with its reasons, arms, and what else was given at the index date."""
    yield Row("attrition", "n", float(cohort.n_start), variable="start", method=protocol.eligibility.start)
    before = cohort.n_start
    for i, step in enumerate(cohort.attrition, start=1):
        for j, exclusion in enumerate(step.excluded, start=1):
            yield Row(
                "attrition", "n", float(exclusion.n), variable=f"step_{i}", level=f"reason_{j}", n=float(before),
                method=exclusion.reason,
            )  # fmt: skip
        yield Row("attrition", "n", float(step.n_left), variable=f"step_{i}", n=float(before), method=step.label)
        yield Row("attrition", "percent", _percent(step.n_left, before), variable=f"step_{i}", n=float(before), method=step.label)
        before = step.n_left
    for arm in protocol.arms.groups:
        k = int(cohort.in_arm(arm).sum())
        yield Row("attrition", "n", float(k), variable="arm", group=arm, n=float(cohort.n), events=float(k))
        yield Row("attrition", "percent", _percent(k, cohort.n), variable="arm", group=arm, n=float(cohort.n), events=float(k))
    all_treated = sum(t.n for t in cohort.other_treatments)
    for treatment in cohort.other_treatments:
        base = {"phase": "attrition", "variable": "treatment_given", "level": treatment.reason, "n": float(all_treated)}
        yield Row(**base, statistic="n", value=float(treatment.n))
        yield Row(**base, statistic="percent", value=_percent(treatment.n, all_treated), events=float(treatment.n))


def design_rows(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """Pairs, caliper and what it stands for, or effective sample sizes and the largest weight; who left and why, the
    largest imbalance left, and the propensity model's coefficients."""
    method = str(design.facts.get("method", ""))
    for name in _FACTS:
        if name in design.facts:
            yield Row("design", "value", float(design.facts[name]), design=design.name, variable=name, method=method)
    for name, width in design.facts.get("calipers", {}).items():
        said = f"largest difference within a pair: {_width(protocol, design, name)}"
        yield Row("design", "value", width, design=design.name, analysis="covariate_caliper", variable=name, method=said)
    for name in _BY_ARM:
        for group, number in design.facts.get(name, {}).items():
            yield Row("design", "value", float(number), design=design.name, variable=name, group=group, method=_BY_ARM[name])
    scored = [b for b in design.balance if b.in_propensity]
    largest = [abs(b.smd) for b in scored if not np.isnan(b.smd)]
    note = "over the variables of the propensity model and their levels"
    apart = list(dict.fromkeys(b.variable for b in scored if b.apart))
    if apart:
        note = f"not estimable, for the arms share nothing of {', '.join(apart)}; {note}"
    if apart or largest:
        worst = float("nan") if apart else float(max(largest))
        yield Row("design", "value", worst, design=design.name, variable="max_abs_smd", method=note)
    if design.model is not None:
        yield from _left(protocol, cohort, covariates, design)
        yield from _classes(protocol, cohort, design)
        yield from _propensity_model(protocol, design)


def _width(protocol: Protocol, design: Design, name: str) -> str:
    """What the width of a caliper on a covariate is, in words."""
    spec = protocol.designs.get(design.name, protocol.primary_design)
    asked = spec.calipers.get(name) if isinstance(spec, MatchSpec) else None
    if asked is None or in_sd(asked) is None:
        return "in its unit"
    return f"{in_sd(asked):g} times its standard deviation ({SD[spec.caliper_sd]})"


def _left(protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design) -> Iterator[Row]:
    """Patients of each arm whom the design lost, by reason; the missing values and the levels behind them."""
    base = {"phase": "design", "design": design.name, "statistic": "n"}
    for arm in protocol.arms.groups:
        mine = cohort.in_arm(arm)
        impossible = NOT_CHOSEN if arm == protocol.arms.focal else NO_PARTNER
        for reason in design.reasons:
            if reason == impossible:
                continue
            k = float((mine & (design.left == reason)).sum())
            yield Row(**base, value=k, analysis="left_out", variable=reason, group=arm, n=float(mine.sum()))
        needed = (*design.facts.get("exact", ()), *design.facts.get("needed", ()))
        for name in dict.fromkeys((*design.model.covariates, *needed)):
            k = float((mine & covariates.missing(name)).sum())
            if k:
                yield Row(**base, value=k, analysis="missing_covariate", variable=name, group=arm, n=float(mine.sum()))
    for gap in design.gaps:
        method = "each patient counted under the first that applies"
        method = method if gap in design.model.gaps else f"{EXACT}: {method}"
        variable = " + ".join(gap.variables)
        n = float(cohort.in_arm(gap.arm).sum())
        yield Row(**base, value=float(gap.n), analysis="no_counterpart", variable=variable, level=gap.level, group=gap.arm, n=n,
                  method=method)  # fmt: skip


def _classes(protocol: Protocol, cohort: Cohort, design: Design) -> Iterator[Row]:
    """Classes of the score: the least and the largest score, and patients of each arm."""
    stratum = design.sample.stratum
    if design.paired or stratum is None:
        return
    base = {"phase": "design", "design": design.name, "analysis": "score_class"}
    for k in range(1, int(stratum.max()) + 1):
        mine = stratum == k
        score = design.propensity[mine]
        for name, value in (("smallest_score", score.min()), ("largest_score", score.max())):
            yield Row(**base, statistic="value", value=float(value), variable=name, level=str(k), n=float(mine.sum()))
        for arm in protocol.arms.groups:
            n = float((mine & cohort.in_arm(arm)).sum())
            yield Row(**base, statistic="n", value=n, level=str(k), group=arm, n=float(mine.sum()))


def _propensity_model(protocol: Protocol, design: Design) -> Iterator[Row]:
    if isinstance(design.model.fit, stats.MultinomialFit):
        yield from _multinomial_model(protocol, design)
        return
    fit, terms = design.model.fit, design.model.matrix.terms
    patients = "missing values by indicators" if protocol.missing.rule == INDICATOR else "complete cases"
    method = f"logistic regression of the focal arm, maximum likelihood, {patients}"
    if design.model.gaps:
        method += " with a counterpart in the other arm"
    n = float(design.model.matrix.complete.sum())
    z = stats.two_sided_z(protocol.level)
    for k, (variable, level) in enumerate([("intercept", ""), *terms]):
        base = {"phase": "design", "design": design.name, "analysis": "propensity", "variable": variable, "level": level}
        coef, se = float(fit.coef[k]), float(fit.se[k])
        yield Row(**base, statistic="coef", value=coef, n=n, method=method)
        yield Row(**base, statistic="se", value=se, n=n, method=method)
        if variable != "intercept":
            low, high = (float(np.exp(coef + s * z * se)) for s in (-1, 1))
            yield Row(**base, statistic="odds_ratio", value=float(np.exp(coef)), low=low, high=high, n=n, method=method)
            yield Row(**base, statistic="p", value=float(fit.p[k]), n=n, method="Wald test")
    for variable, level, why in design.model.absent:
        base = {"phase": "design", "design": design.name, "analysis": "propensity", "variable": variable, "level": level}
        for statistic in ("coef", "se", "odds_ratio", "p"):
            yield Row(**base, statistic=statistic, value=float("nan"), n=n, method=f"not estimable: {why}")


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


def _percent(k: float, n: float) -> float:
    return 100.0 * k / n if n else float("nan")
