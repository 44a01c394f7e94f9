"""The times at which patients at risk are counted, which are the ticks of the curves."""

from __future__ import annotations

import math

STEPS = {
    "days": (7, 14, 30, 60, 90, 180, 365, 730, 1460),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120),
    "years": (0.5, 1, 2, 5, 10),
}
WIDE = 20_000  # times with more digits than eight of them have room for


def time_ticks(longest: float, unit: str) -> list[float]:
    """From zero in up to eight even steps, none beyond the last observed time: somebody is at risk at every tick."""
    steps = STEPS[unit]
    most = 8.0 if longest < WIDE else 5.0
    step = next((s for s in steps if longest / s <= most), steps[-1])
    while longest / step > most + 2 * (longest < WIDE):
        step *= 2
    while longest / step < 3 and step > steps[0]:
        step = max(s for s in steps if s < step)
    return [step * i for i in range(max(1, math.floor(round(longest / step, 6))) + 1)]


def tick_level(tick: float, unit: str) -> str:
    """The level of a row at a tick: `12 months`."""
    return f"{tick:g} {unit.removesuffix('s') if tick == 1 else unit}"


def tick_of(level: str) -> float:
    """The tick of such a level."""
    return float(level.split(" ")[0])
