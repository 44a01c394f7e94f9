"""Methods of the designs: how the propensity score was made, what was made of it in each design, and for whom it speaks."""

from __future__ import annotations

from equipoise.protocol.designs import MatchSpec, StrataSpec, WeightsSpec
from equipoise.records import MISSING, NO_COUNTERPART
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import left_out, tie_sentences
from equipoise.report.narrative.matching_methods import covariate_calipers, how_matched, set_weights
from equipoise.report.narrative.roles import reasons, roles
from equipoise.report.narrative.score import other_score, primary_score
from equipoise.report.narrative.weighting import how_stratified, how_weighted
from equipoise.report.tables.baseline import smd_method
from equipoise.report.tables.design import estimand


def designs_title(numbers: Numbers) -> str:
    """`Propensity score and matching`, `Propensity score, matching and weighting`."""
    if not numbers.primary:
        return "Comparison"
    kinds = {"match": "matching", "weights": "weighting", "strata": "stratification"}
    named = list(dict.fromkeys(kinds[numbers.words(d).kind] for d in numbers.design_names[1:]))
    return f"Propensity score and {named[0]}" if len(named) == 1 else f"Propensity score, {fmt.listed(named)}"


def designs(numbers: Numbers) -> list[str]:
    """The score, each design in its order, and how balance is judged. Where there is none, why."""
    protocol = numbers.protocol
    if not numbers.primary:
        return [] if numbers.single else [as_they_are(numbers)]
    low, high = protocol.balance_thresholds
    said = primary_score(numbers)
    for design in numbers.design_names[1:]:
        said += _design(numbers, design)
    method = smd_method(numbers, "smd", ("unadjusted", numbers.primary))
    said.append(f"Balance is judged by standardized mean differences ({method}) against {fmt.short(low)} and {fmt.short(high)}.")
    return [*said, *roles(numbers), *reasons(numbers), *_unmade(numbers)]


def _design(numbers: Numbers, design: str) -> list[str]:
    spec = numbers.protocol.designs[design]
    said = []
    if len(numbers.design_names) > 2:
        said = ["The primary comparison:" if design == numbers.primary else f"{numbers.design_label(design)}:"]
    said += other_score(numbers, design) if design != numbers.primary else []
    if isinstance(spec, MatchSpec):
        made = _match(numbers, design, spec)
    elif isinstance(spec, StrataSpec):
        made = [*how_stratified(numbers, design, spec), *_worth(numbers, design)]
    else:
        known = design != numbers.primary and _explained(numbers, design)
        made = [*how_weighted(numbers, design, spec, known), *_worth(numbers, design)]
    if said and said[-1].endswith(":"):
        return [f"{said[-1]} {fmt.lower_first(made[0])}", *made[1:]]
    return [*said, *made]


def _match(numbers: Numbers, design: str, spec: MatchSpec) -> list[str]:
    if spec.pairs:
        bound = [_caliper(numbers, design, spec), *covariate_calipers(numbers, design)]
        return [how_matched(numbers, design), *tie_sentences(numbers, design), *bound]
    bound = [_caliper(numbers, design, spec), *covariate_calipers(numbers, design)] if spec.method != "cem" else []
    return [how_matched(numbers, design), *bound, set_weights(numbers, design), *_worth(numbers, design)]


def _worth(numbers: Numbers, design: str) -> list[str]:
    """The estimand and the effective sample size of weights."""
    counted = f"{fmt.number(numbers.effective_n(design), 1)} of {fmt.plural(numbers.total_n(design), 'patient')}"
    effect = fmt.lower_first(estimand(numbers, design))
    return [f"The estimand is {effect}", f"The effective sample size is {counted}."]


def _explained(numbers: Numbers, design: str) -> bool:
    """Whether an earlier design already said what e is."""
    names = numbers.design_names[1:]
    specs = numbers.protocol.designs
    before = [specs[d] for d in names[: names.index(design)]]
    return any(isinstance(spec, WeightsSpec) and spec.method != "entropy" for spec in before)


def as_they_are(numbers: Numbers) -> str:
    """Why there is no design: none was planned, or the planned one could not be made."""
    if numbers.several:
        planned = numbers.study.protocol.designs
        more = "; designs are made of two arms at a time" if planned else ": no propensity score and no match was made"
        return f"All arms together are compared as they are{more}."
    if numbers.unmade:
        kind = numbers.planned_kind
        planned = f"The planned {kind} comparison was not possible: {numbers.unmade}."
        return f"{planned} The arms are compared as they are."
    return "The arms are compared as they are: no propensity score and no match was made."


def _unmade(numbers: Numbers) -> list[str]:
    """The declared designs beside the primary one that could not be made, and why."""
    planned = numbers.study.protocol.designs
    return [f"The design '{n}' was not possible: {why}." for n, why in numbers.study.designs.unmade.items() if n in planned]


def _caliper(numbers: Numbers, design: str, spec: MatchSpec) -> str:
    if spec.caliper is None:
        return "No caliper was set."
    sd = {
        "whole_sample": "the standard deviation of the score in the whole sample",
        "pooled": "the pooled standard deviation of the score in the two arms",
    }[spec.caliper_sd]
    lost = [left_out(numbers, design, arm) for arm in numbers.arms]
    if any(NO_COUNTERPART in reasons or MISSING in reasons for reasons in lost):
        sd = sd.replace("the whole sample", "all patients who have one")
    value = numbers.row("design", "value", design=design, variable="caliper")
    said = f"The caliper was {fmt.short(spec.caliper)} times {sd}" + (f" ({fmt.number(value.value, 4)})" if value else "") + "."
    pooled = numbers.row("design", "value", design=design, variable="pairs_pooled")
    if pooled is not None and spec.caliper_sd == "whole_sample":
        same = pooled.value == numbers.value("design", "value", design=design, variable="pairs")
        n = "as many pairs" if same else fmt.plural(pooled.value, "pair")
        said += f" With the pooled standard deviation instead there would be {n}."
    return said


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
