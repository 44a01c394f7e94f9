"""Faults of a study on the OMOP common data model that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.omop import Omop
from equipoise.protocol.omop_request import AGE, ARM, BEFORE, BOTH, CLEAN, EVENT, EXCLUSION, INDEX_DATE, OBSERVED, TIME
from equipoise.protocol.population import OMOP
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]
OWN = ("patient_id", "source_row", ARM, INDEX_DATE, BOTH, OBSERVED, BEFORE, AGE)
# keys of `data` that say how a spreadsheet is written
SHEET = ("sheet", "dates", "missing", "missing_in", "form", "limits", "one_row", "partial_dates")


def omop_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """What does not fit together in the block `omop`, or between it and the rest."""
    omop = protocol.omop
    if (omop is None) != (protocol.data.standard != OMOP):
        message = "'standard: omop' and the block 'omop' (its concept sets, the index date, outcomes) go together"
        return [Fault(place("data" if omop is None else "omop"), "missing key", message)]
    if omop is None:
        return []
    faults = list(_data_faults(protocol, place))
    faults += _set_names(protocol, omop, place)
    faults += _column_names(omop, place)
    if protocol.measurements:
        message = "'measurements' declares columns of a spreadsheet; measured numbers are covariates of 'omop' (value: latest)"
        faults.append(Fault(place("measurements"), "not available", message))
    return faults


def _data_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    for key in SHEET:
        if key in protocol.data.model_fields_set and getattr(protocol.data, key):
            yield Fault(
                place("data", key),
                "not available",
                f"'{key}' is of a spreadsheet; tables of the model have their columns as they are",
            )
    if protocol.arms.column != ARM:
        yield Fault(place("arms", "column"), "not available", "the arms of this study are concept sets; leave 'column' out")


def _set_names(protocol: Protocol, omop: Omop, place: Place) -> Iterator[Fault]:
    known = list(omop.concept_sets)
    asked: dict[tuple, str | None] = {("arms", "groups", key, "value"): arm.value for key, arm in protocol.arms.groups.items()}
    asked |= {("omop", "exclusions", i, "concepts"): x.concepts for i, x in enumerate(omop.exclusions)}
    asked |= {("omop", "covariates", name, "concepts"): c.concepts for name, c in omop.covariates.items()}
    asked |= {("omop", "outcomes", name, "concepts"): o.concepts for name, o in omop.outcomes.items()}
    for where, name in asked.items():
        if name is not None and name not in known:
            message = f"there is no concept set '{name}'; {hint(name, known)}"
            yield Fault(place(*where), "unknown name", message)


def _column_names(omop: Omop, place: Place) -> Iterator[Fault]:
    """Columns of the made table that would bear one name."""
    taken = set(OWN)
    taken |= {EXCLUSION.format(i) for i, _ in enumerate(omop.exclusions, start=1)}
    for name in omop.outcomes:
        taken |= {TIME.format(name), EVENT.format(name), CLEAN.format(name)}
    for name, covariate in omop.covariates.items():
        if name in taken and not (name == AGE and covariate.person == AGE):
            message = f"'{name}' is a column that is made of every person; give the covariate another name"
            yield Fault(place("omop", "covariates", name), "name taken", message)
