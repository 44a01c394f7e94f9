"""A first protocol from a database: the tables of the contract, the domains of SDTM, or the OMOP model, told by their names. What
it asks of the tables are words and counts; no row of a patient leaves."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from equipoise.contract import TABLES
from equipoise.data.read import RawTable
from equipoise.data.sdtm.read import read_sdtm
from equipoise.data.stored import connected, stored_table, stored_tables
from equipoise.errors import DataError, Fault
from equipoise.packs import SHIPPED, shipped
from equipoise.protocol.load import load_protocol
from equipoise.protocol.spec import Protocol
from equipoise.start.given import Given
from equipoise.start.omop import LEAST, NAME, Asked, begin_omop, seen_from
from equipoise.start.questions import Ask
from equipoise.start.tables import tables_protocol
from equipoise.start.trial import PROBE

Say = Callable[[str], None]
KNOWN = {*TABLES, *(table for name in SHIPPED for table in shipped(name).tables)}
OMOP, DOMAINS = {"person", "observation_period"}, {"dm", "ex"}


def begin_database(
    address: str, schema: str | None, out: Path | None, given: Given, concepts: Asked, say: Say, ask: Ask | None = None
) -> Path:
    """Write `study.yaml` for the tables of a schema; its path. Nothing that exists is overwritten. Raises EquipoiseError."""
    folder = out or Path()
    target = folder / NAME
    if target.exists():
        message = f"{NAME} already in {folder.name or '.'}/; give another folder with --out"
        raise DataError(Fault(folder.name or ".", "file exists", message))
    if not schema:
        raise DataError(Fault("--schema", "option", "name the schema of the database that holds the tables, --schema cdm"))
    with tempfile.TemporaryDirectory() as scratch:
        content = _protocol(Path(scratch), address, schema, folder, given, say, ask)
    if content is None:
        return begin_omop(address, schema, out, concepts, say)
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8", newline="\n")
    say(f"written     {target}")
    load_protocol(target)
    return target


def _protocol(scratch: Path, address: str, schema: str, folder: Path, given: Given, say: Say, ask: Ask | None) -> str | None:
    """The YAML; None for tables of the OMOP model."""
    protocol = _probed(scratch, address, schema, "")
    engine, _ = connected(protocol)
    try:
        there = stored_tables(protocol, engine)
        small = {name.lower() for name in there}
        if small >= OMOP:
            return None
        if small >= DOMAINS:
            domains = "  standard: sdtm\n"
            found = read_sdtm(_probed(scratch, address, schema, domains), engine, ["patient", "index_treatment", "followup"])
            for finding in found.findings:
                say(f"left out    {finding.sentence()}")
            data = _data(folder, address, schema, domains)
            return tables_protocol(found.tables, schema, say, given, data, randomised=True, ask=ask, least=LEAST)
        tables = [name for name in there if name in KNOWN]
        if not tables:
            message = (
                f"the schema {schema} holds no table of `equipoise codebook`, none of the OMOP model, and not DM and EX of SDTM"
            )
            raise DataError(Fault("--schema", "tables", message))
        raw: dict[str, RawTable] = {name: stored_table(protocol, engine, name, name) for name in tables}
        return tables_protocol(raw, schema, say, given, _data(folder, address, schema, ""), ask=ask, least=LEAST)
    finally:
        engine.close()


def _probed(scratch: Path, address: str, schema: str, standard: str) -> Protocol:
    text = PROBE.format(data=_data(scratch, address, schema, standard), packs=", ".join(SHIPPED))
    (scratch / NAME).write_text(text, encoding="utf-8")
    return load_protocol(scratch / NAME)


def _data(folder: Path, address: str, schema: str, standard: str) -> str:
    where = f"{standard}  connection: {json.dumps(seen_from(folder, address))}\n  schema: {json.dumps(schema)}"
    return f"{where}\nminimum_cell: {LEAST}    # smaller counts are masked"
