"""Adverse events in sentences: how many, which most often, which differ, what they led to, who died of one."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import arm, clauses, counted, counted_patients, with_arm
from equipoise.report.tables.safety import ALL, DESIGN, FATAL, STOPPED, related
from equipoise.report.tables.safety_detail import LED_TO
from equipoise.report.words import words

PHASE = "safety"
MOST, MOST_TIED = 3, 5
GRADES = ("any_grade", "grade_3_4")
REDUCED, INTERRUPTED, DISCONTINUED = LED_TO


def safety(numbers: Numbers) -> list[str]:
    """Sentences for the safety section; none where the study has no adverse events."""
    if not numbers.has(phase=PHASE, analysis="any_grade"):
        return []
    said = [_overall(numbers), *(_commonest(numbers, grade) for grade in GRADES), _different(numbers), _led_to(numbers)]
    return [s for s in (*said, _fatal(numbers)) if s]


def _row(numbers: Numbers, which: tuple[str, str], group: str, statistic: str = "percent") -> Row | None:
    return numbers.row(PHASE, statistic, design=DESIGN, analysis=which[0], variable=which[1], group=group)


def _overall(numbers: Numbers) -> str:
    """Patients with an event of any grade, and with one of grade 3 or 4."""
    found = {grade: _by_arm(numbers, (grade, ALL), grade == GRADES[0]) for grade in GRADES}
    told = [words(f"safety.{grade}", who=who) for grade, who in found.items() if who]
    what = words("safety.related" if related(numbers) else "safety.events")
    return words("safety.occurred", what=what, who=clauses(told)) if told else ""


def _by_arm(numbers: Numbers, which: tuple[str, str], first: bool = True) -> str:
    """`32 of 40 patients (80.0%) with lenvatinib and 75 of 86 (87.2%) with sorafenib (P = 0.292)`; first: of its sentence."""
    rows = [_row(numbers, which, a) for a in numbers.arms]
    known = [r for r in rows if r is not None]
    if len(known) < len(rows):
        return ""
    said = fmt.listed(
        [with_arm(numbers, (counted_patients if first and not i else counted)(numbers, r), r.group) for i, r in enumerate(known)]
    )
    p = None if numbers.single else _row(numbers, which, "", "p")
    return said if p is None or math.isnan(p.value) else words("safety.tested", shares=said, p=bound(fmt.p_sentence(p.value), p))


def _commonest(numbers: Numbers, grade: str) -> str:
    """The terms that most patients of each arm had."""
    told = []
    for group in numbers.arms:
        rows = numbers.where(phase=PHASE, analysis=grade, group=group, statistic="percent", design=DESIGN)
        parts = [_term_with_share(numbers, r) for r in _most([r for r in rows if r.variable != ALL])]
        told += [with_arm(numbers, fmt.listed(parts), group)] if parts else []
    return words(f"safety.commonest_{grade}", terms=clauses(told)) if told else ""


def _most(rows: list[Row]) -> list[Row]:
    """The most frequent terms: three, and those tied with the third; where too many are tied with it, those before them."""
    ranked = sorted((r for r in rows if not math.isnan(r.events) and r.events > 0), key=lambda r: (-r.events, r.variable))
    if len(ranked) <= MOST:
        return ranked
    last = ranked[MOST - 1].events
    tied = [r for r in ranked if r.events >= last]
    return tied if len(tied) <= MOST_TIED else [r for r in ranked if r.events > last]


def _term_with_share(numbers: Numbers, row: Row) -> str:
    percent = fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)
    share = bound(words("safety.share", events=fmt.count(row.events), percent=percent), row)
    return words("safety.term", term=fmt.lower_first(row.variable), share=share)


def _different(numbers: Numbers) -> str:
    rows = numbers.where(phase=PHASE, analysis="any_grade", group="", statistic="p")
    alpha = numbers.protocol.conventions.alpha
    clear = [r for r in rows if r.variable != ALL and not math.isnan(r.value) and r.value < alpha]
    key = "safety.most_frequent" if numbers.several else "safety.more_frequent"
    parts = []
    for group in numbers.arms:
        terms = [fmt.lower_first(r.variable) for r in clear if _higher(numbers, r.variable) == group]
        parts += [words(key, terms=fmt.listed(terms), arm=arm(numbers, group), count=len(terms))] if terms else []
    return words("safety.differ", below=fmt.p_below(alpha), terms="; ".join(parts)) if parts else ""


def _higher(numbers: Numbers, term: str) -> str:
    """The arm with the largest share of patients with a term."""
    rows = {a: _row(numbers, ("any_grade", term), a) for a in numbers.arms}
    known = {a: r.value for a, r in rows.items() if r is not None and not math.isnan(r.value)}
    return max(known, key=lambda a: known[a]) if known else ""


def _led_to(numbers: Numbers) -> str:
    """Patients whose treatment was stopped, reduced or interrupted for an event, where the study has them."""
    stopped = _by_arm(numbers, STOPPED) or _by_arm(numbers, (DISCONTINUED, ALL))
    reduced, interrupted = (_by_arm(numbers, (what, ALL), not stopped) for what in (REDUCED, INTERRUPTED))
    found = {"stopped": stopped, "reduced": reduced, "interrupted": interrupted}
    told = [words(f"safety.{what}", who=who) for what, who in found.items() if who]
    return words("safety.led_to", what=fmt.listed(told)) if told else ""


def _fatal(numbers: Numbers) -> str:
    total = _row(numbers, FATAL, numbers.arms[0] if numbers.single else "total")
    if total is None:
        return ""
    if total.events == 0:
        return words("safety.none_fatal")
    if math.isnan(total.events) or numbers.single:
        return words("safety.fatal", who=counted_patients(numbers, total))
    return words("safety.fatal", who=_by_arm(numbers, FATAL))
