"""This study beside published ones."""

from __future__ import annotations

from equipoise.document.model import Figure, Section
from equipoise.report import format as fmt
from equipoise.report.figures.published import published_forest, published_medians
from equipoise.report.figures.published_curves import published_overlay
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import published as said
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.published import published_table
from equipoise.report.words import words


def published_section(numbers: Numbers) -> Section | None:
    return section("published", words("sections.published"), [*_studies(numbers), *_curves(numbers)])


def _studies(numbers: Numbers) -> Blocks:
    table = published_table(numbers)
    if table is None:
        return []
    drawn = [f for f in (_forest(numbers), _medians(numbers)) if f is not None]
    named = said.studies_named(numbers, table.name, *(f.name for f in drawn))
    return [named, paragraph(said.results(numbers)), table, *drawn]


def _forest(numbers: Numbers) -> Figure | None:
    if numbers.single:
        return None
    asked = numbers.protocol.published
    key = "published.forest.caption" if asked is not None and asked.summary else "published.forest.caption_plain"
    caption = words(key, contrast=numbers.contrast_label, interval=numbers.protocol.ci)
    alt = words("published.forest.alt", results=" ".join(said.results(numbers)))
    title = words("published.forest.title")
    return figure("figure_published", title, published_forest(numbers), alt, caption, supplement=True)


def _medians(numbers: Numbers) -> Figure | None:
    title, caption = words("published.medians_figure.title"), words("published.medians_figure.caption")
    alt = words("published.medians_figure.alt", results=" ".join(said.results(numbers)))
    return figure("figure_published_medians", title, published_medians(numbers), alt, caption, supplement=True)


def _curves(numbers: Numbers) -> Blocks:
    drawn = [f for e in dict.fromkeys(c.asked.endpoint for c in numbers.study.published.curves) if (f := _overlay(numbers, e))]
    if not drawn:
        return []
    return [said.curves_named(numbers, *(f.name for f in drawn)), paragraph(said.curves(numbers)), *drawn]


def _overlay(numbers: Numbers, endpoint: str) -> Figure | None:
    cohort = fmt.lower_first(numbers.design_label(numbers.primary or "unadjusted"))
    title = words("published.overlay.title", endpoint=numbers.protocol.endpoints[endpoint].label)
    caption = words("published.overlay.caption", cohort=cohort)
    alt = " ".join([words("published.overlay.alt"), *said.curves(numbers)])
    return figure(f"figure_published_{endpoint}", title, published_overlay(numbers, endpoint), alt, caption, supplement=True)
