"""Cox models of each endpoint: univariable HR and P beside multivariable HR and P."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.document import Cell, Footnotes, Table, TableRow
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, INTERVAL_NOTE, body, head, plain_p, ratio_cell, stub

PHASE = "survival"
MODELS = ("cox_univariable", "cox_multivariable")


def predictor_table(numbers: Numbers, endpoint: str) -> Table | None:
    """Variables in the order of the protocol; levels of a categorical one indented below its label."""
    part = {"endpoint": endpoint, "design": "unadjusted"}
    if not any(numbers.has(phase=PHASE, analysis=m, statistic="hr", **part) for m in MODELS):
        return None
    notes = Footnotes()
    rows: list[TableRow] = []
    for variable in _variables(numbers, endpoint):
        rows += _variable_rows(numbers, part, variable, notes)
    info = numbers.protocol.endpoints[endpoint]
    title = f"Predictors of {info.event_label[:1].lower() + info.event_label[1:]} ({info.short})"
    return Table(f"table_cox_{endpoint}", title, _head(), tuple(rows), notes.listed(), _notes(numbers, part))


def _head() -> tuple[TableRow, ...]:
    spans = [head("", align="left"), head("Univariable", 2), head("Multivariable", 2)]
    line = [head("Variable", align="left"), *(head(x) for x in ("HR (95% CI)", "P", "HR (95% CI)", "P"))]
    return TableRow(tuple(spans)), TableRow(tuple(line))


def _variables(numbers: Numbers, endpoint: str) -> list[str]:
    cox = numbers.protocol.cox
    return list(dict.fromkeys([*cox.univariable, *cox.multivariable.get(endpoint, [])]))


def _variable_rows(numbers: Numbers, part: dict[str, str], variable: str, notes: Footnotes) -> list[TableRow]:
    levels = _levels(numbers, part, variable)
    if levels == [""]:
        return [body(stub(numbers.covariate_label(variable)), *_cells(numbers, part, variable, "", notes))]
    covariate = numbers.covariate(variable)
    reference = next(iter(covariate.levels.values()))
    rows = [body(stub(f"{covariate.label} (vs {reference})"), *[EMPTY] * 4)]
    for level in levels:
        label = stub(covariate.levels.get(level, level), 1)
        rows.append(body(label, *_cells(numbers, part, variable, level, notes)))
    return rows


def _levels(numbers: Numbers, part: dict[str, str], variable: str) -> list[str]:
    found: list[str] = []
    for model in MODELS:
        found += [
            r.level for r in numbers.where(phase=PHASE, analysis=model, variable=variable, statistic="hr", **part)
        ]
    return list(dict.fromkeys(found)) or [""]


def _cells(numbers: Numbers, part: dict[str, str], variable: str, level: str, notes: Footnotes) -> list[Cell]:
    cells: list[Cell] = []
    for model in MODELS:
        where = {"analysis": model, "variable": variable, "level": level, **part}
        hr = numbers.row(PHASE, "hr", **where)
        strange = hr is not None and math.isnan(hr.value)
        cells += [ratio_cell(hr, notes if strange else None), plain_p(numbers.row(PHASE, "p", **where))]
    return cells


def _notes(numbers: Numbers, part: dict[str, str]) -> tuple[str, ...]:
    methods = [_first(numbers, part, m) for m in MODELS]
    said = [
        f"{name}: {row.method}, {round(row.n)} patients, {round(row.events)} events."
        for name, row in zip(("Univariable", "Multivariable"), methods, strict=True)
        if row is not None and not math.isnan(row.n) and not math.isnan(row.events)
    ]
    said.append(
        "Univariable hazard ratios are marginal, multivariable ones conditional on the other variables of the model."
    )
    said += _model_notes(numbers, part)
    return (" ".join(said), INTERVAL_NOTE)


def _model_notes(numbers: Numbers, part: dict[str, str]) -> list[str]:
    """Events per coefficient and the global test of proportional hazards, where they were computed."""
    said = []
    per = numbers.row(PHASE, "events_per_variable", analysis="cox_multivariable", **part)
    if per is not None:
        said.append(f"Events per coefficient of the multivariable model: {fmt.number(per.value, 1)}.")
    ph = numbers.row(PHASE, "p", analysis="cox_multivariable_ph_test", variable="all", **part)
    if ph is not None:
        said.append(f"Proportional hazards of the multivariable model: {fmt.p_sentence(ph.value)} ({ph.method}).")
    return said


def _first(numbers: Numbers, part: dict[str, str], model: str) -> Row | None:
    rows = [r for r in numbers.where(phase=PHASE, analysis=model, statistic="hr", **part) if not math.isnan(r.value)]
    return rows[0] if rows else None
