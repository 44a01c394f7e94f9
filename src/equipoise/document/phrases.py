"""The few words that a renderer brings itself, in the language of the document that is written; English where nothing is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """language: tag of BCP 47. supplement_to: with `{title}`. see: with `{cited}`. listed: between the last two numbers of
    several."""

    language: str = "en"
    table: str = "Table"
    tables: str = "Tables"
    figure: str = "Figure"
    figures: str = "Figures"
    legends: str = "Figure legends"
    supplementary_tables: str = "Supplementary tables"
    supplementary_figures: str = "Supplementary figures"
    supplement: str = "Supplementary material"
    supplement_to: str = "Supplement to: {title}"
    listed: str = "and"
    see: str = "See {cited}."
    contents: str = "Contents"
    references: str = "References"
    abbreviations: str = "Abbreviations"
    title: str = "Title"
    sheet: str = "Sheet"
    foot: str = "Written by Equipoise from the protocol and the data; every number stands in results.csv."


ENGLISH = Phrases()
_NOW: ContextVar[Phrases] = ContextVar("phrases", default=ENGLISH)


def phrases() -> Phrases:
    """The words of the block that this is called in."""
    return _NOW.get()


@contextmanager
def phrased(chosen: Phrases) -> Iterator[None]:
    """Within the block, and in nothing that runs beside it, documents are made and written with these words."""
    before = _NOW.set(chosen)
    try:
        yield
    finally:
        _NOW.reset(before)
