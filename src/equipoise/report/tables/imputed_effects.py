"""Every effect over imputed data sets beside that of the complete cases; predictors, other populations, and each data set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.protocol.designs import UNADJUSTED, label_of
from equipoise.records import Row
from equipoise.records.reasons import reason
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, plain_p, printed, ratio_cell, stub
from equipoise.report.words import words


@dataclass(frozen=True, slots=True)
class _Measure:
    """A line of the table. kind: how its number is printed: ratio, points (of percent), percent or time."""

    label: str
    phase: str
    analysis: str
    statistic: str
    kind: str
    p: str = ""
    fmi: str = ""


_HAZARDS = (
    _Measure("marginal", "survival", "cox", "hr", "ratio", "p", "fmi"),
    _Measure("pair_stratified", "survival", "cox_pair_stratified", "hr", "ratio", "p", "fmi"),
    _Measure("adjusted", "effect", "cox_adjusted", "hr", "ratio", "p", "fmi"),
    _Measure("subdistribution", "effect", "fine_gray", "hr", "ratio", "p", "fmi"),
)
_MEANS = (
    _Measure("mean_difference", "effect", "rmst", "difference", "time", "p", "fmi"),
    _Measure("mean_ratio", "effect", "rmst", "ratio", "ratio", "p_ratio", "fmi_ratio"),
)
_AT = (
    _Measure("survival_difference", "effect", "survival_difference", "difference", "points", "p", "fmi"),
    _Measure("doubly_robust", "effect", "doubly_robust", "difference", "points", "p", "fmi"),
)
_RISKS = (
    _Measure("risk_difference", "effect", "risk", "difference", "points", "p", "fmi"),
    _Measure("risk_ratio", "effect", "risk", "ratio", "ratio", "p_ratio", "fmi_ratio"),
    _Measure("odds_ratio", "effect", "risk", "odds_ratio", "ratio", "p_odds", "fmi_odds"),
)


def imputed_effects_table(numbers: Numbers) -> Table | None:
    """A block per endpoint and design: each measure among complete cases and over the imputed data sets."""
    if numbers.study.imputed is None:
        return None
    notes = footnotes()
    rows: list[TableRow] = []
    for endpoint, spec in {**numbers.protocol.main_endpoints, **numbers.protocol.binary_endpoints}.items():
        for design in (UNADJUSTED, *numbers.study.protocol.designs):
            lines = list(_lines(numbers, endpoint, design, notes))
            rows += [group(f"{spec.label}, {_named(numbers, design)}", 5), *lines] if lines else []
    if not rows:
        return None
    ci = numbers.protocol.ci
    line = [
        head(words("imputed_effects.measure"), align="left"),
        head(words("imputed_effects.complete", ci=ci)),
        head(words("imputed_effects.imputed", ci=ci)),
        head(words("imputed_effects.p")),
        head(words("imputed_effects.fmi")),
    ]
    said = words("imputed_effects.note", contrast=fmt.upper_first(numbers.contrast_label), unit=numbers.protocol.time_unit)
    title = words("imputed_effects.title")
    return Table(
        "table_imputed_effects",
        title,
        (TableRow(tuple(line)),),
        tuple(rows),
        notes.listed(),
        (said, words("imputed_effects.fmi_note")),
        True,
    )


def _named(numbers: Numbers, design: str) -> str:
    if design == UNADJUSTED:
        return words("imputed_effects.unadjusted")
    return fmt.lower_first(label_of(numbers.study.protocol.designs[design]))


def _lines(numbers: Numbers, endpoint: str, design: str, notes: Footnotes) -> Iterator[TableRow]:
    part = {"endpoint": endpoint, "design": design}
    if endpoint in numbers.protocol.binary_endpoints:
        yield from _measured(numbers, part, _RISKS, notes)
        return
    yield from _measured(numbers, part, _HAZARDS, notes)
    yield from _measured(numbers, part, _MEANS, notes)
    levels = numbers.where("effect", analysis="survival_difference_imputed", statistic="difference", population="all", **part)
    for level in dict.fromkeys(r.level for r in levels):
        yield from _measured(numbers, part, _AT, notes, level)


def _measured(
    numbers: Numbers, part: dict[str, str], measures: tuple[_Measure, ...], notes: Footnotes, level: str = ""
) -> Iterator[TableRow]:
    for m in measures:
        where = {**part, "contrast": numbers.contrast, "level": level}
        pooled = numbers.row(m.phase, m.statistic, analysis=f"{m.analysis}_imputed", **where)
        if pooled is None:
            continue
        made = part["design"] not in numbers.study.designs.unmade
        complete = numbers.row(m.phase, m.statistic, analysis=m.analysis, **where) if made else None
        if _same_reason(complete, pooled):
            continue
        p, fmi = (numbers.row(m.phase, s, analysis=f"{m.analysis}_imputed", **where) for s in (m.p, m.fmi))
        label = words(f"imputed_effects.of.{m.label}", **({"time": fmt.lasting(level)} if level else {}))
        if m.analysis == "rmst":
            label = words("imputed_effects.to_horizon", measure=label, horizon=_horizon(numbers, part))
        shown = _cell(numbers, m, complete)
        if m.analysis == "rmst" and made and (own := _horizon(numbers, part, "rmst")) != _horizon(numbers, part):
            shown = replace(shown, note=notes.mark(words("imputed_effects.to", horizon=own)))
        cells = (shown, _cell(numbers, m, pooled, notes), plain_p(p), _fmi(fmi))
        yield body(stub(label, 1), *cells)


def _same_reason(complete: Row | None, pooled: Row) -> bool:
    """Whether nothing is estimable on either side, which the table of the complete cases says."""
    return complete is not None and math.isnan(complete.value) and math.isnan(pooled.value)


def _horizon(numbers: Numbers, part: dict[str, str], analysis: str = "rmst_imputed") -> str:
    row = numbers.row("effect", "horizon", analysis=analysis, **part)
    days = math.nan if row is None else row.value
    amount = round(days / numbers.protocol.days_per_unit, 1)
    return fmt.lasting(f"{fmt.number(amount, 0 if amount.is_integer() else 1)} {numbers.protocol.time_unit}")


def _cell(numbers: Numbers, m: _Measure, row: Row | None, notes: Footnotes | None = None) -> Cell:
    if row is None:
        return EMPTY
    if math.isnan(row.value):
        why = reason(row.method)
        return Cell(fmt.not_estimable(), note=notes.mark(fmt.upper_first(spoken(why))) if notes is not None and why else "")
    if m.kind == "ratio":
        return ratio_cell(row)
    if m.kind == "points":
        return printed(fmt.difference(100 * row.value, 100 * row.low, 100 * row.high, 1), row)
    per = numbers.protocol.days_per_unit
    decimals = fmt.time_decimals(numbers.protocol.time_unit)
    return printed(fmt.difference(row.value / per, row.low / per, row.high / per, decimals), row)


def _fmi(row: Row | None) -> Cell:
    return EMPTY if row is None else printed(fmt.number(row.value, 2), row)


def imputed_predictors_table(numbers: Numbers) -> Table | None:
    """Univariable and multivariable hazard ratios of the models with an imputed covariate, pooled, a block per endpoint."""
    rows: list[TableRow] = []
    for endpoint, spec in numbers.protocol.main_endpoints.items() if numbers.study.imputed is not None else ():
        part = {"endpoint": endpoint, "design": UNADJUSTED}
        found = [
            r
            for model in ("cox_univariable_imputed", "cox_multivariable_imputed")
            for r in numbers.where("survival", analysis=model, statistic="hr", population="all", **part)
        ]
        terms = dict.fromkeys((r.variable, r.level) for r in found)
        rows += [group(spec.label, 7)] if terms else []
        for variable, level in terms:
            cells: list[Cell] = []
            for model in ("cox_univariable_imputed", "cox_multivariable_imputed"):
                where = {**part, "analysis": model, "variable": variable, "level": level}
                hr, p, fmi = (numbers.row("survival", s, **where) for s in ("hr", "p", "fmi"))
                cells += [ratio_cell(hr), plain_p(p), _fmi(fmi)]
            rows.append(body(stub(_term(numbers, variable, level), 1), *cells))
    if not rows:
        return None
    top = TableRow((head("", align="left"), head(words("columns.univariable"), 3), head(words("columns.multivariable"), 3)))
    line = [
        head(words("columns.variable"), align="left"),
        *[head(words("columns.hr", ci=numbers.protocol.ci)), head("P"), head(words("imputed_effects.fmi"))] * 2,
    ]
    note = words("imputed_effects.predictors_note")
    heads, notes = (top, TableRow(tuple(line))), (note, words("imputed_effects.fmi_note"), words("notes.interval"))
    return Table(
        "table_imputed_predictors", words("imputed_effects.predictors"), heads, tuple(rows), notes=notes, supplement=True
    )


def _term(numbers: Numbers, variable: str, level: str) -> str:
    label = numbers.covariate_label(variable, level)
    if not level:
        return label
    levels = numbers.covariate(variable).levels
    return words(
        "columns.level_versus",
        variable=numbers.covariate_label(variable),
        level=levels.get(level, level),
        other=next(iter(levels.values())),
    )


def imputed_populations_table(numbers: Numbers) -> Table | None:
    """The hazard ratio in each restricted population, and of each variant of the primary design, over the imputed data sets."""
    if numbers.study.imputed is None:
        return None
    protocol, rows = numbers.study.protocol, []
    for name, restriction in protocol.restrict.items():
        if numbers.study.designs.restricted[name].designs:
            part = Numbers(numbers.study.among(name))
            rows += _hazard_lines(part, restriction.label, list(protocol.designs))
    for name, variant in protocol.sensitivity.propensity_variants.items():
        rows += _hazard_lines(numbers, variant.label, [f"variant_{name}"])
    if not rows:
        return None
    ci = numbers.protocol.ci
    line = [
        head(words("columns.analysis"), align="left"),
        head(words("imputed_effects.complete_hr", ci=ci)),
        head(words("imputed_effects.imputed_hr", ci=ci)),
        head(words("imputed_effects.p")),
    ]
    line += [head(words("imputed_effects.fmi"))]
    note = words("imputed_effects.populations_note", contrast=fmt.upper_first(numbers.contrast_label))
    title = words("imputed_effects.populations")
    notes = (note, words("imputed_effects.fmi_note"), words("notes.interval"))
    return Table("table_imputed_populations", title, (TableRow(tuple(line)),), tuple(rows), notes=notes, supplement=True)


def _hazard_lines(numbers: Numbers, label: str, designs: list[str]) -> list[TableRow]:
    """A block: of each main endpoint and design the hazard ratios."""
    rows = []
    for endpoint, spec in numbers.protocol.main_endpoints.items():
        for design in designs:
            where = {"endpoint": endpoint, "design": design, "contrast": numbers.contrast}
            pooled = numbers.row("survival", "hr", analysis="cox_imputed", **where)
            if pooled is None:
                continue
            complete = numbers.row("survival", "hr", analysis="cox", **where)
            p, fmi = (numbers.row("survival", s, analysis="cox_imputed", **where) for s in ("p", "fmi"))
            of = f", {_named(numbers, design)}" if design in numbers.study.protocol.designs else ""
            rows.append(body(stub(f"{spec.label}{of}", 1), ratio_cell(complete), ratio_cell(pooled), plain_p(p), _fmi(fmi)))
    return [group(label, 5), *rows] if rows else []


def each_imputation_table(numbers: Numbers) -> Table | None:
    """A line per imputed data set: of each design its size, its largest |SMD| and its hazard ratios."""
    if numbers.study.imputed is None:
        return None
    designs = [d for d in numbers.study.protocol.designs if numbers.has("design", analysis="each_imputation", design=d)]
    endpoints = numbers.protocol.main_endpoints
    rows: list[TableRow] = []
    for design in designs:
        rows.append(group(fmt.upper_first(_named(numbers, design)), 3 + len(endpoints)))
        for k in range(1, len(numbers.study.imputed.designs) + 1):
            cells = [_size_in(numbers, design, str(k)), _largest_in(numbers, design, str(k))]
            cells += [_hazard_in(numbers, design, e, str(k)) for e in endpoints]
            rows.append(body(stub(str(k), 1), *cells))
    if not rows:
        return None
    line = [
        head(words("imputed_effects.data_set"), align="left"),
        head(words("imputed_effects.size")),
        head(words("imputed_effects.largest")),
    ]
    line += [head(words("imputed_effects.hr", endpoint=e.short, ci=numbers.protocol.ci)) for e in endpoints.values()]
    notes = (
        words("imputed_effects.each_note"),
        words("notes.interval"),
    )
    title = words("imputed_effects.each")
    return Table("table_each_imputation", title, (TableRow(tuple(line)),), tuple(rows), notes=notes, supplement=True)


def _size_in(numbers: Numbers, design: str, k: str) -> Cell:
    part = {"design": design, "analysis": "each_imputation", "level": k}
    pairs, effective = (numbers.row("design", "value", variable=v, **part) for v in ("pairs", "effective_n"))
    if pairs is not None:
        return printed(fmt.count(pairs.value), pairs)
    return EMPTY if effective is None else printed(fmt.number(effective.value, 1), effective)


def _largest_in(numbers: Numbers, design: str, k: str) -> Cell:
    row = numbers.row("design", "value", design=design, analysis="each_imputation", variable="max_abs_smd", level=k)
    return Cell("\u2013") if row is None else printed(fmt.number(row.value, 3), row)


def _hazard_in(numbers: Numbers, design: str, endpoint: str, k: str) -> Cell:
    part = {"design": design, "endpoint": endpoint, "analysis": "cox_each_imputation", "level": k, "contrast": numbers.contrast}
    row = numbers.row("survival", "hr", **part)
    return Cell("\u2013") if row is None else ratio_cell(row)
