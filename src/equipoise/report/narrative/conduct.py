"""How the study was conducted, in sentences: scans, follow-up, treatment given."""

from __future__ import annotations

import math

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import shares, time_words, with_arm
from equipoise.report.tables.conduct import CONDUCT, DESIGN, EXPOSURE, TOTAL, stop_words
from equipoise.report.words import words

WARNING = "Assessment schedules differ"
MOST = 2


def follow_up(numbers: Numbers) -> list[str]:
    """How complete follow-up was, and how long before the data cut-off the living were last seen."""
    said = []
    complete = _row(numbers, CONDUCT, "percent", _everyone(numbers), analysis="completeness")
    arms = [_row(numbers, CONDUCT, "percent", a, analysis="completeness") for a in numbers.arms]
    if complete is not None and all(r is not None for r in arms):
        parts = [with_arm(numbers, f"{bound(fmt.percentage(r.value), r)}%", r.group) for r in arms if r is not None]
        by_arm = "" if numbers.single else f" ({fmt.listed(parts)})"
        said.append(words("conduct.complete", percent=bound(fmt.percentage(complete.value), complete), arms=by_arm))
    gap = _three(numbers, CONDUCT, "contact_gap", _everyone(numbers))
    if gap:
        said.append(words("conduct.last_contact", time=_days(gap)))
    return said


def scans(numbers: Numbers) -> list[str]:
    """When the first scan came, and whether that differs between the arms."""
    found = [_three(numbers, CONDUCT, "first_scan", a) for a in numbers.arms]
    if not all(found):
        return []
    parts = [with_arm(numbers, _days(x), a) for a, x in zip(numbers.arms, found, strict=True) if x is not None]
    p = _row(numbers, CONDUCT, "p", "", analysis="first_scan")
    test = f" ({bound(fmt.p_sentence(p.value), p)})" if p is not None and not math.isnan(p.value) else ""
    said = [words("conduct.first_scan", times=fmt.listed(parts), test=test)]
    if any(w.startswith(WARNING) for w in numbers.study.estimates.warnings):
        said.append(words("conduct.scanned_later"))
    missed = _arms(numbers, CONDUCT, analysis="scans", variable="missed")
    return [*said, words("conduct.missed", shares=shares(numbers, missed))] if missed else said


def exposure(numbers: Numbers) -> list[str]:
    """Time on treatment, dose intensity, dose changes and the commonest reasons for stopping."""
    times = [_row(numbers, EXPOSURE, "median", a, analysis="time_on_treatment") for a in numbers.arms]
    if any(r is None for r in times):
        return []
    parts = [with_arm(numbers, time_words(numbers, r), r.group) for r in times if r is not None]
    said = [words("conduct.time_on_treatment", times=fmt.listed(parts))]
    dose = [_three(numbers, EXPOSURE, "relative_dose_intensity", a) for a in numbers.arms]
    if all(dose):
        parts = [
            with_arm(numbers, words("conduct.dose_intensity_of", percent=_middle(x), quartiles=_ends(x)), a)
            for a, x in zip(numbers.arms, dose, strict=True)
            if x is not None
        ]
        said.append(words("conduct.dose_intensity", shares=fmt.listed(parts)))
    for name in ("reduced", "interrupted"):
        rows = _arms(numbers, EXPOSURE, analysis="patients_with", variable=name)
        said += [words(f"conduct.{name}", shares=shares(numbers, rows))] if rows else []
    return [*said, *_stopped(numbers)]


def _stopped(numbers: Numbers) -> list[str]:
    """The commonest reasons; treatment that went on is none."""
    total = numbers.where(EXPOSURE, analysis="stop_reason", group=_everyone(numbers), statistic="percent")
    reasons = [r.level for r in total if r.level not in ("ongoing", "not recorded") and r.events > 0][:MOST]
    parts = []
    for reason in reasons:
        rows = _arms(numbers, EXPOSURE, analysis="stop_reason", level=reason)
        parts.append(f"{fmt.lower_first(stop_words(reason))}: {shares(numbers, rows)}")
    return [words("conduct.stopped", reasons="; ".join(parts))] if parts else []


def _everyone(numbers: Numbers) -> str:
    """The group that holds all patients."""
    return numbers.arms[0] if numbers.single else TOTAL


def _row(numbers: Numbers, phase: str, statistic: str, group: str, **parts: str) -> Row | None:
    return numbers.row(phase, statistic, design=DESIGN, group=group, **parts)


def _arms(numbers: Numbers, phase: str, **parts: str) -> list[Row]:
    """The shares of both arms, or none at all."""
    rows = [_row(numbers, phase, "percent", a, **parts) for a in numbers.arms]
    return [r for r in rows if r is not None] if all(r is not None for r in rows) else []


def _three(numbers: Numbers, phase: str, analysis: str, group: str) -> list[Row] | None:
    """Median and quartiles of a group."""
    rows = [_row(numbers, phase, s, group, analysis=analysis) for s in ("median", "q1", "q3")]
    found = [r for r in rows if r is not None]
    return found if len(found) == len(rows) else None


def _days(three: list[Row]) -> str:
    return words("conduct.days", median=_middle(three), quartiles=_ends(three))


def _middle(three: list[Row]) -> str:
    return bound(fmt.number(three[0].value), three[0])


def _ends(three: list[Row]) -> str:
    """The quartiles, which lead to the lower one."""
    return bound(fmt.interval(three[1].value, three[2].value, 0), three[1])
