"""Adverse events: the table, then dose changes, rates, the first event, laboratory grades."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report.figures.first_event import first_event_alt, first_event_figure
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import safety as said
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.safety import other_counts_table, safety_table
from equipoise.report.tables.safety_detail import laboratory_table, led_to_table, rate_table
from equipoise.report.words import words


def safety_section(numbers: Numbers) -> Section | None:
    return section("safety", words("sections.safety"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = safety_table(numbers)
    other = other_counts_table(numbers)
    if table is None:
        return [other]
    return [paragraph(said.safety(numbers), table.name), table, *_more(numbers), other]


def _more(numbers: Numbers) -> Blocks:
    """Dose changes, rates, the first event, laboratory grades; each where the study has its rows."""
    title = words("safety.first_event.title")
    caption = words("safety.first_event.caption", level=numbers.protocol.level_words)
    drawn = first_event_figure(numbers.study)
    curve = figure("figure_first_event", title, drawn, first_event_alt(numbers), caption, True) if drawn is not None else None
    return [led_to_table(numbers), rate_table(numbers), curve, laboratory_table(numbers)]
