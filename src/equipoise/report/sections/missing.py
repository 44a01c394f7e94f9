"""Missing covariates: the effect over imputations beside that of the complete cases, balance, what the imputation looked like;
balance of what is missing where it is a level of the score."""

from __future__ import annotations

from equipoise.document.model import Section, Table
from equipoise.report.figures.imputation import MOST, imputation_chains, imputed_and_observed
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import missing as said
from equipoise.report.sections.parts import Blocks, figure, paragraph, section
from equipoise.report.tables.imputed_effects import (
    each_imputation_table,
    imputed_effects_table,
    imputed_populations_table,
    imputed_predictors_table,
)
from equipoise.report.tables.missing import imputed_balance_table, imputed_table, missing_balance_table
from equipoise.report.words import words


def missing_section(numbers: Numbers) -> Section | None:
    """None where missing covariates are those of no score, or left to complete cases."""
    return section("missing", words("sections.missing"), [*_blocks(numbers), missing_balance_table(numbers)])


def _blocks(numbers: Numbers) -> Blocks:
    imputed = numbers.study.imputed
    table = imputed_table(numbers)
    if imputed is None or table is None:
        return []
    rest = [words("missing.most_shown", most=str(MOST))] if len(imputed.drawn.names) > MOST else []
    more = _more(numbers)
    drawn = numbers.protocol.minimum_cell is None
    chains, values = (imputation_chains(numbers.study), imputed_and_observed(numbers.study)) if drawn else (None, None)
    return [
        paragraph(said.imputed_results(numbers), table.name),
        table,
        paragraph([words("missing.pointers")], *(t.name for t in more)),
        *more,
        imputed_balance_table(numbers),
        figure(
            "figure_chains",
            words("missing.chains.title"),
            chains,
            said.chains_alt(numbers),
            " ".join([words("missing.chains.caption"), *rest]),
            True,
        ),
        figure(
            "figure_imputed",
            words("missing.values.title"),
            values,
            said.values_alt(numbers),
            " ".join([words("missing.values.caption"), *rest]),
            True,
        ),
    ]


def _more(numbers: Numbers) -> list[Table]:
    """Tables beside the one of the hazard ratios."""
    makers = (imputed_effects_table, imputed_predictors_table, imputed_populations_table, each_imputation_table)
    return [table for make in makers if (table := make(numbers)) is not None]
