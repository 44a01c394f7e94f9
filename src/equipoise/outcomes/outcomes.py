"""The verb of this phase: response, endpoints and adverse events of the analysed patients."""

from __future__ import annotations

from equipoise.errors import DataError
from equipoise.outcomes import endpoints
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Sources


def derive_outcomes(protocol: Protocol, sources: Sources, cohort: Cohort) -> Outcomes:
    """Outcomes of the analysed patients, in the order of `cohort.patient`.

    Raises DataError with every impossible time or date at once, by table, row and column, without values.
    """
    engine = sources.engine
    if protocol.data.rows is not None:
        faults = endpoints.define_from_rows(protocol, sources)
    if faults:
        raise DataError(faults)
    return Outcomes(endpoints=endpoints.collect(protocol, engine, cohort))
