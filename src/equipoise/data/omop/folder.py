"""The tables of the model as files of a folder: person.parquet, CONCEPT.csv, or a folder of parts, drug_exposure/*.parquet."""

from __future__ import annotations

import gzip
import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path

import numpy as np

from equipoise.data.omop.cdm import Cdm, Within
from equipoise.data.omop.tables import TABLES
from equipoise.engine import Engine, EngineError, Relation, literal, open_engine
from equipoise.engine.connect import hold_few
from equipoise.engine.scan import SOURCE, Scan, file_hash, scanned
from equipoise.errors import DataError, Fault
from equipoise.protocol.locations import locate, locate_in
from equipoise.protocol.spec import Protocol

SUFFIXES = (".parquet", ".csv", ".csv.gz")
PART = 1_000_000_000
TAB, COMMA = "\t", ","


class FolderCdm(Cdm):
    """files: table -> its file, or the parts of it in the order of their names."""

    def __init__(self, engine: Engine, folder: Path, files: Mapping[str, list[Path]], shown: str) -> None:
        super().__init__(engine)
        self._folder, self._files, self._shown = folder, files, shown
        self._columns: dict[str, dict[str, tuple[str, str]]] = {}
        self._small: dict[str, Scan] = {}  # tables that stay open until the reading is over: to open costs more than to look
        self._open = ExitStack()
        weakref.finalize(self, self._open.close)

    def columns(self, table: str) -> Mapping[str, tuple[str, str]] | None:
        if table not in self._files:
            return None
        if table not in self._columns:
            with self._scan(table) as scan:
                self._columns[table] = {name.lower(): (name, kind) for name, kind in scan.kinds.items()}
        return self._columns[table]

    def rows(self, table: str, sql: str) -> list[tuple]:
        with self._scan(table) as scan:
            return scan.rows(sql)

    def put(self, name: str, table: str, fields: Mapping[str, str], within: tuple[Within, ...]) -> None:
        every = _selected(fields, SOURCE)
        given = {f"within_{i}": self._whole(w) for i, w in enumerate(within)}
        where = " and ".join(f"{w.column} in (select id from within_{i})" for i, w in enumerate(within))
        sql = f"select * from ({every}) as typed where {where}" if within else every
        with self._scan(table) as scan:
            self.engine.take(name, scan.stream(sql, given))
        self.engine.relations[name] = Relation(name, _selected(fields, self._in_sql(table)), "data", base=True)

    def _whole(self, within: Within) -> np.ndarray:
        """The values as int64; in two parts on their way, for a double holds no more than 53 bits."""
        ids = f"select distinct {within.value} as id from {within.relation} where {within.value} is not null"
        parts = self.engine.fetch(f"select id // {PART} as high, id % {PART} as low from ({ids}) as ids")
        return parts["high"].astype(np.int64) * PART + parts["low"].astype(np.int64)

    def place(self, table: str) -> str:
        files = self._files[table]
        return files[0].name if len(files) == 1 else f"{table}/"

    def hash(self, table: str, name: str) -> str:
        return self.read[table].sha256 if table in self.read else file_hash(self._files[table])

    def missing(self, table: str) -> Fault:
        kinds = ", ".join(f"{table}{suffix}" for suffix in SUFFIXES)
        return Fault(self._shown, "missing table", f"the study needs the table {table}: {kinds} or a folder {table}/ of parts")

    @contextmanager
    def _scan(self, table: str) -> Iterator[Scan]:
        files = self._files[table]
        try:
            if len(files) == 1 and hold_few(files):
                if table not in self._small:
                    self._small[table] = self._open.enter_context(scanned(files, _delimiter(files[0]), few=True))
                yield self._small[table]
            else:
                with scanned(files, _delimiter(files[0])) as scan:
                    yield scan
        except EngineError as error:
            message = f"the table cannot be read ({error.kind}); are all of its files whole and alike?"
            raise DataError(Fault(self.place(table), "unreadable", message)) from None

    def _in_sql(self, table: str) -> str:
        files = self._files[table]
        reader = "read_parquet" if files[0].suffix == ".parquet" else "read_csv"
        name = files[0].name if len(files) == 1 else f"{files[0].parent.name}/*{files[0].suffix}"
        return f"{reader}({literal(name)}{'' if reader == 'read_parquet' else ', all_varchar = true'})"


def _selected(fields: Mapping[str, str], table: str) -> str:
    cells = ",\n  ".join(f"{sql} as {column}" for column, sql in fields.items())
    return f"select\n  {cells}\nfrom {table}"


def folder_cdm(protocol: Protocol) -> tuple[FolderCdm, list[Fault]]:
    """The folder that the protocol names, and findings on links. Raises DataError where there is none, or a table is there
    twice."""
    folder, findings = locate(protocol, str(protocol.data.path), "data", "path")
    place = protocol.place("data", "path")
    if not folder.is_dir():
        raise DataError(Fault(place, "folder", f"there is no folder '{protocol.data.path}' beside the protocol"))
    files: dict[str, list[Path]] = {}
    faults: list[Fault] = []
    for entry in sorted(folder.iterdir()):
        table = table_of_file(entry)
        if table is None:
            continue
        path, found = locate_in(protocol, folder, entry.name, "data", "path")
        findings += found
        parts = _parts(path)
        if table in files:
            faults.append(Fault(folder.name, "file", f"the table {table} is there twice; keep one of {entry.name} and the other"))
        elif len({p.suffix for p in parts}) > 1:
            faults.append(Fault(f"{table}/", "file", f"the folder {table}/ holds parts of several kinds; keep those of one kind"))
        elif parts:
            files[table] = parts
    if faults:
        raise DataError(faults)
    engine = open_engine(files=chain.from_iterable(files.values()))
    return FolderCdm(engine, folder, files, place), findings


def table_of_file(entry: Path) -> str | None:
    """The table that a file or folder holds by its name, whatever its capitals."""
    small = entry.name.lower()
    if entry.is_dir():
        return small if small in TABLES else None
    stem = next((small.removesuffix(s) for s in SUFFIXES if small.endswith(s)), "")
    return stem if stem in TABLES else None


def _parts(path: Path) -> list[Path]:
    """The files of a table; of a folder those below it, in the order of their paths. A part that is a link is not followed."""
    if path.is_file():
        return [path]
    return [p for p in sorted(path.rglob("*")) if p.is_file() and not p.is_symlink() and p.name.lower().endswith(SUFFIXES)]


def _delimiter(file: Path) -> str | None:
    """What parts the cells of a text: a tab where the header line holds one, else a comma; None for parquet."""
    if file.name.lower().endswith(".parquet"):
        return None
    opened = gzip.open if file.name.lower().endswith(".gz") else open
    with opened(file, "rb") as handle:
        return TAB if b"\t" in handle.readline() else COMMA
