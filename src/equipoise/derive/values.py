"""What a condition over derived baseline values asks, and the named populations that such conditions make."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from equipoise.engine import Engine, quote
from equipoise.engine.text import number_as_text
from equipoise.errors import ProtocolError
from equipoise.protocol.expressions import columns_of, condition_sql, unfit_fault
from equipoise.protocol.spec import Protocol, stratifiers
from equipoise.records import Cohort

NUMBERS = ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT")


def define_values(protocol: Protocol, engine: Engine, names: Collection[str]) -> None:
    """Define `value`: these covariates (binary ones 0 and 1; levels by the type of what they come from, so that codes compare as
    numbers too) and these columns of the baseline, one row per patient of `baseline`. `covariate` and `baseline` exist."""
    types = engine.columns("covariate")
    fields = []
    for name in names:
        if name in protocol.covariates:
            sql = _asked(f"covariate.{quote(name)}", types[name], protocol.covariates[name].kind)
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


def _asked(cell: str, kind: str, measured: str) -> str:
    """A covariate as a condition asks it."""
    if measured == "categorical":
        return f"trim({cell})" if kind == "VARCHAR" else cell
    return f"case when {cell} then 1 when not {cell} then 0 end" if kind == "BOOLEAN" else cell


def derive_populations(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """Restriction, or comparison of several arms -> per patient of the cohort 1 in it, 0 not, nan unknown. Of restrictions it
    defines `value` and `population`, a column each; `covariate` and `baseline` exist. Raises ProtocolError for conditions that
    these data cannot decide."""
    of_arms = {
        name: np.isin(cohort.arm.astype(str), (arm, protocol.arms.reference)).astype(float)
        for name, arm in protocol.comparisons.items()
    }
    if not protocol.restrict:
        return of_arms
    asked = [c for restriction in protocol.restrict.values() for c in columns_of(restriction.where)]
    define_values(protocol, engine, list(dict.fromkeys(asked)))
    fields, faults = [], []
    for name, restriction in protocol.restrict.items():
        where = condition_sql(restriction.where, protocol.binary_covariates)
        fields.append(f",\n  case when {where} then 1 when not ({where}) then 0 end as {quote(name)}")
        if not engine.evaluates(where, "value"):
            faults.append(unfit_fault(restriction.where, protocol.place("restrict", name, "where")))
    if faults:
        raise ProtocolError(faults)
    engine.define("population", f"select patient_id{''.join(fields)}\nfrom value\norder by patient_id", phase="derive")
    found = engine.fetch("select * from population")
    row_of = {patient: i for i, patient in enumerate(found["patient_id"])}
    order = np.array([row_of[patient] for patient in cohort.patient], dtype=int)
    return {name: found[name][order].astype(float) for name in protocol.restrict} | of_arms


def derive_descriptors(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """Columns of the baseline by which patients are kept apart and that are no covariates, as text with None for missing."""
    asked = [n for names in stratifiers(protocol).values() for n in names if n not in protocol.covariates]
    if not asked:
        return {}
    types = engine.columns("baseline")
    fields = ", ".join(f"{_level(quote(name), types[name])} as {quote(name)}" for name in dict.fromkeys(asked))
    found = engine.fetch(f"select patient_id, {fields} from baseline")
    row_of = {patient: i for i, patient in enumerate(found["patient_id"])}
    order = np.array([row_of[patient] for patient in cohort.patient], dtype=int)
    return {name: found[name][order].astype(object) for name in dict.fromkeys(asked)}
