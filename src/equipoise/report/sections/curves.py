"""Kaplan-Meier figures of the survival and the subgroup sections."""

from __future__ import annotations

from equipoise.document.model import Figure
from equipoise.report import figures
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.sections.parts import figure, of_cohort


def curves(numbers: Numbers, population: str = "all", label: str = "") -> list[Figure | None]:
    """A figure per leading design with a panel per endpoint; with a single endpoint, one figure with a panel per design."""
    endpoints = list(numbers.protocol.main_endpoints)
    known = [d for d in numbers.leading if any(_has_curve(numbers, e, d, population) for e in endpoints)]
    tail = "" if population == "all" else f"_{numbers.study.estimates.name_of('population', population)}"
    if len(endpoints) == 1 and known and not numbers.single:
        drawn = figures.kaplan_meier_by_design(numbers.study, endpoints[0], population)
        title = f"{numbers.protocol.endpoints[endpoints[0]].label}{label}"
        alt = captions.curves_alt(numbers, known, population)
        return [figure(f"figure_km{tail}", title, drawn, alt, captions.curves(numbers, known), bool(tail))]
    made: list[Figure | None] = []
    for design in known:
        drawn = figures.kaplan_meier(numbers.study, design, population)
        title = f"{captions.endpoints(numbers)}{of_cohort(numbers, design)}{label}"
        alt = captions.curves_alt(numbers, [design], population)
        made.append(figure(f"figure_km_{design}{tail}", title, drawn, alt, captions.curves(numbers, [design]), bool(tail)))
    return made


def other_curves(numbers: Numbers) -> list[Figure | None]:
    """The designs beside the primary one, for the supplement: a figure per endpoint with a panel per design."""
    made: list[Figure | None] = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        known = [d for d in numbers.others if _has_curve(numbers, name, d, "all")]
        if known:
            drawn = figures.kaplan_meier_by_design(numbers.study, name, designs=known)
            alt = captions.curves_alt(numbers, known, "all", [name])
            title = f"{endpoint.label} in the other designs"
            made.append(figure(f"figure_km_others_{name}", title, drawn, alt, captions.curves(numbers, known), True))
    return made


def _has_curve(numbers: Numbers, endpoint: str, design: str, population: str) -> bool:
    return any(f"{endpoint}.{design}.{population}.{a}" in numbers.study.estimates.curves for a in numbers.arms)


def level_curves(numbers: Numbers, name: str) -> Figure | None:
    """A single arm: a panel per level and endpoint."""
    label = fmt.lower_first(numbers.protocol.subgroups[name].label)
    drawn = figures.kaplan_meier_by_level(numbers.study, name)
    title = f"{captions.endpoints(numbers)} by {label}"
    alt = f"Kaplan-Meier curves by level of {label}, with numbers at risk."
    return figure(f"figure_km_{name}", title, drawn, alt, captions.curves(numbers), True)
