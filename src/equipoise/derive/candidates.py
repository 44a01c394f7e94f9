"""The baseline of patients who may still be excluded by what is derived there."""

from __future__ import annotations

from equipoise.derive.covariates import checked_expressions, define_baseline_of, define_covariates
from equipoise.derive.values import define_values
from equipoise.engine import Scope
from equipoise.errors import ProtocolError
from equipoise.protocol.derived_values import asks_derived, value_faults
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources


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


def _index_table(protocol: Protocol) -> str:
    return protocol.index.table if protocol.index is not None else ""
