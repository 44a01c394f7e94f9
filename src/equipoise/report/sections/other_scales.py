"""The treatment effect on other scales, and what it is when adjusted within each design."""

from __future__ import annotations

from equipoise.document.model import Figure, Section
from equipoise.report.figures.standardised import standardised_alt, standardised_curves
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.other_scales import followed_imbalance, restricted_mean, standardised_effect
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.other_scales import other_scales_table
from equipoise.report.words import words


def other_scales_section(numbers: Numbers) -> Section | None:
    return section("other_scales", words("sections.other_scales"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = None if numbers.single else other_scales_table(numbers)
    if table is None:
        return []
    main = numbers.primary or "unadjusted"
    means = [restricted_mean(numbers, endpoint, main) for endpoint in numbers.protocol.main_endpoints]
    left = [followed_imbalance(numbers, design) for design in numbers.design_names]
    drawn = _standardised(numbers)
    effects = [standardised_effect(numbers, endpoint, main) for endpoint in numbers.protocol.main_endpoints]
    told = paragraph(effects, drawn.name) if drawn is not None else None
    return [paragraph([*means, *left], table.name), told, table, drawn]


def _standardised(numbers: Numbers) -> Figure | None:
    drawn = standardised_curves(numbers.study)
    caption = words("other_scales.curves.caption")
    name, title = "figure_standardised", words("other_scales.curves.title")
    return figure(name, title, drawn, standardised_alt(numbers), caption, True) if drawn is not None else None
