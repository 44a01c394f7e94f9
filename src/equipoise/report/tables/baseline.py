"""Baseline characteristics before and after the design, with P and standardized mean difference; which variables are judged."""

from __future__ import annotations

import math

import numpy as np

from equipoise.document.model import Cell, Footnotes, Table, TableRow
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import (
    EMPTY,
    arm_head,
    body,
    footnotes,
    group_head,
    head,
    n_percent,
    p_cell,
    printed,
    stub,
)
from equipoise.report.words import words

PHASE = "baseline"
YEARS = (1900, 2100)


def baseline_table(numbers: Numbers) -> Table | None:
    """Before: total, arms, SMD, P. In the primary design: arms, SMD, and P where it has tests. A single arm: one column."""
    return _table(numbers, numbers.primary, "table_baseline", _title(numbers))


def other_baseline_tables(numbers: Numbers) -> list[Table]:
    """The same for each design beside the primary one, for the supplement."""
    found = []
    for design in numbers.others:
        title = f"{_title(numbers)}, {fmt.lower_first(numbers.design_label(design))}"
        table = _table(numbers, design, f"table_baseline_{design}", title, supplement=True)
        found += [table] if table is not None else []
    return found


def _table(numbers: Numbers, design: str, name: str, title: str, supplement: bool = False) -> Table | None:
    if not numbers.has(phase=PHASE):
        return None
    notes = footnotes()
    rows: list[TableRow] = []
    for variable in numbers.protocol.shown_covariates:
        rows += _variable(numbers, design, variable, notes)
    return Table(name, title, _head(numbers, design), tuple(rows), notes.listed(), _notes(numbers, design), supplement)


def _title(numbers: Numbers) -> str:
    when = numbers.protocol.index.label if numbers.protocol.data.rows is None else ""
    return words("baseline_table.title_at", when=when) if when else words("baseline_table.title")


def _head(numbers: Numbers, design: str) -> tuple[TableRow, ...]:
    before = [group_head(numbers, "unadjusted", g) for g in numbers.groups]
    tests = [] if numbers.single else [head(words("columns.smd")), head(words("columns.p"))]
    line = [head(words("columns.variable"), align="left"), *before, *tests]
    if not design:
        return (TableRow(tuple(line)),)
    after = [arm_head(numbers, design, a) for a in numbers.arms]
    its_tests = [head(words(f"columns.{x}")) for x in _test_names(numbers, design)]
    spans = [
        head("", align="left"),
        head(words("columns.before", process=before_what(numbers, design)), len(before) + len(tests)),
    ]
    spans.append(head(numbers.words(design).heading, len(after) + len(its_tests)))
    return TableRow(tuple(spans)), TableRow((*line, *after, *its_tests))


def before_what(numbers: Numbers, design: str) -> str:
    """`matching`, `weighting`."""
    return numbers.process(design).split(" (")[0]


def _test_names(numbers: Numbers, design: str) -> list[str]:
    """The columns behind the values of a design: weights have no P."""
    if numbers.single:
        return []
    return ["smd"] if numbers.weighted(design) else ["smd", "p"]


def _variable(numbers: Numbers, design: str, name: str, notes: Footnotes) -> list[TableRow]:
    kind = numbers.covariate(name).kind
    rows = {"continuous": _continuous, "binary": _binary, "categorical": _categorical}[kind](numbers, design, name, notes)
    missing = _missing(numbers, design, name)
    return rows + ([missing] if missing else [])


def _columns(numbers: Numbers, design: str) -> list[tuple[str, str]]:
    """(design, group) of each value column, in order, before and after."""
    before = [("unadjusted", g) for g in numbers.groups]
    return before + [(design, g) for g in numbers.arms if design]


def _line(numbers: Numbers, design: str, name: str, label: Cell, values: list[Cell], notes: Footnotes) -> TableRow:
    """A row with SMD and P of the variable behind the values of each side."""
    before, after = values[: len(numbers.groups)], values[len(numbers.groups) :]
    cells = [label, *before, *_tests(numbers, "unadjusted", name, notes)]
    if design:
        cells += [*after, *_tests(numbers, design, name, notes)]
    return body(*cells)


def _tests(numbers: Numbers, design: str, name: str, notes: Footnotes) -> list[Cell]:
    made = {
        "smd": lambda: smd_cell(numbers.row(PHASE, "smd", design=design, variable=name)),
        "p": lambda: p_cell(numbers.row(PHASE, "p", design=design, variable=name), notes),
    }
    return [made[test]() for test in _test_names(numbers, design)]


def smd_cell(row: Row | None) -> Cell:
    """Absolute standardized mean difference, two decimals."""
    return EMPTY if row is None or math.isnan(row.value) else printed(fmt.number(abs(row.value), 2), row)


def _continuous(numbers: Numbers, design: str, name: str, notes: Footnotes) -> list[TableRow]:
    recorded = recorded_decimals(numbers, name)
    values = [_median(numbers, name, *where, recorded) for where in _columns(numbers, design)]
    return [_line(numbers, design, name, stub(numbers.covariate_label(name)), values, notes)]


def recorded_decimals(numbers: Numbers, name: str) -> int:
    return numbers.seen(_decimals, name)


def _decimals(values: np.ndarray | None) -> int:
    return 1 if values is None or values.dtype.kind != "f" else fmt.decimals_of(np.unique(values).tolist(), 2)


def is_year(numbers: Numbers, name: str) -> bool:
    """Whether every known value is a whole number that reads as a calendar year."""
    return numbers.seen(_are_years, name)


def _are_years(values: np.ndarray | None) -> bool:
    if values is None or values.dtype.kind != "f" or np.isnan(values).all():
        return False
    known = values[~np.isnan(values)]
    return bool(((known >= YEARS[0]) & (known <= YEARS[1]) & (known == np.rint(known))).all())


def _median(numbers: Numbers, name: str, design: str, group: str, recorded: int) -> Cell:
    rows = [numbers.row(PHASE, s, design=design, variable=name, group=group) for s in ("median", "q1", "q3")]
    found = [math.nan if r is None else r.value for r in rows]
    said = fmt.summary(*found, recorded, is_year(numbers, name))
    return _unrecorded(numbers, name, design, group) or printed(said, *rows)


def _unrecorded(numbers: Numbers, name: str, design: str, group: str) -> Cell | None:
    """`not recorded (0 of 38)` where nobody of the group has a known value."""
    row = numbers.row(PHASE, "missing", design=design, variable=name, group=group)
    if row is None or row.value < row.n or not row.n:
        return None
    return printed(words("baseline_table.not_recorded", n=fmt.count(row.n)), row)


def _binary(numbers: Numbers, design: str, name: str, notes: Footnotes) -> list[TableRow]:
    values = [_unrecorded(numbers, name, *w) or _share(numbers, name, "", *w) for w in _columns(numbers, design)]
    return [_line(numbers, design, name, stub(numbers.covariate_label(name)), values, notes)]


def _share(numbers: Numbers, name: str, level: str, design: str, group: str) -> Cell:
    return n_percent(numbers, numbers.row(PHASE, "percent", design=design, variable=name, level=level, group=group))


def _categorical(numbers: Numbers, design: str, name: str, notes: Footnotes) -> list[TableRow]:
    columns = _columns(numbers, design)
    unknown = [_unrecorded(numbers, name, *where) or EMPTY for where in columns]
    rows = [_line(numbers, design, name, stub(numbers.covariate_label(name)), unknown, notes)]
    for level, label in numbers.covariate(name).levels.items():
        values = [_share(numbers, name, level, *where) for where in columns]
        rows.append(_bare(numbers, design, stub(label, 1), values))
    return rows


def _bare(numbers: Numbers, design: str, label: Cell, values: list[Cell]) -> TableRow:
    before, after = values[: len(numbers.groups)], values[len(numbers.groups) :]
    blank = [EMPTY for _ in _test_names(numbers, "unadjusted")]
    its_blank = [EMPTY for _ in _test_names(numbers, design)] if design else []
    return body(label, *before, *blank, *after, *its_blank)


def _missing(numbers: Numbers, design: str, name: str) -> TableRow | None:
    columns = _columns(numbers, design)
    found = [numbers.row(PHASE, "missing", design=d, variable=name, group=g) for d, g in columns]
    counts = [math.nan if r is None else r.value for r in found]
    if not any(v > 0 for v in counts):
        return None
    return _bare(
        numbers,
        design,
        stub(words("baseline_table.missing"), 1),
        [printed(fmt.count(v), r) for v, r in zip(counts, found, strict=True)],
    )


def _notes(numbers: Numbers, design: str) -> tuple[str, ...]:
    thresholds = numbers.protocol.balance_thresholds
    values = words("baseline_table.values")
    if numbers.weighted(design):
        values += f" {words('baseline_table.weighted', heading=numbers.words(design).heading)}"
    scale = smd_method(numbers, "smd", ("unadjusted",))
    if design and (own := smd_method(numbers, "smd", (design,))) != scale:
        scale = f"{scale}. {numbers.words(design).heading}: {own}"
    smd = words("baseline_table.smd", scale=scale)
    if not design:
        return (values,) if numbers.single else (values, smd)
    in_model = fmt.listed([numbers.covariate_words(v) for v in numbers.protocol.designs[design].propensity])
    return (
        values,
        words("baseline_table.judged", smd=smd, low=fmt.short(thresholds[0]), high=fmt.short(thresholds[1])),
        words("baseline_table.in_score", covariates=in_model),
    )


def smd_method(numbers: Numbers, statistic: str, designs: tuple[str, ...]) -> str:
    """How the differences were standardized, in the words of their rows; what departs from the first is said of its variables."""
    methods: dict[str, list[str]] = {}
    for row in [r for r in numbers.where(phase=PHASE, statistic=statistic, analysis="", level="") if r.design in designs]:
        names = methods.setdefault(row.method, [])
        if row.variable not in names:
            names.append(row.variable)
    plain = [m for m in methods if not m.startswith(("not estimable", "Mahalanobis", "masked")) and not m.endswith(" is 0")]
    parts = [spoken(m) for m in plain[:1]]
    for method, names in methods.items():
        said = fmt.listed([numbers.covariate_words(v) for v in names])
        if method.startswith("Mahalanobis"):
            parts.append(words("baseline_table.of_factors", method=fmt.upper_first(spoken(method))))
        elif method.endswith(" is 0"):
            parts.append(words("baseline_table.of", names=said, method=spoken(method.split("; ", 1)[1])))
        elif method.startswith("not estimable"):
            parts.append(words("baseline_table.of", names=said, method=spoken(method.split("; ", 1)[0])))
    return "; ".join(parts) or (words("baseline_table.none_printed") if statistic.startswith("smd") else "")


def apart(numbers: Numbers, name: str, design: str, statistic: str = "smd") -> bool:
    """Whether the difference is there but has no scale: the arms have no level in common, or are constant and differ."""
    row = numbers.row(PHASE, statistic, design=design, variable=name)
    return row is not None and math.isnan(row.value)


def balanced_variables(numbers: Numbers) -> list[str]:
    """Variables whose balance is known: shown ones first, then those of a propensity score or with a role alone."""
    names = numbers.protocol.balanced_covariates
    return [v for v in names if numbers.row(PHASE, "smd", design="unadjusted", variable=v) is not None]


def in_score(numbers: Numbers, name: str) -> bool:
    if name in numbers.protocol.scored:
        return True
    rows = numbers.study.design(numbers.primary).balance if numbers.primary else ()
    return any(r.variable == name and r.in_propensity for r in rows)
