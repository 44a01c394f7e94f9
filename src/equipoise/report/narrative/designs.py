"""Methods of the designs: how the propensity score was made, what was made of it in each design, and for whom it speaks."""

from __future__ import annotations

from equipoise.protocol.designs import MatchSpec, StrataSpec, WeightsSpec
from equipoise.records import MISSING, NO_COUNTERPART
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import left_out, tie_sentences
from equipoise.report.narrative.matching_methods import covariate_calipers, how_matched, set_weights
from equipoise.report.narrative.roles import reasons, roles
from equipoise.report.narrative.score import other_score, primary_score
from equipoise.report.narrative.weighting import how_stratified, how_weighted
from equipoise.report.tables.baseline import smd_method
from equipoise.report.tables.design import estimand
from equipoise.report.words import words


def designs_title(numbers: Numbers) -> str:
    """`Propensity score and matching`, `Propensity score, matching and weighting`."""
    if not numbers.primary:
        return words("designs.title.none")
    named = list(dict.fromkeys(words(f"designs.title.{numbers.words(d).kind}") for d in numbers.design_names[1:]))
    return (
        words("designs.title.one", kind=named[0]) if len(named) == 1 else words("designs.title.several", kinds=fmt.listed(named))
    )


def designs(numbers: Numbers) -> list[str]:
    """The score, each design in its order, and how balance is judged. Where there is none, why."""
    protocol = numbers.protocol
    if not numbers.primary:
        return [] if numbers.single else [as_they_are(numbers)]
    said = primary_score(numbers)
    for design in numbers.design_names[1:]:
        said += _design(numbers, design)
    method = smd_method(numbers, "smd", ("unadjusted", numbers.primary))
    low, high = map(fmt.short, protocol.balance_thresholds)
    said.append(words("designs.balance", low=low, high=high, method=method))
    return [*said, *roles(numbers), *reasons(numbers), *_variants(numbers), *_unmade(numbers)]


def _design(numbers: Numbers, design: str) -> list[str]:
    spec = numbers.protocol.designs[design]
    said = []
    if len(numbers.design_names) > 2:
        primary = design == numbers.primary
        said = [words("designs.primary") if primary else words("designs.another", label=numbers.design_label(design))]
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
    n, patients = fmt.effective(numbers.effective_n(design)), words("counts.patient", count=numbers.total_n(design))
    effect = fmt.lower_first(estimand(numbers, design))
    return [words("designs.estimand", effect=effect), words("designs.effective", n=n, patients=patients)]


def _explained(numbers: Numbers, design: str) -> bool:
    """Whether an earlier design already said what e is."""
    names = numbers.design_names[1:]
    specs = numbers.protocol.designs
    before = [specs[d] for d in names[: names.index(design)]]
    return any(isinstance(spec, WeightsSpec) and spec.method != "entropy" for spec in before)


def as_they_are(numbers: Numbers) -> str:
    """Why there is no design: none was planned, or the planned one could not be made."""
    if numbers.several:
        return words("designs.all_arms_pairwise" if numbers.study.protocol.designs else "designs.all_arms")
    if numbers.unmade:
        return words("designs.not_possible", kind=numbers.planned_kind, why=numbers.unmade)
    return words("designs.as_they_are")


def _variants(numbers: Numbers) -> list[str]:
    """The primary design made again on other propensity models."""
    made = {d.name for d in numbers.study.designs}
    asked = numbers.protocol.sensitivity.propensity_variants.items()
    labels = [variant.label for name, variant in asked if f"variant_{name}" in made]
    return [words("designs.variants", labels="; ".join(labels))] if labels else []


def _unmade(numbers: Numbers) -> list[str]:
    """The declared designs beside the primary one that could not be made, and why."""
    planned = numbers.study.protocol.designs
    unmade = numbers.study.designs.unmade.items()
    return [words("designs.unmade", name=name, why=why) for name, why in unmade if name in planned]


def _caliper(numbers: Numbers, design: str, spec: MatchSpec) -> str:
    if spec.caliper is None:
        return words("designs.caliper.none")
    lost = [left_out(numbers, design, arm) for arm in numbers.arms]
    some = any(NO_COUNTERPART in reasons or MISSING in reasons for reasons in lost)
    rule = "scored" if some and spec.caliper_sd == "whole_sample" else spec.caliper_sd
    sd = words(f"designs.sd.{rule}", on=words(f"designs.caliper.on.{spec.scale}"))
    value = numbers.row("design", "value", design=design, variable="caliper")
    width = fmt.short(spec.caliper)
    if value is None:
        said = words("designs.caliper.set", width=width, sd=sd)
    else:
        said = words("designs.caliper.set_value", width=width, sd=sd, value=bound(fmt.number(value.value, 4), value))
    pooled = numbers.row("design", "value", design=design, variable="pairs_pooled")
    if pooled is None or spec.caliper_sd != "whole_sample":
        return said
    same = pooled.value == numbers.value("design", "value", design=design, variable="pairs")
    more = (
        words("designs.caliper.same") if same else words("designs.caliper.pooled", pairs=words("counts.pair", count=pooled.value))
    )
    return f"{said} {more}"
