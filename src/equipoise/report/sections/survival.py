"""Survival: follow-up, medians and hazard ratios, curves."""

from __future__ import annotations

from equipoise.document.model import Figure, Section, text
from equipoise.report import figures
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions, conduct
from equipoise.report.narrative import results as said
from equipoise.report.narrative.effects import effects, other_designs, side_by_side
from equipoise.report.narrative.survival import events, followed, medians
from equipoise.report.sections.curves import curves, incidence_figures, other_curves
from equipoise.report.sections.parts import Blocks, figure, lead_in, paragraph, section
from equipoise.report.tables.survival import follow_up_table, landmark_table, source_table, survival_table
from equipoise.report.words import words


def survival_section(numbers: Numbers) -> Section | None:
    return section("survival", words("sections.survival"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = survival_table(numbers)
    if table is None:
        return []
    forest = figures.design_forest(numbers.study)
    blocks: Blocks = [paragraph([followed(numbers), *conduct.follow_up(numbers)])]
    for design in numbers.leading:
        sentences = []
        for endpoint in numbers.protocol.main_endpoints:
            sentences += [events(numbers, endpoint, design), medians(numbers, endpoint, design)]
            sentences += [effects(numbers, endpoint, design)]
            sentences += [said.proportionality(numbers, endpoint, design)]
        blocks.append(text(*lead_in(numbers, design), " ".join(s for s in sentences if s)))
    endpoints = numbers.protocol.main_endpoints
    blocks.append(paragraph([side_by_side(numbers, e) for e in endpoints] if numbers.primary else []))
    beside = ["figure_contrasts"] if numbers.several else ["figure_designs"] if forest else []
    blocks.append(paragraph([other_designs(numbers, e) for e in endpoints], *beside) if beside else None)
    return [
        *blocks,
        table,
        *curves(numbers),
        _forest(numbers, forest),
        *other_curves(numbers),
        *incidence_figures(numbers),
        source_table(numbers),
        follow_up_table(numbers),
        landmark_table(numbers),
    ]


def _forest(numbers: Numbers, drawn) -> Figure | None:
    caption = words("survival.forest.caption")
    return figure("figure_designs", words("survival.forest.title"), drawn, captions.design_forest_alt(numbers), caption)
