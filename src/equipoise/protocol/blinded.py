"""The request without its outcomes: what a design is made from, and which tables and columns it may read."""

from __future__ import annotations

from typing import Any

from equipoise.contract import AFTER
from equipoise.protocol.analyses import CoxSpec
from equipoise.protocol.baseline_columns import core_columns
from equipoise.protocol.derived_values import COVARIATE
from equipoise.protocol.effects import Effects
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.horizon import Rmst
from equipoise.protocol.missing import Missing
from equipoise.protocol.missing_covariates import imputed_names, imputing_outcomes
from equipoise.protocol.population import SheetDates
from equipoise.protocol.spec import Protocol, stratifiers

# Tables of the course after the index date, beside those of packs that lie wholly after it. A design reads one only where an
# exclusion asks it, and then the columns that are asked.
COURSE = frozenset(
    ("followup", "exposure", "ae", "subsequent_therapy", "visit_imaging", "lesion", "lesion_measure", "recorded_response")
)
# Variables of SDTM's demographics that say how and when it ended.
LATER_VARIABLES = ("RFENDTC", "RFPENDTC", "DTHDTC", "DTHFL")


def without_outcomes(protocol: Protocol) -> Protocol:
    """The part of a request that a design is made from: population, baseline and designs. Endpoints and their sources, response,
    adverse events, models and subgroups are gone, and covariates known after the index date that decide nobody's eligibility; the
    readers of such a request load no outcome. Of an imputation, which comes later, the covariates and outcomes of its model stay
    by name."""
    asked = set(_conditions(protocol))
    kept = {name: c for name, c in protocol.covariates.items() if c.known != "after_index" or name in asked}
    gone: dict[str, Any] = {
        "response": None, "assessment": None, "sources": {}, "endpoints": {}, "binary_endpoints": {}, "rmst": Rmst(),
        "estimand": None, "landmarks": [], "effects": Effects(),
        "cox": CoxSpec(ties=protocol.cox.ties), "subgroups": {}, "safety": None, "dose": {}, "post_index": {}, "comparison": None,
        "published": None,
        "sensitivity": protocol.sensitivity.model_copy(update={"endpoints": {}}),
    }  # fmt: skip
    asked_missing = _imputation_named(protocol)
    closed = protocol.model_copy(update={**gone, "covariates": kept, "missing": asked_missing, "outcomes_closed": True})
    if protocol.data.dates is None:
        return closed
    dates = _days_asked(closed, protocol.data.dates)
    return closed.model_copy(update={"data": protocol.data.model_copy(update={"dates": dates})})


def _imputation_named(protocol: Protocol) -> Missing:
    """With the covariates and outcomes of the model written out, which defaults, strata and main endpoints decide otherwise."""
    impute = protocol.missing.impute
    if impute is None or protocol.outcomes_closed:
        return protocol.missing
    named = {"covariates": imputed_names(protocol), "outcomes": imputing_outcomes(protocol)}
    return protocol.missing.model_copy(update={"impute": impute.model_copy(update=named)})


def holds_outcomes(protocol: Protocol, table: str) -> bool:
    """Whether a table of the contract holds what came after the index date."""
    return table in COURSE or protocol.contract.tables[table].when == AFTER


def reads_table(protocol: Protocol, table: str) -> bool:
    """Whether a table of the contract may be read for this request."""
    return not protocol.outcomes_closed or not holds_outcomes(protocol, table) or table in asked_tables(protocol)


def table_columns(protocol: Protocol, table: str) -> tuple[str, ...] | None:
    """The columns of a table that may be read: None, all of them. Of a table of outcomes that an exclusion asks: its key, the
    columns of its conditions, and the date or visit that says when a row was recorded."""
    if not protocol.outcomes_closed or not holds_outcomes(protocol, table):
        return None
    known = protocol.contract.tables[table]
    asked = {"patient_id", known.day, known.visit, *known.key}
    for step in protocol.eligibility.steps:
        for exclude in step.exclude:
            if (exclude.table or _index_table(protocol)) == table:
                asked |= set(columns_of(exclude.where))
    if table == _index_table(protocol):
        asked |= {protocol.index.date if protocol.index is not None else "", protocol.arms.column or ""}
    return tuple(c for c in known.column_names if c in asked)


def sheet_columns(protocol: Protocol, given: list[str]) -> list[str]:
    """Of the columns of a spreadsheet those that a design reads: the patient, the arm, what covariates, exclusions, restrictions
    and exact matching ask, what `measurements` declare, and the columns that the rule packs know."""
    asked = [str(protocol.data.patient), protocol.arms.column or ""]
    for covariate in protocol.covariates.values():
        asked += columns_of(covariate.from_)
    asked += _conditions(protocol)
    asked += [name for names in stratifiers(protocol).values() for name in names]
    for measurement in protocol.measurements.values():
        asked += [measurement.column, measurement.lln or "", measurement.uln or ""]
    if protocol.measurements:
        asked += [*core_columns(protocol.contract), *(c for pack in protocol.rule_packs for c in pack.column_names(sheet=True))]
    if protocol.data.dates is not None:
        asked += [protocol.data.dates.from_, *protocol.data.dates.days.values()]
    small = {name.lower() for name in asked}
    return [name for name in given if name.lower() in small]


def asked_tables(protocol: Protocol) -> set[str]:
    """Tables that the exclusions and the index date ask."""
    found = {exclude.table or _index_table(protocol) for step in protocol.eligibility.steps for exclude in step.exclude}
    return (found | {_index_table(protocol)}) - {COVARIATE, ""}


def _conditions(protocol: Protocol) -> list[str]:
    """The names in the conditions of exclusions and restrictions."""
    texts = [exclude.where for step in protocol.eligibility.steps for exclude in step.exclude]
    texts += [restriction.where for restriction in protocol.restrict.values()]
    return [name for text in texts for name in columns_of(text)]


def _days_asked(protocol: Protocol, dates: SheetDates) -> SheetDates | None:
    """The day numbers that something asks; None where nothing does."""
    asked = {n for c in protocol.covariates.values() for n in columns_of(c.from_)} | set(_conditions(protocol))
    days = {name: column for name, column in dates.days.items() if name in asked}
    return dates.model_copy(update={"days": days}) if days else None


def _index_table(protocol: Protocol) -> str:
    return protocol.index.table if protocol.index is not None else ""
