"""Patients at risk under the ticks of curves, a row each, as figures print them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.protocol.spec import Protocol
from equipoise.records import Curve, Row, published_curve_key
from equipoise.records.ticks import tick_level, tick_of, time_ticks


def at_risk_rows(protocol: Protocol, curves: Mapping[str, Curve]) -> Iterator[Row]:
    """All curves of an endpoint are counted at the same times: in even steps up to the longest observation of them. Patients who
    have the event or are censored at a time are at risk at it. Of weights also what the patients are worth."""
    plain = [c for key, c in curves.items() if key == f"{c.endpoint}.{c.design}.{c.population}.{c.group}"]
    for endpoint in dict.fromkeys(c.endpoint for c in plain):
        mine = [c for c in plain if c.endpoint == endpoint]
        longest = max(float(c.fit.time[-1]) for c in mine) / protocol.days_per_unit
        ticks = time_ticks(longest, protocol.time_unit)
        for curve in mine:
            yield from _of_curve(protocol, curve, ticks)


def later_at_risk_rows(protocol: Protocol, curves: Mapping[str, Curve]) -> Iterator[Row]:
    """The same of groups that became known only after the index date (`contrast`: how they were told apart, and the group) and
    of the first adverse event: at even steps up to the longest observation in their figure."""
    figures: dict[tuple[str, ...], list[tuple[dict[str, str], Curve]]] = {}
    for key, curve in curves.items():
        if key.startswith("post_index."):
            name, analysis, by, arm = curve.population.split(" ")
            part = {"analysis": f"{analysis}_curve", "variable": name, "contrast": f"{by}={curve.group}", "group": arm}
            part |= {"phase": "post_index", "endpoint": curve.endpoint, "design": curve.design}
            figures.setdefault((name, analysis, by), []).append((part, curve))
        elif key.startswith("safety.first."):
            part = {"phase": "safety", "analysis": "cumulative_incidence", "variable": curve.endpoint.removeprefix("safety_")}
            figures.setdefault(("safety",), []).append((part | {"design": curve.design, "group": curve.group}, curve))
    for drawn in figures.values():
        longest = max(float(curve.fit.time[-1]) for _, curve in drawn) / protocol.days_per_unit
        for part, curve in drawn:
            yield from at_ticks(protocol, curve.fit, time_ticks(longest, protocol.time_unit), part)


def published_at_risk_rows(
    protocol: Protocol, labels: Sequence[str], curves: Mapping[str, Curve], own: Sequence[Row]
) -> Iterator[Row]:
    """The same of reconstructed patients, at the times of the curves of this study beside theirs and in the same steps further.
    labels: of the published curves. own: rows of this study."""
    for label in labels:
        curve = curves[published_curve_key(label)]
        known = [r.level for r in own if (r.phase, r.statistic, r.endpoint) == ("survival", "at_risk", curve.endpoint)]
        ticks = list(dict.fromkeys(map(tick_of, known)))
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 0.0
        while step and ticks[-1] + step <= float(curve.fit.time[-1]) / protocol.days_per_unit:
            ticks.append(ticks[-1] + step)
        part = {"phase": "published", "analysis": "reconstruction", "endpoint": curve.endpoint, "variable": label}
        yield from at_ticks(protocol, curve.fit, ticks, part | {"group": curve.group})


def at_ticks(protocol: Protocol, fit: Any, ticks: Sequence[float], part: Mapping[str, str]) -> Iterator[Row]:
    """A row per tick; of an incidence curve those at risk of its causes."""
    days = np.array(ticks) * protocol.days_per_unit
    there = fit.at_risk_at(days) if hasattr(fit, "at_risk_at") else np.append(fit.at_risk, 0)[np.searchsorted(fit.time, days)]
    for tick, n in zip(ticks, there, strict=True):
        yield Row(statistic="at_risk", value=float(n), level=tick_level(tick, protocol.time_unit), n=float(there[0]), **part)


def _of_curve(protocol: Protocol, curve: Curve, ticks: list[float]) -> Iterator[Row]:
    days = np.array(ticks) * protocol.days_per_unit
    counts = {"at_risk": curve.fit.at_risk_at(days)}
    if curve.weighted:
        counts["effective_at_risk"] = curve.fit.effective_at_risk_at(days)
    part = {"endpoint": curve.endpoint, "design": curve.design, "population": curve.population, "group": curve.group}
    for statistic, found in counts.items():
        for tick, n in zip(ticks, found, strict=True):
            level, size = tick_level(tick, protocol.time_unit), float(counts["at_risk"][0])
            yield Row("survival", statistic, float(n), analysis="kaplan_meier", level=level, n=size, **part)
