"""Derived values of patients who may still be excluded by them, and the values that a condition over them asks."""

from __future__ import annotations

from collections.abc import Collection

from equipoise.derive.covariates import checked_expressions, define_baseline_of, define_covariates
from equipoise.engine import Engine, Scope, quote
from equipoise.engine.text import number_as_text
from equipoise.errors import ProtocolError
from equipoise.protocol.derived_values import asks_derived, value_faults
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources

NUMBERS = ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT")


def derive_candidates(protocol: Protocol, sources: Sources) -> None:
    """Define `candidate_value`: what the exclusions by derived values ask, of every patient of the relation `candidate`. Its
    relations are those of the baseline under names that begin with `candidate_`. Raises as `derive_covariates` does."""
    scope = Scope(sources.engine, "candidate", {"cohort": "candidate"})
    define_baseline_of(protocol, sources, scope)
    own = sources.engine.columns("patients") if protocol.data.rows is not None else sources.engine.columns(_index_table(protocol))
    asked, faults = [], []
    for i, step in enumerate(protocol.eligibility.steps):
        for j, exclude in enumerate(step.exclude):
            if asks_derived(exclude, own):
                place = protocol.place("eligibility", "steps", i, "exclude", j, "where")
                faults += value_faults(protocol, exclude.where, scope.columns("baseline"), place)
                asked += columns_of(exclude.where)
    if faults:
        raise ProtocolError(faults)
    names = list(dict.fromkeys(asked))
    define_covariates(scope, checked_expressions(protocol, scope, [n for n in names if n in protocol.covariates]))
    define_values(protocol, scope, names)


def define_values(protocol: Protocol, engine: Engine, names: Collection[str]) -> None:
    """Define `value`: these covariates as they are declared (levels as text, binary ones 0 and 1) and, by their own type, these
    columns of the baseline, one row per patient of `baseline`. `covariate` and `baseline` exist."""
    types = engine.columns("covariate")
    fields = []
    for name in names:
        if name in protocol.covariates:
            cell = f"covariate.{quote(name)}"
            categorical = protocol.covariates[name].kind == "categorical"
            sql = _level(cell, types[name]) if categorical else _number(cell, types[name])
        else:
            sql = f"baseline.{quote(name)}"
        fields.append(f",\n  {sql} as {quote(name)}")
    joined = "from baseline\njoin covariate on covariate.patient_id = baseline.patient_id\norder by baseline.patient_id"
    engine.define("value", f"select baseline.patient_id{''.join(fields)}\n{joined}", phase="derive")


def _level(cell: str, kind: str) -> str:
    """A value as the key of a level."""
    if kind == "BOOLEAN":
        return f"case when {cell} then 'true' when not {cell} then 'false' end"
    if kind.partition("(")[0] in (*NUMBERS, "DECIMAL"):
        return number_as_text(f"cast({cell} as double)")
    return f"trim(cast({cell} as varchar))"


def _number(cell: str, kind: str) -> str:
    return f"case when {cell} then 1 when not {cell} then 0 end" if kind == "BOOLEAN" else cell


def _index_table(protocol: Protocol) -> str:
    return protocol.index.table if protocol.index is not None else ""
