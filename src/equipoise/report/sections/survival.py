"""Survival: follow-up, medians and hazard ratios, curves."""

from __future__ import annotations

from equipoise.document.model import Section, text
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import conduct
from equipoise.report.narrative import results as said
from equipoise.report.sections.curves import curves
from equipoise.report.sections.parts import Blocks, lead_in, paragraph, section
from equipoise.report.tables.survival import follow_up_table, landmark_table, source_table, survival_table


def survival_section(numbers: Numbers) -> Section | None:
    return section("survival", "Survival", _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = survival_table(numbers)
    if table is None:
        return []
    blocks: Blocks = [paragraph(conduct.follow_up(numbers))]
    for design in numbers.design_names:
        sentences = []
        for endpoint in numbers.protocol.main_endpoints:
            sentences += [said.medians(numbers, endpoint, design)]
            sentences += [said.effect(numbers, endpoint, said.treatment_row(numbers, endpoint, design), "marginal")]
            sentences += [said.proportionality(numbers, endpoint, design)]
        blocks.append(text(*lead_in(numbers, design), " ".join(s for s in sentences if s)))
    blocks += [paragraph([said.side_by_side(numbers, e) for e in numbers.protocol.main_endpoints] if numbers.adjusted else [])]
    return [*blocks, table, *curves(numbers), source_table(numbers), follow_up_table(numbers), landmark_table(numbers)]
