"""Cox models: univariable HR and P beside multivariable HR and P, the endpoints side by side."""

from __future__ import annotations

import math
from dataclasses import replace

from equipoise.document.model import Cell, Footnotes, Table, TableRow
from equipoise.protocol.spec import TREATMENT
from equipoise.records import Row
from equipoise.records.reasons import reason
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, plain_p, ratio_cell, stub
from equipoise.report.words import words

PHASE = "survival"
DESIGN = "unadjusted"
MODELS = ("cox_univariable", "cox_multivariable")
SIDE_BY_SIDE = 2


def predictor_tables(numbers: Numbers) -> list[Table]:
    """One table for one or two endpoints; with more endpoints a table each."""
    known = [e for e in numbers.protocol.main_endpoints if _models(numbers, e)]
    if not known:
        return []
    groups = [known] if len(known) <= SIDE_BY_SIDE else [[e] for e in known]
    return [_table(numbers, group) for group in groups]


def _models(numbers: Numbers, endpoint: str) -> list[str]:
    """The models that were fitted for an endpoint."""
    part = {"phase": PHASE, "endpoint": endpoint, "design": DESIGN, "statistic": "hr"}
    return [m for m in MODELS if numbers.has(analysis=m, **part)]


def _table(numbers: Numbers, endpoints: list[str]) -> Table:
    notes = footnotes()
    rows: list[TableRow] = []
    for variable in _variables(numbers, endpoints):
        rows += _variable_rows(numbers, endpoints, variable, notes)
    labels = [fmt.lower_first(numbers.protocol.endpoints[e].label) for e in endpoints]
    said = tuple(_note(numbers, e) for e in endpoints)
    general = words("predictors_table.note")
    alone = len(endpoints) > 1 or len(numbers.protocol.main_endpoints) == 1
    name = "table_predictors" if alone else f"table_predictors_{endpoints[0]}"
    title = words("predictors_table.title", endpoints=fmt.listed(labels))
    return Table(name, title, _head(numbers, endpoints), tuple(rows), notes.listed(), (*said, general, words("notes.interval")))


def _head(numbers: Numbers, endpoints: list[str]) -> tuple[TableRow, ...]:
    top, middle, line = [head("", align="left")], [head("", align="left")], [head(words("columns.variable"), align="left")]
    for endpoint in endpoints:
        models = _models(numbers, endpoint)
        top.append(head(numbers.protocol.endpoints[endpoint].label, 2 * len(models)))
        middle += [
            head({"cox_univariable": words("columns.univariable"), "cox_multivariable": words("columns.multivariable")}[m], 2)
            for m in models
        ]
        line += [head(words("columns.hr", ci=numbers.protocol.ci)), head(words("columns.p"))] * len(models)
    return TableRow(tuple(top)), TableRow(tuple(middle)), TableRow(tuple(line))


def _variables(numbers: Numbers, endpoints: list[str]) -> list[str]:
    cox = numbers.protocol.cox
    more = [v for e in endpoints for v in cox.multivariable.get(e, [])]
    return list(dict.fromkeys([*cox.univariable, *more]))


def _variable_rows(numbers: Numbers, endpoints: list[str], variable: str, notes: Footnotes) -> list[TableRow]:
    """One row, or a heading row and a row per level compared with the first; below them contrasts of levels where the first has
    no estimate, and below the term of a sparse group its penalised estimate."""
    levels = _levels(numbers, variable)
    width = sum(2 * len(_models(numbers, e)) for e in endpoints)
    if levels == [""]:
        rows = [body(stub(_label(numbers, variable)), *_cells(numbers, endpoints, notes, variable=variable, level=""))]
        return rows + _penalised(numbers, endpoints, notes, 1, variable=variable, level="")
    if variable == TREATMENT:
        return [row for arm in levels for row in _arm_rows(numbers, endpoints, arm, notes)]
    covariate = numbers.covariate(variable)
    single = len(levels) == 1
    rows = [] if single else [body(stub(covariate.label), *[EMPTY] * width)]
    for level in levels:
        label = _against(numbers, variable, level)
        cells = _cells(numbers, endpoints, notes, variable=variable, level=level)
        rows.append(body(stub(f"{covariate.label}: {label}") if single else stub(label, 1), *cells))
        rows += _penalised(numbers, endpoints, notes, 1 if single else 2, variable=variable, level=level)
    return rows + _contrasts(numbers, endpoints, variable, notes)


def _label(numbers: Numbers, variable: str) -> str:
    """`Tumor size, per 1 mm` of a continuous variable; the label of any other."""
    label, unit = numbers.covariate_label(variable), numbers.unit_of(variable)
    return words("predictors.label_per_unit", label=label.rpartition(", ")[0] or label, unit=unit) if unit else label


def _arm_rows(numbers: Numbers, endpoints: list[str], arm: str, notes: Footnotes) -> list[TableRow]:
    """Of several arms each against the reference."""
    term = {"variable": TREATMENT, "level": arm}
    label = stub(numbers.covariate_label(TREATMENT, arm))
    return [body(label, *_cells(numbers, endpoints, notes, **term)), *_penalised(numbers, endpoints, notes, 1, **term)]


def _penalised(numbers: Numbers, endpoints: list[str], notes: Footnotes, indent: int, **term: str) -> list[TableRow]:
    """The penalised estimate beside the ordinary one, where a group is sparse."""
    if not any(_row(numbers, e, f"{m}_firth", "hr", **term) for e in endpoints for m in _models(numbers, e)):
        return []
    return [body(stub(words("columns.firth"), indent), *_cells(numbers, endpoints, notes, "_firth", **term))]


def _contrasts(numbers: Numbers, endpoints: list[str], variable: str, notes: Footnotes) -> list[TableRow]:
    """Levels against the first one that has an event."""
    found = [
        (r.level, r.contrast)
        for e in endpoints
        for m in _models(numbers, e)
        for r in numbers.where(
            phase=PHASE, analysis=f"{m}_contrast", endpoint=e, design=DESIGN, variable=variable, statistic="hr"
        )
    ]
    levels = numbers.covariate(variable).levels
    rows = []
    for level, contrast in dict.fromkeys(found):
        other = contrast.removeprefix(f"{level} vs ")
        label = stub(words("predictors_table.versus", level=levels.get(level, level), other=levels.get(other, other)), 1)
        rows.append(
            body(label, *_cells(numbers, endpoints, notes, "_contrast", variable=variable, level=level, contrast=contrast))
        )
    return rows


def _against(numbers: Numbers, variable: str, level: str) -> str:
    levels = numbers.covariate(variable).levels
    return words("predictors_table.versus", level=levels.get(level, level), other=next(iter(levels.values())))


def _levels(numbers: Numbers, variable: str) -> list[str]:
    found = [r.level for m in MODELS for r in numbers.where(phase=PHASE, analysis=m, variable=variable, statistic="hr")]
    return list(dict.fromkeys(found)) or [""]


def _cells(numbers: Numbers, endpoints: list[str], notes: Footnotes, kind: str = "", **term: str) -> list[Cell]:
    """Hazard ratio and P of a term in every model; a footnote where it has no estimate, a penalised one, or fewer patients than
    the cohort has."""
    cells: list[Cell] = []
    for endpoint in endpoints:
        for model in _models(numbers, endpoint):
            hr, p = (_row(numbers, endpoint, f"{model}{kind}", statistic, **term) for statistic in ("hr", "p"))
            said = _said_of(numbers, hr, model, kind) if hr is not None else []
            cell = ratio_cell(hr)
            cells += [replace(cell, note=notes.mark("; ".join(said))) if said else cell, plain_p(p)]
    return cells


def _said_of(numbers: Numbers, hr: Row, model: str, kind: str) -> list[str]:
    said = []
    if math.isnan(hr.value) or kind == "_firth":
        why = reason(hr.method)
        said.append(f"{fmt.upper_first(fmt.not_estimable())}: {spoken(why)}" if why else spoken(hr.method))
    if model == "cox_univariable" and hr.n < numbers.total_n(DESIGN):
        said.append(
            words(
                "predictors_table.known",
                patients=words("counts.patient", count=hr.n),
                events=words("counts.event", count=hr.events),
            )
        )
    return said


def _row(numbers: Numbers, endpoint: str, analysis: str, statistic: str, **term: str) -> Row | None:
    return numbers.row(PHASE, statistic, endpoint=endpoint, design=DESIGN, analysis=analysis, **term)


def _note(numbers: Numbers, endpoint: str) -> str:
    """How the models of an endpoint were fitted, on how many patients and events."""
    part = {"endpoint": endpoint, "design": DESIGN}
    said = []
    for model in _models(numbers, endpoint):
        row = _first(numbers, endpoint, model)
        if row is not None:
            said.append(f"{spoken(row.method)}, {_size(numbers, endpoint, model, row)}.")
    per = numbers.row(PHASE, "events_per_variable", analysis="cox_multivariable", **part)
    if per is not None:
        said.append(words("predictors_table.per_coefficient", n=bound(fmt.number(per.value, 1), per)))
    ph = numbers.row(PHASE, "p", analysis="cox_multivariable_ph_test", variable="all", **part)
    if ph is not None:
        said.append(words("predictors_table.proportional", p=bound(fmt.p_sentence(ph.value), ph), method=spoken(ph.method)))
    return f"{numbers.protocol.endpoints[endpoint].short}: {' '.join(said)}"


def _size(numbers: Numbers, endpoint: str, model: str, row: Row) -> str:
    """Patients and events of a model; of the univariable ones the span, where the variables are not known in all patients."""
    rows = numbers.where(phase=PHASE, analysis=model, endpoint=endpoint, design=DESIGN, statistic="hr")
    low, high = min(r.n for r in rows), max(r.n for r in rows)
    whole = numbers.total_n(DESIGN)
    if low < high:
        return words("predictors_table.known_between", low=fmt.count(low), high=fmt.count(high))
    events = bound(words("counts.event", count=row.events), row)
    if row.n >= whole:
        return words("predictors_table.size", patients=bound(words("counts.patient", count=row.n), row), events=events)
    key = "predictors_table.size_complete" if model == "cox_multivariable" else "predictors_table.size_of"
    return words(key, n=bound(fmt.count(row.n), row), whole=fmt.count(whole), events=events)


def _first(numbers: Numbers, endpoint: str, model: str) -> Row | None:
    rows = numbers.where(phase=PHASE, analysis=model, endpoint=endpoint, design=DESIGN, statistic="hr")
    return next((r for r in rows if not math.isnan(r.value)), None)
