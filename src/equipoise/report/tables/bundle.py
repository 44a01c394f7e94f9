"""The sensitivity bundle: its hazard ratios and other numbers, line by line, and its table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.document.model import Cell, Table, TableRow, group
from equipoise.protocol.weights import METHODS
from equipoise.records import Row
from equipoise.records.reasons import reason
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import EMPTY, body, events_of, head, plain_p, ratio_cell, stub
from equipoise.report.words import words

PHASE = "sensitivity"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. hr: where it holds a hazard ratio; else estimate, as text. same: asks what the planned analysis asks,
    with another choice: a period, a patient less for certain or a bias taken out does not."""

    label: str
    hr: Row | None = None
    p: Row | None = None
    estimate: str = ""
    same: bool = False


def main_design(numbers: Numbers) -> str:
    return numbers.primary or "unadjusted"


def asked(numbers: Numbers) -> list[Row]:
    """A row per member that the protocol asks for: whether it was made, and why not."""
    return numbers.where(PHASE, analysis="bundle", statistic="applies")


def endpoints(numbers: Numbers) -> list[str]:
    """Main endpoints but the negative control."""
    control = numbers.protocol.sensitivity.negative_control
    return [e for e in numbers.protocol.main_endpoints if e != control]


def planned(numbers: Numbers, endpoint: str) -> Line | None:
    """The primary comparison as the study has it."""
    return _effect(numbers, "survival", words("bundle.line.planned"), endpoint, main_design(numbers), "cox")


def lines(numbers: Numbers, endpoint: str) -> list[Line]:
    """Everything of the bundle that one endpoint has, in the order in which it was asked for."""
    makers = {
        "designs": _designs, "site": _site, "centres": _centres, "restrict": _restricted, "calipers": _calipers,
        "weights": _weights, "imputation": _imputation, "time": _time, "rmst": _rmst, "interval": _interval,
        "permutation": _permutation, "unmeasured": _unmeasured, "confounder": _confounder, "pairs": _pairs,
        "bootstrap_match": _bootstrap,
    }  # fmt: skip
    found: list[Line] = []
    for row in asked(numbers):
        if row.value and row.variable in makers:
            found += makers[row.variable](numbers, endpoint)
    return found


def control(numbers: Numbers) -> Line | None:
    """The negative control, in the primary design."""
    name = numbers.protocol.sensitivity.negative_control
    if not name or not any(r.variable == "negative_control" and r.value for r in asked(numbers)):
        return None
    label = words("bundle.line.control", label=fmt.lower_first(numbers.protocol.endpoints[name].label))
    return _effect(numbers, "survival", label, name, main_design(numbers), "cox", same=False)


def _effect(
    numbers: Numbers, phase: str, label: str, endpoint: str, design: str, analysis: str, same: bool = True, variable: str = ""
) -> Line | None:
    part = {"endpoint": endpoint, "design": design, "analysis": analysis, "variable": variable, "contrast": numbers.contrast}
    hr = numbers.row(phase, "hr", **part)
    if hr is None:
        return None
    return Line(label, hr, None if analysis in NO_P else numbers.row(phase, "p", **part), same=same)


NO_P = ("bounding", "confounder", "bootstrap_match")


def _known(*found: Line | None) -> Iterator[Line]:
    return (line for line in found if line is not None)


def _designs(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    for design in numbers.design_names:
        if design != main_design(numbers):
            same = design != "unadjusted"
            yield from _known(_effect(numbers, "survival", numbers.design_label(design), endpoint, design, "cox", same))


def _again(numbers: Numbers, endpoint: str, analysis: str) -> list[str]:
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": analysis, "statistic": "hr"}
    return [row.variable for row in numbers.where(PHASE, **part)]


def _own(numbers: Numbers, label: str, endpoint: str, analysis: str, variable: str = "", same: bool = True) -> Iterator[Line]:
    return _known(_effect(numbers, PHASE, label, endpoint, main_design(numbers), analysis, same, variable))


def _site(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    for name in _again(numbers, endpoint, "site_in_score"):
        label = words("bundle.line.with_site") if name == "with" else words("bundle.line.without_site")
        yield from _own(numbers, label, endpoint, "site_in_score", name)


def _centres(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    for name in _again(numbers, endpoint, "centre_left_out"):
        yield from _own(numbers, words("bundle.line.without_centre", center=name), endpoint, "centre_left_out", name)


def _calipers(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    for name in _again(numbers, endpoint, "caliper"):
        label = words("bundle.line.no_caliper") if name == "none" else words("bundle.line.caliper", width=name)
        yield from _own(numbers, label, endpoint, "caliper", name)


def _weights(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    for name in _again(numbers, endpoint, "other_weights"):
        what, _, value = name.partition(" ")
        label = {
            "truncate": words("bundle.line.truncated", quantile=value),
            "trim": words("bundle.line.scores", limits=value),
            "classes": words("bundle.line.classes", n=value),
        }.get(what) or words("bundle.line.weights", method=METHODS[name] or words("bundle.line.logistic"))
        yield from _own(numbers, label, endpoint, "other_weights", name, same=what != "trim")


def _bootstrap(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    made = number(numbers, endpoint, "bootstrap_match", "resamples")
    if made is not None:
        label = words("bundle.line.rematched", count=made.value)
        yield from _own(numbers, label, endpoint, "bootstrap_match", same=False)


def _imputation(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    yield from _known(_effect(numbers, "survival", words("bundle.line.imputed"), endpoint, main_design(numbers), "cox_imputed"))


def _restricted(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    study = numbers.study
    for name, designs in study.designs.restricted.items():
        if designs.designs:
            part = Numbers(study.among(name))
            label = study.protocol.restrict[name].label
            yield from _known(_effect(part, "survival", label, endpoint, main_design(part), "cox", same=False))


def _time(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    base = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "piecewise"}
    split = numbers.row(PHASE, "value", variable="split", **base)
    if split is None:
        return
    protocol = numbers.protocol
    when = f"{fmt.time_value(split.value, protocol.days_per_unit, protocol.time_unit)} {protocol.time_unit}"
    for variable in ("before", "after"):
        yield from _own(numbers, words(f"bundle.line.{variable}", time=when), endpoint, "piecewise", variable, same=False)
    change = numbers.row(PHASE, "p", variable="change", contrast=numbers.contrast, **base)
    yield Line(words("bundle.line.change"), None, change)


def _rmst(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "rmst"}
    row = numbers.row("effect", "difference", contrast=numbers.contrast, **part)
    if row is not None:
        unit, per = numbers.protocol.time_unit, numbers.protocol.days_per_unit
        scaled = (row.value / per, row.low / per, row.high / per)
        told = fmt.not_estimable() if math.isnan(row.value) else fmt.difference(*scaled, fmt.time_decimals(unit))
        p = numbers.row("effect", "p", contrast=numbers.contrast, **part)
        yield Line(words("bundle.line.restricted_mean", unit=unit), None, p, told)


def _interval(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    yield from _own(numbers, words("bundle.line.midpoint"), endpoint, "scan_midpoint")
    protocol = numbers.protocol
    for arm in numbers.arms:
        part = {"endpoint": endpoint, "design": main_design(numbers), "analysis": "interval_censored", "group": arm}
        row = numbers.row(PHASE, "median", **part)
        if row is not None:
            ends = [fmt.time_value(v, protocol.days_per_unit, protocol.time_unit) for v in (row.low, row.high)]
            told = ends[0] if ends[0] == ends[1] else words("bundle.line.between", low=ends[0], high=ends[1])
            arm_label = fmt.lower_first(numbers.arm_label(arm))
            yield Line(words("bundle.line.turnbull", arm=arm_label, unit=protocol.time_unit), None, None, told)


def _permutation(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    p = numbers.row(PHASE, "p", endpoint=endpoint, design=main_design(numbers), analysis="permutation")
    if p is not None:
        yield Line(words("bundle.line.permutation"), None, p)


def number(numbers: Numbers, endpoint: str, analysis: str, variable: str) -> Row | None:
    """A value of the bundle."""
    part = {
        "endpoint": endpoint,
        "design": main_design(numbers),
        "analysis": analysis,
        "variable": variable,
    }
    return numbers.row(PHASE, "value", **part)


def _unmeasured(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    e, limit = (number(numbers, endpoint, "e_value", v) for v in ("estimate", "limit"))
    if e is not None and limit is not None:
        yield Line(words("bundle.line.e_value"), estimate=f"{fmt.number(e.value, 2)} ({fmt.number(limit.value, 2)})")
    yield from _own(numbers, words("bundle.line.bounding"), endpoint, "bounding", same=False)


def _confounder(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    declared = numbers.protocol.sensitivity.confounder
    if declared is None:
        return
    yield from _own(
        numbers, words("bundle.line.confounder", label=fmt.lower_first(declared.label)), endpoint, "confounder", same=False
    )
    arm = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.compared))
    share = number(numbers, endpoint, "confounder", "tipping_share")
    ratio = number(numbers, endpoint, "confounder", "tipping_ratio")
    if share is not None and ratio is not None:
        told = words("bundle.line.no_share") if math.isnan(share.value) else f"{100 * share.value:.0f}%"
        yield Line(words("bundle.line.tipping_share", arm=arm), estimate=told)
        told = words("bundle.line.no_ratio") if math.isnan(ratio.value) else fmt.ratio(ratio.value)
        yield Line(words("bundle.line.tipping_ratio"), estimate=told)


def _pairs(numbers: Numbers, endpoint: str) -> Iterator[Line]:
    first = [number(numbers, endpoint, "pair_bounds", v) for v in ("first_compared", "first_reference")]
    gamma = number(numbers, endpoint, "pair_bounds", "gamma")
    if first[0] is None or first[1] is None or gamma is None:
        return
    p = numbers.row(PHASE, "p", endpoint=endpoint, design=main_design(numbers), analysis="pair_bounds")
    arm = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.compared))
    told = words("numbers.of", part=fmt.count(first[0].value), whole=fmt.count(first[0].value + first[1].value))
    yield Line(words("bundle.line.first_event", arm=arm), None, p, told)
    told = words("bundle.line.none_needed") if math.isnan(gamma.value) else fmt.number(gamma.value, 2)
    yield Line(words("bundle.line.gamma"), estimate=told)


def bundle_table(numbers: Numbers) -> Table | None:
    """A block per endpoint; below, what was asked for and could not be made."""
    if not asked(numbers):
        return None
    rows: list[TableRow] = []
    for endpoint in endpoints(numbers):
        first = planned(numbers, endpoint)
        rows.append(group(numbers.protocol.endpoints[endpoint].label, 4))
        rows += [_body(line) for line in ([first] if first is not None else []) + lines(numbers, endpoint)]
    negative = control(numbers)
    rows += [_body(negative)] if negative is not None else []
    labels = (
        words("columns.analysis"),
        words("columns.events_patients"),
        words("bundle.table.estimate", ci=numbers.protocol.ci),
        "P",
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    notes = [
        words(
            "bundle.table.contrast",
            contrast=numbers.contrast_label,
            cohort=fmt.lower_first(numbers.design_label(main_design(numbers))),
        )
    ]
    notes += [
        words(
            "bundle.table.not_made", member=words(f"bundle.member.{r.variable}"), why=spoken(r.method.removeprefix("not made: "))
        )
        for r in asked(numbers)
        if not r.value
    ]
    if numbers.study.imputed is not None:
        notes.append(words("bundle.table.complete_cases"))
    title = words("bundle.table.title")
    return Table("table_bundle", title, (line,), tuple(rows), (), (*notes, *_reasons(numbers), words("notes.interval")), True)


def _body(line: Line) -> TableRow:
    estimate = ratio_cell(line.hr) if line.hr is not None else Cell(line.estimate)
    return body(stub(line.label, 1), EMPTY if line.hr is None else events_of(line.hr), estimate, plain_p(line.p))


def _reasons(numbers: Numbers) -> list[str]:
    """Why a line has no estimate."""
    found: dict[str, str] = {}
    for endpoint in endpoints(numbers):
        for line in lines(numbers, endpoint):
            if line.hr is not None and math.isnan(line.hr.value):
                found[line.label] = spoken(reason(line.hr.method))
    return [f"{label}: {why}." for label, why in found.items() if why]
