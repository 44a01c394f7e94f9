"""The reasons to leave, in the order of the protocol, each as a condition over one relation."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.engine import Engine, comment, literal, quote
from equipoise.errors import ProtocolError
from equipoise.protocol.derived_values import asks_derived
from equipoise.protocol.expressions import condition_sql, safe_sql, unfit_fault
from equipoise.protocol.population import Exclude
from equipoise.protocol.spec import Protocol

NO_INDEX = "No index treatment recorded"
OUTSIDE = "Index date outside the accrual window"
ROWS = "patients"
CANDIDATE_VALUE = "candidate_value"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One reason to leave. table: its name, or a SELECT in brackets of the rows that were there on the index date. implied:
    not declared in the protocol, shown only when it applies to somebody. unknown: SQL of the patients whom it cannot decide,
    because a value of theirs is missing; empty where rows that are not there decide nothing."""

    reason: str
    table: str
    where: str
    implied: bool = False
    unknown: str = ""
    absent: bool = False


def declared(protocol: Protocol) -> list[tuple[int, int, Exclude]]:
    """(step, position in it, exclusion) in the order in which they are applied."""
    return [(i, j, x) for i, step in enumerate(protocol.eligibility.steps) for j, x in enumerate(step.exclude)]


def before_derived(protocol: Protocol, engine: Engine) -> list[tuple[int, int, Exclude]] | None:
    """The exclusions before the first that asks derived values; None where none does."""
    own = engine.columns(index_table(protocol))
    for k, (_, _, exclude) in enumerate(declared(protocol)):
        if asks_derived(exclude, own):
            return declared(protocol)[:k]
    return None


def criteria(protocol: Protocol, engine: Engine) -> list[tuple[int, Criterion]]:
    """(step number, criterion) in the order in which they are applied; implied ones belong to the last step. `candidate_value`
    exists where an exclusion asks derived values."""
    found = [(i, criterion(protocol, engine, i, j, exclude)) for i, j, exclude in declared(protocol)]
    last = len(protocol.eligibility.steps) - 1
    found.append((last, Criterion(NO_INDEX, "screened", "patient_id not in (select patient_id from index_row)", True)))
    window = _accrual(protocol)
    if window:
        found.append((last, Criterion(OUTSIDE, "index_row", window, True)))
    return found


def criterion(protocol: Protocol, engine: Engine, i: int, j: int, exclude: Exclude) -> Criterion:
    """Exclusion j of step i. Raises ProtocolError for a condition that cannot be evaluated on these data."""
    place = protocol.place("eligibility", "steps", i, "exclude", j, "where")
    derived = asks_derived(exclude, engine.columns(index_table(protocol)))
    if derived:
        assert engine.has(CANDIDATE_VALUE), "an exclusion by derived values needs define_candidates and derive_candidates first"
        table, where = CANDIDATE_VALUE, condition_sql(exclude.where, protocol.binary_covariates)
    else:
        table = exclude.table or index_table(protocol)
        where = safe_sql(exclude.where, engine.columns(table), place)
    if not engine.evaluates(where, table):
        raise ProtocolError(unfit_fault(exclude.where, place))
    source = _up_to_index(protocol, table) if exclude.known == "index" else table
    single = derived or table in (ROWS, index_table(protocol), "patient")
    unknown = f"select patient_id from {source} where ({where}) is null" if single else ""
    if exclude.absent:
        everybody = CANDIDATE_VALUE if derived else "screened"
        source, where = everybody, f"patient_id not in (select patient_id from {source} where {where})"
    return Criterion(exclude.reason, source, where, unknown=unknown, absent=exclude.absent)


def _up_to_index(protocol: Protocol, name: str) -> str:
    """The rows of a table that were there on the index date; all of them of a patient without one."""
    table = protocol.contract.tables.get(name)
    if table is not None and table.day:
        up_to = f"index_row.index_date is null or {name}.{quote(table.day)} <= index_row.index_date"
    elif table is not None and table.visit:
        up_to = f"{name}.{table.visit} <= 0"
    else:
        return name
    joined = f"select {name}.* from {name} left join index_row on index_row.patient_id = {name}.patient_id"
    return f"({joined} where {up_to}) as {name}"


def index_table(protocol: Protocol) -> str:
    """The table that an exclusion without `table` asks: with the index date, or the spreadsheet."""
    return ROWS if protocol.data.rows is not None or protocol.index is None else protocol.index.table


def _accrual(protocol: Protocol) -> str:
    if protocol.data.rows is not None or protocol.index is None:
        return ""
    accrual = protocol.index.accrual
    parts = []
    if accrual.from_ is not None:
        parts.append(f"index_date < {literal(accrual.from_)}")
    if accrual.to is not None:
        parts.append(f"index_date > {literal(accrual.to)}")
    if protocol.study.data_cutoff is not None:  # nothing after the cut-off counts, a first treatment neither
        parts.append(f"index_date > {literal(protocol.study.data_cutoff)}")
    return " or ".join(parts)


def define_hits(engine: Engine, name: str, found: list[Criterion]) -> None:
    """Define the relation `name`: (patient_id, ord), a row per patient and criterion that applies, from 1 in their order."""
    parts = ["select patient_id, 0 as ord from screened where 1 = 0"] if not found else []
    parts += [
        f"{comment(f'{k}. {c.reason}')}\nselect patient_id, {k} as ord from {c.table} where {c.where}"
        for k, c in enumerate(found, start=1)
    ]
    engine.define(name, "\nunion all\n".join(parts), "cohort")
