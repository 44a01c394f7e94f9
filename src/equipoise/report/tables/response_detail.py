"""Response in depth: confirmed and unconfirmed, its time and duration, the deepest change, and how two readings agree."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import (
    EMPTY,
    arm_heads,
    body,
    cohort_line,
    events_of,
    head,
    n_percent,
    percent_interval,
    printed,
    stub,
)
from equipoise.report.tables.response import LEVELS, PHASE, criteria, level_words
from equipoise.report.tables.survival import time_cell
from equipoise.report.words import words

RATES = (
    "orr",
    "dcr",
)


def course_table(numbers: Numbers) -> Table | None:
    """Columns: arms within each criterion, a block of rows per cohort. No test: responders are chosen after the index date."""
    used = [c for c in criteria(numbers) if numbers.has(phase=PHASE, endpoint=c, analysis="duration_of_response")]
    if not used:
        return None
    rows: list[TableRow] = []
    for design in numbers.design_names:
        if numbers.has(phase=PHASE, design=design, analysis="duration_of_response"):
            rows += _cohort(numbers, design, used)
    spans = [head("", align="left")] + [head(c, len(numbers.arms)) for c in used]
    line = [head(words("course_table.response"), align="left")] + [cell for _ in used for cell in arm_heads(numbers)]
    top = (TableRow(tuple(spans)), TableRow(tuple(line)))
    title = words("course_table.title")
    return Table("table_response_course", title, top, tuple(rows), notes=_course_notes(numbers), supplement=True)


def _cohort(numbers: Numbers, design: str, used: list[str]) -> list[TableRow]:
    rows = cohort_line(numbers, design, 1 + len(used) * len(numbers.arms), sizes=True)
    columns = [{"design": design, "endpoint": c, "group": a} for c in used for a in numbers.arms]

    def line(label: str, indent: int, cell) -> TableRow:
        return body(stub(label, indent), *(cell(part) for part in columns))

    for rate in RATES:
        for named in ("unconfirmed", "confirmed"):
            rows.append(
                line(
                    words(f"course_table.{named}", rate=words(f"course_table.rate.{rate}"), ci=numbers.protocol.ci),
                    0,
                    lambda p, a=f"{rate}_{named}": _percent(numbers, a, p),
                )
            )
    unit = numbers.protocol.time_unit
    rows += [
        line(
            words("course_table.duration", unit=unit, ci=numbers.protocol.ci),
            0,
            lambda p: time_cell(numbers, _median(numbers, p)),
        ),
        line(words("course_table.ended"), 1, lambda p: events_of(_median(numbers, p))),
        line(words("course_table.time", unit=unit), 0, lambda p: _quartiles(numbers, "time_to_response", p)),
        line(words("course_table.depth"), 0, lambda p: _depth(numbers, p)),
        line(words("course_table.decrease"), 1, lambda p: _decrease(numbers, p)),
    ]
    return rows


def _percent(numbers: Numbers, analysis: str, part: dict[str, str]) -> Cell:
    row = numbers.row(PHASE, "percent", analysis=analysis, **part)
    return printed(percent_interval(row), row) if row is not None else EMPTY


def _median(numbers: Numbers, part: dict[str, str]) -> Row | None:
    return numbers.row(PHASE, "median", analysis="duration_of_response", **part)


def _three(numbers: Numbers, analysis: str, part: dict[str, str]) -> list[Row] | None:
    rows = [numbers.row(PHASE, s, analysis=analysis, **part) for s in ("median", "q1", "q3")]
    return None if any(r is None for r in rows) else [r for r in rows if r is not None]


def _quartiles(numbers: Numbers, analysis: str, part: dict[str, str]) -> Cell:
    found = _three(numbers, analysis, part)
    if found is None:
        return EMPTY
    days = [r.value for r in found]
    return printed(fmt.time_estimate(*days, numbers.protocol.days_per_unit, numbers.protocol.time_unit), *found)


def _depth(numbers: Numbers, part: dict[str, str]) -> Cell:
    found = _three(numbers, "deepest_change", part)
    return EMPTY if found is None else printed(fmt.estimate(*(r.value for r in found), 0), *found)


def _decrease(numbers: Numbers, part: dict[str, str]) -> Cell:
    row = numbers.row(PHASE, "percent", analysis="deepest_change", variable="any_decrease", **part)
    return n_percent(numbers, row)


def _course_notes(numbers: Numbers) -> tuple[str, ...]:
    response = numbers.protocol.response
    assert response is not None
    used = words("course_table.of_confirmed" if response.confirmation else "course_table.of_unconfirmed")
    return (
        words("course_table.confirmation", days=str(response.confirmation_days), responses=used),
        " ".join([words("course_table.runs"), *([] if numbers.single else [words("course_table.untested")])]),
        words("course_table.depth_note"),
    )


def agreement_tables(numbers: Numbers) -> list[Table]:
    """A crosstab per pair of readings, of all patients before adjustment."""
    found = numbers.where(phase=PHASE, analysis="agreement", statistic="kappa", design="unadjusted", variable="")
    whom = words("course_table.patients") if numbers.single else words("course_table.before_adjustment")
    return [_crosstab(numbers, row, whom) for row in found]


def _crosstab(numbers: Numbers, kappa: Row, whom: str) -> Table:
    first, second = kappa.contrast.split(" vs ")
    part = {"design": kappa.design, "analysis": "agreement", "contrast": kappa.contrast}
    counts = {r.level: r for r in numbers.where(phase=PHASE, statistic="n", **part)}
    pairs = [level.split(" and ") for level in counts]
    down = [x for x in LEVELS if any(a == x for a, _ in pairs)]
    across = [x for x in LEVELS if any(b == x for _, b in pairs)]
    rows = [body(stub(level_words(a)), *(_crossed(counts.get(f"{a} and {b}")) for b in across)) for a in down]
    spans = TableRow((head("", align="left"), head(second, len(across))))
    line = TableRow((head(first, align="left"), *(head(level_words(b)) for b in across)))
    name = "table_agreement_" + "".join(c if c.isalnum() else "_" for c in kappa.contrast.lower())
    responders = numbers.row(PHASE, "kappa", variable="objective_response", **part)
    title = words("course_table.agreement", first=first, other=second)
    return Table(
        name,
        title,
        (spans, line),
        tuple(rows),
        notes=(_words(numbers, kappa, responders, whom), *_weighted(numbers, part)),
        supplement=True,
    )


def _crossed(row: Row | None) -> Cell:
    return Cell("0") if row is None else printed(fmt.count(row.value), row)


def _words(numbers: Numbers, kappa: Row, responders: Row | None, whom: str) -> str:
    said = {"kappa": bound(fmt.estimate(kappa.value, kappa.low, kappa.high, 2), kappa), "ci": numbers.protocol.ci}
    if responders is not None:
        said["response"] = bound(fmt.estimate(responders.value, responders.low, responders.high, 2), responders)
    assessed = words("course_table.assessed", n=bound(fmt.count(kappa.n), kappa), whom=whom)
    note = words("course_table.kappa" if responders is None else "course_table.kappa_of_response", **said)
    return f"{note} {assessed}"


def _weighted(numbers: Numbers, part: dict[str, str]) -> tuple[str, ...]:
    """Weighted kappa in words; nothing where fewer than two ordered categories occur."""
    found = [(w, numbers.row(PHASE, f"kappa_{w}", **part)) for w in ("linear", "quadratic")]
    said = [
        words(
            "course_table.weighted_kappa",
            kappa=bound(fmt.estimate(r.value, r.low, r.high, 2), r),
            weights=words(f"course_table.{w}"),
        )
        for w, r in found
        if r is not None
    ]
    n = next((r.n for _, r in found if r is not None), 0.0)
    if not said:
        return ()
    return (words("course_table.weighted_note", n=fmt.count(n), kappas=fmt.listed(said)),)


def recorded_table(numbers: Numbers) -> Table | None:
    """Recorded responses against those that the lesions give, a visit being the unit."""
    found = numbers.where(phase=PHASE, analysis="recorded", statistic="differ")
    if not found:
        return None
    rows = []
    for row in found:
        kappa = numbers.row(PHASE, "kappa", analysis="recorded", contrast=row.contrast, endpoint=row.endpoint)
        agree = printed("\u2013" if kappa is None else fmt.estimate(kappa.value, kappa.low, kappa.high, 2), kappa)
        rounding = numbers.protocol.conventions.percent_rounding
        rows.append(
            body(
                stub(row.endpoint),
                printed(fmt.count(row.n), row),
                printed(fmt.n_percent(row.events, row.n, rounding), row),
                agree,
            )
        )
    line = TableRow(
        (
            head(words("course_table.criterion"), align="left"),
            head(words("course_table.visits")),
            head(words("course_table.differ")),
            head(words("course_table.kappa_head", ci=numbers.protocol.ci)),
        )
    )
    note = words("course_table.recorded_note")
    title = words("course_table.recorded_title")
    return Table("table_recorded", title, (line,), tuple(rows), notes=(note,), supplement=True)
