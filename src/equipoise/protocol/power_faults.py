"""Faults of what is assumed of the outcomes that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol


def power_faults(protocol: Protocol, place: Callable[..., str]) -> Iterator[Fault]:
    """Names that point nowhere, and covariates that were known too late."""
    asked = protocol.power
    if asked is None:
        return
    for name in asked.median:
        if name not in protocol.endpoints:
            message = f"there is no endpoint '{name}' with a time to an event; {hint(name, list(protocol.endpoints))}"
            yield Fault(place("power", "median", name), "unknown name", message)
    for name in asked.prognosis:
        covariate = protocol.covariates.get(name)
        if covariate is None:
            message = f"there is no covariate '{name}'; {hint(name, list(protocol.covariates))}"
            yield Fault(place("power", "prognosis", name), "unknown name", message)
        elif covariate.known == "after_index":
            message = f"'{name}' became known after the index date and says nothing of a patient's prognosis at that date"
            yield Fault(place("power", "prognosis", name), "known later", message)
