"""The part of the safety section that follows its main table."""

from __future__ import annotations

from collections.abc import Callable

from equipoise.report.document import Block, Figure
from equipoise.report.figures.first_event import first_event_alt, first_event_figure
from equipoise.report.lookup import Numbers
from equipoise.report.tables.safety_detail import laboratory_table, led_to_table, rate_table

CAPTION = (
    "Aalen-Johansen estimates; death before the first event competes. Patients are followed up to 30 days after the last dose. "
    "Bands: {level} limits."
)


def safety_more(numbers: Numbers, figure: Callable[..., Figure | None]) -> list[Block | None]:
    """Dose changes, rates, the first event, laboratory grades; each where the study has its rows."""
    title = "First adverse event, with death competing"
    caption = CAPTION.format(level=numbers.protocol.level_words)
    drawn = first_event_figure(numbers.study)
    curve = figure("figure_first_event", title, drawn, first_event_alt(numbers), caption, True) if drawn is not None else None
    return [led_to_table(numbers), rate_table(numbers), curve, laboratory_table(numbers)]
