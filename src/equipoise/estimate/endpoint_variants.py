"""The treatment effect under alternative definitions of an endpoint, in each design that the study compares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.survival import Setting, curve_rows, curves
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Row, Sample

PHASE = "sensitivity"
WORST = "unevaluable_worst_in_"  # before the name of an arm


def endpoint_variant_rows(protocol: Protocol, cohort: Cohort, sample: Sample, outcomes: Outcomes) -> Iterator[Row]:
    """Per reading: hazard ratio with its P, median and events of each arm. The analysis of a row names the reading."""
    for endpoint, variants in outcomes.endpoint_variants.items():
        for variant, times in variants.items():
            if variant.startswith(WORST) and variant.removeprefix(WORST) not in protocol.arms.groups:
                continue  # of an arm that is not compared here
            s = Setting(protocol, cohort, sample, endpoint, times)
            for row in (*curve_rows(s, curves(s)), *treatment_rows(s)):
                if row.analysis == "cox" or (row.analysis == "kaplan_meier" and row.statistic in ("median", "events")):
                    yield replace(row, phase=PHASE, analysis=variant)
