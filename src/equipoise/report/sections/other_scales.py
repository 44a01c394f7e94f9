"""The treatment effect on other scales, and what it is when adjusted within each design."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.other_scales import followed_imbalance, restricted_mean
from equipoise.report.sections.parts import Blocks, paragraph, section
from equipoise.report.tables.other_scales import other_scales_table


def other_scales_section(numbers: Numbers) -> Section | None:
    return section("other_scales", "Effects on other scales", _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = None if numbers.single else other_scales_table(numbers)
    if table is None:
        return []
    main = numbers.primary or "unadjusted"
    means = [restricted_mean(numbers, endpoint, main) for endpoint in numbers.protocol.main_endpoints]
    left = [followed_imbalance(numbers, design) for design in numbers.design_names]
    return [paragraph([*means, *left], table.name), table]
