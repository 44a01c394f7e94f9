"""Groupings known only after the index date: who came to have them, the naive comparison, and the corrected ones beside it.

Naive: grouped by what happened later, clock from the index date. Corrected (time_zero.py): landmark, time-dependent Cox model
and clone-censor-weight, with the clock of the protocol (progression, or the index date).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.estimate.association import Pairing, category_tests, pairing
from equipoise.estimate.estimable import usable
from equipoise.protocol.post_index import PostIndex
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Curve, Onset, Outcomes, Row, Sample, TimeToEvent
from equipoise.records.reasons import not_estimable

PHASE = "post_index"
TOTAL = "total"
YES_NO, TYPE = "yes_no", "type"
NO_TYPE, UNKNOWN_TYPE = "", "not recorded"  # of a patient who has it, and the level under which these are counted
NO_PAIRS = Pairing(np.empty(0, dtype=int), np.empty(0, dtype=int))


@dataclass(frozen=True, slots=True)
class Grouping:
    """One declared grouping among the patients of a design, and of an arm where it is compared within arms.

    zero: day on which the clock of the corrected analyses starts, nan = it never did. switch: days of the progressions that
    the censoring models adjust for. group: the arm, or `total`.
    """

    protocol: Protocol
    cohort: Cohort
    covariates: Covariates
    sample: Sample
    name: str
    post: PostIndex
    outcome: TimeToEvent
    onset: Onset
    zero: np.ndarray
    switch: np.ndarray
    group: str

    def row(self, analysis: str, statistic: str, value: float, **more: object) -> Row:
        return Row(
            phase=PHASE, statistic=statistic, value=float(value), analysis=analysis, design=self.sample.design,
            endpoint=self.post.endpoint, variable=self.name, **{"group": self.group, **more},
        )  # fmt: skip

    @property
    def mask(self) -> np.ndarray:
        """Who counts, bool per patient."""
        return self.sample.include

    @property
    def has(self) -> np.ndarray:
        """bool per patient: came to have it while followed."""
        return self.mask & (self.onset.day < self.outcome.time)

    def types(self, among: np.ndarray) -> list[str]:
        """Types that occur, as declared, then by falling frequency and name."""
        return _types(self.post, self.onset.type[among & self.has].astype(str))

    def codes(self, by: str, among: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Labels of the groups and int per patient, -1 = in none. By type only those who have it are compared."""
        if by == YES_NO:
            return ["no", "yes"], np.where(among, self.has.astype(int), -1)
        labels = self.types(among)
        kinds = self.onset.type.astype(str)
        code = np.full(len(kinds), -1)
        for i, label in enumerate(labels):
            code[among & self.has & (kinds == label)] = i
        return labels, code

    def strata(self, keep: np.ndarray) -> np.ndarray | None:
        return self.cohort.arm[keep] if self.group == TOTAL else None

    def cluster(self, keep: np.ndarray) -> np.ndarray | None:
        return self.sample.pair[keep] if self.sample.paired and self.group == TOTAL else None


def groupings(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, sample: Sample, outcomes: Outcomes
) -> Iterator[Grouping]:
    """Each declared grouping, within each arm or over both."""
    for name, post in protocol.post_index.items():
        outcome, zero = outcomes.endpoints[post.endpoint], clock_zero(protocol, post, outcomes)
        groups = list(protocol.arms.groups) if post.within_arms else [TOTAL]
        for group in groups:
            part = sample if group == TOTAL else sample.among(cohort.in_arm(group))
            yield Grouping(
                protocol, cohort, covariates, part, name, post, outcome, outcomes.onsets[name], zero,
                switches(protocol, post, outcomes), group,
            )  # fmt: skip


def clock_zero(protocol: Protocol, post: PostIndex, outcomes: Outcomes) -> np.ndarray:
    """Day of progression (of the clock's endpoint, not a death) of those followed beyond it; 0 without a clock."""
    time = outcomes.endpoints[post.endpoint].time
    if post.clock is None:
        return np.zeros(len(time))
    day = progression_day(protocol, post.clock, outcomes)
    return np.where(day < time, day, np.nan)


def switches(protocol: Protocol, post: PostIndex, outcomes: Outcomes) -> np.ndarray:
    """Day of the progression of each endpoint in `adjust_over_time`, nan = none; shape (patients, endpoints)."""
    days = [progression_day(protocol, name, outcomes) for name in post.adjust_over_time]
    n = len(outcomes.endpoints[post.endpoint].time)
    return np.column_stack(days) if days else np.empty((n, 0))


def progression_day(protocol: Protocol, endpoint: str, outcomes: Outcomes) -> np.ndarray:
    """Day of the endpoint's event where it is a progression, not a death; of a spreadsheet's endpoint any event."""
    found, spec = outcomes.endpoints[endpoint], protocol.endpoints[endpoint]
    happened = found.event == 1
    if spec.events:
        happened &= np.isin(found.source.astype(str), spec.progression)
    return np.where(happened, found.time, np.nan)


def uptake_rows(protocol: Protocol, cohort: Cohort, sample: Sample, outcomes: Outcomes) -> Iterator[Row]:
    """Who came to have it, of all and of those whose clock started, by arm with P; and the types among those who have it."""
    arms = {a: sample.include & cohort.in_arm(a) for a in protocol.arms.groups}
    for name, post in protocol.post_index.items():
        onset = outcomes.onsets[name]
        has = ~np.isnan(onset.day)
        zero = clock_zero(protocol, post, outcomes)
        base = {"phase": PHASE, "design": sample.design, "endpoint": post.endpoint, "variable": name}
        paired = sample.paired and protocol.tests.paired_after_matching
        pairs = pairing(sample.pair, cohort.in_arm(protocol.arms.focal)) if paired else NO_PAIRS
        among = {"uptake": (np.ones(cohort.n, dtype=bool), pairs)}
        if post.clock is not None:
            among["uptake_after_clock"] = (~np.isnan(zero), NO_PAIRS)
        for analysis, (mask, pair) in among.items():
            yield from _shares(base, analysis, "", {a: m & mask for a, m in arms.items()}, has)
            code = np.where(mask, has.astype(int), -1)
            yield from category_tests(protocol, base | {"analysis": analysis}, code, list(arms.values()), pair)
        kinds = onset.type.astype(str)
        theirs = kinds[has & sample.include]
        levels = {kind: kind for kind in _types(post, theirs)}
        if levels and (theirs == NO_TYPE).any():
            levels[NO_TYPE] = UNKNOWN_TYPE
        for kind, level in levels.items():
            yield from _shares(base, "type", level, {a: m & has for a, m in arms.items()}, kinds == kind)


def _types(post: PostIndex, kinds: np.ndarray) -> list[str]:
    """Types that occur, as declared, then by falling frequency and name; one that was not recorded is none."""
    found, counts = np.unique(kinds[kinds != NO_TYPE], return_counts=True)
    size = dict(zip(found.tolist(), counts.tolist(), strict=True))
    return [*(t for t in post.types if t in size), *sorted(set(size) - set(post.types), key=lambda t: (-size[t], t))]


def _shares(base: dict[str, str], analysis: str, level: str, groups: dict[str, np.ndarray], hit: np.ndarray) -> Iterator[Row]:
    whole = np.any(list(groups.values()), axis=0)
    for group, mask in {TOTAL: whole, **groups}.items():
        n, k = float(mask.sum()), float((mask & hit).sum())
        more = {"analysis": analysis, "level": level, "group": group, "n": n, "events": k}
        yield Row(**base, statistic="n", value=k, **more)
        yield Row(**base, statistic="percent", value=100 * k / n if n else float("nan"), **more)


def naive_rows(g: Grouping, by: str) -> tuple[list[Row], dict[str, Curve]]:
    """Curves, log-rank test and Cox model by what happened later, from the index date: what guarantee time distorts."""
    labels, code = g.codes(by, g.mask)
    rows = compared(g, "naive", by, labels, code, g.outcome.time)
    rows += _published(g, by, labels, code)
    return rows, curves_of(g, "naive", by, labels, code, g.outcome.time)


def _published(g: Grouping, by: str, labels: list[str], code: np.ndarray) -> list[Row]:
    """The naive P whatever the size of the groups, kept only to be set beside a publication's."""
    keep = code >= 0
    if not g.post.published_p or len(labels) < 2 or g.outcome.event[keep].sum() == 0 or len(np.unique(code[keep])) < 2:
        return []
    test = stats.logrank(g.outcome.time[keep], g.outcome.event[keep], code[keep], strata=g.strata(keep))
    method = f"{test.method}; as published, groups of any size"
    return [g.row("naive_logrank_published", "p", test.p, level=by, n=float(keep.sum()), method=method)]


def compared(g: Grouping, analysis: str, by: str, labels: list[str], code: np.ndarray, time: np.ndarray) -> list[Row]:
    """Sizes and medians of the groups, log-rank P, and for two groups the hazard ratio of the second against the first."""
    rows = []
    for k, label in enumerate(labels):
        mine = code == k
        if mine.any():
            n, events = float(mine.sum()), float(g.outcome.event[mine].sum())
            fit = stats.kaplan_meier(
                time[mine], g.outcome.event[mine], conf_type=g.protocol.conventions.interval_type, conf_level=g.protocol.level
            )
            median = fit.quantile(0.5, rule=g.protocol.conventions.median_rule)
            more = {"level": f"{by}={label}", "n": n, "events": events, "method": "Kaplan-Meier"}
            rows.append(
                g.row(f"{analysis}_median", "median", median.value, low=float(median.low), high=float(median.high), **more)
            )
    keep = code >= 0
    sizes = [int((code == k).sum()) for k in range(len(labels))]
    events = float(g.outcome.event[keep].sum())
    base = {"level": by, "n": float(keep.sum()), "events": events}
    why = no_p(g, sizes, events)
    if why:
        return [*rows, g.row(f"{analysis}_logrank", "p", float("nan"), method=why, **base)]
    test = stats.logrank(time[keep], g.outcome.event[keep], code[keep], strata=g.strata(keep))
    rows.append(g.row(f"{analysis}_logrank", "p", test.p, method=test.method, **base))
    if by == YES_NO:
        rows += _two_group_cox(g, analysis, time, code, keep, base)
    return rows


def _two_group_cox(g: Grouping, analysis: str, time: np.ndarray, code: np.ndarray, keep: np.ndarray, base: dict) -> list[Row]:
    strata, cluster = g.strata(keep), g.cluster(keep)
    X, event, ties = code[keep].astype(float), g.outcome.event[keep], g.protocol.cox.ties
    fit = stats.cox(time[keep], event, X, ties=ties, strata=strata, cluster=cluster, conf_level=g.protocol.level)
    return list(hazard_ratio(g, f"{analysis}_cox", fit, 0, fit.method, "", **base))


def no_p(g: Grouping, sizes: list[int], events: float) -> str:
    """Why no P is made; '' when one may be."""
    if len(sizes) < 2 or min(sizes) == 0:
        return "no P: fewer than two groups"
    if min(sizes) < g.post.minimum_group:
        return f"no P: a group has fewer than {g.post.minimum_group} patients"
    return "" if events else "no P: no event"


def hazard_ratio(g: Grouping, analysis: str, fit: stats.CoxFit, k: int, method: str, why: str, **base: object) -> Iterator[Row]:
    """hr and p rows of coefficient k. why: reason to give no P."""
    if not usable(fit, k):
        told = not_estimable(_why(fit, k), method)
        yield g.row(analysis, "hr", float("nan"), method=told, **base)
        yield g.row(analysis, "p", float("nan"), method=why or told, **base)
        return
    yield g.row(analysis, "hr", fit.hr[k], low=float(fit.low[k]), high=float(fit.high[k]), method=method, **base)
    yield g.row(analysis, "p", float("nan") if why else fit.p[k], method=why or "Wald test", **base)


def _why(fit: stats.CoxFit, k: int) -> str:
    if not fit.converged:
        return "the iteration did not converge"
    return "the groups are never at risk together" if fit.aliased[k] else "a group has no event while at risk, or all of them"


def curves_of(g: Grouping, analysis: str, by: str, labels: list[str], code: np.ndarray, time: np.ndarray) -> dict[str, Curve]:
    """A Kaplan-Meier curve per group, by key post_index.name.analysis.by.design.group.label."""
    found = {}
    for k, label in enumerate(labels):
        mine = code == k
        if mine.any():
            fit = stats.kaplan_meier(
                time[mine], g.outcome.event[mine], conf_type=g.protocol.conventions.interval_type, conf_level=g.protocol.level
            )
            population = f"{g.name} {analysis} {by} {g.group}"
            key = f"{PHASE}.{g.name}.{analysis}.{by}.{g.sample.design}.{g.group}.{label}"
            found[key] = Curve(g.post.endpoint, g.sample.design, population, label, fit)
    return found
