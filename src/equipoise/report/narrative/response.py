"""Response in sentences: rates by arm, confirmation, how long and how deep responses were, how two criteria agree."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import direction, limits, shares, time_words, with_arm
from equipoise.report.tables.response import PHASE, RATES, criteria


def rates(numbers: Numbers, design: str) -> list[str]:
    """Objective response and disease control by each criterion, the arms compared."""
    return [s for c in criteria(numbers) for rate in RATES if (s := _rate(numbers, design, c, rate))]


def _rate(numbers: Numbers, design: str, criterion: str, rate: str) -> str:
    part = {"design": design, "endpoint": criterion, "analysis": rate}
    rows = [numbers.row(PHASE, "percent", group=a, **part) for a in numbers.arms]
    if numbers.single and rows[0] is not None:
        said = f"The {RATES[rate].lower()} by {criterion} was {shares(numbers, [rows[0]])}{limits(numbers, rows[0])}."
        return f"{said}{_benchmark(numbers, part)}"
    p = numbers.row(PHASE, "p", **part)
    if any(r is None for r in rows) or (p is None and not numbers.weighted(design)):
        return ""
    known = [r for r in rows if r is not None]
    if p is None:  # of weights nothing is tested
        return f"The {RATES[rate].lower()} by {criterion} was {shares(numbers, known)}."
    verdict = direction(numbers, f"{RATES[rate].lower()} by {criterion}", known[0].value - known[1].value, p.value)
    return f"{verdict}: {shares(numbers, known)} ({fmt.p_sentence(p.value)})."


def _benchmark(numbers: Numbers, part: dict[str, str]) -> str:
    """What the test against the benchmark says, from its row."""
    row = numbers.row(PHASE, "p", variable="benchmark", group=numbers.arms[0], **part)
    asked = numbers.protocol.response.benchmark if numbers.protocol.response is not None else None
    if row is None or asked is None:
        return ""
    shown = row.value < numbers.protocol.conventions.alpha
    than = "above" if asked.alternative == "greater" else "different from"
    verdict = f"It was {than}" if shown else f"It was not shown to be {than}"
    return f" {verdict} the benchmark of {fmt.short(100 * asked.null)}% ({fmt.p_sentence(row.value)})."


def course(numbers: Numbers, design: str) -> list[str]:
    """The other way of counting responses, their duration, time and depth, per criterion. No test: responders are chosen
    after the index date."""
    said = []
    for criterion in criteria(numbers):
        part = {"design": design, "endpoint": criterion}
        said += [_confirmed(numbers, part), _duration(numbers, part), _time(numbers, part), _depth(numbers, part)]
    return [s for s in said if s]


def _rows(numbers: Numbers, statistic: str, part: dict[str, str], **more: str) -> list[Row]:
    """The rows of both arms, or none at all."""
    rows = [numbers.row(PHASE, statistic, group=a, **part, **more) for a in numbers.arms]
    return [r for r in rows if r is not None] if all(r is not None for r in rows) else []


def _confirmed(numbers: Numbers, part: dict[str, str]) -> str:
    asked = numbers.protocol.response is not None and numbers.protocol.response.confirmation
    word, named = ("Without", "unconfirmed") if asked else ("With", "confirmed")
    rows = _rows(numbers, "percent", part, analysis=f"orr_{named}")
    if not rows:
        return ""
    return f"{word} confirmation the objective response rate by {part['endpoint']} was {shares(numbers, rows)}."


def _duration(numbers: Numbers, part: dict[str, str]) -> str:
    found = [numbers.row(PHASE, "median", group=a, analysis="duration_of_response", **part) for a in numbers.arms]
    said = []
    for key, row in zip(numbers.arms, found, strict=True):
        if row is None:
            said.append(with_arm(numbers, "without a response", key))
        else:
            ended = f"{fmt.count(row.events)} of {fmt.count(row.n)} responses ended"
            said.append(with_arm(numbers, time_words(numbers, row, ended), key))
    if all(row is None for row in found):
        return ""
    return f"Median duration of response by {part['endpoint']} was {fmt.listed(said)}."


def _time(numbers: Numbers, part: dict[str, str]) -> str:
    rows = _rows(numbers, "median", part, analysis="time_to_response")
    if not rows:
        return ""
    days, unit = numbers.protocol.days_per_unit, numbers.protocol.time_unit
    said = [with_arm(numbers, f"{fmt.time_value(r.value, days, unit)} {unit}", r.group) for r in rows]
    return f"Responses came after a median of {fmt.listed(said)}."


def _depth(numbers: Numbers, part: dict[str, str]) -> str:
    shrunk = _rows(numbers, "percent", part, analysis="deepest_change", variable="any_decrease")
    depth = _rows(numbers, "median", part, analysis="deepest_change")
    if not shrunk or not depth:
        return ""
    medians = fmt.listed([f"{fmt.number(r.value)}%" for r in depth])
    return f"Of those measured, the target sum shrank in {shares(numbers, shrunk)}; its median deepest change was {medians}."


def agreement(numbers: Numbers) -> list[str]:
    """A sentence per pair of criteria: in how many patients they differ, and kappa."""
    found = numbers.where(phase=PHASE, analysis="agreement", statistic="kappa", design="unadjusted", variable="")
    return [s for row in found if (s := _agree(numbers, row))]


def _agree(numbers: Numbers, kappa: Row) -> str:
    part = {"design": kappa.design, "analysis": "agreement", "contrast": kappa.contrast}
    differ = numbers.row(PHASE, "differ", **part)
    if differ is None or math.isnan(kappa.value):
        return ""
    first, second = kappa.contrast.split(" vs ")
    said = (
        f"{first} and {second} gave different best responses in {fmt.count(differ.value)} of {fmt.plural(kappa.n, 'patient')} "
        f"whom both assessed "
        f"(kappa {fmt.number(kappa.value, 2)}, {numbers.protocol.ci} {fmt.interval(kappa.low, kappa.high, 2)}"
    )
    responders = numbers.row(PHASE, "kappa", variable="objective_response", **part)
    if responders is not None and not math.isnan(responders.value):
        ends = fmt.interval(responders.low, responders.high, 2)
        said += f"; of objective response {fmt.number(responders.value, 2)}, {ends}"
    return f"{said})."
