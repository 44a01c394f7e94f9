"""The definitions of an endpoint: the declared one, and an alternative one for each sensitivity analysis that names it."""

from __future__ import annotations

from equipoise.protocol.measures import Endpoint
from equipoise.protocol.spec import EARLY_DAYS, Protocol

DAY_ONE = "day_one"
UNEVALUABLE = "unevaluable"
CHANGES: dict[str, dict[str, object]] = {
    "without_clinical": {"clinical": "ignored"},
    "ema": {"profile": "ema"},
    "fda2007": {"profile": "fda2007"},
    "early_counted": {"progression_from_day": 0},
    "early_not_counted": {"progression_from_day": EARLY_DAYS},
}


def definitions(protocol: Protocol) -> dict[str, Endpoint]:
    """The declared endpoints, then each changed one as `endpoint.variant`."""
    found = dict(protocol.endpoints)
    for name, variants in protocol.sensitivity.endpoints.items():
        for variant in variants:
            if variant in CHANGES:
                found[f"{name}.{variant}"] = protocol.endpoints[name].model_copy(update=CHANGES[variant])
    return found


def event_sources(endpoint: Endpoint) -> list[str]:
    """Sources whose records are events, as listed; clinical progression left out where it is ignored."""
    ignored = endpoint.clinical_progression if endpoint.clinical == "ignored" else []
    return [source for source in endpoint.events if source not in ignored]


def censoring_sources(endpoint: Endpoint) -> list[str]:
    """Sources of the censoring date in order; the profile fda2007 allows the last adequate scan or day 1 only."""
    return [endpoint.adequate_scan, DAY_ONE] if endpoint.profile == "fda2007" else list(endpoint.censoring)
