"""Baseline characteristics, the propensity score and balance."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report import figures
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative import results as said
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.baseline import balance_table, baseline_table
from equipoise.report.tables.design import propensity_table


def baseline_section(numbers: Numbers) -> Section | None:
    title = f"Baseline characteristics{'' if numbers.single else ' and balance'}"
    return section("baseline", title, _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = baseline_table(numbers)
    if table is None:
        return []
    adjusted = numbers.adjusted
    if not adjusted:
        return [table]
    scored = len(numbers.study.design(adjusted).propensity) > 0
    overlap = figures.propensity_overlap(numbers.study) if scored else None
    balance = balance_table(numbers)
    love = figures.love_plot(numbers.study) if balance is not None else None
    sentences = said.balance(numbers)
    return [
        paragraph(sentences, *(["table_baseline", "figure_love"] if love is not None else ["table_baseline"])),
        table,
        figure("figure_overlap", "Propensity scores", overlap, captions.overlap_alt(numbers), captions.OVERLAP, True),
        figure("figure_love", "Balance before and after matching", love, captions.love_alt(numbers), captions.LOVE, True),
        balance,
        propensity_table(numbers),
        paragraph([captions.propensity(numbers)]),
    ]
