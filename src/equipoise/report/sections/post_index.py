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

KINDS = {"landmark": "from the landmark", "naive": "naive, from the index date"}


def post_index_sections(numbers: Numbers) -> list[Section | None]:
    return [
        section(f"post_index_{name}", f"After the index date: {fmt.lower_first(post.label)}", _blocks(numbers, name))
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
        of = "type of " if by == "type" else ""
        for analysis, words in KINDS.items():
            title = f"{numbers.protocol.endpoints[post.endpoint].label} by {of}{fmt.lower_first(post.label)}, {words}"
            drawn = post_index_figure(numbers.study, name, by, analysis)
            caption = _caption(numbers, name, analysis)
            blocks.append(
                figure(f"figure_{name}_{by}_{analysis}", title, drawn, said.alt(numbers, name, by, analysis), caption, True)
            )
    return [*blocks, strategies_table(numbers, name)]


def _caption(numbers: Numbers, name: str, analysis: str) -> str:
    post = numbers.protocol.post_index[name]
    few = f"No P where a group has fewer than {post.minimum_group} patients."
    if analysis == "naive":
        return (
            "Grouped by what happened later: patients had to live long enough to have it (guarantee-time bias). The "
            f"time-dependent model beside it is free of it. {few}"
        )
    zero = "progression" if post.clock else "the index date"
    return (
        f"Patients still followed {fmt.short(post.landmark_day)} days after {zero}, grouped by what they had by then. Ticks mark "
        f"censored patients. {few}"
    )
