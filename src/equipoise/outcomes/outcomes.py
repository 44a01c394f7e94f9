"""The verb of this phase: response, endpoints and adverse events of the analysed patients."""

from __future__ import annotations

import numpy as np

from equipoise.errors import DataError, ProtocolError
from equipoise.outcomes import adverse_events, conduct, endpoints, response, response_course
from equipoise.outcomes.absent import define_absent
from equipoise.outcomes.binary import binary_outcomes
from equipoise.outcomes.event_values import examine_events
from equipoise.outcomes.faults import endpoint_faults
from equipoise.outcomes.observed import define_observed
from equipoise.outcomes.onsets import onsets
from equipoise.outcomes.safety_detail import detail, grade_faults
from equipoise.outcomes.undated_deaths import undated_deaths
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Outcomes, Sources, VisitResponses


def derive_outcomes(protocol: Protocol, sources: Sources, cohort: Cohort) -> Outcomes:
    """Outcomes of the analysed patients, in the order of `cohort.patient`.

    From raw tables it needs the baseline of `derive_covariates`, which chose the baseline scan. Raises DataError with
    every impossible time or date at once, by table, row and column, without values.
    """
    if protocol.data.rows is not None:
        return _from_rows(protocol, sources, cohort)
    engine = sources.engine
    if not engine.has("baseline_item"):
        raise RuntimeError("derive_covariates comes before derive_outcomes: it chooses the baseline scan")
    define_observed(engine, protocol.study.data_cutoff, protocol.contract.tables)
    if protocol.response is not None:
        define_absent(engine, "lesion", "lesion_measure")
        response.define_response(protocol, engine)
    endpoints.define_from_sources(protocol, engine)
    if protocol.response is not None:
        response_course.define_course(engine)
    faults = endpoint_faults(protocol, sources)
    if faults:
        raise DataError(faults)
    adverse_events.define_course(engine, protocol.index_line)
    conduct.define_conduct(protocol, engine)
    if protocol.safety is not None:
        adverse_events.define_safety(protocol.safety, engine)
        faults = grade_faults(protocol.safety, sources)
        if faults:
            raise DataError(faults)
    return _collected(protocol, sources, cohort)


def _from_rows(protocol: Protocol, sources: Sources, cohort: Cohort) -> Outcomes:
    event_columns, faults = examine_events(protocol, sources.engine)
    faults += undated_deaths(protocol, sources)
    try:
        faults += endpoints.define_from_rows(protocol, sources)
    except ProtocolError as error:
        raise (DataError if faults else ProtocolError)([*faults, *error.faults]) from None
    if faults:
        raise DataError(faults)
    times = endpoints.collect(protocol, sources.engine, cohort)
    return Outcomes(
        endpoints=times,
        binary=binary_outcomes(protocol, sources.engine, cohort, times, {}),
        onsets=onsets(protocol, sources.engine, cohort),
        endpoint_variants=endpoints.collect_variants(protocol, sources.engine, cohort),
        event_columns=event_columns,
    )


def _collected(protocol: Protocol, sources: Sources, cohort: Cohort) -> Outcomes:
    engine = sources.engine
    grades = adverse_events.worst_grades(engine, cohort) if protocol.safety is not None else {}
    flags = adverse_events.flags(engine, cohort, protocol.index_line) | endpoints.early_progression(protocol, engine, cohort)
    if grades:
        flags["grade_5"] = np.max(list(grades.values()), axis=0) == 5
    has_response = protocol.response is not None
    times = endpoints.collect(protocol, engine, cohort)
    best = response.best_responses(protocol, engine, cohort) if has_response else {}
    return Outcomes(
        endpoints=times,
        binary=binary_outcomes(protocol, engine, cohort, times, best),
        best_response=best,
        worst_grade=grades,
        flags=flags,
        endpoint_variants=endpoints.collect_variants(protocol, engine, cohort),
        conduct=conduct.collect(engine, cohort),
        responses=response.visit_responses(engine, cohort) if has_response else VisitResponses(),
        onsets=onsets(protocol, engine, cohort),
        safety=detail(protocol.safety, engine, cohort) if protocol.safety is not None else None,
        response_detail=response_course.detail(protocol, engine, cohort) if has_response else None,
    )
