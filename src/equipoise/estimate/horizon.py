"""The horizon of restricted mean survival: declared, or by rule; and whether the arms were observed that long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError, Fault
from equipoise.estimate.survival import Setting
from equipoise.protocol.spec import Protocol
from equipoise.records import Designs, Outcomes

DECLARED, LANDMARK, LAST = "declared", "the last landmark", "the smaller of the last times observed in the arms"
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Horizon:
    """days: inf where nobody of an arm counts. rule: DECLARED, LANDMARK or LAST. reached: whether both arms are observed up to
    it, or have lost everybody to the event before."""

    days: float
    rule: str
    reached: bool


def horizon_of(s: Setting) -> Horizon:
    """Declared; else the last landmark, where both arms reach it; else the smaller of the arms' last observed times."""
    last = [_reach(s, arm) for arm in s.protocol.arms.groups]
    declared = s.protocol.declared_horizon(s.endpoint)
    if declared is not None:
        return Horizon(declared, DECLARED, _within(declared, last))
    landmarks = list(s.protocol.landmark_days.values())
    if landmarks and _within(max(landmarks), last):
        return Horizon(max(landmarks), LANDMARK, True)
    observed = [_last(s, arm) for arm in s.protocol.arms.groups]
    return Horizon(min(observed), LAST, bool(np.isfinite(min(observed)) and min(observed) > 0))


def require_horizons(protocol: Protocol, designs: Designs, outcomes: Outcomes) -> None:
    """DataError where a declared horizon lies beyond what the analysed patients of an arm were observed."""
    faults = []
    for name in protocol.main_endpoints if not protocol.arms.single else ():
        s = Setting(protocol, designs.cohort, designs["unadjusted"].sample, name, outcomes.endpoints[name])
        found = horizon_of(s)
        if found.rule == DECLARED and not found.reached:
            faults.append(_beyond(s, found.days))
    if faults:
        raise DataError(faults)


def _beyond(s: Setting, days: float) -> Fault:
    per, unit = s.protocol.days_per_unit, s.protocol.time_unit
    short = min(s.protocol.arms.groups, key=lambda arm: _reach(s, arm))
    message = (
        f"the restricted mean of '{s.endpoint}' is asked for up to {days / per:g} {unit}, but in the arm "
        f"{s.protocol.arms.label(short)} nobody was observed longer than {_last(s, short) / per:.1f} {unit}; declare a horizon "
        "within that, or leave it out"
    )
    return Fault(s.protocol.place(*s.protocol.horizon_path(s.endpoint)), "horizon beyond observation", message)


def _within(days: float, last: list[float]) -> bool:
    return days <= min(last) * (1 + ROUNDING)


def _last(s: Setting, arm: str) -> float:
    """The last time observed in an arm, days; inf of nobody."""
    times = s.outcome.time[s.arm(arm).include]
    return float(times.max()) if len(times) else float("inf")


def _reach(s: Setting, arm: str) -> float:
    """How far the curve of an arm is known: for ever where its last patients have the event; nowhere of nobody."""
    mine = s.arm(arm).include
    if not mine.any():
        return 0.0
    last = float(s.outcome.time[mine].max())
    return float("inf") if s.outcome.event[mine & (s.outcome.time == last)].all() else last
