"""Clone-censor-weight by what was started after the index date: start within the grace period or not, and declared strategies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise import stats
from equipoise.encoding import model_matrix
from equipoise.estimate.post_index import YES_NO, Grouping, hazard_ratio, no_p
from equipoise.protocol.wording import covariate_words
from equipoise.records import Row

CLONES, STRATEGIES = "clone_censor_weight", "clone_strategies"


def clone_rows(g: Grouping) -> Iterator[Row]:
    """Starting within the grace period against not starting in it: hazard ratio, survival at the landmarks, weights."""
    who, time, start, X, switch = _followed(g)
    event, grace = g.outcome.event[who], g.post.grace
    if not len(who) or event.sum() == 0:
        return
    began = int((start <= np.minimum(grace, np.nextafter(time, 0))).sum())
    base = {"level": YES_NO, "n": float(len(who)), "events": float(event.sum())}
    why = no_p(g, [began, len(who) - began], base["events"])
    method = f"clone-censor-weight, grace period {grace:g} days"
    if why:
        yield from _not_made(g, CLONES, why, method, base)
        return
    c = stats.clone_censor(time, event, start, grace, X, switch)
    fit = _fit(g, c, who, c.strategy)
    weighted = _weighted(g, method)
    yield from hazard_ratio(g, CLONES, fit, 0, weighted, "", **base)
    yield g.row(CLONES, "n", c.n_started, **{**base, "level": "started"})
    for strategy, label in ((0, "wait"), (1, "start")):
        yield from _arm_rows(g, CLONES, c, strategy, {**base, "level": label, "method": weighted})


def strategy_rows(g: Grouping) -> Iterator[Row]:
    """Each declared strategy against the first: hazard ratio, P, survival at the landmarks, weights, and how many complied."""
    if not g.post.strategies:
        return
    who, time, start, X, switch = _followed(g)
    event, names = g.outcome.event[who], list(g.post.strategies)
    if not len(who) or event.sum() == 0:
        return
    base = {"n": float(len(who)), "events": float(event.sum())}
    plans = [stats.Strategy(s.by, s.kinds, s.since) for s in g.post.strategies.values()]
    sizes = _compliant(time, start, g.onset.type[who], plans)
    why, method = no_p(g, sizes, base["events"]), "clone-censor-weight, declared strategies"
    for name, size in zip(names, sizes, strict=True):
        yield g.row(STRATEGIES, "n", size, level=name, method="start as planned", **base)
    if why:
        for name in names[1:]:
            yield from _not_made(g, STRATEGIES, why, method, {**base, "level": f"{name} vs {names[0]}"})
        return
    c = stats.clone_strategies(time, event, start, plans, g.onset.type[who].astype(str), X=X, switch=switch)
    fit = _fit(g, c, who, (c.strategy[:, None] == np.arange(1, len(plans))).astype(float))
    weighted = _weighted(g, method)
    for k, name in enumerate(names):
        if k:
            yield from hazard_ratio(g, STRATEGIES, fit, k - 1, weighted, "", level=f"{name} vs {names[0]}", **base)
        yield from _arm_rows(g, STRATEGIES, c, k, {**base, "level": name, "method": weighted})


def _followed(g: Grouping) -> tuple[np.ndarray, ...]:
    """Patients followed beyond the clock's zero with complete covariates: positions, time and start from there, X, switches."""
    matrix = model_matrix(g.protocol, g.cohort, g.covariates, g.post.adjust)
    who = np.flatnonzero(g.mask & (g.outcome.time > g.zero) & matrix.complete)
    zero = g.zero[who]
    return who, g.outcome.time[who] - zero, g.onset.day[who] - zero, matrix.X[who], g.switch[who] - zero[:, None]


def _compliant(time: np.ndarray, start: np.ndarray, kind: np.ndarray, plans: list[stats.Strategy]) -> list[int]:
    """Patients who were seen to do what a strategy asks for; of starting nothing, those followed to its last day."""
    start = np.where(start < time, np.maximum(start, 0), np.inf)
    found = []
    for plan in plans:
        within = (start >= plan.since) & (start <= plan.by)
        named = np.ones(len(time), dtype=bool) if plan.kinds is None else np.isin(kind.astype(str), plan.kinds)
        waited = (start > plan.by) & (time > plan.by)
        found.append(int((waited if plan.kinds == () else within & named).sum()))
    return found


def _fit(g: Grouping, c: stats.Clones, who: np.ndarray, X: np.ndarray) -> stats.CoxFit:
    row = who[c.row]
    return stats.cox(
        c.time, c.event, X, entry=c.entry, weight=c.weight, ties=g.protocol.cox.ties, strata=g.strata(row), cluster=row,
        conf_level=g.protocol.level,
    )  # fmt: skip


def _weighted(g: Grouping, method: str) -> str:
    over_time = [f"progression of {g.protocol.endpoints[e].short} over time" for e in g.post.adjust_over_time]
    names = ", ".join([*(covariate_words(g.protocol.covariates[n]) for n in g.post.adjust), *over_time])
    return f"{method}; weights from {names or 'no covariate'}; cluster-robust standard error by patient"


def _not_made(g: Grouping, analysis: str, why: str, method: str, base: dict) -> Iterator[Row]:
    yield g.row(analysis, "hr", float("nan"), method=f"not made: {why.removeprefix('no P: ')}; {method}", **base)
    yield g.row(analysis, "p", float("nan"), method=why, **base)


def _arm_rows(g: Grouping, analysis: str, c: stats.Clones, strategy: int, level: dict) -> Iterator[Row]:
    """Weights and weighted survival of one strategy's clones."""
    mine = c.strategy == strategy
    yield g.row(analysis, "weight_max", c.weight[mine].max(), **level)
    yield g.row(analysis, "weight_mean", c.weight[mine].mean(), **level)
    curve = stats.kaplan_meier(c.time[mine], c.event[mine], entry=c.entry[mine], weight=c.weight[mine])
    for words, day in g.protocol.landmark_days.items():
        if day <= c.time[mine].max():
            yield g.row(
                analysis, "survival", curve.at([day]).survival[0], **{**level, "level": f"{level['level']} {words}"}
            )  # fmt: skip
