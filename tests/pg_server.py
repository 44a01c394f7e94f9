"""A PostgreSQL server of the tests' own: begun as an ordinary user in a folder of its own, on a socket alone, and stopped."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

try:
    import psycopg
    from psycopg import sql
except ImportError:  # the fixture `postgres` skips with this reason
    psycopg = sql = None  # type: ignore[assignment]

OWNER = "keeper"  # of the tables; a study is read by another
READER = "reader"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0
    )
    there = [f for f in folders if (f / "initdb").is_file() and (f / "pg_ctl").is_file()]
    return there[-1] if there else None


class Server:
    """databases by name; address(database, user) as a protocol gives it. The default collation sorts as a dictionary does, not
    by bytes."""

    def __init__(self, folder: Path):
        self.folder = folder

    def address(self, database: str, user: str = READER) -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def owner(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.address(database, OWNER), autocommit=True)

    def database(self, name: str, made: str = "") -> str:
        """A new empty database whose reader may make temporary tables and nothing else. made: options of CREATE DATABASE."""
        with self.owner() as connection:
            named = sql.Identifier(name)
            connection.execute(sql.SQL("create database {} {}").format(named, sql.SQL(made)))
            connection.execute(sql.SQL("revoke all on database {} from public").format(named))
            connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(named, sql.Identifier(READER)))
        return name

    def load(self, database: str, schema: str, files: Iterable[Path], kinds: dict[str, str] | None = None) -> None:
        """Each csv as a table of the schema by COPY: text, or what kinds says of a column. The reader may select."""
        with self.owner(database) as connection:
            connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
            for file in files:
                with file.open(encoding="utf-8-sig", newline="") as lines:
                    header = next(csv.reader(lines))
                table = sql.Identifier(schema, file.name.partition(".")[0])
                columns = [sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL((kinds or {}).get(c, "text"))) for c in header]
                connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(columns)))
                copy = sql.SQL("copy {} from stdin with (format csv, header true)").format(table)
                with connection.cursor().copy(copy) as into:
                    into.write(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            self.grant(connection, schema)

    def grant(self, connection: psycopg.Connection, schema: str) -> None:
        names = {"schema": sql.Identifier(schema), "reader": sql.Identifier(READER)}
        connection.execute(sql.SQL("grant usage on schema {schema} to {reader}").format(**names))
        connection.execute(sql.SQL("grant select on all tables in schema {schema} to {reader}").format(**names))


@contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block lasts."""
    bins = binaries()
    assert bins is not None
    folder = Path(tempfile.mkdtemp(prefix="equipoise-pg-"))
    user = _ordinary_user()
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    try:
        locale = ["--locale=C", "--locale-provider=icu", "--icu-locale=en"]
        start = [bins / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        if _run([*start, *locale], user, check=False).returncode:  # built without ICU, or an older one
            shutil.rmtree(data, ignore_errors=True)
            _run([*start, "--locale=C"], user)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c shared_buffers=64MB"
        stop = [bins / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        guard = _guarded(folder, _words(stop, user))
        _run([bins / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], user)
        server = Server(folder)
        try:
            with server.owner() as connection:
                connection.execute(sql.SQL("create role {} login").format(sql.Identifier(READER)))
            yield server
        finally:
            guard.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ordinary_user() -> str:
    """Whose the server is: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return ""
    return "postgres" if subprocess.run(["id", "postgres"], capture_output=True).returncode == 0 else "nobody"


def _guarded(folder: Path, stop: list[str]) -> subprocess.Popen:
    """A shell that waits for a pipe to close, which it does when this process ends, however it does: then it stops the server and
    removes its folder. Signals to the group of this process do not reach it."""
    script = 'folder=$1; shift; while read -r _; do :; done; "$@"; rm -rf -- "$folder"'
    words = ["sh", "-c", script, "sh", str(folder), *stop]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, cwd="/", start_new_session=True)


def _words(command: Sequence[object], user: str) -> list[str]:
    words = [str(word) for word in command]
    return ["runuser", "-u", user, "--", *words] if user else words


def _run(command: Sequence[object], user: str, check: bool = True) -> subprocess.CompletedProcess:
    words = _words(command, user)
    # what is inherited by the server would keep a pipe open: its words go to a file
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(words, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/")
        if check and done.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace"))
    return done
