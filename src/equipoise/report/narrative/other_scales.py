"""Sentences on restricted means, and on what is adjusted for within a design because it stays unbalanced."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.balance import in_score_of
from equipoise.report.tables.other_scales import PHASE, horizon_words

RULES = {
    "declared": "declared in the protocol",
    "the last landmark": "the last landmark, as no other was declared",
    "the smaller of the last times observed in the arms": "the smaller of the last times observed in the arms, as none was "
    "declared and no last landmark lies within it",
}


def restricted_mean(numbers: Numbers, endpoint: str, design: str) -> str:
    """The difference of restricted means with its limits, in words that follow them."""
    part = {"endpoint": endpoint, "design": design}
    row = numbers.row(PHASE, "difference", analysis="rmst", contrast=numbers.contrast, **part)
    if row is None or math.isnan(row.value):
        return ""
    protocol, info = numbers.protocol, numbers.protocol.endpoints[endpoint]
    unit, per = protocol.time_unit, protocol.days_per_unit
    decimals = fmt.apart([row.low / per, row.high / per], 0.0, fmt.time_decimals(unit))
    p = numbers.row(PHASE, "p", analysis="rmst", contrast=numbers.contrast, **part)
    tested = f", {fmt.p_sentence(p.value)}" if p is not None and not math.isnan(p.value) else ""
    limits = "" if math.isnan(row.low) else f", {protocol.ci} {fmt.interval(row.low / per, row.high / per, decimals)}"
    figures = f"{fmt.number(row.value / per, decimals)} {unit}{limits}{tested}"
    mean = f"restricted mean of {fmt.lower_first(info.label)} up to {horizon_words(numbers, part)}"
    one, other = (fmt.lower_first(numbers.arm_label(a)) for a in (protocol.arms.compared, protocol.arms.reference))
    if math.isnan(row.low) or row.low <= 0 <= row.high:
        return f"There was no clear evidence of a difference in the {mean} between {one} and {other} ({figures})."
    return f"The {mean} was {'longer' if row.value > 0 else 'shorter'} with {one} than with {other} ({figures})."


def standardised_effect(numbers: Numbers, endpoint: str, design: str) -> str:
    """The standardised difference at the last landmark with its limits, in words that follow them."""
    part = {"endpoint": endpoint, "design": design, "population": "all"}
    rows = numbers.where(PHASE, analysis="standardised", statistic="difference", **part)
    if not rows or math.isnan(rows[-1].value):
        return ""
    row, protocol, info = rows[-1], numbers.protocol, numbers.protocol.endpoints[endpoint]
    decimals = fmt.apart([100 * row.low, 100 * row.high], 0.0, 1)
    limits = "" if math.isnan(row.low) else f", {protocol.ci} {fmt.interval(100 * row.low, 100 * row.high, decimals)}"
    figures = f"{fmt.number(100 * row.value, decimals)} percentage points{limits}"
    one, other = (fmt.lower_first(numbers.arm_label(a)) for a in (protocol.arms.compared, protocol.arms.reference))
    what = f"standardised {fmt.lower_first(info.label)} at {fmt.one_or_more(row.level)}"
    if math.isnan(row.low) or row.low <= 0 <= row.high:
        return f"There was no clear evidence of a difference in the {what} between {one} and {other} ({figures})."
    return f"The {what} was {'higher' if row.value > 0 else 'lower'} with {one} than with {other} ({figures})."


def followed_imbalance(numbers: Numbers, design: str) -> str:
    """Which covariates stay above the larger threshold after a design, and the hazard ratios adjusted for them."""
    found, names = [], []
    for endpoint, info in numbers.protocol.main_endpoints.items():
        part = {"analysis": "cox_residual", "endpoint": endpoint, "design": design}
        hr = numbers.row(PHASE, "hr", contrast=numbers.contrast, **part)
        left = numbers.where(PHASE, statistic="smd", population="all", **part)
        if hr is None or not left:
            continue
        names = [f"{numbers.covariate_words(r.variable)} ({_size(numbers, design, r)})" for r in left]
        found.append(f"{info.short} {_ratio(numbers, hr)}")
    if not found:
        return ""
    limit = fmt.short(numbers.protocol.balance_thresholds[1])
    return (
        f"{numbers.design_label(design)}: {fmt.listed(names)} {'stays' if len(names) == 1 else 'stay'} above {limit} in the "
        f"standardized mean difference; adjusted for {'it' if len(names) == 1 else 'them'} within the design the conditional "
        f"hazard ratio is {fmt.listed(found)}."
    )


def _size(numbers: Numbers, design: str, row: Row) -> str:
    """How large the difference is, and whether the design did not aim at the covariate."""
    size = fmt.number(abs(row.value), 2)
    return size if in_score_of(numbers, design, row.variable) else f"{size}, not in the score"


def _ratio(numbers: Numbers, row: Row) -> str:
    if math.isnan(row.value):
        return fmt.NOT_ESTIMABLE
    return fmt.ratio_estimate(row.value, row.low, row.high, numbers.protocol.ci)


def horizons(numbers: Numbers) -> str:
    """Which horizons restricted means have, and by which rule: a sentence of the Methods."""
    rows = numbers.where(PHASE, analysis="rmst", statistic="horizon", population="all")
    if not rows:
        return ""
    said = {}
    for row in rows:
        days = horizon_words(numbers, {"endpoint": row.endpoint, "design": row.design})
        said.setdefault(row.method, {}).setdefault(days, []).append(row)
    parts = [f"{RULES[rule]} ({'; '.join(_horizon(numbers, d, r, len(at)) for d, r in at.items())})" for rule, at in said.items()]
    return (
        f"Restricted mean survival times are compared whatever the test of proportional hazards says; their horizon is "
        f"{'; or '.join(parts)}."
    )


def _horizon(numbers: Numbers, words: str, rows: list[Row], kinds: int) -> str:
    """The horizon, with the endpoints and cohorts that it is of where there are several."""
    if kinds == 1:
        return words
    where = [f"{numbers.protocol.endpoints[r.endpoint].short}, {fmt.lower_first(numbers.design_label(r.design))}" for r in rows]
    return f"{words}: {' and '.join(where)}"


def binary(numbers: Numbers) -> str:
    """What the binary endpoints are and how they are compared: sentences of the Methods."""
    said = []
    for endpoint in numbers.protocol.binary_endpoints.values():
        if endpoint.of is not None:
            of = fmt.lower_first(numbers.protocol.endpoints[endpoint.of].event_label)
            what = f"{'freedom from ' if endpoint.absent else ''}{of} by day {endpoint.within_days}"
        elif endpoint.response is not None:
            what = "objective response" if endpoint.response == "orr" else "disease control"
        else:
            what = f"recorded in the data: {endpoint.event}"
        said.append(f"{endpoint.label} is binary: {what}.")
    if said:
        said.append(
            "Risks of binary endpoints are compared by difference, ratio and odds ratio, marginal, with robust limits; those "
            "of unknown status are left out and counted."
        )
    return " ".join(said)


def competing(numbers: Numbers) -> str:
    """How endpoints with a competing event are compared: a sentence of the Methods."""
    if not numbers.has(PHASE, analysis="incidence", variable="competing"):
        return ""
    return (
        "Where an event competes, cumulative incidence was estimated by Aalen-Johansen and compared by Gray's test, and the "
        "subdistribution hazard ratio comes from a Fine-Gray model; competing events end the time in all other analyses."
    )


MODELS = {
    "cox": "a Cox model of treatment and",
    "cox_by_arm": "a Cox model in each arm, of",
    "pooled_logistic": "pooled logistic regression of the hazard in intervals, with an effect of treatment that may change, on",
}


def standardised(numbers: Numbers) -> str:
    """How survival was standardised: sentences of the Methods."""
    asked = numbers.protocol.effects.standardised
    if asked is None or not numbers.has(PHASE, analysis="standardised"):
        return ""
    names = fmt.listed([numbers.covariate_words(name) for name in asked.covariates or numbers.protocol.scored])
    return (
        f"Survival was also standardised (g-formula): {MODELS[asked.model]} {names} gives the survival that each patient of a "
        "cohort would have under each treatment, which is averaged over the cohort, by the weights where it has any. Limits "
        f"come from {fmt.count(asked.replicates)} bootstrap samples (seed {asked.seed}) in which the model was fitted again and "
        "the design was kept as it is. Right only where this model is right and it holds every confounder."
    )


def doubly_robust(numbers: Numbers) -> str:
    """A sentence of the Methods."""
    rows = numbers.where(PHASE, analysis="doubly_robust", statistic="difference", population="all")
    if not rows:
        return ""
    return (
        "Differences in survival at the landmarks are given also doubly robust: pseudo-values by arm, augmented weighting by the "
        "propensity score with a linear model of the outcome in each arm; the variance takes score and models as known."
    )
