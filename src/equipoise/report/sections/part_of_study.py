"""A section that holds the sections of a study within the study: a restricted population, two arms of several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from equipoise.document.model import Block, Bullets, Figure, Heading, Paragraph, Run, Section, Table
from equipoise.report import format as fmt
from equipoise.report.sections.parts import section


def part_section(
    name: str, title: str, label: str, sections: Iterable[Section | None], prefix: str = "compared"
) -> Section | None:
    """name: of the population, in the names of its tables and figures. label: behind their titles."""
    blocks: list[Block | None] = []
    for part in sections:
        if part is not None:
            blocks += [Heading(part.title), *(_within(block, name, label) for block in part.blocks)]
    return section(f"{prefix}_{name}", title, blocks)


def _within(block: Block, name: str, label: str) -> Block:
    """A block of the section of a population: named, titled and referred to apart from that of the whole study."""
    if isinstance(block, Table | Figure):
        return replace(block, name=_own(block.name, name), title=f"{block.title}: {fmt.lower_first(label)}", supplement=True)
    if isinstance(block, Paragraph):
        return replace(block, runs=_referring(block.runs, name))
    if isinstance(block, Bullets):
        return Bullets(tuple(_referring(item, name) for item in block.items))
    if isinstance(block, Heading):
        return replace(block, level=block.level + 1)
    return block


def _referring(runs: tuple[Run, ...], name: str) -> tuple[Run, ...]:
    return tuple(replace(run, text=_own(run.text, name), ref=_own(run.ref, name)) if run.ref else run for run in runs)


def _own(anchor: str, name: str) -> str:
    return f"{anchor}__{name}"
