"""Patients at the ends of a design, by identifier: for the user's own screen alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights import WeightsSpec
from equipoise.records import TRIMMED, Design, Designs

LISTED = 5  # at each end of the weights
SAME = 1e-12  # of the largest weight of an arm: differences that rounding leaves


def patients_at_the_ends(protocol: Protocol, designs: Designs) -> Iterator[str]:
    """A line per patient whom a design left out, with the reason, and of a weighted one those of each arm with the largest and
    the smallest weights; of an arm in which all weigh the same nobody."""
    cohort = designs.cohort
    for design in designs:
        if design.name not in protocol.designs:
            continue
        for i in np.flatnonzero(~design.include):
            yield f"{design.name}: {cohort.patient[i]} ({protocol.arms.label(cohort.arm[i])}): {_why(protocol, design, i)}"
        if not design.sample.weighted:
            continue
        for arm, group in protocol.arms.groups.items():
            mine = np.flatnonzero(cohort.in_arm(arm) & design.include)
            if not len(mine) or np.ptp(design.weight[mine]) <= SAME * design.weight[mine].max():
                continue
            order = mine[np.argsort(-design.weight[mine], kind="stable")]
            mean = design.weight[mine].mean()
            ends = order if len(order) <= 2 * LISTED else np.concatenate((order[:LISTED], order[-LISTED:]))
            for i in ends:
                weight = f"{design.weight[i] / mean:.3g} times the mean of the arm"
                yield f"{design.name}: {cohort.patient[i]} ({group.label}): weighs {weight}"


def _why(protocol: Protocol, design: Design, i: int) -> str:
    reason = str(design.left[i]) if len(design.left) else ""
    spec = protocol.designs[design.name]
    if reason == TRIMMED and isinstance(spec, WeightsSpec) and spec.trim is not None:
        return f"propensity score {design.propensity[i]:.3g}, outside {spec.trim.words}"
    return reason.replace("_", " ") or "left out"
