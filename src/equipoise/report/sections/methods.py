"""Methods, with the estimand and the software."""

from __future__ import annotations

from collections.abc import Mapping

from equipoise.document.model import Heading, Paragraph, Section, ref, text
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.lock import locked
from equipoise.report.narrative.methods import methods
from equipoise.report.narrative.power import power_blocks
from equipoise.report.sections.parts import Blocks, paragraph, section
from equipoise.report.tables.estimand import estimand_table


def methods_section(numbers: Numbers, versions: Mapping[str, str]) -> Section | None:
    return section("methods", "Methods", _blocks(numbers, versions))


def _blocks(numbers: Numbers, versions: Mapping[str, str]) -> Blocks:
    power = power_blocks(numbers)
    blocks: Blocks = [
        *methods(numbers),
        *([Heading("Power"), *power] if power else []),
        paragraph(locked(numbers)),
        _software(versions),
    ]
    table = estimand_table(numbers)
    if table is None:
        return blocks
    words = text("What is estimated, in the words of the protocol and as it was done, stands in ", ref(table.name), ".")
    return [*blocks, Heading("Estimand"), words, table]


def _software(versions: Mapping[str, str]) -> Paragraph:
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return text(f"Software: {listed}.")
