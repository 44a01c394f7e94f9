"""The estimand in words, and what the study does at each event that intervenes.

ICH E9(R1), Addendum on estimands and sensitivity analysis in clinical trials, 2019: population, treatments, variable,
intercurrent events with their strategies, summary measure.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from equipoise.protocol.measures import Endpoint
from equipoise.protocol.part import Name, Part

Strategy = Literal["treatment_policy", "composite", "hypothetical", "while_on_treatment", "principal_stratum"]
Handling = Literal["event", "censored", "ignored", "unknown"]
MISSED_SCANS = "missed_scans"
FITS: dict[Handling, tuple[Strategy, ...]] = {
    "event": ("composite",),
    "censored": ("hypothetical", "while_on_treatment"),
    "ignored": ("treatment_policy",),
    "unknown": ("treatment_policy", "composite", "hypothetical", "while_on_treatment"),
}


class Estimand(Part):
    """population: in words, else that of `study`. strategies: arm -> what it means to be treated so. endpoints: endpoint ->
    intercurrent event (the name of a source, or missed_scans; of a spreadsheet any name) -> strategy."""

    population: str = ""
    strategies: dict[Name, str]
    summary: Literal["hazard_ratio", "median"] = "hazard_ratio"
    endpoints: dict[Name, dict[Name, Strategy]] = Field(min_length=1)


def handling(endpoint: Endpoint, event: str) -> Handling:
    """What the study does at an intercurrent event. unknown: the endpoint is two columns of a spreadsheet."""
    if endpoint.time is not None:
        return "unknown"
    limited = endpoint.profile == "fda2007" and event in (MISSED_SCANS, endpoint.new_therapy)
    ignored = endpoint.clinical == "ignored" and event in endpoint.clinical_progression
    if event in endpoint.events and not ignored:
        return "event"
    return "censored" if limited or event in endpoint.censoring else "ignored"
