"""Faults of binary endpoints that no single field shows."""

from __future__ import annotations

from collections.abc import Callable

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol


def binary_faults(protocol: Protocol, place: Callable[..., str]) -> list[Fault]:
    """Names that point nowhere, and ways that these data do not have."""
    faults = []
    for name, endpoint in protocol.binary_endpoints.items():
        here = ("endpoints", name)
        if endpoint.of is not None and endpoint.of not in protocol.endpoints:
            message = f"there is no endpoint with a time '{endpoint.of}'; {hint(endpoint.of, protocol.endpoints)}"
            faults.append(Fault(place(*here, "of"), "unknown name", message))
        if endpoint.event is not None and protocol.data.rows is None:
            message = "'event' is a column of a spreadsheet; a study from raw tables says 'of' and 'within_days', or 'response'"
            faults.append(Fault(place(*here, "event"), "not available", message))
        if endpoint.response is not None and protocol.response is None:
            message = "the response of these patients is not declared; add 'response', or take another endpoint"
            faults.append(Fault(place(*here, "response"), "not available", message))
        if protocol.arms.single:
            message = "a binary endpoint compares two arms; this study has one"
            faults.append(Fault(place(*here, "kind"), "not available", message))
    return faults
