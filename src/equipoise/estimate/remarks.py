"""Sentences for the reader about the models: few events, sparse groups, what could not be estimated."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.estimate.effects import NOT_ESTIMABLE, SPARSE
from equipoise.protocol.spec import Protocol
from equipoise.records import Row

ENOUGH_EVENTS = 10  # per coefficient (Peduzzi et al., J Clin Epidemiol 1995;48:1503-1510)


def remarks(protocol: Protocol, rows: list[Row]) -> Iterator[str]:
    """One sentence per model or term that asks for caution, in the order of the rows."""
    for row in rows:
        short = protocol.endpoints[row.endpoint].short if row.endpoint in protocol.endpoints else ""
        if row.statistic == "events_per_variable" and row.value < ENOUGH_EVENTS:
            few = f"fewer than {ENOUGH_EVENTS} make it unstable"
            yield f"The multivariable model of {short} has {row.value:.1f} events per coefficient; {few}."
        elif row.variable == "events_per_coefficient" and row.design == "matched" and row.value < ENOUGH_EVENTS:
            yield (
                f"The propensity score rests on {row.value:.1f} patients of the smaller arm per coefficient; fewer than "
                f"{ENOUGH_EVENTS} make its coefficients unstable."
            )
        elif row.statistic == "hr" and row.analysis == "cox_multivariable_firth":
            yield (
                f"{_label(protocol, row)} has a group of fewer than {SPARSE} patients; "
                f"its hazard ratio for {short} is a penalised estimate (Firth)."
            )
        elif row.statistic == "hr" and row.method.startswith(NOT_ESTIMABLE):
            yield f"The hazard ratio of {_label(protocol, row)} for {short} is not estimable (too few events in a group)."


def _label(protocol: Protocol, row: Row) -> str:
    return protocol.covariates[row.variable].label if row.variable in protocol.covariates else row.variable
