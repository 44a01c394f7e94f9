"""Captions, and the figures in words for those who cannot see them."""

from __future__ import annotations

import math

from equipoise.report import format as fmt
from equipoise.report.bound import bound
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
    return words("captions.love_of_primary" if len(scores) > 1 else "captions.love")


def curves(numbers: Numbers, shown: list[str] | None = None) -> str:
    """What the marks mean, and which hazard ratio stands in the panels. shown: the designs, by default those that lead."""
    said = [words("captions.curves", unit=numbers.protocol.time_unit, ci=numbers.protocol.ci, level=numbers.protocol.level_words)]
    said.append(_ticks(numbers, shown or numbers.leading))
    if not numbers.single and not numbers.several:
        said.append(words("captions.ratio", ci=numbers.protocol.ci, contrast=numbers.contrast_label))
    return " ".join([*said, *_effective(numbers, shown or numbers.leading), words("captions.not_reached")])


def _ticks(numbers: Numbers, shown: list[str]) -> str:
    """What the marks on the curves are, and where one of them stands for several patients."""
    curves = numbers.study.estimates.curves
    keys = (f"{e}.{d}.all.{arm}" for e in numbers.protocol.main_endpoints for d in shown for arm in numbers.arms)
    if not any(merged(curves[key].fit.censored) for key in keys if key in curves):
        return words("curves.ticks")
    return words("curves.merged_ticks", most=fmt.count(MOST), cells=fmt.count(CELLS))


def incidence(numbers: Numbers) -> str:
    part = {"level": numbers.protocol.level_words, "ci": numbers.protocol.ci, "contrast": numbers.contrast_label}
    return " ".join([words("captions.incidence", **part), *_effective(numbers, numbers.leading)])


def _effective(numbers: Numbers, shown: list[str]) -> list[str]:
    return [words("captions.effective")] if any(map(numbers.weighted, shown)) else []


def endpoints(numbers: Numbers) -> str:
    labels = [e.label for e in numbers.protocol.main_endpoints.values()]
    return fmt.listed([labels[0], *(fmt.lower_first(x) for x in labels[1:])])


def overlap(numbers: Numbers) -> str:
    if numbers.several:
        return words("captions.several_overlap")
    key = "captions.weighted_overlap" if numbers.weighted(numbers.primary) else "captions.overlap"
    return words(key, adjective=numbers.words(numbers.primary).adjective, low=fmt.short(0.3), high=fmt.short(0.7))


def other_overlaps() -> str:
    return words("captions.other_overlaps", low=fmt.short(0.3), high=fmt.short(0.7))


def other_overlaps_alt(numbers: Numbers) -> str:
    parts = []
    for design in numbers.others:
        row = numbers.row("design", "value", design=design, variable="c_statistic")
        parts += [f"{numbers.design_label(design)} {fmt.number(row.value, 3)}"] if row is not None else []
    return words("captions.other_overlaps_alt", statistics="; ".join(parts)) if parts else ""


def flow_alt(numbers: Numbers) -> str:
    said = [words("captions.flow"), included(numbers)]
    for step in numbers.study.cohort.attrition:
        reasons = [words("flow.reason", reason=fmt.lower_first(e.reason), n=fmt.count(e.n)) for e in step.excluded]
        part = {"step": step.label, "n": fmt.count(step.n_left)}
        left = words("captions.step_after", reasons=", ".join(reasons), **part) if reasons else words("captions.step", **part)
        said.append(left)
    return " ".join([*said, *designs(numbers)[:1]])


def overlap_alt(numbers: Numbers) -> str:
    if numbers.several:
        return words("captions.several_overlap_alt")
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    said = words("captions.overlap_alt", arm=focal, adjective=numbers.words(numbers.primary).adjective)
    return f"{said} {propensity(numbers)}".strip()


def love_alt(numbers: Numbers) -> str:
    parts = []
    for name in balanced_variables(numbers):
        sizes = [abs(numbers.value("baseline", "smd", design=d, variable=name)) for d in numbers.design_names]
        told = [fmt.not_estimable() if math.isnan(v) else fmt.number(v, 2) for v in sizes]
        made = [numbers.process(d) for d in numbers.design_names[1:]]
        after = [words("captions.size_after", size=size, process=process) for size, process in zip(told[1:], made, strict=True)]
        part = {"label": numbers.covariate_label(name), "before": told[0], "after": ", ".join(after)}
        parts.append(words("captions.sizes", **part))
    return words("captions.love_alt", sizes="; ".join(parts))


def curves_alt(numbers: Numbers, shown: list[str], endpoints: list[str] | None = None) -> str:
    named = endpoints or list(numbers.protocol.main_endpoints)
    told = [(d, medians(numbers, e, d)) for d in shown for e in named]
    said = [words("captions.of_cohort", cohort=numbers.design_label(d), said=medians_) for d, medians_ in told if medians_]
    return " ".join([words("captions.curve_alt" if numbers.single else "captions.curves_alt"), *said])


def level_curves_alt(numbers: Numbers, name: str, design: str) -> str:
    subgroup = numbers.protocol.subgroups[name]
    part = {"label": fmt.lower_first(subgroup.label), "levels": fmt.listed(list(subgroup.levels))}
    if numbers.single:
        return words("captions.single_level_curves_alt", **part)
    return words("captions.level_curves_alt", cohort=fmt.lower_first(numbers.design_label(design)), **part)


def design_forest_alt(numbers: Numbers) -> str:
    said_ = [other_designs(numbers, e) for e in numbers.protocol.main_endpoints]
    return " ".join([words("captions.design_forest_alt"), *said_])


def subgroup_forest(numbers: Numbers, design: str) -> str:
    """What the marks mean, and how many interactions were tested."""
    key = "captions.weighted_subgroup_forest" if numbers.weighted(design) else "captions.subgroup_forest"
    return words(key, ci=numbers.protocol.ci, contrast=numbers.contrast_label, tested=interactions_tested(numbers))


def subgroup_forest_alt(numbers: Numbers, design: str, endpoints: list[str]) -> str:
    """The hazard ratios in words."""
    parts = []
    for endpoint in endpoints:
        for name, subgroup in numbers.protocol.subgroups.items():
            levels = [f"{level} {_ratio(numbers, endpoint, design, f'{name} {level}')}" for level in subgroup.levels]
            parts.append(f"{numbers.protocol.endpoints[endpoint].short}, {fmt.lower_first(subgroup.label)}: {', '.join(levels)}")
    return words("captions.subgroup_forest_alt", ratios="; ".join(parts))


def _ratio(numbers: Numbers, endpoint: str, design: str, population: str) -> str:
    part = {"endpoint": endpoint, "design": design, "population": population}
    row = numbers.row("survival", "hr", analysis="cox", contrast=numbers.contrast, **part)
    return fmt.not_estimable() if row is None else fmt.ratio_estimate(row.value, row.low, row.high)


def propensity(numbers: Numbers) -> str:
    row = numbers.row("design", "value", design=numbers.primary, variable="c_statistic")
    return "" if row is None else words("captions.c_statistic", value=bound(fmt.number(row.value, 3), row))
