"""A session of PostgreSQL: how it begins, what is said where it cannot, and the functions that it has."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any

from equipoise.engine.base import EngineError
from equipoise.errors import DataError, Fault

SETTINGS = (
    "set local search_path = pg_temp",  # a name is one of our relations, never a table of the database
    "set local datestyle = 'ISO, YMD'",
    "set local timezone = 'UTC'",
    "set local extra_float_digits = 1",
    "set local standard_conforming_strings = on",
    "set local jit = off",  # costs more than most statements
    "set local work_mem = '128MB'",
)
MISSING = "PostgreSQL is read with the extra 'postgres', which is not installed: pip install 'equipoise[postgres]'"
LOST = (
    "the connection to the database was lost, and the study stopped there; nothing was written: run it again, as every run "
    "reads one state of the database"
)
UNREACHED = "the database cannot be reached: look at host, port and name of the address, and whether the server runs"
# small and capital letters where the server knows those of Unicode by its own locale alone
PLAIN = {
    f"eq_{name}": f"create or replace function pg_temp.eq_{name}(given text) returns text language sql immutable as "
    f'$$ select {name}(given collate "default") collate "C" $$'
    for name in ("lower", "upper")
}
UNKNOWN_HOST = "the host of this address is not known; is it spelled so, and can it be reached from here?"
SAID = {  # words of the server or the client -> what to do
    "could not translate host name": UNKNOWN_HOST,
    "resolve host": UNKNOWN_HOST,
    "Name or service not known": UNKNOWN_HOST,
    "no password supplied": "the database asks for a password; give it by PGPASSWORD, ~/.pgpass or a service file",
    "password authentication failed": "the user or the password is not accepted; the password comes from PGPASSWORD, ~/.pgpass "
    "or a service file",
    "pg_hba.conf": "the server does not let this user in from this machine; ask who keeps it",
    "role ": "the server does not know this user; name another one in the address or by PGUSER",
    "database ": "the server has no database of this name, or this user may not connect to it",
    "definition of service": "there is no service of this name in ~/.pg_service.conf or in the file of PGSERVICEFILE",
}
TEMPORARY = "this user may not make temporary tables; they are all that is written: grant temporary on database NAME to USER"
UNREAD = "this user may not read it: grant usage on schema SCHEMA and grant select on its tables to USER"
LEAST = 11  # the first version with sha256() and the setting jit; those since 12 put a statement and its parts together
OLD = f"the server is PostgreSQL {{0}}, and {LEAST} or later is needed (sha256 of a row, and settings of a session)"
ENCODING = "the database keeps its text in {0}; it is read in UTF8 only"


def begin(address: str) -> Any:
    """A connection in its one repeatable-read transaction. Raises EngineError with a sentence."""
    try:
        import psycopg
    except ImportError:
        raise EngineError(MISSING) from None
    try:
        connection = psycopg.connect(address, application_name="equipoise", connect_timeout=15, prepare_threshold=None)
    except psycopg.Error as error:
        said = str(error)
        raise EngineError(next((told for words, told in SAID.items() if words in said), UNREACHED)) from None
    try:
        _settle(connection)
    except psycopg.Error as error:
        connection.close()
        kind = TEMPORARY if isinstance(error, psycopg.errors.InsufficientPrivilege) else type(error).__name__
        raise EngineError(kind) from None
    return connection


def _settle(connection: Any) -> None:
    import psycopg

    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.adapters.register_loader("numeric", _number_loader(psycopg))
    version = connection.info.server_version
    if version < LEAST * 10_000:
        connection.close()
        raise EngineError(OLD.format(f"{version // 10_000}.{version // 100 % 100}"))
    connection.execute("set temp_buffers = '256MB'")
    for setting in SETTINGS:
        connection.execute(setting)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise EngineError(ENCODING.format(encoding))
    letters = connection.execute("select 1 from pg_collation where collname = 'und-x-icu'").fetchone()
    for name, parts in functions().items():
        for part in parts if letters or name not in PLAIN else [PLAIN[name]]:
            connection.execute(part)


def _number_loader(psycopg: Any) -> Any:
    class Number(psycopg.adapt.Loader):
        """A numeric is a whole number where it can be."""

        def load(self, data: Any) -> float | int:
            text = bytes(data).decode()
            return int(text) if text.lstrip("-").isdigit() else float(text)

    return Number


@functools.cache
def functions() -> dict[str, list[str]]:
    """Name -> the statements that make it, in the order of the file."""
    text = resources.files("equipoise.engine").joinpath("postgres_functions.sql").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for part in re.split(r"\n\n(?=create or replace )", text)[1:]:
        name = re.match(r"create or replace function pg_temp\.(\w+)", part)
        assert name is not None
        found.setdefault(name[1], []).append(part.strip())
    return found


def function_texts(sql: str) -> list[str]:
    """The statements that make the functions which a statement calls, those that they call among them first."""
    needed: set[str] = set()

    def visit(text: str) -> None:
        for name in re.findall(r"\bpg_temp\.(\w+)\(", text.lower()):
            if name in functions() and name not in needed:
                needed.add(name)
                for part in functions()[name]:
                    visit(part)

    visit(sql)
    return [part for name, parts in functions().items() if name in needed for part in parts]


def kind_of(error: Exception) -> str:
    """The name of an error, or a sentence where somebody can do something."""
    return UNREAD if type(error).__name__ == "InsufficientPrivilege" else type(error).__name__


def lost() -> type[Exception]:
    """What a statement raises."""
    import psycopg

    return psycopg.Error


def refused(error: Exception) -> DataError:
    """The fault of a connection that is gone."""
    return DataError(Fault("data, connection", "connection lost", LOST))
