"""The flow of patients and the facts of the designs, as rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.estimate.baseline import KISH
from equipoise.estimate.score import score_rows
from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.match_options import in_sd
from equipoise.protocol.spec import Protocol
from equipoise.records import NO_PARTNER, NOT_CHOSEN, Cohort, Covariates, Design, Row

_FACTS = (
    "pairs", "unmatched_focal", "unmatched_other", "missing_score", "no_counterpart", "score_sd", "score_sd_pooled",
    "smallest_score", "largest_score", "c_statistic", "events_per_coefficient", "tied_choices", "tied_scores", "tied_pairs",
    "caliper", "caliper_pooled", "pairs_pooled", "weight_limit", "classes", "moved",
    "penalty", "coefficients", "coefficients_kept",
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
        yield from score_rows(protocol, cohort, design)


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


def _percent(k: float, n: float) -> float:
    return 100.0 * k / n if n else float("nan")
