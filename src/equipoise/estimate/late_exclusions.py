"""Exclusions by something known only after the index date: the treatment effect as analysed, and from the landmark at which
the exclusion was known, side by side. Phase `time_zero`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.survival import Setting
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Row, Sample

PHASE = "time_zero"


def late_exclusion_rows(protocol: Protocol, cohort: Cohort, sample: Sample, outcomes: Outcomes) -> Iterator[Row]:
    """Per exclusion and main endpoint hr and p: naive (all analysed patients, clock from the index date) and landmark (those
    still followed after the day by which the exclusion was known, clock from that day; times of that day or before are out)."""
    for name, exclude in late_exclusions(protocol).items():
        day = float(exclude.landmark_day or 0.0)
        for endpoint in protocol.main_endpoints:
            outcome = outcomes.endpoints[endpoint]
            left = sample.include & (outcome.time > day)
            later = replace(outcome, time=np.where(left, outcome.time - day, 0.0))
            for analysis, part, times in (("naive", sample, outcome), ("landmark", sample.among(left), later)):
                for row in treatment_rows(Setting(protocol, cohort, part, endpoint, times)):
                    if row.analysis == "cox":
                        said = f"{row.method}; {'from the index date' if analysis == 'naive' else f'from day {day:g}'}"
                        yield replace(row, phase=PHASE, analysis=analysis, variable=name, method=said)
