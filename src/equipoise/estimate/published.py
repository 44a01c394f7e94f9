"""Rows of what other studies published: in the direction of this study's effect, summarised with it, and curves reconstructed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist

from equipoise import stats
from equipoise.protocol.published import PublishedNumber, arm_named
from equipoise.protocol.spec import Protocol
from equipoise.records import Curve, ReadPublished, Row, published_curve_key

PHASE = "published"
FEWEST = 3  # hazard ratios of which a summary is made, this study's among them
NAN = math.nan


def published_rows(protocol: Protocol, published: ReadPublished, own: Sequence[Row]) -> list[Row]:
    """own: rows of this study, among which the hazard ratio of its primary design is looked up."""
    rows = [_reported(protocol, number) for number in published.numbers]
    if protocol.published is not None and protocol.published.summary is not None:
        for endpoint in protocol.main_endpoints:
            rows += _summary(protocol, endpoint, rows, own)
    return rows


def _reported(protocol: Protocol, number: PublishedNumber) -> Row:
    """A number as it was published: medians in days, a hazard ratio over this study's reference arm."""
    low, high = (NAN if v is None else v for v in (number.low, number.high))
    made = Row(
        PHASE, {"median": "median", "hr": "hr", "orr": "percent"}[number.measure], number.value, "reported",
        endpoint=number.endpoint, variable=number.study, low=low, high=high, n=NAN if number.n is None else float(number.n),
        method="as published",
    )  # fmt: skip
    if number.measure == "hr":
        return _directed(protocol, number, made)
    scale = protocol.days_per_unit if number.measure == "median" else 1.0
    arm = arm_named(protocol.arms, number.arm)
    named = {"group": arm} if arm else {"level": number.arm}
    return replace(made, value=scale * number.value, low=scale * low, high=scale * high, **named)


def _directed(protocol: Protocol, number: PublishedNumber, row: Row) -> Row:
    arms = protocol.arms
    arm, versus = arm_named(arms, number.arm), arm_named(arms, number.versus)
    if versus == arms.reference:
        return replace(row, contrast=f"{arm} vs {versus}")
    turned = {"value": 1 / row.value, "low": 1 / row.high, "high": 1 / row.low}
    return replace(row, contrast=f"{versus} vs {arm}", method="inverted", **turned)


def _summary(protocol: Protocol, endpoint: str, reported: Sequence[Row], own: Sequence[Row]) -> Iterator[Row]:
    """Of each contrast of an endpoint with enough hazard ratios: REML, Hartung and Knapp."""
    asked = protocol.published
    assert asked is not None
    for contrast in protocol.arms.contrasts.values():
        part = {"endpoint": endpoint, "contrast": contrast}
        there = [r for r in reported if r.statistic == "hr" and r.endpoint == endpoint and r.contrast == contrast]
        here = _own(protocol, own, endpoint, contrast)
        if here is None or len(there) + 1 < FEWEST:
            continue
        logs = [math.log(r.value) for r in (here, *there)]
        variances = [_variance(here, protocol.level), *(_variance(r, asked.level) for r in there)]
        made = stats.random_effects(logs, variances, method="reml", conf_level=protocol.level)
        more = {"n": float(made.k), "method": made.method, **part}
        value, low, high = (math.exp(v) for v in (made.estimate, made.low, made.high))
        yield Row(PHASE, "hr", value, "random_effects", low=low, high=high, **more)
        yield Row(PHASE, "p", made.p, "random_effects", **more)
        ahead = math.exp(made.prediction_low), math.exp(made.prediction_high)
        yield Row(PHASE, "hr", value, "random_effects_prediction", low=ahead[0], high=ahead[1], **more)
        for name, found in {"tau2": made.tau2, "i2": made.i2, "q": made.q}.items():
            yield Row(PHASE, "value", found, "random_effects", variable=name, **more)
        yield Row(PHASE, "p", made.q_p, "random_effects", variable="q", **more)


def _own(protocol: Protocol, rows: Sequence[Row], endpoint: str, contrast: str) -> Row | None:
    """The hazard ratio of the primary design, where it has one with limits."""
    design = protocol.primary or "unadjusted"
    asked = {"phase": "survival", "analysis": "cox", "statistic": "hr", "design": design, "population": "all"}
    asked |= {"endpoint": endpoint, "contrast": contrast}
    found = next((r for r in rows if all(getattr(r, k) == v for k, v in asked.items())), None)
    return found if found is not None and all(math.isfinite(v) and v > 0 for v in (found.value, found.low, found.high)) else None


def _variance(row: Row, level: float) -> float:
    """Squared standard error of the logarithm that an interval of this level tells."""
    width = math.log(row.high) - math.log(row.low)
    return (width / (2 * NormalDist().inv_cdf(0.5 + level / 2))) ** 2


def reconstructed(protocol: Protocol, published: ReadPublished) -> tuple[list[Row], dict[str, Curve]]:
    """Of each published curve: its patients, how far they lie from its points, and their curve in days."""
    rows: list[Row] = []
    curves: dict[str, Curve] = {}
    for read in published.curves:
        asked, made = read.asked, read.made
        fit = stats.kaplan_meier(
            made.time * protocol.days_per_unit, made.event,
            conf_type=protocol.conventions.interval_type, conf_level=protocol.level,
        )  # fmt: skip
        part = {"endpoint": asked.endpoint, "variable": asked.label, "group": asked.beside, "method": made.method}
        size = {"n": float(made.n), "events": float(made.n_events)}
        rows.append(Row(PHASE, "n", float(made.n), "reconstruction", **part))
        rows.append(Row(PHASE, "events", float(made.n_events), "reconstruction", **part))
        middle = fit.quantile(0.5)
        rows.append(Row(PHASE, "median", middle.value, "reconstruction", low=middle.low, high=middle.high, **size, **part))
        errors = {"largest": made.max_difference, "root_mean_square": made.rmse}
        rows += [Row(PHASE, "difference", v, "reconstruction_error", level=k, **part) for k, v in errors.items()]
        rows.append(Row(PHASE, "n", float(made.max_at_risk_difference), "reconstruction_error", level="at_risk", **part))
        curves[published_curve_key(asked.label)] = Curve(asked.endpoint, "", "all", asked.beside, fit)
    return rows, curves
