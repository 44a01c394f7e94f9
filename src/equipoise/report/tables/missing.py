"""The treatment effect with imputed covariates beside that of the complete cases, and the balance over imputations."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Table, TableRow, group
from equipoise.protocol.designs import label_of
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, head, plain_p, printed, ratio_cell, stub
from equipoise.report.words import words

MANY = 1000  # degrees of freedom from which Student's t is the normal distribution


def imputed_table(numbers: Numbers) -> Table | None:
    """A block per main endpoint; of each design the complete cases, then the imputed data sets."""
    if numbers.study.imputed is None:
        return None
    rows: list[TableRow] = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        rows.append(group(endpoint.label, 7))
        for design, spec in numbers.study.protocol.designs.items():
            rows.append(body(stub(label_of(spec), 1, bold=True), *[EMPTY] * 6))
            rows += [_complete(numbers, name, design), _pooled(numbers, name, design)]
    line = (
        "",
        words("columns.events_patients"),
        words("missing_table.size"),
        words("columns.hr_contrast", ci=numbers.protocol.ci, contrast=numbers.contrast_label),
        words("columns.p"),
        words("imputed_effects.fmi"),
        words("missing_table.df"),
    )
    heads = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(line)))
    notes = (words("missing_table.note"), words("missing_table.size_note"), words("notes.interval"))
    return Table("table_imputed", words("missing_table.title"), (heads,), tuple(rows), notes=notes, supplement=True)


def _complete(numbers: Numbers, endpoint: str, design: str) -> TableRow:
    label = stub(words("missing_table.complete"), 2)
    if design in numbers.study.designs.unmade:
        return body(label, EMPTY, EMPTY, Cell(words("missing_table.not_possible")), EMPTY, EMPTY, EMPTY)
    part = {"endpoint": endpoint, "design": design, "analysis": "cox", "contrast": numbers.contrast}
    hr = numbers.row("survival", "hr", **part)
    sizes = [
        numbers.row("design", "value", design=design, variable="pairs"),
        numbers.row("design", "value", design=design, variable="effective_n", group="total"),
    ]
    size = next((_size(r) for r in sizes if r is not None), EMPTY)
    return body(label, _events(hr), size, ratio_cell(hr), plain_p(numbers.row("survival", "p", **part)), EMPTY, EMPTY)


def _pooled(numbers: Numbers, endpoint: str, design: str) -> TableRow:
    part = {"endpoint": endpoint, "design": design, "analysis": "cox_imputed", "contrast": numbers.contrast}
    hr, p = numbers.row("survival", "hr", **part), numbers.row("survival", "p", **part)
    assert numbers.study.imputed is not None
    label = words("missing_table.imputed", count=len(numbers.study.imputed.designs))
    made = numbers.value("design", "value", design=design, analysis="imputed", variable="copies")
    if made < len(numbers.study.imputed.designs):
        label = words("missing_table.imputed_in_some", count=len(numbers.study.imputed.designs), n=fmt.count(made))
    sizes = [
        numbers.row("design", "value", design=design, analysis="imputed", variable="pairs"),
        numbers.row("design", "value", design=design, analysis="imputed", variable="effective_n", group="total"),
    ]
    size = next((_range(r) for r in sizes if r is not None), EMPTY)
    fmi, df = (numbers.value("survival", name, **part) for name in ("fmi", "df"))
    shown = Cell("" if math.isnan(fmi) else fmt.number(fmi, 2))
    return body(stub(label, 2), _events(hr), size, ratio_cell(hr), plain_p(p), shown, Cell(_df(df, fmi)))


def _df(df: float, fmi: float) -> str:
    if math.isnan(df):
        return "" if math.isnan(fmi) else f">{fmt.count(MANY)}"
    return f">{fmt.count(MANY)}" if df > MANY else fmt.number(df, 0)


def _events(row: Row | None) -> Cell:
    """`25/40`; means over imputations with a decimal where they are no whole numbers."""
    if row is None or math.isnan(row.events):
        return EMPTY
    return printed(f"{_plain(row.events)}/{_plain(row.n)}", row)


def _plain(value: float) -> str:
    return fmt.number(value, 0 if float(value).is_integer() else 1)


def _size(row: Row) -> Cell:
    return printed(_plain(row.value), row)


def _range(row: Row) -> Cell:
    decimals = 0 if all(float(v).is_integer() for v in (row.low, row.high)) else 1
    return printed(f"{_plain(row.value)} ({fmt.interval(row.low, row.high, decimals)})", row)


def imputed_balance_table(numbers: Numbers) -> Table | None:
    """|SMD| of every variable: among complete cases, then mean and largest over the imputed data sets."""
    if numbers.study.imputed is None:
        return None
    part = {"analysis": "imputed_balance", "statistic": "smd"}
    designs = {name: label_of(spec) for name, spec in numbers.study.protocol.designs.items()}
    found = {(r.design, r.variable): r for r in numbers.where("design", **part)}
    names = list(dict.fromkeys(variable for _, variable in found))
    shown = [d for d in designs if any((d, v) in found for v in names)]
    if not names:
        return None
    rows = []
    for variable in names:
        cells: list[Cell] = []
        for design in shown:
            cells += _balance(numbers, design, variable, found.get((design, variable)))
        rows.append(body(stub(numbers.covariate_label(variable)), *cells))
    top = [head("", align="left"), *(head(designs[d], 3) for d in shown)]
    line = [head(words("columns.absolute_smd"), align="left")]
    line += [
        head(x)
        for _ in shown
        for x in (words("missing_table.complete"), words("missing_table.mean"), words("missing_table.largest"))
    ]
    title = words("missing_table.balance")
    note = words("missing_table.balance_note")
    head_rows = (TableRow(tuple(top)), TableRow(tuple(line)))
    return Table("table_imputed_balance", title, head_rows, tuple(rows), notes=(note,), supplement=True)


def _balance(numbers: Numbers, design: str, variable: str, row: Row | None) -> list[Cell]:
    made = design not in numbers.study.designs.unmade
    complete = numbers.value("baseline", "smd", design=design, variable=variable) if made else math.nan
    sizes = (abs(complete), *((row.value, row.high) if row is not None else (math.nan, math.nan)))
    return [Cell("\u2013" if math.isnan(v) else fmt.number(v, 3)) for v in sizes]


def missing_balance_table(numbers: Numbers) -> Table | None:
    """Patients without each covariate of a score, and the |SMD| of that share in every design; under the indicator alone."""
    found = {(r.design, r.variable): r for r in numbers.where("design", analysis="missing_balance", statistic="smd")}
    names = list(dict.fromkeys(variable for _, variable in found))
    shown = [d for d in numbers.design_names if any((d, v) in found for v in names)]
    if not names:
        return None
    rows = []
    for variable in names:
        cells: list[Cell] = []
        for design in shown:
            row = found.get((design, variable))
            if row is None:
                cells += [EMPTY, EMPTY]
                continue
            size = "\u2013" if math.isnan(row.value) else fmt.number(abs(row.value), 3)
            cells += [printed(fmt.n_percent(row.events, row.n), row), printed(size, row)]
        rows.append(body(stub(numbers.covariate_label(variable)), *cells))
    top = [head("", align="left"), *(head(numbers.design_label(d), 2) for d in shown)]
    line = [
        head(words("missing_table.without"), align="left"),
        *(head(x) for _ in shown for x in ("n (%)", words("columns.absolute_smd"))),
    ]
    note = words("missing_table.without_note")
    heads = (TableRow(tuple(top)), TableRow(tuple(line)))
    return Table(
        "table_missing_balance", words("missing_table.without_title"), heads, tuple(rows), notes=(note,), supplement=True
    )
