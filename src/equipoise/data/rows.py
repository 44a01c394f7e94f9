"""One spreadsheet, one row per patient: the columns as they are, checked only for what the protocol uses."""

from __future__ import annotations

from collections.abc import Collection

from equipoise.data import units
from equipoise.data.adam import Adam, adam_of, stored_adam
from equipoise.data.alone import keep_copy
from equipoise.data.check import row_faults
from equipoise.data.dated_units import unit_findings
from equipoise.data.limits import marked, undeclared, with_limits
from equipoise.data.one_row import order_faults, reduced, repeated
from equipoise.data.read import RawTable, emptied_in, read_table
from equipoise.data.rows_script import RESERVED, ROW_NUMBER, file_alone, script
from equipoise.data.sheet_dates import with_days
from equipoise.data.sheet_units import heading_findings, measurement_faults
from equipoise.data.spellings import with_spellings
from equipoise.data.stored import connected, missing_table, stored_table, stored_tables
from equipoise.engine import as_number, open_engine, quote
from equipoise.errors import DataError, Fault
from equipoise.protocol.baseline_columns import item_columns
from equipoise.protocol.blinded import sheet_columns
from equipoise.protocol.derived_values import asks_derived, stratifier_faults, value_faults
from equipoise.protocol.expressions import columns_of, condition_faults, expression_faults
from equipoise.protocol.locations import locate
from equipoise.protocol.spec import Protocol
from equipoise.records import AtLimit, Reduced, Sources, SourceTable

TABLE, ADAM = "patients", "adam"


def read_rows(protocol: Protocol) -> Sources:
    """The relation `patients`: every column of the sheet, plus patient_id and source_row. Raises DataError with all faults."""
    raw, adam, findings = _raw(protocol)
    engine = raw.engine
    if raw.n_rows == 0:
        raise DataError(Fault(raw.file, "empty table", "the file holds no row below its header; give a row per patient"))
    if protocol.data.patient == ROW_NUMBER and ROW_NUMBER not in raw.names:
        raw = raw.with_columns({ROW_NUMBER: "cast(source_row as varchar)"})
    if protocol.outcomes_closed:
        raw = raw.only(sheet_columns(protocol, raw.names))
    faults = order_faults(protocol, raw)
    raw, left, found = reduced(protocol, raw) if not faults else (raw, None, faults)
    raw, misspelled, spelled_so = with_spellings(protocol, raw)
    raw, limits, unknown = with_limits(protocol, raw)
    raw, wrong = with_days(protocol, raw)
    faults = [*found, *misspelled, *unknown, *wrong]
    if not faults:
        faults = _name_faults(protocol, raw) + _column_faults(protocol, raw) + measurement_faults(protocol, raw)
    if faults:
        raise DataError(faults)
    faults = _patient_faults(protocol, raw) + _number_faults(protocol, raw)
    if faults:
        raise DataError(faults)
    findings += unit_findings(protocol, raw) if protocol.data.standard != ADAM else []
    texts = [name for name in raw.names if raw.kinds[name] == "VARCHAR"]
    numeric = set(raw.names) - set(texts) | _all_numbers(raw, texts)
    engine.define_base(TABLE, _typed_sql(protocol, raw, numeric), script(protocol, raw, numeric, left is not None, limits, adam))
    engine.drop(raw.relation)
    tables = {TABLE: SourceTable(TABLE, raw.file, raw.n_rows, raw.sha256, raw.first_row)}
    if protocol.measurements:
        units.define(engine, protocol.contract)
    findings += [*heading_findings(protocol, raw), *spelled_so, *_limit_findings(raw, limits), *_left_out(raw, left)]
    return Sources(engine, tables, tuple(findings), limits, left)


def _raw(protocol: Protocol) -> tuple[RawTable, Adam | None, list[Fault]]:
    """The sheet, the data sets of ADaM side by side, or the table of a database, as it is."""
    data = protocol.data
    if data.connection is not None and data.standard == ADAM:
        raw, findings = stored_adam(protocol)
        return emptied_in(raw, data.missing_in), None, findings
    if data.connection is not None:
        engine, findings = connected(protocol)
        tables = stored_tables(protocol, engine)
        if str(data.rows) not in tables:
            raise DataError(missing_table(protocol, str(data.rows), tables, "rows"))
        return stored_table(protocol, engine, str(data.rows)), None, findings
    if data.standard == ADAM:
        adam, findings = adam_of(protocol, open_engine())
        return emptied_in(adam.raw, data.missing_in), adam, findings
    path, findings = locate(protocol, str(data.rows), "data", "rows")
    engine = open_engine(files=[path])
    raw = read_table(path, data.sheet, data.missing, engine, form=data.form, missing_in=data.missing_in)
    keep_copy(engine, path, file_alone(protocol, path.name), data.form, data.sheet, data.missing)
    return raw, None, findings


def _limit_findings(raw: RawTable, limits: tuple[AtLimit, ...]) -> list[Fault]:
    at = "at it above"
    how = {"at_limit": "at the limit", "half": f"as half of it below, {at}", "root_two": f"as limit / sqrt(2) below, {at}"}
    said = [f"{x.below} values below a limit and {x.above} above are used {how[x.rule]}" for x in limits]
    return [Fault(f"{raw.file}, column {x.column}", "limit", message) for x, message in zip(limits, said, strict=True)]


def _left_out(raw: RawTable, left: Reduced | None) -> list[Fault]:
    if left is None or not left.rows:
        return []
    which = f"the {left.keep} row of each{f' by {left.by}' if left.by else ''} counts"
    message = f"{left.rows} further rows of {left.patients} patients were left out: {which} (data: one_row)"
    return [Fault(raw.file, "one row", message)]


def _derived(protocol: Protocol) -> set[str]:
    """Columns that the measured ones and the packs give."""
    return {*item_columns(protocol.contract), *(name for pack in protocol.rule_packs for name in pack.column_names(sheet=True))}


def _name_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    """Columns under the names that the patient identifier and the row number get."""
    patient = str(protocol.data.patient)
    return [
        Fault(
            f"{raw.file}, row 1",
            "name taken",
            f"the column '{name}' has a name that Equipoise gives itself ({name.lower()}), and is not the patient identifier "
            f"(data.patient: {patient}); rename the column",
        )
        for name in raw.names
        if name.lower() in RESERVED and name != patient
    ]


def _column_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    known = set(raw.names) | (_derived(protocol) if protocol.measurements else set())
    faults: list[Fault] = []

    def need(name: str, *where: str) -> None:
        if name not in known:
            faults.append(
                Fault(
                    protocol.place(*where),
                    "missing column",
                    f"{raw.file} has no column '{name}'; it has {', '.join(raw.names)}",
                )
            )

    need(str(protocol.data.patient), "data", "patient")
    if protocol.arms.column is not None:
        need(protocol.arms.column, "arms", "column")
    for name, covariate in protocol.covariates.items():
        faults += expression_faults(covariate.from_, known, protocol.place("covariates", name, "from"))
    faults += _population_faults(protocol, raw, known)
    faults += stratifier_faults(protocol, sorted(known), protocol.place)
    for name, endpoint in protocol.endpoints.items():
        if endpoint.time is not None and endpoint.event is not None:
            need(endpoint.time.column, "endpoints", name, "time")
            faults += expression_faults(endpoint.event, known, protocol.place("endpoints", name, "event"))
    for name, binary in protocol.binary_endpoints.items():
        if binary.event is not None:
            faults += expression_faults(binary.event, known, protocol.place("endpoints", name, "event"))
    for name, source in protocol.sources.items():
        need(source.day, "sources", name, "day")
        if source.where:
            faults += expression_faults(source.where, known, protocol.place("sources", name, "where"))
    return faults


def _population_faults(protocol: Protocol, raw: RawTable, known: Collection[str]) -> list[Fault]:
    """Conditions that exclude patients or make a population of some, over columns that the sheet does not have."""
    faults: list[Fault] = []
    for i, step in enumerate(protocol.eligibility.steps):
        for j, exclude in enumerate(step.exclude):
            place = protocol.place("eligibility", "steps", i, "exclude", j, "where")
            if asks_derived(exclude, raw.names):
                faults += value_faults(protocol, exclude.where, sorted(known), place)
            else:
                faults += condition_faults(exclude.where, raw.names, place)
    for name, restriction in protocol.restrict.items():
        faults += value_faults(protocol, restriction.where, sorted(known), protocol.place("restrict", name, "where"))
    return faults


def _patient_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    column = str(protocol.data.patient)
    cell, text = raw.cell(column), raw.text(column)
    empty = raw.rows_where(f"{cell} is null")
    nth = f"(select source_row as row, row_number() over (partition by {cell} order by source_row) as nth from {raw.relation})"
    twice = raw.rows_where(f"{cell} is not null and source_row in (select row from {nth} where nth > 1)", text)
    faults = row_faults(empty, "empty cell", "the patient identifier is missing", raw.file, column)
    return (
        faults
        + row_faults(
            twice, "duplicate patient", "this patient stands in an earlier row; keep one row per patient", raw.file, column
        )
        + (repeated(raw, column) if twice else [])
    )


def _number_faults(protocol: Protocol, raw: RawTable) -> list[Fault]:
    faults: list[Fault] = []
    for column in _number_columns(protocol, raw):
        faults += undeclared(raw, column)
        cell, number, text = raw.cell(column), raw.number(column), raw.text(column)
        wrong = raw.rows_where(f"{cell} is not null and {number} is null and not {marked(text)}", text)
        faults += row_faults(
            wrong,
            "type",
            "this is not a number; write digits with a point, leave the cell empty, or name the word that stands for an empty "
            "cell under data, missing",
            raw.file,
            column,
        )
    return faults


def _number_columns(protocol: Protocol, raw: RawTable) -> list[str]:
    found = [e.time.column for e in protocol.endpoints.values() if e.time is not None]
    found += [source.day for source in protocol.sources.values()]
    for covariate in protocol.covariates.values():
        asked = columns_of(covariate.from_)
        if covariate.kind == "continuous" and len(asked) == 1 and covariate.from_ in (asked[0], quote(asked[0])):
            found += asked
    return [name for name in dict.fromkeys(found) if name in raw.names]


def _typed_sql(protocol: Protocol, raw: RawTable, numeric: set[str]) -> str:
    """Every column under its own name, a column of numbers as double; the patient identifier as text, once."""
    patient = str(protocol.data.patient)
    fields = [
        f"{f'cast({raw.number(name)} as double)' if name in numeric else raw.text(name)} as {quote(name)}"
        for name in raw.names
        if name.lower() not in RESERVED
    ]
    fields += [f"{raw.text(patient)} as patient_id", "source_row"]
    return f"select {', '.join(fields)} from {raw.relation} order by source_row"


def _all_numbers(raw: RawTable, names: list[str]) -> set[str]:
    """Columns of text whose cells are numbers, all that are given, and at least one."""
    if not names:
        return set()
    counts = [f"count({raw.cell(name)}), count({as_number(raw.cell(name))})" for name in names]
    found = raw.engine.rows(f"select {', '.join(counts)} from {raw.relation}")[0]
    return {name for name, given, numbers in zip(names, found[::2], found[1::2], strict=True) if given == numbers > 0}
