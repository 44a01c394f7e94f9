"""Groupings known only after the index date, a section each: naive and corrected side by side."""

from __future__ import annotations

from equipoise.document.model import Section, text
from equipoise.report import format as fmt
from equipoise.report.figures.post_index import post_index_figure
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import post_index as said
from equipoise.report.sections.parts import Blocks, figure, section
from equipoise.report.tables.post_index import comparison_table, uptake_table
from equipoise.report.tables.strategies import strategies_table
from equipoise.report.words import words

KINDS = ("landmark", "naive")


def post_index_sections(numbers: Numbers) -> list[Section | None]:
    return [
        section(f"post_index_{name}", words("sections.post_index", label=fmt.lower_first(post.label)), _blocks(numbers, name))
        for name, post in numbers.protocol.post_index.items()
    ]


def _blocks(numbers: Numbers, name: str) -> Blocks:
    """Table of who came to have it; for each way of grouping a table and two figures."""
    table = uptake_table(numbers, name)
    if table is None:
        return []
    post = numbers.protocol.post_index[name]
    blocks: Blocks = [text(" ".join(said.post_index(numbers, name))), table]
    for by in post.by:
        blocks.append(comparison_table(numbers, name, by))
        for analysis in KINDS:
            groups = fmt.lower_first(post.label)
            if by == "type":
                groups = words("post_index.type_of", label=groups)
            label = numbers.protocol.endpoints[post.endpoint].label
            title = words(f"post_index.figure.{analysis}", endpoint=label, groups=groups)
            drawn = post_index_figure(numbers.study, name, by, analysis)
            caption = _caption(numbers, name, analysis)
            blocks.append(
                figure(f"figure_{name}_{by}_{analysis}", title, drawn, said.alt(numbers, name, by, analysis), caption, True)
            )
    return [*blocks, strategies_table(numbers, name)]


def _caption(numbers: Numbers, name: str, analysis: str) -> str:
    post = numbers.protocol.post_index[name]
    few = words("post_index.few", p=fmt.p_name(), least=str(post.minimum_group))
    if analysis == "naive":
        return words("post_index.caption.naive", few=few)
    zero = words("post_index.progression" if post.clock else "post_index.index_date")
    return words("post_index.caption.landmark", days=fmt.short(post.landmark_day), zero=zero, few=few)
