"""Patients at risk under the ticks of the Kaplan-Meier curves, a row each, as figures print them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from equipoise.protocol.spec import Protocol
from equipoise.records import Curve, Row
from equipoise.records.ticks import tick_level, time_ticks


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
