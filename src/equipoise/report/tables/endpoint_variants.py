"""The treatment effect under alternative definitions of an endpoint, beside the declared one."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import (
    EMPTY,
    body,
    head,
    plain_p,
    printed,
    ratio_cell,
    ratio_note,
    stub,
)
from equipoise.report.tables.survival import time_cell
from equipoise.report.words import words

PHASE = "sensitivity"
WORST = "unevaluable_worst_in_"
READINGS = (
    "without_clinical",
    "ema",
    "fda2007",
    "early_counted",
    "early_not_counted",
)


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
    line = [head(words("variants.definition"), align="left")]
    if numbers.single:
        line += [
            head(words("columns.events")),
            head(words("columns.median", unit=numbers.protocol.time_unit, ci=numbers.protocol.ci)),
        ]
        title, heads, note = words("variants.title"), (TableRow(tuple(line)),), words("notes.single")
    else:
        line += [
            head(x)
            for _ in numbers.design_names
            for x in (words("columns.events"), words("columns.hr", ci=numbers.protocol.ci), "P")
        ]
        title, note = words("variants.effects_title"), words("notes.interval")
        heads = (TableRow(tuple(top)), TableRow(tuple(line)))
    return Table("table_endpoint_variants", title, heads, tuple(rows), (), (*_notes(numbers), note), True)


def variants(numbers: Numbers, endpoint: str) -> list[str]:
    """The readings that have a number, in the order in which they were made."""
    shown = "median" if numbers.single else "hr"
    found = dict.fromkeys(r.analysis for r in numbers.where(PHASE, endpoint=endpoint, statistic=shown))
    return [name for name in found if name in READINGS or name.startswith(WORST)]


def _line(numbers: Numbers, endpoint: str, variant: str) -> TableRow:
    cells = _medians(numbers, endpoint, variant) if numbers.single else []
    phase, analysis = (PHASE, variant) if variant else ("survival", "cox")
    for design in [] if numbers.single else numbers.design_names:
        part = {"endpoint": endpoint, "design": design, "analysis": analysis, "contrast": numbers.contrast}
        hr = numbers.row(phase, "hr", **part)
        events = EMPTY if hr is None else printed(fmt.count(hr.events), hr)
        cells += [events, ratio_cell(hr), plain_p(numbers.row(phase, "p", **part))]
    declared = numbers.protocol.endpoints[endpoint]
    label = variant_label(numbers, variant) if variant else words("variants.declared", endpoint=declared.short)
    return body(stub(label, indent=1 if variant else 0, bold=not variant), *cells)


def _medians(numbers: Numbers, endpoint: str, variant: str) -> list[Cell]:
    phase, analysis = (PHASE, variant) if variant else ("survival", "kaplan_meier")
    part = {"endpoint": endpoint, "design": "unadjusted", "analysis": analysis, "group": numbers.arms[0]}
    median = numbers.row(phase, "median", **part)
    return [EMPTY if median is None else printed(fmt.count(median.events), median), time_cell(numbers, median)]


def variant_label(numbers: Numbers, variant: str) -> str:
    if variant.startswith(WORST):
        arm = fmt.lower_first(numbers.arm_label(variant.removeprefix(WORST)))
        return words("variants.unevaluable") if numbers.single else words("variants.unevaluable_arm", arm=arm)
    return words(f"variants.reading.{variant}")


def _notes(numbers: Numbers) -> tuple[str, ...]:
    said = [] if numbers.single else [ratio_note(numbers)]
    named = {v for name in numbers.protocol.endpoints for v in variants(numbers, name)}
    if any(v.startswith(WORST) for v in named):
        said.append(words("variants.unevaluable_note" if numbers.single else "variants.unevaluable_note_one_arm"))
    if "fda2007" in named and numbers.protocol.assessment is not None:
        gap = numbers.protocol.assessment.longest_gap
        said.append(words("variants.missed", days=str(gap)))
    return tuple(said)
