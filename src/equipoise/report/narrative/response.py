"""Response in sentences: rates by arm, confirmation, how long and how deep responses were, how two criteria agree."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import compared, limits, share, shares, time_alone, time_words, with_arm
from equipoise.report.tables.response import PHASE, RATES, criteria
from equipoise.report.words import words


def rates(numbers: Numbers, design: str) -> list[str]:
    """Objective response and disease control by each criterion, the arms compared."""
    return [s for c in criteria(numbers) for rate in RATES if (s := _rate(numbers, design, c, rate))]


def _rate(numbers: Numbers, design: str, criterion: str, rate: str) -> str:
    part = {"design": design, "endpoint": criterion, "analysis": rate}
    rows = [numbers.row(PHASE, "percent", group=a, **part) for a in numbers.arms]
    known = [r for r in rows if r is not None]
    what = words("response.rate", rate=fmt.lower_first(words(f"response_table.rate.{rate}")), criterion=criterion)
    if numbers.single and known:
        said = words("response.single", what=what, share=share(numbers, known[0]), limits=limits(numbers, known[0]))
        return f"{said} {_benchmark(numbers, part)}".strip()
    p = numbers.row(PHASE, "p", **part)
    if len(known) < len(rows) or (p is None and not numbers.weighted(design)):
        return ""
    if p is None:  # of weights nothing is tested
        return words("phrases.shares", what=what, shares=shares(numbers, known))
    return compared(numbers, what, known, p)


def _benchmark(numbers: Numbers, part: dict[str, str]) -> str:
    """What the test against the benchmark says, from its row."""
    row = numbers.row(PHASE, "p", variable="benchmark", group=numbers.arms[0], **part)
    asked = numbers.protocol.response.benchmark if numbers.protocol.response is not None else None
    if row is None or asked is None or math.isnan(row.value):
        return ""
    shown = row.value < numbers.protocol.conventions.alpha
    side = "above" if asked.alternative == "greater" else "different"
    key = f"response.{side}" if shown else f"response.not_{side}"
    return words(key, benchmark=fmt.short(100 * asked.null), p=bound(fmt.p_sentence(row.value), row))


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
    named = "unconfirmed" if asked else "confirmed"
    rows = _rows(numbers, "percent", part, analysis=f"orr_{named}")
    return words(f"response.{named}", criterion=part["endpoint"], shares=shares(numbers, rows)) if rows else ""


def _duration(numbers: Numbers, part: dict[str, str]) -> str:
    found = [numbers.row(PHASE, "median", group=a, analysis="duration_of_response", **part) for a in numbers.arms]
    said = []
    for key, row in zip(numbers.arms, found, strict=True):
        if row is None:
            said.append(with_arm(numbers, words("response.no_response"), key))
        else:
            ended = bound(words("response.ended", events=fmt.count(row.events), n=fmt.count(row.n)), row)
            said.append(with_arm(numbers, time_words(numbers, row, ended), key))
    if all(row is None for row in found):
        return ""
    return words("response.duration", criterion=part["endpoint"], medians=fmt.listed(said))


def _time(numbers: Numbers, part: dict[str, str]) -> str:
    rows = _rows(numbers, "median", part, analysis="time_to_response")
    if not rows:
        return ""
    said = [with_arm(numbers, time_alone(numbers, r), r.group) for r in rows]
    return words("response.time", medians=fmt.listed(said))


def _depth(numbers: Numbers, part: dict[str, str]) -> str:
    shrunk = _rows(numbers, "percent", part, analysis="deepest_change", variable="any_decrease")
    depth = _rows(numbers, "median", part, analysis="deepest_change")
    if not shrunk or not depth:
        return ""
    middle = [with_arm(numbers, words("response.percent", percent=bound(fmt.number(r.value), r)), r.group) for r in depth]
    return words("response.depth", shares=shares(numbers, shrunk), medians=fmt.listed(middle))


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
    said = {
        "first": first,
        "second": second,
        "differ": bound(fmt.count(differ.value), differ),
        "n": bound(fmt.count(kappa.n), kappa),
        "kappa": bound(fmt.number(kappa.value, 2), kappa),
        "limits": bound(fmt.interval(kappa.low, kappa.high, 2), kappa),
        "ci": fmt.before_limits(numbers.protocol.ci),
    }
    responders = numbers.row(PHASE, "kappa", variable="objective_response", **part)
    if responders is None or math.isnan(responders.value):
        return words("response.agreement", **said)
    ends = bound(fmt.interval(responders.low, responders.high, 2), responders)
    return words(
        "response.agreement_of_both", response=bound(fmt.number(responders.value, 2), responders), response_limits=ends, **said
    )
