"""The treatment effect under alternative definitions of an endpoint, beside the declared one."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import (
    EMPTY,
    INTERVAL_NOTE,
    SINGLE_NOTE,
    body,
    head,
    plain_p,
    printed,
    ratio_cell,
    ratio_note,
    stub,
)
from equipoise.report.tables.survival import time_cell

PHASE = "sensitivity"
WORST = "unevaluable_worst_in_"
LABELS = {
    "without_clinical": "Clinical progression not counted",
    "ema": "Events counted whenever they come",
    "fda2007": "Censored before new therapy or two missed scans",
    "early_counted": "Early progression counted",
    "early_not_counted": "Progression before day 14 not counted",
}


def endpoint_variants_table(numbers: Numbers) -> Table | None:
    """Per endpoint: events, HR and P as declared, then under each reading; a block of columns per design. Of a single arm
    the events and the median."""
    rows: list[TableRow] = []
    for name in numbers.protocol.endpoints:
        block = [_line(numbers, name, variant) for variant in variants(numbers, name)]
        if block:
            rows += [_line(numbers, name, ""), *block]
    if not rows:
        return None
    top = [head("", align="left"), *(head(numbers.design_label(d), 3) for d in numbers.design_names)]
    line = [head("Definition of the endpoint", align="left")]
    if numbers.single:
        line += [head("Events"), head(f"Median, {numbers.protocol.time_unit} ({numbers.protocol.ci})")]
        title, heads, note = "Alternative definitions of the endpoint", (TableRow(tuple(line)),), SINGLE_NOTE
    else:
        line += [head(x) for _ in numbers.design_names for x in ("Events", f"HR ({numbers.protocol.ci})", "P")]
        title, note = "Treatment effect under alternative definitions of the endpoint", INTERVAL_NOTE
        heads = (TableRow(tuple(top)), TableRow(tuple(line)))
    return Table("table_endpoint_variants", title, heads, tuple(rows), (), (*_notes(numbers), note), True)


def variants(numbers: Numbers, endpoint: str) -> list[str]:
    """The readings that have a number, in the order in which they were made."""
    shown = "median" if numbers.single else "hr"
    found = dict.fromkeys(r.analysis for r in numbers.where(PHASE, endpoint=endpoint, statistic=shown))
    return [name for name in found if name in LABELS or name.startswith(WORST)]


def _line(numbers: Numbers, endpoint: str, variant: str) -> TableRow:
    cells = _medians(numbers, endpoint, variant) if numbers.single else []
    phase, analysis = (PHASE, variant) if variant else ("survival", "cox")
    for design in [] if numbers.single else numbers.design_names:
        part = {"endpoint": endpoint, "design": design, "analysis": analysis, "contrast": numbers.contrast}
        hr = numbers.row(phase, "hr", **part)
        events = EMPTY if hr is None else printed(fmt.count(hr.events), hr)
        cells += [events, ratio_cell(hr), plain_p(numbers.row(phase, "p", **part))]
    declared = numbers.protocol.endpoints[endpoint]
    label = variant_label(numbers, variant) if variant else f"{declared.short}, as declared"
    return body(stub(label, indent=1 if variant else 0, bold=not variant), *cells)


def _medians(numbers: Numbers, endpoint: str, variant: str) -> list[Cell]:
    phase, analysis = (PHASE, variant) if variant else ("survival", "kaplan_meier")
    part = {"endpoint": endpoint, "design": "unadjusted", "analysis": analysis, "group": numbers.arms[0]}
    median = numbers.row(phase, "median", **part)
    return [EMPTY if median is None else printed(fmt.count(median.events), median), time_cell(numbers, median)]


def variant_label(numbers: Numbers, variant: str) -> str:
    if variant.startswith(WORST):
        arm = fmt.lower_first(numbers.arm_label(variant.removeprefix(WORST)))
        return "Unevaluable patients: events" if numbers.single else f"Unevaluable patients: events in the {arm} arm only"
    return LABELS[variant]


def _notes(numbers: Numbers) -> tuple[str, ...]:
    said = [] if numbers.single else [ratio_note(numbers)]
    named = {v for name in numbers.protocol.endpoints for v in variants(numbers, name)}
    if any(v.startswith(WORST) for v in named):
        other = "" if numbers.single else " in the one arm, free of events to the last day known alive in the other"
        said.append(f"Unevaluable are patients censored for want of an adequate scan: an event on day 1{other}.")
    if "fda2007" in named and numbers.protocol.assessment is not None:
        gap = numbers.protocol.assessment.longest_gap
        said.append(f"Two scans are missed where an event comes more than {gap} days after the adequate scan before it.")
    return tuple(said)
