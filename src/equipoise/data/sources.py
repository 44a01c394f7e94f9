"""Read and check what the protocol names: raw tables of the contract, or one spreadsheet with a row per patient."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from equipoise.contract import Column, Table
from equipoise.data import check, units
from equipoise.data.alone import alone, keep_copy
from equipoise.data.asked_columns import asked_faults
from equipoise.data.chronology import date_faults
from equipoise.data.identifying import identifying_findings
from equipoise.data.lines import line_faults
from equipoise.data.omop.read import read_omop
from equipoise.data.other_packs import foreign_rows, foreign_tables
from equipoise.data.partial_dates import complete, date_sql
from equipoise.data.parts import folder_of_parts, in_place
from equipoise.data.placeholder_dates import placeholder_faults
from equipoise.data.read import SUFFIXES, RawTable, read_table
from equipoise.data.rows import read_rows
from equipoise.data.sdtm.read import keep_trace, read_sdtm
from equipoise.data.sdtm.terms import TABLES as MADE_OF_DOMAINS
from equipoise.data.stored import connected, missing_table, stored_table, stored_tables
from equipoise.engine import Engine, open_engine, quote
from equipoise.errors import DataError, Fault
from equipoise.protocol.blinded import reads_table, table_columns
from equipoise.protocol.derived_values import COVARIATE
from equipoise.protocol.locations import locate, locate_in
from equipoise.protocol.nearest import hint
from equipoise.protocol.population import OMOP
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources, SourceTable

DERIVED = ("visit_response",)
EMPTY = "the study needs the table {name}, and {what} holds no row; give its rows, or ask for less"


def read_sources(protocol: Protocol) -> Sources:
    """The data behind a study, in an engine. Raises DataError with every fault of every table at once."""
    sources, impossible = examine_sources(protocol)
    if impossible:
        raise DataError(impossible)
    return sources


def examine_sources(protocol: Protocol) -> tuple[Sources, list[Fault]]:
    """The same, with the faults that show only across tables beside it: impossible dates and units, unknown patients."""
    printed = locate(protocol, protocol.comparison.printed, "comparison", "printed")[1] if protocol.comparison else []
    sources, impossible = _examined(protocol)
    return replace(sources, findings=(*sources.findings, *printed)), impossible


def _examined(protocol: Protocol) -> tuple[Sources, list[Fault]]:
    if protocol.data.standard == OMOP:
        return read_omop(protocol), []
    if protocol.data.rows is not None:
        sources = _with_identifying(protocol, read_rows(protocol))
        return _with_placeholders(protocol, sources)
    if protocol.data.standard == "sdtm":
        return _read_sdtm(protocol)
    if protocol.data.connection is not None:
        engine, findings = connected(protocol)
        raw, faults = _read_schema(engine, _open_tables(protocol), needed_tables(protocol), protocol)
        return _checked(protocol, engine, raw, faults, findings)
    folder, findings = locate(protocol, str(protocol.data.tables), "data", "tables")
    if not folder.is_dir():
        place = protocol.place("data", "tables")
        raise DataError(Fault(place, "folder", f"there is no folder '{protocol.data.tables}' beside the protocol"))
    files = [folder / f"{n}{s}" for n in protocol.contract.tables for s in SUFFIXES]
    files += [part for n in protocol.contract.tables for place in folder_of_parts(folder, n) for part in in_place(place)]
    engine = open_engine(files=files)
    raw, faults, linked = _read_folder(engine, folder, _open_tables(protocol), needed_tables(protocol), protocol)
    faults += unknown_forms(protocol, protocol.contract.tables)
    return _checked(protocol, engine, raw, faults, [*findings, *linked])


def _read_sdtm(protocol: Protocol) -> tuple[Sources, list[Fault]]:
    engine, found = connected(protocol) if protocol.data.connection is not None else (open_engine(), [])
    needed = needed_tables(protocol)
    domains = read_sdtm(protocol, engine, needed)
    own, faults, linked = _beside_domains(protocol, engine, needed)
    sources, impossible = _checked(protocol, engine, {**domains.tables, **own}, faults)
    keep_trace(protocol, engine, domains)
    return replace(sources, findings=(*found, *linked, *domains.findings, *sources.findings)), impossible


def _beside_domains(
    protocol: Protocol, engine: Engine, needed: list[str]
) -> tuple[dict[str, RawTable], list[Fault], list[Fault]]:
    """Tables of the contract that no domain makes, such as those of packs: files or tables of their own names beside them."""
    names = [n for n in protocol.contract.tables if n not in MADE_OF_DOMAINS and reads_table(protocol, n)]
    if protocol.data.connection is not None:
        return (*_read_schema(engine, names, needed, protocol), [])
    folder, _ = locate(protocol, str(protocol.data.tables), "data", "path")  # read_sdtm says where it lies
    return _read_folder(engine, folder, names, needed, protocol)


def _checked(
    protocol: Protocol, engine: Engine, raw: dict[str, RawTable], faults: list[Fault], findings: Sequence[Fault] = ()
) -> tuple[Sources, list[Fault]]:
    """Load the tables as text, check them one by one and against each other, and type them."""
    findings = list(findings)
    contract = protocol.contract.tables
    faults += asked_faults(protocol, raw)
    for name, table in raw.items():
        found = check.header_faults(_open(contract[name], protocol), table.file, table.names)
        findings += check.header_findings(contract[name], table.file, table.names)
        if not found:
            found, flagged = _load(engine, contract[name], table, protocol)
            findings += flagged
        faults += found
    if faults:
        raise DataError(faults)
    units.define(engine, protocol.contract)
    impossible = _cross_table_faults(engine, raw, protocol)
    tables = {n: SourceTable(n, t.file, t.n_rows, t.sha256, t.first_row) for n, t in raw.items()}
    sources = _with_identifying(protocol, Sources(engine, tables, tuple(findings)))
    sources, placeholders = _with_placeholders(protocol, sources)
    return sources, placeholders + impossible


def _with_identifying(protocol: Protocol, sources: Sources) -> Sources:
    return replace(sources, findings=(*sources.findings, *identifying_findings(protocol, sources)))


def _with_placeholders(protocol: Protocol, sources: Sources) -> tuple[Sources, list[Fault]]:
    faults, findings = placeholder_faults(protocol, sources)
    return replace(sources, findings=(*sources.findings, *findings)), faults


def needed_tables(protocol: Protocol) -> list[str]:
    """Tables without which this study cannot run."""
    needed = [protocol.index.table] if protocol.index is not None else []
    needed += [x.table for step in protocol.eligibility.steps for x in step.exclude if x.table and x.table != COVARIATE]
    needed += [s.table for s in protocol.sources.values() if s.table not in DERIVED]
    needed.append("patient")
    if protocol.response is not None:
        recorded = protocol.response.source == "recorded"
        needed += ["visit_imaging", "recorded_response"] if recorded else ["visit_imaging", "lesion", "lesion_measure"]
    if protocol.safety is not None:
        needed.append("ae")
    return list(dict.fromkeys(needed))


def _open_tables(protocol: Protocol) -> list[str]:
    return [n for n in protocol.contract.tables if reads_table(protocol, n)]


def _read_folder(
    engine: Engine, folder: Path, names: list[str], needed: list[str], protocol: Protocol
) -> tuple[dict[str, RawTable], list[Fault], list[Fault]]:
    """The tables that are there; faults; which of them are links, and files of packs that the study does not name."""
    raw: dict[str, RawTable] = {}
    faults: list[Fault] = []
    linked: list[Fault] = foreign_tables(protocol.contract, folder)
    for name in names:
        files = [folder / f"{name}{s}" for s in SUFFIXES if (folder / f"{name}{s}").is_file()] + folder_of_parts(folder, name)
        if len(files) > 1:
            both = " and ".join(f.name for f in files)
            faults.append(Fault(folder.name, "file", f"the table {name} is there twice: {both}; keep one"))
        elif files:
            try:
                path, found = locate_in(protocol, folder, files[0].name, "data", "tables")
                linked += found
                form = protocol.data.form_of(name)
                raw[name] = read_table(path, form.sheet, protocol.data.missing, engine, name, form)
                keep_copy(engine, path, alone(path.name, form, protocol.data.missing), form, form.sheet, protocol.data.missing)
                if name in needed and raw[name].n_rows == 0:
                    faults.append(Fault(files[0].name, "empty table", EMPTY.format(name=name, what="this file")))
            except DataError as error:
                faults += error.faults
        elif name in needed:
            kinds = ", ".join(f"{name}{s}" for s in (".csv", ".xlsx", ".parquet"))
            faults.append(
                Fault(
                    protocol.place("data", "tables"),
                    "missing table",
                    f"the study needs the table {name}: {kinds} in {folder.name}/",
                )
            )
    return raw, faults, linked


def unknown_forms(protocol: Protocol, known: Collection[str]) -> list[Fault]:
    """Names under `data: forms` that are none of a table, domain or data set."""
    return [
        Fault(protocol.place("data", "forms", name), "unknown name", f"there is no table '{name}'; {hint(name, list(known))}")
        for name in protocol.data.forms
        if name not in known
    ]


def _read_schema(
    engine: Engine, names: list[str], needed: list[str], protocol: Protocol
) -> tuple[dict[str, RawTable], list[Fault]]:
    """The same of the tables of a database."""
    raw: dict[str, RawTable] = {}
    faults: list[Fault] = []
    there = stored_tables(protocol, engine)
    for name in names:
        if name in there:
            try:
                raw[name] = stored_table(protocol, engine, name, name, protocol.contract.tables[name].column_names, dates=True)
                if name in needed and raw[name].n_rows == 0:
                    faults.append(Fault(raw[name].file, "empty table", EMPTY.format(name=name, what="this table")))
            except DataError as error:
                faults += error.faults
        elif name in needed:
            faults.append(missing_table(protocol, name, there))
    return raw, faults


def _load(engine: Engine, table: Table, raw: RawTable, protocol: Protocol) -> tuple[list[Fault], list[Fault]]:
    """The columns of the contract as raw_<table>, then typed; faults of its cells, and dates that were completed."""
    read = _open(table, protocol)
    given = {c.name: _cell(raw, c) for c in read.columns if c.name in raw.names}
    fields = [f"{given.get(n, 'cast(null as varchar)')} as {quote(n)}" for n in table.column_names]
    kept, foreign = foreign_rows(protocol.contract, table, raw)
    named = f"select {', '.join(fields)}, source_row from {raw.relation}"
    engine.create(f"raw_{table.name}", f"select * from ({named}) as file where {kept} order by source_row")
    engine.drop(raw.relation)
    faults, flagged = complete(engine, read, raw, protocol.data.partial_dates)
    faults = faults or check.cell_faults(engine, read, raw.file, raw.first_row, raw.names)
    if not faults:
        engine.cast_text(table, _script(table, raw, protocol, kept))
    return faults, [*foreign, *flagged]


def _cell(raw: RawTable, column: Column) -> str:
    """A cell in SQL as text, or as the number or the day that it is already."""
    kinds = {"number": ("DOUBLE", "BIGINT"), "integer": ("DOUBLE", "BIGINT"), "date": ("DATE",)}
    return raw.cell(column.name) if raw.kinds[column.name] in kinds.get(column.kind, ()) else raw.text(column.name)


def _open(table: Table, protocol: Protocol) -> Table:
    """The table with the columns that may be read; the others are loaded empty and not looked at."""
    kept = table_columns(protocol, table.name)
    return table if kept is None else replace(table, columns=tuple(c for c in table.columns if c.name in kept))


def _cross_table_faults(engine: Engine, raw: dict[str, RawTable], protocol: Protocol) -> list[Fault]:
    faults: list[Fault] = []
    for name, table in raw.items():
        faults += check.orphan_faults(engine, protocol.contract.tables[name], table.file, table.first_row)
    if protocol.index is not None:
        files = {n: (t.file, t.first_row) for n, t in raw.items()}
        faults += date_faults(engine, files, protocol.index.table, protocol.index.date)
    faults += line_faults(engine, protocol)
    if "lab" in raw:
        faults += units.unit_faults(engine, protocol.contract, raw["lab"].file, raw["lab"].first_row)
    return faults


def _script(table: Table, raw: RawTable, protocol: Protocol, kept: str) -> str:
    """The SELECT that reads the same table in a DuckDB shell inside the data folder."""
    rule = protocol.data.partial_dates
    fields = []
    for c in table.columns:
        cell = quote(c.name)
        if c.name not in raw.names:
            fields.append(f"cast(null as {c.sql_type}) as {cell}")
        else:
            read = date_sql(c.name, rule) if rule and c.kind == "date" else f"cast({cell} as {c.sql_type})"
            fields.append(f"{read} as {cell}")
    given = alone(raw.file, protocol.data.form_of(table.name), protocol.data.missing)
    file = f"select {', '.join(fields)}, row_number() over () as source_row\nfrom {given.function}"
    return given.said + (file if kept == "true" else f"select *\nfrom (\n{file}\n) as file\nwhere {kept}")
