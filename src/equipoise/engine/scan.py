"""Files larger than memory as one table, on a connection of its own that sees them and nothing else: only the columns and
rows that are asked for become columns of an engine. A path is a name, never a pattern: files are read through their open
descriptors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import numpy as np

from equipoise.engine.base import EngineError
from equipoise.engine.duckdb import sentences, stored_kind
from equipoise.engine.files import LONGEST_LINE, ColumnStream, in_memory, sealed
from equipoise.engine.scratch import spilling
from equipoise.engine.text import listed, literal, quote

SOURCE = "file_rows"  # the name of the table in a statement
CHUNK = 1 << 20
TWICE = "the files and the folders, or folders in two spellings, name the same column: "


def over(table: str, sql: str) -> str:
    """A SELECT that reads SOURCE, over a stored table."""
    return f"with {SOURCE} as (select * from {table})\n{sql}"


class Scan:
    """One table of one or several files. kinds: column as the file calls it -> what it holds, in the words of `base.KINDS`
    (csv: VARCHAR). types: the same as DuckDB calls it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, read: str):
        self._connection = connection
        connection.execute(f"create view {SOURCE} as {read}")
        self.types = {d[0]: str(d[1]) for d in self.rows(f"describe select * from {SOURCE}")}
        self.kinds = {name: stored_kind(kind) for name, kind in self.types.items()}

    def rows(self, sql: str) -> list[tuple]:
        """A statement over the table SOURCE. Raises EngineError."""
        with sentences():
            return self._connection.execute(sql).fetchall()

    def stream(self, sql: str, given: Mapping[str, np.ndarray]) -> ColumnStream:
        """A SELECT over SOURCE and over relations of one column `id`, which are given by name; to be taken at once."""
        for name, values in given.items():
            self._connection.register(name, {"id": values})
        return ColumnStream(self._connection.sql(sql))


@contextmanager
def scanned(
    files: Sequence[Path],
    delimiter: str | None = None,
    keys: Sequence[Mapping[str, str | None]] = (),
    few: bool = False,
) -> Iterator[Scan]:
    """A table in files of one kind: parquet, or text (delimiter: what parts its cells) with a header line each. keys: of each
    file of parquet the columns that it is a partition of, and their one value. few: as of DuckDBEngine. Raises EngineError."""
    with ExitStack() as stack:
        paths = [stack.enter_context(_opened(file)) for file in files]
        connection = stack.enter_context(duckdb.connect(":memory:", config={"threads": 1} if few else {}))
        connection.execute(f"set allowed_paths = [{listed(paths)}]")
        first = ("enable_external_file_cache = false", "enable_progress_bar = false")
        closed = (*first, "enable_external_access = false", "lock_configuration = true")
        for setting in (*(() if few else spilling()), *(f"set {c}" for c in closed)):
            connection.execute(setting)
        with sentences():
            packed = files[0].name.lower().endswith(".gz")
            read = f"select * from {_reader(paths, delimiter, packed)}"
            if any(keys):
                read = _keyed(paths, keys, [str(d[0]) for d in connection.execute(f"describe {read}").fetchall()])
            yield Scan(connection, read)


def _reader(paths: Sequence[str], delimiter: str | None, packed: bool) -> str:
    if delimiter is None:
        return f"read_parquet([{listed(paths)}], union_by_name = true, hive_partitioning = false)"
    quoted = "" if delimiter == "\t" else '"'  # the vocabularies of the model come with tabs and bare quotation marks
    options = f"header = true, delim = {literal(delimiter)}, quote = {literal(quoted)}, escape = {literal(quoted)}"
    options += f", compression = {literal('gzip' if packed else 'none')}, nullstr = {literal('')}"
    return (
        f"read_csv([{listed(paths)}], {options}, all_varchar = true, auto_detect = true, union_by_name = true, "
        f"max_line_size = {LONGEST_LINE}, strict_mode = true)"
    )


def _keyed(paths: Sequence[str], keys: Sequence[Mapping[str, str | None]], held: Sequence[str]) -> str:
    """Parts of parquet with the columns that their folders name. held: those in the files. Raises EngineError where a name is
    there twice, as two readers would take two of them."""
    columns = list(dict.fromkeys(name for key in keys for name in key))
    small = [name.lower() for name in (*held, *columns)]
    twice = [name for name in columns if small.count(name.lower()) > 1]
    if twice:
        raise EngineError(f"{TWICE}{', '.join(twice)}")
    file = next(n for n in (f"file_path_{i}" for i in range(len(small) + 1)) if n not in small)
    cells = []
    for name in columns:
        of_each = [f"when {literal(p)} then {literal(k.get(name))}" for p, k in zip(paths, keys, strict=True)]
        cells.append(f"case {file} {' '.join(of_each)} end as {quote(name)}")
    read = f"read_parquet([{listed(paths)}], union_by_name = true, hive_partitioning = false, filename = {literal(file)})"
    return f"select * exclude ({file}), {', '.join(cells)} from {read}"


@contextmanager
def _opened(file: Path) -> Iterator[str]:
    """A path under which this process alone reads the file."""
    if in_memory():
        with open(file, "rb") as handle:
            yield f"/proc/self/fd/{handle.fileno()}"
        return
    with sealed(file.read_bytes()) as path:
        yield path


def file_hash(files: Sequence[Path], names: Sequence[str] = ()) -> str:
    """sha256 of a file; of several, or where names are given, of their names and hashes in order."""
    found = [_sha256(file) for file in files]
    if len(found) == 1 and not names:
        return found[0]
    lines = [f"{name} {one}" for name, one in zip(names or [file.name for file in files], found, strict=True)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with open(file, "rb") as handle:
        while block := handle.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()
