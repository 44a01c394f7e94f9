"""Patients at risk under the ticks of an axis of time: the ticks of the rows, and their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.records.ticks import tick_level, tick_of
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers

ROUNDING = 1e-6


def ticks_within(numbers: Numbers, endpoint: str, longest: float) -> list[float]:
    """Those at which patients at risk of an endpoint were counted, up to the last observed time of some of its curves; in the
    same steps further where a curve of others goes on."""
    rows = numbers.where("survival", analysis="kaplan_meier", statistic="at_risk", endpoint=endpoint)
    ticks = list(dict.fromkeys(tick_of(row.level) for row in rows))
    step = ticks[1] - ticks[0] if len(ticks) > 1 else longest + 1
    while ticks[-1] + step <= longest + ROUNDING:
        ticks.append(ticks[-1] + step)
    within = [tick for tick in ticks if tick <= longest + ROUNDING]
    return within if len(within) > 1 else ticks[:2]


def ticks_of(numbers: Numbers, phase: str, **parts: str) -> tuple[float, ...]:
    """Those of the rows of a figure of another phase."""
    rows = numbers.where(phase, statistic="at_risk", **parts)
    return tuple(dict.fromkeys(tick_of(row.level) for row in rows))


def at_risk_of(numbers: Numbers, phase: str, ticks: Sequence[float], **parts: str) -> tuple[str, ...]:
    """Patients at risk of a curve of another phase, as text; none after its last row."""
    levels = [tick_level(tick, numbers.protocol.time_unit) for tick in ticks]
    rows = [numbers.row(phase, "at_risk", level=level, **parts) for level in levels]
    return tuple(fmt.count(0.0 if row is None else row.value) for row in rows)


def at_risk(numbers: Numbers, ticks: Sequence[float], **parts: str) -> tuple[str, ...]:
    """As text. parts: of the curve, endpoint, design, population and group."""
    return tuple(fmt.count(n) for n in _of(numbers, "at_risk", ticks, parts))


def effective_at_risk(numbers: Numbers, ticks: Sequence[float], **parts: str) -> tuple[str, ...]:
    """What they are worth, of a weighted curve."""
    return tuple(fmt.number(n, 1) for n in _of(numbers, "effective_at_risk", ticks, parts))


def _of(numbers: Numbers, statistic: str, ticks: Sequence[float], parts: dict[str, str]) -> list[float]:
    """None is at risk after the last row."""
    levels = [tick_level(tick, numbers.protocol.time_unit) for tick in ticks]
    rows = [numbers.row("survival", statistic, analysis="kaplan_meier", level=level, **parts) for level in levels]
    return [0.0 if row is None else row.value for row in rows]
