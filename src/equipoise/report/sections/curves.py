"""Kaplan-Meier figures of the survival and the subgroup sections."""

from __future__ import annotations

from equipoise.document.model import Figure
from equipoise.report import figures
from equipoise.report import format as fmt
from equipoise.report.figures.incidence import cumulative_incidence, incidence_alt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.sections.parts import figure, of_cohort
from equipoise.report.words import words

MOST_SUBGROUPS = 4  # whose curves are drawn in every leading design


def curves(numbers: Numbers) -> list[Figure | None]:
    """A figure per leading design with a panel per endpoint; with a single endpoint, one figure with a panel per design."""
    endpoints = list(numbers.protocol.main_endpoints)
    known = [d for d in numbers.leading if any(_has_curve(numbers, e, d) for e in endpoints)]
    if len(endpoints) == 1 and known and not numbers.single:
        drawn = figures.kaplan_meier_by_design(numbers.study, endpoints[0])
        title = numbers.protocol.endpoints[endpoints[0]].label
        return [figure("figure_km", title, drawn, captions.curves_alt(numbers, known), captions.curves(numbers, known))]
    made: list[Figure | None] = []
    for design in known:
        drawn = figures.kaplan_meier(numbers.study, design)
        title = f"{captions.endpoints(numbers)}{of_cohort(numbers, design)}"
        alt = captions.curves_alt(numbers, [design])
        made.append(figure(f"figure_km_{design}", title, drawn, alt, captions.curves(numbers, [design])))
    return made


def other_curves(numbers: Numbers) -> list[Figure | None]:
    """The designs beside the primary one, for the supplement: a figure per endpoint with a panel per design."""
    made: list[Figure | None] = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        known = [d for d in numbers.others if _has_curve(numbers, name, d)]
        if known:
            drawn = figures.kaplan_meier_by_design(numbers.study, name, designs=known)
            alt = captions.curves_alt(numbers, known, [name])
            title = words("curves.in_other_designs", endpoint=endpoint.label)
            made.append(figure(f"figure_km_others_{name}", title, drawn, alt, captions.curves(numbers, known), True))
    return made


def incidence_figures(numbers: Numbers) -> list[Figure | None]:
    """Endpoints with a competing event, a figure each, for the supplement."""
    made: list[Figure | None] = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        title = words("curves.incidence", endpoint=endpoint.label)
        drawn = cumulative_incidence(numbers.study, name)
        alt, caption = incidence_alt(numbers, name), captions.incidence(numbers)
        made.append(figure(f"figure_incidence_{name}", title, drawn, alt, caption, True) if drawn else None)
    return made


def _has_curve(numbers: Numbers, endpoint: str, design: str) -> bool:
    return any(f"{endpoint}.{design}.all.{a}" in numbers.study.estimates.curves for a in numbers.arms)


def level_curves(numbers: Numbers, name: str) -> list[Figure | None]:
    """The levels of a subgroup: a figure per leading design with a panel per endpoint and level; of many subgroups in the primary
    design alone."""
    label = fmt.lower_first(numbers.protocol.subgroups[name].label)
    made: list[Figure | None] = []
    few = len(numbers.protocol.subgroups) <= MOST_SUBGROUPS or not numbers.primary
    for design in numbers.leading if few else [numbers.primary]:
        drawn = figures.kaplan_meier_by_level(numbers.study, name, design)
        title = words("curves.by_level", endpoints=captions.endpoints(numbers), label=label, cohort=of_cohort(numbers, design))
        alt = captions.level_curves_alt(numbers, name, design)
        tail = "" if numbers.single else f"_{design}"
        made.append(figure(f"figure_km{tail}_{name}", title, drawn, alt, captions.curves(numbers, [design]), True))
    return made
