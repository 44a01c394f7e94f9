"""Comparisons by what happened after the index date without guarantee time: landmark, time-dependent Cox, clone-censor-weight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import chdtrc

from equipoise import stats
from equipoise.encoding import model_matrix
from equipoise.estimate.clones import clone_rows, strategy_rows
from equipoise.estimate.estimable import usable
from equipoise.estimate.post_index import (
    TYPE,
    YES_NO,
    Grouping,
    compared,
    curves_of,
    groupings,
    hazard_ratio,
    naive_rows,
    no_p,
    uptake_rows,
)
from equipoise.protocol.spec import Protocol
from equipoise.protocol.wording import covariate_words
from equipoise.records import Cohort, Covariates, Curve, Outcomes, Row, Sample
from equipoise.records.reasons import not_estimable

LANDMARK, TIME_DEPENDENT = "landmark", "time_dependent_cox"


def post_index_rows(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, sample: Sample, outcomes: Outcomes
) -> tuple[list[Row], dict[str, Curve]]:
    """Uptake, then each grouping naive and corrected, in one sample; nothing of a weighted one: its weights balance the arms
    at the index date, not the groups that form later."""
    if sample.weighted:
        return [], {}
    rows = list(uptake_rows(protocol, cohort, sample, outcomes))
    found: dict[str, Curve] = {}
    for g in groupings(protocol, cohort, covariates, sample, outcomes):
        for by in g.post.by:
            for more, curves in (naive_rows(g, by), landmark_rows(g, by)):
                rows += more
                found.update(curves)
            rows += time_dependent_rows(g, by)
        if YES_NO in g.post.by:
            rows += clone_rows(g)
        rows += strategy_rows(g)
    return rows, found


def landmark_rows(g: Grouping, by: str) -> tuple[list[Row], dict[str, Curve]]:
    """Those still followed at the landmark, grouped by what they had by then; the clock restarts at the landmark."""
    day = g.zero + g.post.landmark_day
    left = g.mask & (g.outcome.time > day)
    by_then = left & (g.onset.day <= day)
    time = np.where(left, g.outcome.time - day, 0.0)
    labels, code = g.codes(by, left if by == YES_NO else by_then)
    if by == YES_NO:
        code = np.where(left, by_then.astype(int), -1)
    rows = compared(g, LANDMARK, by, labels, code, time)
    return rows, curves_of(g, LANDMARK, by, labels, code, time)


def time_dependent_rows(g: Grouping, by: str) -> Iterator[Row]:
    """From the clock's zero with the grouping as a covariate that switches on; also adjusted, where the protocol says for what.

    By type: each type against not (yet) having it, and the Wald test that all types are alike.
    """
    keep = g.mask & (g.outcome.time > g.zero)
    if g.outcome.event[keep].sum() == 0:
        return
    yield from _time_dependent(g, by, TIME_DEPENDENT, keep, [])
    if g.post.adjust:
        yield from _time_dependent(g, by, f"{TIME_DEPENDENT}_adjusted", keep, g.post.adjust)


def _time_dependent(g: Grouping, by: str, analysis: str, keep: np.ndarray, adjust: list[str]) -> Iterator[Row]:
    matrix = model_matrix(g.protocol, g.cohort, g.covariates, adjust)
    who = np.flatnonzero(keep & matrix.complete)
    if not g.outcome.event[who].any():
        return
    zero = g.zero[who]
    split = stats.split_at(g.outcome.time[who] - zero, g.outcome.event[who], g.onset.day[who] - zero)
    labels = ["yes"] if by == YES_NO else g.types(np.isin(np.arange(g.cohort.n), who))
    if not labels:
        return
    row = who[split.row]
    kinds = g.onset.type[row].astype(str)
    on = [split.on * (1.0 if by == YES_NO else kinds == label) for label in labels]
    X = np.column_stack([*on, matrix.X[row]])
    cluster = g.cluster(row)
    fit = stats.cox(
        split.time,
        split.event,
        X,
        entry=split.entry,
        ties=g.protocol.cox.ties,
        strata=g.strata(row),
        cluster=cluster,
        conf_level=g.protocol.level,
    )
    ever = [int(np.unique(row[column > 0]).size) for column in on]
    names = ", ".join(covariate_words(g.protocol.covariates[name]) for name in adjust)
    method = f"{fit.method}; time-dependent" + (f", adjusted for {names}" if adjust else "")
    base = {"n": float(len(who)), "events": float(fit.n_events)}
    for k, label in enumerate(labels):
        why = no_p(g, [ever[k], len(who) - sum(ever)], fit.n_events)
        level = by if by == YES_NO else f"{by}={label}"
        yield from hazard_ratio(g, analysis, fit, k, method, why, level=level, **base)
    if by == TYPE:
        yield _types_alike(g, analysis, fit, ever, base)


def _types_alike(g: Grouping, analysis: str, fit: stats.CoxFit, ever: list[int], base: dict) -> Row:
    """Wald test that the types have one hazard ratio."""
    k = len(ever)
    why = no_p(g, ever, fit.n_events)
    if why or not all(usable(fit, j) for j in range(k)):
        told = not_estimable("a type has no event while at risk, or all of them")
        return g.row(analysis, "p", float("nan"), level=TYPE, method=why or told, **base)
    differences = np.column_stack([-np.ones(k - 1), np.eye(k - 1)])
    b, V = differences @ fit.coef[:k], differences @ fit.covariance[:k, :k] @ differences.T
    p = float(chdtrc(k - 1, b @ np.linalg.solve(V, b)))
    return g.row(analysis, "p", p, level=TYPE, method="Wald test that the types do not differ", **base)
