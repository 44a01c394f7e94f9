"""The section of endpoints that the protocol calls exploratory: a supplementary table, and their curves."""

from __future__ import annotations

from equipoise.document.model import Figure, Section, ref, text
from equipoise.report import figures
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative import results as said
from equipoise.report.narrative.effects import effects
from equipoise.report.narrative.survival import events, medians
from equipoise.report.sections.parts import Blocks, figure, lead_in, of_cohort, section, worded
from equipoise.report.tables.survival import source_table, survival_table
from equipoise.report.words import words


def exploratory_section(numbers: Numbers) -> Section | None:
    return section("exploratory", words("sections.exploratory"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = survival_table(numbers, exploratory=True)
    if table is None:
        return []
    names = list(numbers.protocol.exploratory_endpoints)
    key = "exploratory.these" if numbers.single else "exploratory.these_unadjusted"
    blocks: Blocks = [worded(key, table=ref(table.name))]
    for design in numbers.leading:
        sentences = [s for e in names for s in _sentences(numbers, e, design)]
        blocks.append(text(*lead_in(numbers, design), " ".join(sentences)))
    curves = [_curves(numbers, names, design) for design in numbers.leading]
    return [*blocks, table, *curves, source_table(numbers, exploratory=True)]


def _sentences(numbers: Numbers, endpoint: str, design: str) -> list[str]:
    found = (
        events(numbers, endpoint, design),
        medians(numbers, endpoint, design),
        effects(numbers, endpoint, design),
        said.proportionality(numbers, endpoint, design),
    )
    return [s for s in found if s]


def _curves(numbers: Numbers, names: list[str], design: str) -> Figure | None:
    drawn = figures.kaplan_meier(numbers.study, design, endpoints=names)
    title = words("exploratory.curves", cohort=of_cohort(numbers, design))
    alt = captions.curves_alt(numbers, [design], names)
    return figure(f"figure_km_exploratory_{design}", title, drawn, alt, captions.curves(numbers, [design]), True)
