"""The tables of a database as those of a folder: brought into the engine that runs there, and read by the same rules."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from equipoise.data.read import RawTable, table_of
from equipoise.engine import Engine, EngineError, duckdb_file, open_engine
from equipoise.errors import DataError, Fault
from equipoise.protocol.connection import kind_of
from equipoise.protocol.locations import CONFINED, locate
from equipoise.protocol.spec import Protocol

LISTED = 12


def connected(protocol: Protocol) -> tuple[Engine, list[Fault]]:
    """The engine of the database that the protocol names, and findings on where its file lies. Raises DataError with a sentence
    where it cannot be reached."""
    address, place = str(protocol.data.connection), protocol.place("data", "connection")
    findings: list[Fault] = []
    if kind_of(address) == "duckdb":
        _, findings = locate(protocol, os.fspath(duckdb_file(address)), "data", "connection")
    elif protocol.confined:
        raise DataError(Fault(place, "outside", f"the protocol connects to a database; {CONFINED}"))
    try:
        return open_engine(address, Path(protocol.folder)), findings
    except EngineError as error:
        raise DataError(Fault(place, "connection", error.kind)) from None


def require_unchanged(protocol: Protocol, engine: Engine) -> None:
    """At the end of a study: raises DataError where a table is not what it was when the study read it."""
    try:
        changed = engine.changed()
    except EngineError as error:
        raise DataError(Fault(protocol.place("data", "connection"), "connection", error.kind)) from None
    message = "the table changed while the study ran, so that its parts may not fit together; nothing was written: run it again"
    if changed:
        raise DataError([Fault(name, "changed", f"{message} while nobody writes there") for name in changed])


def stored_tables(protocol: Protocol, engine: Engine) -> dict[str, dict[str, str]]:
    """Tables of the schema that the protocol names. Raises DataError where there is none."""
    schema = str(protocol.data.schema_)
    try:
        found = engine.stored(schema)
    except EngineError as error:
        raise DataError(Fault(protocol.place("data", "schema"), "schema", error.kind)) from None
    if not found:
        message = f"the database shows no table in the schema {schema}; is it spelled so, and may this user read it?"
        raise DataError(Fault(protocol.place("data", "schema"), "schema", message))
    return found


def missing_table(protocol: Protocol, name: str, there: Iterable[str], key: str = "schema") -> Fault:
    names = sorted(there)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    message = f"the study needs the table {name}, and the schema {protocol.data.schema_} has {', '.join(names[:LISTED])}{more}"
    return Fault(protocol.place("data", key), "missing table", message)


def stored_table(
    protocol: Protocol,
    engine: Engine,
    table: str,
    name: str = "file",
    used: Collection[str] | None = None,
    dates: bool = False,
) -> RawTable:
    """One table or view as a RawTable, its rows counted from 1. used: the columns of which the study may ask, in capitals or not;
    all, where none is given. dates: dates stay dates, else they are text. Raises DataError."""
    schema = str(protocol.data.schema_)
    relation, file, zone = f"raw_file_{name}", f"{schema}.{table}", protocol.data.time_zone
    faults = []
    for column, kind in engine.stored(schema)[table].items():
        if kind == "TIMESTAMPTZ" and zone is None and (used is None or column.lower() in used):
            message = "the column holds moments with a time zone, and whose day a moment is depends on it; give data: time_zone"
            faults.append(Fault(f"{file}, column {column}", "time zone", f"{message}, such as Europe/Berlin"))
    if faults:
        raise DataError(faults)
    try:
        names = engine.bring(relation, schema, table, zone=zone, dates=dates)
        sha256 = engine.content_hash(relation)
    except EngineError as error:
        message = f"the table cannot be read ({error.kind})"
        raise DataError(Fault(file, "unreadable", message)) from None
    data = protocol.data
    return table_of(file, engine, relation, names, sha256, 1, data.missing, data.missing_in)


def stored_domain(protocol: Protocol, engine: Engine, table: str, used: Collection[str]) -> RawTable:
    """One SDTM domain, column names in capitals. Raises DataError."""
    raw = stored_table(protocol, engine, table, table.lower(), used)
    positions = {name.upper(): column for name, column in raw.positions.items()}
    return replace(raw, positions=positions, kinds={name.upper(): kind for name, kind in raw.kinds.items()})
