"""Baseline characteristics, the propensity score and balance."""

from __future__ import annotations

from equipoise.document.model import Section
from equipoise.report import figures
from equipoise.report.figures.several_overlap import several_overlap
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import captions
from equipoise.report.narrative.balance import balance
from equipoise.report.narrative.baseline import characteristics, differences
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.balance import all_products_table, balance_tables, products_table
from equipoise.report.tables.baseline import baseline_table, before_what, other_baseline_tables
from equipoise.report.tables.classes import class_tables
from equipoise.report.tables.covariate_groups import covariate_groups_table
from equipoise.report.tables.roles import roles_table
from equipoise.report.tables.score import propensity_tables
from equipoise.report.words import words


def baseline_section(numbers: Numbers) -> Section | None:
    title = words("sections.baseline" if numbers.single else "sections.baseline_and_balance")
    return section("baseline", title, _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    table = baseline_table(numbers)
    if table is None:
        return []
    primary = numbers.primary
    told = paragraph([*characteristics(numbers), *differences(numbers)], table.name)
    if not primary:
        return [told, table, roles_table(numbers)]
    if numbers.protocol.minimum_cell is not None:
        overlap = others = None
    elif numbers.several:
        overlap, others = several_overlap(numbers.study), None
    else:
        scored = len(numbers.study.design(primary).propensity) > 0
        overlap = figures.propensity_overlap(numbers.study) if scored else None
        others = figures.other_overlaps(numbers.study)
    balanced = balance_tables(numbers)
    love = figures.love_plot(numbers.study) if balanced else None
    if numbers.others:
        title = words("baseline.figures.love_in_each")
    else:
        title = words("baseline.figures.love", process=before_what(numbers, primary))
    shown = [*(["figure_love"] if love is not None else []), *(t.name for t in balanced)]
    return [
        told,
        paragraph([*balance(numbers), captions.propensity(numbers)], *shown),
        table,
        figure(
            "figure_overlap",
            words("baseline.figures.propensity"),
            overlap,
            captions.overlap_alt(numbers),
            captions.overlap(numbers),
            True,
        ),
        figure(
            "figure_overlap_others",
            words("baseline.figures.other_designs"),
            others,
            captions.other_overlaps_alt(numbers),
            captions.other_overlaps(),
            True,
        ),
        figure("figure_love", title, love, captions.love_alt(numbers), captions.love(numbers), True),
        roles_table(numbers),
        *balanced,
        products_table(numbers),
        all_products_table(numbers),
        covariate_groups_table(numbers),
        *other_baseline_tables(numbers),
        *propensity_tables(numbers),
        *class_tables(numbers),
    ]
