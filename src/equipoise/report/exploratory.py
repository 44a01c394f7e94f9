"""The section of endpoints that the protocol calls exploratory: a supplementary table, and their curves."""

from __future__ import annotations

from collections.abc import Callable

from equipoise.report import figures
from equipoise.report import format as fmt
from equipoise.report.document import Block, Figure, bold, ref, text
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative import results as said
from equipoise.report.tables.survival import source_table, survival_table


def exploratory_blocks(numbers: Numbers, figure: Callable[..., Figure | None]) -> list[Block | None]:
    """None where no endpoint is exploratory. figure: draws and captions."""
    table = survival_table(numbers, exploratory=True)
    if table is None:
        return []
    names = list(numbers.protocol.exploratory_endpoints)
    untested = "" if numbers.single else ": no P is adjusted for their number"
    blocks: list[Block | None] = [text(f"These outcomes are exploratory{untested} (", ref(table.name), ").")]
    for design in numbers.design_names:
        sentences = [s for e in names for s in _sentences(numbers, e, design)]
        cohort = [] if numbers.single else [bold(f"{numbers.design_label(design)}. ")]
        blocks.append(text(*cohort, " ".join(sentences)))
    curves = [_curves(numbers, names, design, figure) for design in numbers.design_names]
    return [*blocks, table, *curves, source_table(numbers, exploratory=True)]


def _sentences(numbers: Numbers, endpoint: str, design: str) -> list[str]:
    effect = said.effect(numbers, endpoint, said.treatment_row(numbers, endpoint, design), "marginal")
    found = (said.medians(numbers, endpoint, design), effect, said.proportionality(numbers, endpoint, design))
    return [s for s in found if s]


def _curves(numbers: Numbers, names: list[str], design: str, figure: Callable[..., Figure | None]) -> Figure | None:
    drawn = figures.kaplan_meier(numbers.study, design, endpoints=names)
    title = "Exploratory outcomes" + ("" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}")
    alt = captions.curves_alt(numbers, [design], "all", names)
    return figure(f"figure_km_exploratory_{design}", title, drawn, alt, captions.curves(numbers), True)
