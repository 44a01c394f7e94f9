"""Baseline characteristics before and after the design, with P and standardized mean difference; and the balance table."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Footnotes, Table, TableRow
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, arm_head, body, head, n_percent, p_cell, stub, with_n

PHASE = "baseline"


def baseline_table(numbers: Numbers) -> Table | None:
    """Before: total, arms, SMD, P. After: arms, SMD, P. A single arm: one column."""
    if not numbers.has(phase=PHASE):
        return None
    notes = Footnotes()
    rows: list[TableRow] = []
    for name in numbers.protocol.shown_covariates:
        rows += _variable(numbers, name, notes)
    return Table("table_baseline", _title(numbers), _head(numbers), tuple(rows), notes.listed(), _notes(numbers))


def _title(numbers: Numbers) -> str:
    when = numbers.protocol.index.label if numbers.protocol.data.rows is None else ""
    return f"Baseline characteristics at the {when}" if when else "Baseline characteristics"


def _head(numbers: Numbers) -> tuple[TableRow, ...]:
    before = [head(with_n(numbers.group_label(g), numbers.group_n("unadjusted", g))) for g in numbers.groups]
    tests = [] if numbers.single else [head("SMD"), head("P")]
    line = [head("Variable", align="left"), *before, *tests]
    if not numbers.adjusted:
        return (TableRow(tuple(line)),)
    after = [arm_head(numbers, numbers.adjusted, a) for a in numbers.arms]
    words = numbers.words(numbers.adjusted)
    how = "weighting" if words.kind == "weights" else "matching"
    spans = [head("", align="left"), head(f"Before {how}", len(before) + len(tests))]
    spans.append(head(words.heading, len(after) + len(tests)))
    return TableRow(tuple(spans)), TableRow((*line, *after, *tests))


def _variable(numbers: Numbers, name: str, notes: Footnotes) -> list[TableRow]:
    kind = numbers.covariate(name).kind
    rows = {"continuous": _continuous, "binary": _binary, "categorical": _categorical}[kind](numbers, name, notes)
    missing = _missing(numbers, name)
    return rows + ([missing] if missing else [])


def _columns(numbers: Numbers) -> list[tuple[str, str]]:
    """(design, group) of each value column, in order, before and after."""
    before = [("unadjusted", g) for g in numbers.groups]
    return before + [(numbers.adjusted, g) for g in numbers.arms if numbers.adjusted]


def _line(numbers: Numbers, name: str, label: Cell, values: list[Cell], notes: Footnotes) -> TableRow:
    """A row with SMD and P of the variable behind the values of each side."""
    before, after = values[: len(numbers.groups)], values[len(numbers.groups) :]
    cells = [label, *before, *_tests(numbers, "unadjusted", name, notes)]
    if numbers.adjusted:
        cells += [*after, *_tests(numbers, numbers.adjusted, name, notes)]
    return body(*cells)


def _tests(numbers: Numbers, design: str, name: str, notes: Footnotes) -> list[Cell]:
    if numbers.single:
        return []
    p = numbers.row(PHASE, "p", design=design, variable=name)
    smd = numbers.row(PHASE, "smd", design=design, variable=name)
    return [smd_cell(smd), p_cell(p, notes)]


def smd_cell(row: Row | None) -> Cell:
    """Absolute standardized mean difference, two decimals."""
    return EMPTY if row is None or math.isnan(row.value) else Cell(fmt.number(abs(row.value), 2))


def _continuous(numbers: Numbers, name: str, notes: Footnotes) -> list[TableRow]:
    recorded = recorded_decimals(numbers, name)
    values = [_median(numbers, name, design, group, recorded) for design, group in _columns(numbers)]
    return [_line(numbers, name, stub(numbers.covariate_label(name)), values, notes)]


def recorded_decimals(numbers: Numbers, name: str) -> int:
    values = numbers.study.covariates.values.get(name)
    return 1 if values is None or values.dtype.kind != "f" else fmt.decimals_of(values.tolist(), 2)


def _median(numbers: Numbers, name: str, design: str, group: str, recorded: int) -> Cell:
    found = [numbers.value(PHASE, s, design=design, variable=name, group=group) for s in ("median", "q1", "q3")]
    return _unrecorded(numbers, name, design, group) or Cell(fmt.summary(*found, recorded))


def _unrecorded(numbers: Numbers, name: str, design: str, group: str) -> Cell | None:
    """`not recorded (0 of 38)` where nobody of the group has a known value."""
    row = numbers.row(PHASE, "missing", design=design, variable=name, group=group)
    if row is None or row.value < row.n or not row.n:
        return None
    return Cell(f"not recorded (0 of {fmt.count(row.n)})")


def _binary(numbers: Numbers, name: str, notes: Footnotes) -> list[TableRow]:
    values = [_unrecorded(numbers, name, *where) or _share(numbers, name, "", *where) for where in _columns(numbers)]
    return [_line(numbers, name, stub(numbers.covariate_label(name)), values, notes)]


def _share(numbers: Numbers, name: str, level: str, design: str, group: str) -> Cell:
    return n_percent(numbers, numbers.row(PHASE, "percent", design=design, variable=name, level=level, group=group))


def _categorical(numbers: Numbers, name: str, notes: Footnotes) -> list[TableRow]:
    columns = _columns(numbers)
    unknown = [_unrecorded(numbers, name, *where) or EMPTY for where in columns]
    rows = [_line(numbers, name, stub(numbers.covariate_label(name)), unknown, notes)]
    for level, label in numbers.covariate(name).levels.items():
        values = [_share(numbers, name, level, design, group) for design, group in columns]
        rows.append(_bare(numbers, stub(label, 1), values))
    return rows


def _bare(numbers: Numbers, label: Cell, values: list[Cell]) -> TableRow:
    before, after = values[: len(numbers.groups)], values[len(numbers.groups) :]
    blank = [] if numbers.single else [EMPTY, EMPTY]
    return body(label, *before, *blank, *after, *(blank if numbers.adjusted else []))


def _missing(numbers: Numbers, name: str) -> TableRow | None:
    found = [numbers.value(PHASE, "missing", design=d, variable=name, group=g) for d, g in _columns(numbers)]
    if not any(v > 0 for v in found):
        return None
    return _bare(numbers, stub("Missing", 1), [Cell(fmt.count(v)) for v in found])


def _notes(numbers: Numbers) -> tuple[str, ...]:
    thresholds = numbers.protocol.balance_thresholds
    values = "Values are median (first to third quartile) or number (percent of patients with a recorded value)."
    smd = f"SMD, standardized mean difference, absolute ({smd_method(numbers, 'smd')})."
    if not numbers.adjusted:
        return (values,) if numbers.single else (values, smd)
    in_model = fmt.listed([numbers.covariate_words(v) for v in numbers.protocol.scored])
    return (
        values,
        f"{smd} Imbalance is judged by the SMD as observed ({thresholds[0]:g}, {thresholds[1]:g}), not by P.",
        f"Variables of the propensity score: {in_model}.",
    )


def smd_method(numbers: Numbers, statistic: str) -> str:
    """How the differences were standardized, in the words of their rows; what departs from the first is said of its variables."""
    methods: dict[str, list[str]] = {}
    for row in numbers.where(phase=PHASE, statistic=statistic, level=""):
        names = methods.setdefault(row.method, [])
        if row.variable not in names:
            names.append(row.variable)
    plain = [m for m in methods if not m.startswith(("not estimable", "Mahalanobis")) and not m.endswith(" is 0")]
    parts = plain[:1]
    for method, names in methods.items():
        words = fmt.listed([numbers.covariate_words(v) for v in names])
        if method.startswith("Mahalanobis"):
            parts.append(f"of factors of three or more levels {method[0].upper()}{method[1:]}")
        elif method.endswith(" is 0"):
            parts.append(f"of {words} {method.split('; ', 1)[1]}")
        elif method.startswith("not estimable"):
            parts.append(f"of {words} {method.split('; ', 1)[0]}")
    return "; ".join(parts)


def apart(numbers: Numbers, name: str, design: str, statistic: str = "smd") -> bool:
    """Whether the difference is there but has no scale: the arms have no level in common, or are constant and differ."""
    row = numbers.row(PHASE, statistic, design=design, variable=name)
    return row is not None and math.isnan(row.value)


def balanced_variables(numbers: Numbers) -> list[str]:
    """Variables whose balance is known: shown ones first, then those of the propensity score alone."""
    names = [*numbers.protocol.shown_covariates, *numbers.protocol.scored]
    return [v for v in dict.fromkeys(names) if numbers.row(PHASE, "smd", design="unadjusted", variable=v) is not None]


def balance_table(numbers: Numbers) -> Table | None:
    """Standardized mean differences by both denominators, and variance ratios, before and after."""
    variables = balanced_variables(numbers)
    if not variables or not numbers.adjusted:
        return None
    rows = tuple(_balance_row(numbers, v) for v in variables)
    top = TableRow((head("", align="left"), head(""), head("Before matching", 2), head("After matching", 3)))
    labels = ("In the score", "SMD", "Variance ratio", "SMD", "SMD, matched SD", "Variance ratio")
    second = TableRow((head("Variable", align="left"), *(head(x) for x in labels)))
    focal = numbers.protocol.arms.focal
    note = (
        f"SMD, standardized mean difference; focal arm: {fmt.lower_first(numbers.arm_label(focal))}. SMD: "
        f"{smd_method(numbers, 'smd')}. "
        f"SMD, matched SD: {smd_method(numbers, 'smd_within')}. Variance ratio: {smd_method(numbers, 'variance_ratio')}. "
        "NE, not estimable."
    )
    return Table("table_balance", "Balance of the baseline variables", (top, second), rows, notes=(note,), supplement=True)


def _balance_row(numbers: Numbers, name: str) -> TableRow:
    def cell(statistic: str, design: str) -> Cell:
        row = numbers.row(PHASE, statistic, design=design, variable=name)
        if row is None:
            return EMPTY
        return Cell("NE" if math.isnan(row.value) else fmt.number(row.value, 2))

    inside = Cell("yes" if in_score(numbers, name) else "no")
    before = [cell("smd", "unadjusted"), cell("variance_ratio", "unadjusted")]
    after = [cell(s, numbers.adjusted) for s in ("smd", "smd_within", "variance_ratio")]
    return body(stub(numbers.covariate_label(name)), inside, *before, *after)


def in_score(numbers: Numbers, name: str) -> bool:
    if name in numbers.protocol.scored:
        return True
    rows = numbers.study.design(numbers.adjusted).balance if numbers.adjusted else ()
    return any(r.variable == name and r.in_propensity for r in rows)
