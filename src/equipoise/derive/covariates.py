"""The protocol's covariates: expressions over the relation `baseline`, one row per analysed patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from equipoise.derive import baseline, spreadsheet
from equipoise.derive.groups import derive_groups
from equipoise.derive.values import derive_descriptors, derive_populations
from equipoise.derive.vectors import vector_faults
from equipoise.engine import Engine, evaluate, quote
from equipoise.errors import DataError, Fault, ProtocolError
from equipoise.protocol.expressions import condition_sql, safe_sql, unfit_fault
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Sources

FIRST_ROW = 2  # of the data in a file with a header line
LISTED = 5
Rows = Callable[[np.ndarray], str]  # where the patients of a mask stand in a spreadsheet, in words
LARGEST = 1e100  # beyond it squares overflow, and nothing is measured so
ROWS_BASELINE = """
-- one row per analysed patient: the columns of the spreadsheet
select patients.*
from patients
join cohort on cohort.patient_id = patients.patient_id
"""


def derive_covariates(protocol: Protocol, sources: Sources, cohort: Cohort) -> Covariates:
    """Baseline variables of the analysed patients, in the order of `cohort.patient`.

    Defines the relations `baseline` (every column that an expression may use) and `covariate` (the expressions'
    values). Raises ProtocolError for an expression that cannot be used and DataError for values that do not fit the
    declared kind or levels, every covariate's faults at once. A study's own rule packs must give their test vectors first.
    """
    engine = sources.engine
    wrong = vector_faults(protocol.rule_packs) if any(not pack.ships for pack in protocol.rule_packs) else []
    if wrong:
        raise ProtocolError(wrong)
    absent = define_baseline_of(protocol, sources, engine)
    define_covariates(engine, checked_expressions(protocol, engine, protocol.covariates))
    values = _typed_values(protocol, engine, cohort)
    more = {
        "populations": derive_populations(protocol, engine, cohort),
        "descriptors": derive_descriptors(protocol, engine, cohort),
        "groups": derive_groups(protocol, engine, cohort),
    }
    if protocol.measurements:
        said = (*baseline.assumed(protocol, engine), *baseline.undecided(engine, protocol.rule_packs))
        return Covariates(values, said, **more)
    if protocol.data.rows is not None:
        return Covariates(values, **more)
    return Covariates(values, baseline.remarks(protocol, engine, absent), **more)


def define_baseline_of(protocol: Protocol, sources: Sources, engine: Engine) -> list[str]:
    """Define `baseline` in an engine for the patients of its relation `cohort`; names of tables that were not given."""
    if protocol.measurements:
        spreadsheet.define_measured_baseline(protocol, engine)
        return []
    if protocol.data.rows is not None:
        engine.define("baseline", ROWS_BASELINE, phase="derive")
        return []
    absent = baseline.define_absent(engine, protocol.contract, protocol.rule_packs)
    faults = baseline.observation_faults(replace(sources, engine=engine), protocol.contract)
    if faults:
        raise DataError(faults)
    baseline.define_baseline(protocol, engine)
    return absent


def checked_expressions(protocol: Protocol, engine: Engine, names: Iterable[str]) -> dict[str, str]:
    """SQL of these covariates' expressions; refuses, all at once, what is not allowed or does not run on these columns."""
    columns = set(engine.columns("baseline"))
    checked: dict[str, str] = {}
    faults: list[Fault] = []
    for name in names:
        covariate = protocol.covariates[name]
        place = protocol.place("covariates", name, "from")
        try:
            checked[name] = safe_sql(covariate.from_, columns, place)
        except ProtocolError as error:
            faults.extend(error.faults)
            continue
        if not engine.evaluates(checked[name], "baseline"):
            faults.append(unfit_fault(covariate.from_, place))
    if faults:
        raise ProtocolError(faults)
    return checked


def define_covariates(engine: Engine, expressions: Mapping[str, str]) -> None:
    """Define `covariate`: the expressions' values, one row per patient of `baseline`."""
    fields = "".join(f",\n  {sql} as {quote(name)}" for name, sql in expressions.items())
    engine.define("covariate", f"select\n  patient_id{fields}\nfrom baseline", phase="derive")


def _typed_values(protocol: Protocol, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    fetched = engine.fetch("select * from covariate")
    order = cohort.order_of(fetched["patient_id"])
    values: dict[str, np.ndarray] = {}
    faults: list[Fault] = []

    def rows(odd: np.ndarray) -> str:
        return _rows(protocol, engine, cohort.patient[odd])

    for name, covariate in protocol.covariates.items():
        raw = fetched[name][order]
        values[name], fault = _typed(name, covariate, raw, protocol.place("covariates", name), rows)
        faults.extend(fault)
        if covariate.kind != "categorical":
            odd = (np.abs(values[name]) > LARGEST) | _no_number(engine, name, raw, cohort)
            if odd.any():
                faults.append(_infinite(protocol, name, engine, cohort.patient[odd], len(raw)))
    if faults:
        raise DataError(faults)
    unfit = list(_unfit_subgroups(protocol, values))
    if unfit:
        raise ProtocolError(unfit)
    return values


def _no_number(engine: Engine, name: str, raw: np.ndarray, cohort: Cohort) -> np.ndarray:
    """Whose value is the root or logarithm of a negative number, or zero by zero: wrong, not unknown as an empty cell is."""
    if raw.dtype.kind != "f" or not np.isnan(raw).any():
        return np.zeros(len(raw), dtype=bool)
    found = engine.rows(f"select patient_id from covariate where isnan(cast({quote(name)} as double))")
    return np.isin(cohort.patient, [patient for (patient,) in found])


def _rows(protocol: Protocol, engine: Engine, patients: np.ndarray) -> str:
    """Where patients stand in a spreadsheet: ` (rows 7, 12 of the sheet)`; '' of raw tables."""
    if protocol.data.rows is None:
        return ""
    analysed = "where patient_id in (select patient_id from cohort)"
    row_of = dict(engine.rows(f"select patient_id, source_row from patients {analysed}"))
    first = 1 if engine.connected else FIRST_ROW
    rows = sorted(int(row_of[p]) + first - 1 for p in patients)
    more = f" and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
    return f" (row{'s' if len(rows) > 1 else ''} {', '.join(str(r) for r in rows[:LISTED])}{more} of the sheet)"


def _infinite(protocol: Protocol, name: str, engine: Engine, patients: np.ndarray, n: int) -> Fault:
    """Who has no finite value."""
    where = _rows(protocol, engine, patients)
    message = (
        f"{_patients(len(patients))} of {n} have no finite value of covariate '{name}'{where}: the logarithm of zero, the "
        "root of a negative number, a division by zero, or a number too large. Change 'from', such as ln(x + 1), or exclude "
        "these patients."
    )
    return Fault(protocol.place("covariates", name, "from"), "not finite", message)


def _unfit_subgroups(protocol: Protocol, values: dict[str, np.ndarray]) -> Iterator[Fault]:
    """Levels of subgroups that these values cannot decide."""
    for name, subgroup in protocol.subgroups.items():
        for label, where in subgroup.levels.items():
            if evaluate(condition_sql(where, protocol.binary_covariates), values) is None:
                yield unfit_fault(where, protocol.place("subgroups", name, "levels", label))


def _typed(name: str, covariate: Covariate, raw: np.ndarray, place: str, rows: Rows) -> tuple[np.ndarray, list[Fault]]:
    if covariate.kind == "categorical":
        return _levels(name, covariate, raw, place, rows)
    return _numbers(name, covariate, raw, place, rows)


def _levels(name: str, covariate: Covariate, raw: np.ndarray, place: str, rows: Rows) -> tuple[np.ndarray, list[Fault]]:
    """Level keys as text with None for missing."""
    cells = raw.tolist()
    key_of = {v: level_key(v) for v in set(cells)}
    keys = [key_of[v] for v in cells]
    strange = sorted({k for k in key_of.values() if k is not None and k not in covariate.levels})
    out = np.empty(len(keys), dtype=object)
    out[:] = keys
    if not strange:
        return out, []
    odd = np.array([k in strange for k in keys])
    declared = ", ".join(covariate.levels)
    message = (
        f"{_patients(int(odd.sum()))} of {len(keys)} have a value of covariate '{name}' that is not among its declared levels "
        f"({declared}){rows(odd)}. Declare the level, map it in 'from', or exclude these patients."
    )
    return out, [Fault(place, "undeclared level", message, ", ".join(strange))]


def _numbers(name: str, covariate: Covariate, raw: np.ndarray, place: str, rows: Rows) -> tuple[np.ndarray, list[Fault]]:
    """Floats with nan for missing; a binary covariate holds 0 and 1 only."""
    values, no_number = (raw.astype(float), np.zeros(len(raw), dtype=bool)) if raw.dtype.kind in "fb" else _read(raw)
    words = [str(v) for v in raw[no_number]]
    faults = []
    if words:
        who = f"{_patients(len(words))} of {len(raw)}"
        message = f"{who} have something other than a number in covariate '{name}'{rows(no_number)}, which is {covariate.kind}."
        faults.append(Fault(place, "not a number", message, ", ".join(sorted(set(words)))))
    if covariate.kind == "binary":
        other = ~np.isnan(values) & (values != 0) & (values != 1)
        if other.any():
            message = (
                f"{_patients(int(other.sum()))} of {len(raw)} have a value of binary covariate '{name}' other than "
                f"0, 1, true or false{rows(other)}. Write 'from' as a comparison, such as \"sex = 'M'\"."
            )
            faults.append(Fault(place, "not binary", message, ", ".join(f"{v:g}" for v in np.unique(values[other]))))
    return values, faults


def _read(raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of cells of any kind the numbers, nan for what is none, and whether something else than a number stands there."""
    numbers = [_number(v) for v in raw]
    values = np.array([np.nan if x is None else x for x in numbers], dtype=float)
    return values, np.array([v is not None and x is None for v, x in zip(raw, numbers, strict=True)], dtype=bool)


def level_key(value: Any) -> str | None:
    """A value as the key of a level: 5.0 is '5', True is 'true', None and nan are missing."""
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return None if np.isnan(value) else f"{value:.15g}"
    return str(value).strip()


def _number(value: Any) -> float | None:
    if isinstance(value, bool | np.bool_):
        return float(value)
    try:
        return None if value is None or isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        return None


def _patients(n: int) -> str:
    return "1 patient" if n == 1 else f"{n} patients"
