"""The treatment effect in a replicate of a simulation: the first rows that the study itself has of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from statistics import NormalDist

import numpy as np

from equipoise.estimate.adjusted import adjusted_rows
from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.survival import Setting
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Row, TimeToEvent
from equipoise.records.simulation import ADJUSTED, MARGINAL, Estimate

NO_EVENT, NOT_ESTIMABLE = "nobody has the event, or one arm is empty", "the hazard ratio is not estimable"


def estimates_of(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, design: Design, endpoint: str, outcome: TimeToEvent
) -> Iterator[tuple[str, Estimate]]:
    """By kind: the marginal hazard ratio of a design, and the one adjusted for the covariates of the score."""
    s = Setting(protocol, cohort, design.sample, endpoint, outcome)
    yield MARGINAL, _estimate(protocol, list(islice(treatment_rows(s), 2)))
    if protocol.scored:
        found = [r for r in islice(adjusted_rows(s, design, covariates), 2) if r.analysis == "cox_adjusted"]
        yield ADJUSTED, _estimate(protocol, found)


def _estimate(protocol: Protocol, rows: list[Row]) -> Estimate:
    """rows: the hazard ratio and its P."""
    if len(rows) < 2:
        return Estimate(why=NO_EVENT)
    hr, p = rows
    if np.isnan(hr.value) or not (hr.low > 0 and np.isfinite(hr.high)):
        return Estimate(why=NOT_ESTIMABLE)
    value, low, high = (float(np.log(v)) for v in (hr.value, hr.low, hr.high))
    z = NormalDist().inv_cdf((1 + protocol.level) / 2)
    return Estimate(value, (high - low) / (2 * z), low, high, bool(p.value < protocol.conventions.alpha), float(hr.events))
