"""What sections are made of: the section itself, a paragraph with references, a drawn figure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from equipoise.document.model import Block, Figure, Heading, Paragraph, Run, Section, bold, ref, text
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import render
from equipoise.report.kept import keep
from equipoise.report.lookup import Numbers
from equipoise.report.progress import began
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawn

Blocks = list[Block | None]


def section(anchor: str, title: str, blocks: Blocks) -> Section | None:
    """None when nothing but headings would stand in it."""
    kept = tuple(b for b in blocks if b is not None)
    return Section(anchor, title, kept) if any(not isinstance(b, Heading) for b in kept) else None


def paragraph(sentences: list[str], *refs: str) -> Paragraph | None:
    """Sentences in one paragraph, with the tables and figures that hold their numbers behind them."""
    said = " ".join(s for s in sentences if s)
    if not said:
        return None
    runs = [Run(said.removesuffix(".") if refs else said)]
    for i, name in enumerate(refs):
        runs += [Run(" (" if i == 0 else ", "), ref(name)]
    return Paragraph((*runs, Run(").")) if refs else tuple(runs))


def worded(key: str, **parts: Run | str) -> Paragraph:
    """A text whose parts are references or links, or words."""
    cuts = re.split("\x00", words(key, **{name: f"\x00{name}\x00" for name in parts}))
    runs = [parts[said] if i % 2 else said for i, said in enumerate(cuts)]
    return text(*(r for r in runs if r))


def figure(name: str, title: str, drawn: Drawn | None, alt: str, caption: str = "", supplement: bool = False) -> Figure | None:
    """The figure in its three formats; None where nothing was drawn."""
    if drawn is None:
        return None
    began(f"figure {name.removeprefix('figure_')}")
    keep(name, drawn)
    return Figure(name, title, render(drawn), alt, caption, supplement, keys=getattr(drawn, "rows_behind", ()))


def lead_in(numbers: Numbers, design: str) -> list[Run]:
    """The cohort that a paragraph speaks of; a single arm has one."""
    return [] if numbers.single else [bold(f"{numbers.design_label(design)}. ")]


def of_cohort(numbers: Numbers, design: str) -> str:
    """`, matched cohort` behind a title; nothing behind that of a single arm."""
    return "" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}"
