"""Times to an event in sentences: follow-up and events, medians by arm, a single arm's survival at its landmarks."""

from __future__ import annotations

import math

from equipoise.protocol.wording import is_time_to
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import counted, counted_patients, nowhere_reached, time_words, with_arm
from equipoise.report.words import words

PHASE = "survival"
DEATH = "death"
EVERYONE = "total"


def followed(numbers: Numbers) -> str:
    """`During a median follow-up of 11.7 months (...), 81 of 126 patients (64.3%) died and ...`: of everybody as treated."""
    group = numbers.arms[0] if numbers.single else EVERYONE
    told = []
    for endpoint in numbers.protocol.main_endpoints:
        row = _event_row(numbers, endpoint, "unadjusted", group)
        if row is not None:
            told.append(_happened(numbers, endpoint, (counted if told else counted_patients)(numbers, row)))
    if not told:
        return ""
    first = next(iter(numbers.protocol.main_endpoints))
    row = numbers.row(PHASE, "median", endpoint=first, design="unadjusted", analysis="follow_up", group=group)
    if row is None or math.isnan(row.value):
        return words("survival.followed", events=fmt.listed(told))
    more = words("survival.reverse")
    return words("survival.followed_for", median=time_words(numbers, row, more), events=fmt.listed(told))


def _event_row(numbers: Numbers, endpoint: str, design: str, group: str) -> Row | None:
    return numbers.row(PHASE, "percent", analysis="event_count", endpoint=endpoint, design=design, group=group)


def _happened(numbers: Numbers, endpoint: str, who: str) -> str:
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    return words("survival.died", who=who) if event == DEATH else words("survival.occurred", event=event, who=who)


def events(numbers: Numbers, endpoint: str, design: str) -> str:
    """Who had the event, by arm of a design; nothing of a single arm, of which `followed` speaks, nor of weights, which have no
    whole patients."""
    if numbers.single or numbers.weighted(design):
        return ""
    rows = [_event_row(numbers, endpoint, design, a) for a in numbers.arms]
    known = [r for r in rows if r is not None]
    if len(known) < len(rows):
        return ""
    who = [with_arm(numbers, (counted if i else counted_patients)(numbers, row), row.group) for i, row in enumerate(known)]
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    said = words("survival.occurred", event=event, who=fmt.listed(who))
    return words("survival.sentence", said=fmt.upper_first(said))


def medians(numbers: Numbers, endpoint: str, design: str) -> str:
    """The medians by arm with the log-rank P; of a single arm its median and landmarks."""
    part = {"endpoint": endpoint, "design": design}
    rows = [numbers.row(PHASE, "median", analysis="kaplan_meier", group=a, **part) for a in numbers.arms]
    known = [r for r in rows if r is not None]
    if len(known) < len(rows):
        return ""
    label = numbers.time_words(endpoint)
    said = nowhere_reached(numbers, known) or fmt.listed([with_arm(numbers, time_words(numbers, r), r.group) for r in known])
    if numbers.single:
        return f"{words('survival.median', label=label, medians=said)} {_at_landmarks(numbers, endpoint, design)}".strip()
    p = numbers.row(PHASE, "p", analysis="logrank", **part)
    if p is None or math.isnan(p.value):
        return words("survival.median", label=label, medians=said)
    return words("survival.median_tested", label=label, medians=said, p=bound(fmt.p_sentence(p.value), p))


def _at_landmarks(numbers: Numbers, endpoint: str, design: str) -> str:
    """The shares free of the event at the landmarks of a single arm."""
    part = {"endpoint": endpoint, "design": design, "analysis": "kaplan_meier", "population": "all"}
    shares = []
    for row in numbers.where(PHASE, statistic="survival", **part):
        percent, ends = fmt.percentage(100 * row.value), fmt.percentage_interval(100 * row.low, 100 * row.high)
        said = words("survival.landmark", percent=percent, limits=ends, time=fmt.lasting(row.level))
        shares.append(bound(said, row))
    if not shares:
        return ""
    info, said = numbers.protocol.endpoints[endpoint], {"shares": fmt.listed(shares), "ci": numbers.protocol.ci}
    if is_time_to(info.label):
        return words("survival.free_at", event=fmt.lower_first(info.event_label), **said)
    return words("survival.at", label=info.label, **said)
