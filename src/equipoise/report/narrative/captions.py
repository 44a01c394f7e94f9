"""Captions, and the figures in words for those who cannot see them."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.figures.censor_marks import CELLS, MOST, merged
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.effects import other_designs
from equipoise.report.narrative.flow import designs, included
from equipoise.report.narrative.subgroups import interactions_tested
from equipoise.report.narrative.survival import medians
from equipoise.report.tables.baseline import balanced_variables
from equipoise.report.words import words


def love(numbers: Numbers) -> str:
    """Whose score is meant, where there are several, and what the marks and lines are."""
    scores = {tuple(sorted(numbers.protocol.designs[d].propensity)) for d in numbers.design_names[1:]}
    whose = " of the primary design" if len(scores) > 1 else ""
    return f"Bold: variables of the propensity score{whose}. Rings: before. Lines: thresholds of the protocol."


def curves(numbers: Numbers, shown: list[str] | None = None) -> str:
    """What the marks mean, and which hazard ratio stands in the panels. shown: the designs, by default those that lead."""
    ratio = (
        ""
        if numbers.single or numbers.several
        else f" HR, marginal hazard ratio ({numbers.protocol.ci}), {numbers.contrast_label}."
    )
    shaded = f"Shaded: pointwise {numbers.protocol.level_words} confidence limits."
    effective = _effective(numbers, shown or numbers.leading)
    ticks = _ticks(numbers, shown or numbers.leading)
    return f"Medians with {numbers.protocol.ci}. {shaded} {ticks}{ratio}{effective} NA, not reached."


def _ticks(numbers: Numbers, shown: list[str]) -> str:
    """What the marks on the curves are, and where one of them stands for several patients."""
    curves = numbers.study.estimates.curves
    keys = (f"{e}.{d}.all.{arm}" for e in numbers.protocol.main_endpoints for d in shown for arm in numbers.arms)
    if not any(merged(curves[key].fit.censored) for key in keys if key in curves):
        return words("curves.ticks")
    return words("curves.merged_ticks", most=fmt.count(MOST), cells=fmt.count(CELLS))


def incidence(numbers: Numbers) -> str:
    shaded = f"shaded: pointwise {numbers.protocol.level_words} confidence limits"
    ratio = f"HR, subdistribution hazard ratio ({numbers.protocol.ci}), {numbers.contrast_label}"
    return f"Aalen-Johansen estimates; {shaded}. {ratio}.{_effective(numbers, numbers.leading)}"


def _effective(numbers: Numbers, shown: list[str]) -> str:
    if not any(map(numbers.weighted, shown)):
        return ""
    return " Of weighted cohorts the curves are weighted; below the patients at risk stands their effective number."


def endpoints(numbers: Numbers) -> str:
    labels = [e.label for e in numbers.protocol.main_endpoints.values()]
    return fmt.listed([labels[0], *(fmt.lower_first(x) for x in labels[1:])])


def overlap(numbers: Numbers) -> str:
    if numbers.several:
        return "Of each treatment, the score of the patients of every arm, before weighting."
    adjective = numbers.words(numbers.primary).adjective
    scaled = ", each arm's weights scaled to its number of patients" if numbers.weighted(numbers.primary) else ""
    shaded = f"Shaded: preference score of {fmt.short(0.3)} to {fmt.short(0.7)} (Walker 2013)."
    return f"Outlined: all patients. Filled: {adjective} patients{scaled}. {shaded}"


def other_overlaps() -> str:
    return (
        "Outlined: all patients with a score. Filled: those of the design, each arm's weights scaled to its number of patients. "
        f"Shaded: preference score of {fmt.short(0.3)} to {fmt.short(0.7)}."
    )


def other_overlaps_alt(numbers: Numbers) -> str:
    parts = []
    for design in numbers.others:
        row = numbers.row("design", "value", design=design, variable="c_statistic")
        parts += [f"{numbers.design_label(design)} {fmt.number(row.value, 3)}"] if row is not None else []
    return f"Mirrored histograms of the propensity score by design; c statistic: {'; '.join(parts)}." if parts else ""


def flow_alt(numbers: Numbers) -> str:
    words = [included(numbers)]
    for step in numbers.study.cohort.attrition:
        reasons = ", ".join(f"{e.reason} {fmt.count(e.n)}" for e in step.excluded)
        words.append(f"{step.label}: {fmt.count(step.n_left)}{f', after leaving out {reasons}' if reasons else ''}.")
    return "Flow diagram. " + " ".join([*words, *designs(numbers)[:1]])


def overlap_alt(numbers: Numbers) -> str:
    if numbers.several:
        return "Histograms of the propensity of each treatment, by arm."
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    return (
        f"Mirrored histograms of the propensity of {focal} in the two arms, "
        f"{numbers.words(numbers.primary).adjective} patients filled. {propensity(numbers)}"
    ).strip()


def love_alt(numbers: Numbers) -> str:
    parts = []
    for name in balanced_variables(numbers):
        sizes = [abs(numbers.value("baseline", "smd", design=d, variable=name)) for d in numbers.design_names]
        words = ["not estimable" if math.isnan(v) else fmt.number(v, 2) for v in sizes]
        after = [f"{w} after {numbers.process(d)}" for w, d in zip(words[1:], numbers.design_names[1:], strict=True)]
        parts.append(f"{numbers.covariate_label(name)} {words[0]} before, {', '.join(after)}")
    return "Absolute standardized mean differences: " + "; ".join(parts) + "."


def curves_alt(numbers: Numbers, shown: list[str], endpoints: list[str] | None = None) -> str:
    curves_of = "Kaplan-Meier curve" if numbers.single else "Kaplan-Meier curves by arm"
    named = endpoints or list(numbers.protocol.main_endpoints)
    words = [f"{numbers.design_label(d)}: {medians(numbers, e, d)}" for d in shown for e in named]
    return f"{curves_of} with numbers at risk. " + " ".join(w for w in words if w)


def level_curves_alt(numbers: Numbers, name: str, design: str) -> str:
    subgroup = numbers.protocol.subgroups[name]
    curves_of = "Kaplan-Meier curves" if numbers.single else "Kaplan-Meier curves by arm"
    levels = fmt.listed(list(subgroup.levels))
    cohort = "" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}"
    return f"{curves_of} with numbers at risk by {fmt.lower_first(subgroup.label)}: {levels}{cohort}."


def design_forest_alt(numbers: Numbers) -> str:
    said_ = [other_designs(numbers, e) for e in numbers.protocol.main_endpoints]
    return " ".join(["Forest plot of the marginal hazard ratio in every design, the primary one first.", *said_])


def subgroup_forest(numbers: Numbers, design: str) -> str:
    """What the marks mean, and how many interactions were tested."""
    counts = " Events and patients are counted as they are, ratios weighted." if numbers.weighted(design) else ""
    interactions = interactions_tested(numbers)
    return (
        f"Marginal hazard ratios ({numbers.protocol.ci}), {numbers.contrast_label}. Squares grow with the number of events; an "
        f"arrow: the interval goes on beyond the axis.{counts} P: test of the interaction of treatment with the subgroup; "
        f"{interactions}."
    )


def subgroup_forest_alt(numbers: Numbers, design: str, endpoints: list[str]) -> str:
    """The hazard ratios in words."""
    parts = []
    for endpoint in endpoints:
        for name, subgroup in numbers.protocol.subgroups.items():
            levels = [f"{level} {_ratio(numbers, endpoint, design, f'{name} {level}')}" for level in subgroup.levels]
            parts.append(f"{numbers.protocol.endpoints[endpoint].short}, {fmt.lower_first(subgroup.label)}: {', '.join(levels)}")
    return f"Forest plot of the hazard ratios in all patients and by subgroup. {'; '.join(parts)}."


def _ratio(numbers: Numbers, endpoint: str, design: str, population: str) -> str:
    part = {"endpoint": endpoint, "design": design, "population": population}
    row = numbers.row("survival", "hr", analysis="cox", contrast=numbers.contrast, **part)
    return fmt.NOT_ESTIMABLE if row is None else fmt.ratio_estimate(row.value, row.low, row.high)


def propensity(numbers: Numbers) -> str:
    row = numbers.row("design", "value", design=numbers.primary, variable="c_statistic")
    return "" if row is None else f"The c statistic of the propensity model was {fmt.number(row.value, 3)}."
