"""The propensity model: its coefficients, and which terms have none."""

from __future__ import annotations

import math

from equipoise.document.model import Table, TableRow
from equipoise.protocol.score import LASSO, ML, Score
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.score_terms import term_label
from equipoise.report.tables.cells import body, head, plain_p, printed, ratio_cell, stub
from equipoise.report.tables.several_arms import several_propensity_table
from equipoise.report.words import words

NO_COEFFICIENT = {  # the method of a row -> its text
    "nobody to compare": "nobody",
    "reference level among these patients": "reference",
    "determined by the terms before it": "determined",
}


def propensity_tables(numbers: Numbers) -> list[Table]:
    """The propensity model of the primary design, and of each other design that rests on another one."""
    found, seen = [], []
    for design in [d for d in numbers.design_names if numbers.study.design(d).model is not None]:
        model = numbers.study.design(design).model
        which = (model.covariates, model.score.decides)
        table = _propensity_table(numbers, design, model.score) if which not in seen else None
        seen.append(which)
        found += [table] if table is not None else []
    return found


def _propensity_table(numbers: Numbers, design: str, score: Score) -> Table | None:
    """Logistic model of the focal arm: coefficient, odds ratio, P."""
    if numbers.several:
        return several_propensity_table(numbers, design)
    found = numbers.where(phase="design", analysis="propensity", design=design, statistic="coef")
    coefficients = [r for r in found if not _intercept(r) and not (score.fit == LASSO and r.value == 0)]
    if not coefficients:
        return None
    rows = tuple(_coefficient(numbers, r, score) for r in coefficients)
    labels = [
        words("columns.variable"),
        words("score.coefficient"),
        words("score.odds_ratio_ci", ci=numbers.protocol.ci),
        words("columns.p"),
    ]
    if score.fit != ML:
        labels = [words("columns.variable"), words("score.coefficient"), words("score.odds_ratio")]
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    note = words("score.note" if score.fit != ML else "score.note_of_p", arm=focal)
    absent = _without_coefficient(numbers, coefficients)
    more = [f"{words('counts.patient', count=coefficients[0].n)}."] if not math.isnan(coefficients[0].n) else []
    more += [words(f"score.penalized.{score.fit}")] if score.fit != ML else []
    more += [words("score.splines")] if any("ns(" in r.variable for r in coefficients) else []
    name, title = "table_propensity", words("score.title")
    if design != numbers.primary:
        name, title = f"{name}_{design}", f"{title}, {fmt.lower_first(numbers.design_label(design))}"
    return Table(name, title, (line,), rows, notes=(note, *more, *absent), supplement=True)


def _without_coefficient(numbers: Numbers, rows: list[Row]) -> list[str]:
    """Why a term has none."""
    said = []
    for row in rows:
        if math.isnan(row.value):
            reason = row.method.removeprefix("not estimable: ")
            said.append(f"{term_label(numbers, row.variable, row.level)}: {_why(reason)}.")
    return said


def _why(reason: str) -> str:
    return words(f"score.no_coefficient.{NO_COEFFICIENT[reason]}") if reason in NO_COEFFICIENT else spoken(reason)


def _intercept(row: Row) -> bool:
    return row.variable.strip("()").lower() in ("intercept", "constant")


def _coefficient(numbers: Numbers, row: Row, score: Score) -> TableRow:
    part = {"analysis": "propensity", "design": row.design, "variable": row.variable, "level": row.level}
    odds = numbers.row("design", "odds_ratio", **part)
    cells = [stub(term_label(numbers, row.variable, row.level)), printed(fmt.number(row.value, 3), row)]
    if score.fit != ML:
        alone = math.nan if odds is None else odds.value
        return body(*cells, printed(fmt.not_estimable() if math.isnan(alone) else fmt.ratio(alone), odds))
    return body(*cells, ratio_cell(odds), plain_p(numbers.row("design", "p", **part)))
