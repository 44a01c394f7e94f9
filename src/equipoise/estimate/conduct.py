"""Conduct of the study by arm, on the unadjusted cohort: scans, follow-up, exposure. Descriptive; nothing is adjusted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.estimate.association import Pairing, continuous_tests
from equipoise.protocol.lines import line_name
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Row

TOTAL = "total"
PHASE, EXPOSURE = "conduct", "exposure"
# Reasons of the last dosing interval under which nobody saw treatment end.
END_UNSEEN = (None, "ongoing", "lost", "not recorded")
NO_PAIRS = Pairing(np.empty(0, dtype=int), np.empty(0, dtype=int))


def conduct_rows(protocol: Protocol, cohort: Cohort, outcomes: Outcomes) -> Iterator[Row]:
    """Time to the first scan and its test, scans missed, unscheduled and unreadable, readers, follow-up,
    causes of death and where each was learned."""
    if outcomes.conduct is None:
        return
    found = outcomes.conduct.followed
    groups = _groups(protocol, cohort)
    if found["n_scans"].sum() > 0:
        yield from _quartiles(protocol, PHASE, "first_scan", found["first_scan_day"], groups)
        base = {"phase": PHASE, "design": "unadjusted", "analysis": "first_scan"}
        yield from continuous_tests(protocol, base, found["first_scan_day"], [groups[a] for a in protocol.arms.groups], NO_PAIRS)
        yield from _scan_rows(outcomes, groups)
    yield from _follow_up_rows(protocol, found, groups)
    died = found["died"].astype(bool)
    yield from _level_rows(PHASE, "cause_of_death", found["death_cause"], groups, died)
    yield from _level_rows(PHASE, "source_of_death", found["death_source"], groups, died)


def _scan_rows(outcomes: Outcomes, groups: dict[str, np.ndarray]) -> Iterator[Row]:
    """Scans in all, and of them what share; missed ones in percent of those that were due (made and missed)."""
    found = outcomes.conduct.followed
    for group, mask in groups.items():
        scans = float(found["n_scans"][mask].sum())
        yield _row(PHASE, "n", scans, analysis="scans", group=group, n=float(mask.sum()))
        for name in ("missed", "unscheduled", "unreadable"):
            k = float(found[f"n_{name}"][mask].sum())
            due = scans + k if name == "missed" else scans
            if due and not np.isnan(k):
                part = {"analysis": "scans", "variable": name, "group": group, "n": due, "events": k}
                yield _row(PHASE, "percent", 100.0 * k / due, **part)
        for reader, n in outcomes.conduct.readers.items():
            if scans:
                k = float(n[mask].sum())
                yield _row(
                    PHASE, "percent", 100.0 * k / scans, analysis="reader", level=reader, group=group, n=scans, events=k
                )  # fmt: skip


def _follow_up_rows(protocol: Protocol, found: dict[str, np.ndarray], groups: dict[str, np.ndarray]) -> Iterator[Row]:
    """Clark's index: days followed in percent of the days possible to death or the data cut-off; among the living, days from
    the last contact to the cut-off."""
    followed, possible = found["followed_days"], found["possible_days"]
    known = ~np.isnan(followed) & ~np.isnan(possible)
    alive = known & ~found["died"].astype(bool)
    for group, mask in groups.items():
        total = possible[mask & known].sum()
        if total > 0:
            value = 100.0 * followed[mask & known].sum() / total
            n = float((mask & known).sum())
            yield _row(PHASE, "percent", value, analysis="completeness", group=group, n=n, method="Clark's index")
    gap = np.where(alive, possible - followed, np.nan)
    yield from _quartiles(protocol, PHASE, "contact_gap", gap, groups)


def exposure_rows(protocol: Protocol, cohort: Cohort, outcomes: Outcomes) -> Iterator[Row]:
    """Time on treatment, relative dose intensity, dose changes, why treatment stopped, the next line and its type."""
    if outcomes.conduct is None or np.isnan(outcomes.conduct.exposed["treated_days"]).all():
        return
    found = outcomes.conduct.exposed
    groups = _groups(protocol, cohort)
    treated = ~np.isnan(found["treated_days"])
    yield from _time_on_treatment(protocol, found, {g: m & treated for g, m in groups.items()})
    yield from _quartiles(protocol, EXPOSURE, "relative_dose_intensity", found["rdi"], groups)
    below = np.where(np.isnan(found["protocol_mg"]), np.nan, found["start_mg"] < found["protocol_mg"])
    hits = {
        "started_below_protocol": below,
        "reduced": found["n_reductions"] > 0,
        "raised": found["n_raised"] > 0,
        "interrupted": found["n_interruptions"] > 0,
    }
    for name, hit in hits.items():
        yield from _patient_rows(name, hit, groups, treated)
    yield from _level_rows(EXPOSURE, "stop_reason", found["stop_reason"], groups, treated)
    later = line_name(protocol.index_line + 1)
    regimen = outcomes.flags.get(f"{later}_regimen")
    if regimen is not None:
        everyone = np.ones(cohort.n, dtype=bool)
        yield from _level_rows(EXPOSURE, later, regimen, groups, everyone)


def _time_on_treatment(protocol: Protocol, found: dict[str, np.ndarray], groups: dict[str, np.ndarray]) -> Iterator[Row]:
    """Kaplan-Meier median; treatment that went on, and that of patients lost to follow-up, is censored."""
    conventions = protocol.conventions
    stopped = np.array([reason not in END_UNSEEN for reason in found["stop_reason"]])
    for group, mask in groups.items():
        if not mask.any():
            continue
        fit = stats.kaplan_meier(
            found["treated_days"][mask], stopped[mask].astype(int), conf_type=conventions.interval_type, conf_level=protocol.level
        )
        median = fit.quantile(0.5, rule=conventions.median_rule)
        yield _row(
            EXPOSURE, "median", median.value, analysis="time_on_treatment", group=group, low=float(median.low),
            high=float(median.high), n=float(mask.sum()), events=float(stopped[mask].sum()),
            method=f"Kaplan-Meier, {conventions.interval_type} limits",
        )  # fmt: skip


def _patient_rows(name: str, hit: np.ndarray, groups: dict[str, np.ndarray], among: np.ndarray) -> Iterator[Row]:
    value = hit.astype(float)
    for group, mask in groups.items():
        inside = mask & among & ~np.isnan(value)
        if inside.any():
            n, k = float(inside.sum()), float(value[inside].sum())
            yield _row(EXPOSURE, "percent", 100.0 * k / n, analysis="patients_with", variable=name, group=group, n=n, events=k)


def _level_rows(phase: str, analysis: str, cells: np.ndarray, groups: dict[str, np.ndarray], among: np.ndarray) -> Iterator[Row]:
    """Patients at each word of a column, the most frequent word first."""
    words = [str(c) for c, inside in zip(cells, among, strict=True) if inside and isinstance(c, str)]
    for level in sorted(set(words), key=lambda w: (-words.count(w), w)):
        hit = np.array([c == level for c in cells])
        for group, mask in groups.items():
            n, k = float((mask & among).sum()), float((mask & among & hit).sum())
            if n:
                yield _row(phase, "percent", 100.0 * k / n, analysis=analysis, level=level, group=group, n=n, events=k)


def _quartiles(protocol: Protocol, phase: str, analysis: str, value: np.ndarray, groups: dict[str, np.ndarray]) -> Iterator[Row]:
    kind = protocol.conventions.quantile_type
    for group, mask in groups.items():
        shown = value[mask & ~np.isnan(value)]
        if len(shown):
            for name, number in zip(("q1", "median", "q3"), stats.quantile(shown, [0.25, 0.5, 0.75], kind=kind), strict=True):
                yield _row(
                    phase, name, number, analysis=analysis, group=group, n=float(len(shown)), method=f"quantile type {kind}"
                )  # fmt: skip


def _groups(protocol: Protocol, cohort: Cohort) -> dict[str, np.ndarray]:
    return {TOTAL: np.ones(cohort.n, dtype=bool), **{a: cohort.in_arm(a) for a in protocol.arms.groups}}


def _row(phase: str, statistic: str, value: float, **more: object) -> Row:
    return Row(phase=phase, statistic=statistic, value=float(value), design="unadjusted", **more)


def conduct_remarks(protocol: Protocol, rows: list[Row]) -> Iterator[str]:
    """A warning where the arms were scanned on different schedules: progression is found later where scans come later."""
    mine = {(r.group, r.statistic): r.value for r in rows if r.phase == PHASE and r.analysis == "first_scan"}
    if protocol.arms.single:
        return
    found = {arm: mine[arm, "median"] for arm in protocol.arms.groups if (arm, "median") in mine}
    if len(found) < len(protocol.arms.groups):
        return
    window = protocol.assessment.scan_window_days if protocol.assessment else 7
    if max(found.values()) - min(found.values()) > window or mine.get(("", "p"), 1.0) < protocol.conventions.alpha:
        *most, last = [f"{days:.0f} days ({protocol.arms.label(arm)})" for arm, days in found.items()]
        yield (
            f"Assessment schedules differ between the arms: the first scan came after a median of {', '.join(most)} and {last}. "
            "Progression is found later where scans come later; read the "
            "endpoints that rest on scans with this in mind."
        )
