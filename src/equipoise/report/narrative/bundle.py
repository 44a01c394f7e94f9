"""What the data of the sensitivity bundle can exclude and what they cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.bundle import control, endpoints, lines, main_design, number, planned

CANNOT = (
    "None of these analyses can exclude a confounder stronger than the ones considered, nor an error that all of them share, "
    "such as how patients were selected, followed and measured; no P value is adjusted for their number."
)


def bundle_words(numbers: Numbers) -> list[list[str]]:
    """Sentences of a paragraph per endpoint, then of one for the negative control and what no analysis of these data can say."""
    said = [found for endpoint in endpoints(numbers) if (found := list(_of(numbers, endpoint)))]
    return [*said, [*_control(numbers), CANNOT]] if said else []


def _of(numbers: Numbers, endpoint: str) -> Iterator[str]:
    first, info = planned(numbers, endpoint), numbers.protocol.endpoints[endpoint]
    if first is None or first.hr is None or math.isnan(first.hr.value):
        return
    hr = first.hr
    level, ci = numbers.protocol.level_words, numbers.protocol.ci
    estimate = f"HR {fmt.ratio_with(hr.value, hr.low, hr.high, ci)}"
    if _excludes(hr):
        word = "higher" if hr.value > 1 else "lower"
        yield f"{info.label}: as planned, the hazard was {word} with {_arm(numbers)} ({estimate}); the interval excludes 1."
    else:
        yield (
            f"{info.label}: as planned, a difference was not shown ({estimate}), nor was it excluded: the {level} interval holds "
            f"hazard ratios from {_span(hr.low, hr.high)}."
        )
    yield from _others(numbers, endpoint, hr)
    yield from _made_again(numbers, endpoint)
    yield from _explained(numbers, endpoint, hr)


def _arm(numbers: Numbers) -> str:
    arms = numbers.protocol.arms
    return f"{fmt.lower_first(arms.label(arms.compared))} than with {fmt.lower_first(arms.label(arms.reference))}"


def _excludes(row: Row) -> bool:
    return not row.low <= 1 <= row.high


def _others(numbers: Numbers, endpoint: str, hr: Row) -> Iterator[str]:
    """The analyses that ask the same with another choice."""
    found = [line.hr for line in lines(numbers, endpoint) if line.same and line.hr is not None and not math.isnan(line.hr.value)]
    if not found:
        return
    values = [r.value for r in found]
    excluding = sum(_excludes(r) for r in found)
    of = "the one other analysis" if len(found) == 1 else f"{fmt.count(len(found))} other analyses of the same question"
    ran = f"was {fmt.ratio(values[0])}" if len(found) == 1 else f"ran from {_span(min(values), max(values))}"
    share = "no interval excludes 1" if not excluding else f"{excluding} of {len(found)} intervals exclude 1"
    yield f"In {of} the hazard ratio {ran}; {share}."
    every = [hr, *found]
    lowest, highest = min(r.low for r in every), max(r.high for r in every)
    inner = max(r.low for r in every), min(r.high for r in every)
    least, most = fmt.ratios([lowest, highest])
    within = f", those from {_span(*inner)} by none" if inner[0] < inner[1] else ""
    yield f"Hazard ratios below {least} and above {most} are excluded by the interval of every one of them{within}."


def _span(low: float, high: float) -> str:
    return " to ".join(fmt.ratios([low, high]))


def _made_again(numbers: Numbers, endpoint: str) -> Iterator[str]:
    """The limits over resamples in which the match was made again, and what they are worth."""
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "bootstrap_match", "contrast": numbers.contrast}
    hr = numbers.row("sensitivity", "hr", **part)
    if hr is None or math.isnan(hr.low):
        return
    spread, made = (number(numbers, endpoint, "bootstrap_match", v) for v in ("log_se", "resamples"))
    assert spread is not None and made is not None
    yield (
        f"With the score fitted and the match made again in {fmt.count(made.value)} resamples of the patients, the limits were "
        f"{fmt.ratio_interval(hr.value, hr.low, hr.high)} (standard deviation of the log hazard ratio "
        f"{fmt.number(spread.value, 2)}). They measure how far the estimate hangs on who was in the study "
        "and on who was matched to whom; of a match without replacement they are not known to be exact, and tend to be too wide."
    )


def _explained(numbers: Numbers, endpoint: str, hr: Row) -> Iterator[str]:
    """How strong a confounder would have to be, in general and the declared one; what holds within pairs."""
    e, limit = (number(numbers, endpoint, "e_value", v) for v in ("estimate", "limit"))
    if e is not None and limit is not None:
        ends = (
            f", and of {fmt.number(limit.value, 2)} to let the interval reach it"
            if _excludes(hr)
            else "; the interval reaches it as it is"
        )
        yield (
            f"To move the estimate to 1, an unmeasured confounder would need risk ratios of at least {fmt.number(e.value, 2)} "
            f"with both treatment and the event, beyond the measured covariates{ends} (E-value)."
        )
    declared = numbers.protocol.sensitivity.confounder
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "confounder", "contrast": numbers.contrast}
    moved = numbers.row("sensitivity", "hr", **part)
    if declared is not None and moved is not None:
        arms = numbers.protocol.arms
        first, other = (
            f"{100 * declared.prevalence[a]:.0f}% with {fmt.lower_first(arms.label(a))}" for a in (arms.compared, arms.reference)
        )
        yield (
            f"With {fmt.lower_first(declared.label)} in {first} and {other}, and a hazard ratio of "
            f"{fmt.ratio(declared.hazard_ratio)} for it, the hazard ratio of treatment would be "
            f"{fmt.ratio_estimate(moved.value, moved.low, moved.high)}."
        )
    gamma = number(numbers, endpoint, "pair_bounds", "gamma")
    if gamma is not None and not math.isnan(gamma.value):
        yield (
            f"Within pairs, odds of treatment of up to {fmt.number(gamma.value, 2)} to 1 for unmeasured reasons would leave the "
            f"exact one-sided test at a P of {fmt.p_limit(0.05)} or less."
        )


def _control(numbers: Numbers) -> Iterator[str]:
    line = control(numbers)
    if line is None or line.hr is None or math.isnan(line.hr.value):
        return
    label = fmt.lower_first(numbers.protocol.endpoints[numbers.protocol.sensitivity.negative_control].label)
    found = f"HR {fmt.ratio_with(line.hr.value, line.hr.low, line.hr.high, numbers.protocol.ci)}"
    said = f"the interval excludes 1 ({found}): a sign of bias" if _excludes(line.hr) else f"a difference was not shown ({found})"
    yield f"For the negative control, {label}, taken as untouched by treatment, {said}."
