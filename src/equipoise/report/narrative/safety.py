"""Adverse events in sentences: how many, which most often, which differ, who stopped."""

from __future__ import annotations

import math

from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import arm, direction, shares
from equipoise.report.tables.safety import ALL, DESIGN, FATAL, STOPPED

MOST = 3


def safety(numbers: Numbers) -> list[str]:
    """Sentences for the safety section; none where the study has no adverse events."""
    if not numbers.has(phase="safety", analysis="any_grade"):
        return []
    said = [
        _overall(numbers, ("any_grade", ALL), "proportion of patients with an adverse event of any grade"),
        _overall(numbers, ("grade_3_4", ALL), "proportion of patients with an adverse event of grade 3\u20134"),
    ]
    said += [_commonest(numbers, a) for a in numbers.arms]
    said += [
        _different(numbers),
        _overall(numbers, STOPPED, "proportion of patients who stopped for an adverse event"),
        _fatal(numbers),
    ]
    return [s for s in said if s]


def _row(numbers: Numbers, which: tuple[str, str], group: str, statistic: str = "percent") -> Row | None:
    return numbers.row("safety", statistic, design=DESIGN, analysis=which[0], variable=which[1], group=group)


def _overall(numbers: Numbers, which: tuple[str, str], what: str) -> str:
    rows = [_row(numbers, which, a) for a in numbers.arms]
    if numbers.single and rows[0] is not None:
        share = fmt.percent(rows[0].events, rows[0].n, numbers.protocol.conventions.percent_rounding)
        return f"The {what} was {share}% ({fmt.count(rows[0].events)}/{fmt.count(rows[0].n)})."
    p = _row(numbers, which, "", "p")
    if p is None or any(r is None for r in rows):
        return ""
    known = [r for r in rows if r is not None]
    verdict = direction(numbers, what, known[0].value - known[1].value, p.value)
    return f"{verdict}: {shares(numbers, known)} ({fmt.p_sentence(p.value)})."


def _share(numbers: Numbers, row: Row) -> str:
    if isinstance(row.events, Masked):
        return fmt.share(row.events, row.n)
    return (
        f"{fmt.count(row.events)}/{fmt.count(row.n)}, "
        f"{fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)}%"
    )


def _commonest(numbers: Numbers, group: str) -> str:
    rows = numbers.where(phase="safety", analysis="any_grade", group=group, statistic="percent")
    ranked = sorted(
        (r for r in rows if r.variable != ALL and r.events > 0 and not math.isnan(r.events)),
        key=lambda r: (-r.events, r.variable),
    )[:MOST]
    if not ranked:
        return ""
    parts = [f"{_term(r.variable)} ({_share(numbers, r)})" for r in ranked]
    who = "" if numbers.single else f" with {arm(numbers, group)}"
    return f"Most frequent{who}: {fmt.listed(parts)}."


def _term(name: str) -> str:
    return fmt.lower_first(name)


def _different(numbers: Numbers) -> str:
    rows = numbers.where(phase="safety", analysis="any_grade", group="", statistic="p")
    alpha = numbers.protocol.conventions.alpha
    clear = [r for r in rows if r.variable != ALL and not math.isnan(r.value) and r.value < alpha]
    parts = []
    for group in numbers.arms:
        terms = [_term(r.variable) for r in clear if _higher(numbers, r.variable) == group]
        if terms:
            more = "most" if numbers.several else "more"
            parts.append(f"{fmt.listed(terms)} {'were' if len(terms) > 1 else 'was'} {more} frequent with {arm(numbers, group)}")
    if not parts:
        return ""
    return f"At {fmt.p_below(alpha)}, not adjusted for the number of terms, {'; '.join(parts)}."


def _higher(numbers: Numbers, term: str) -> str:
    shares = {
        a: numbers.value("safety", "percent", design=DESIGN, analysis="any_grade", variable=term, group=a) for a in numbers.arms
    }
    return max(shares, key=lambda a: shares[a])


def _fatal(numbers: Numbers) -> str:
    total = _row(numbers, FATAL, "total")
    if total is None:
        return ""
    return (
        "No adverse event was fatal."
        if total.events == 0
        else f"{fmt.plural(total.events, 'patient')} had a fatal adverse event."
    )
