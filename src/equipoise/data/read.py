"""Read a file into an engine, a column at a time, as the protocol says it is written. Parsing is the libraries' work; nothing is
guessed here. The bytes that are hashed are the bytes that are read, and a path is a name, never a pattern."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from equipoise.data.check import row_faults
from equipoise.data.contents import refuse_other_contents
from equipoise.data.delimited import delimited
from equipoise.data.parts import in_place, put_in_place, shown_name
from equipoise.data.records_json import read_records
from equipoise.data.statistical import read_statistical
from equipoise.data.unpack import PACKED, unpacked
from equipoise.data.workbook import read_sheet
from equipoise.engine import Engine, EngineError, as_number, listed, literal, open_engine
from equipoise.engine.files import csv_columns, parquet_columns
from equipoise.engine.text import number_as_text, written_number
from equipoise.errors import DataError, Fault
from equipoise.protocol.file_form import PLAIN, FileForm

TEXT = (".csv", ".tsv", ".tab", ".txt", ".dat")
BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
RECORDS = (".json", ".ndjson", ".jsonl")
STATISTICAL = (".sav", ".zsav", ".dta", ".sas7bdat", ".xpt")
KINDS = (*TEXT, *BOOKS, ".parquet", *RECORDS, *STATISTICAL)
SUFFIXES = (*KINDS, *(f"{kind}{packed}" for packed in PACKED for kind in (*TEXT, *RECORDS)), ".zip")
SHORT = "csv, tsv, txt, xlsx, xls, ods, parquet, json, sav, dta, sas7bdat, xpt, and gz or zip of one of them"
POINTED = r"[-+]?[0-9]*\.[0-9]+"
Begun = tuple[list[str], int, tuple[int, ...]]  # names of columns, row number of the first row below them, rows to leave out
Put = Callable[[str, bytes, str | None, FileForm, Engine, str], Begun]


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file in an engine: the relation `relation` has a column per column of the file (c0, c1 ..., text, double or bigint, null
    for empty) and source_row, 1 for the first data row. positions: column of the file -> its column there. first_row: row number
    of the first data row as a user sees it in the file (2 under a header line)."""

    file: str
    engine: Engine
    relation: str
    positions: dict[str, str]
    kinds: dict[str, str]
    n_rows: int
    sha256: str
    first_row: int = 2

    @property
    def names(self) -> list[str]:
        return list(self.positions)

    def cell(self, name: str) -> str:
        """The column in SQL, as it is."""
        return self.positions[name]

    def text(self, name: str) -> str:
        """Its cells as text in SQL: a whole number without .0."""
        column, kind = self.positions[name], self.kinds[name]
        return column if kind == "VARCHAR" else number_as_text(column) if kind == "DOUBLE" else f"cast({column} as varchar)"

    def number(self, name: str) -> str:
        """Its cells as numbers in SQL, null where a cell holds none."""
        return self.positions[name] if self.kinds[name] != "VARCHAR" else as_number(self.positions[name])

    def cells(self, name: str) -> list[str | None]:
        return [r[0] for r in self.engine.rows(f"select {self.text(name)} from {self.relation} order by source_row")]

    def counted(self, name: str) -> dict[str, int]:
        """Word of the column -> its rows, by word; the cells stay in the engine."""
        word = self.text(name)
        found = self.engine.rows(
            f"select {word} as word, count(*) as n from {self.relation} where {word} is not null group by {word}"
        )
        return dict(sorted((str(w), int(n)) for w, n in found))

    @property
    def columns(self) -> dict[str, list[str | None]]:
        """Every cell as text, for those who look at words: a first protocol."""
        return {name: self.cells(name) for name in self.positions}

    def rows_where(self, condition: str, shown: str = "null") -> list[tuple[int, str | None]]:
        """(file row, cell) of the rows for which a condition over the relation holds."""
        shown = "null" if self.engine.connected else shown  # what a database holds stays there
        found = self.engine.rows(f"select source_row, {shown} from {self.relation} where {condition} order by source_row")
        return [(row + self.first_row - 1, cell) for row, cell in found]

    def only(self, names: Sequence[str], where: str = "true") -> RawTable:
        """The table with these columns alone, of the rows for which a condition over its relation holds; all else leaves the
        engine. The relation of this table is gone."""
        kept = {name: c for name, c in self.positions.items() if name in names}
        target = f"{self.relation}_only"
        fields = ", ".join((*kept.values(), "source_row"))
        self.engine.create(target, f"select {fields} from {self.relation} where {where} order by source_row")
        self.engine.drop(self.relation)
        return replace(self, relation=target, positions=kept, kinds={name: self.kinds[name] for name in kept})

    def with_columns(self, given: Mapping[str, str]) -> RawTable:
        """The table with further columns, expressions over the relation by name; one of a known name takes its place. The
        relation of this table is gone."""
        first = max((int(c[1:]) for c in self.positions.values()), default=-1) + 1
        new = {name: f"c{first + i}" for i, name in enumerate(given)}
        target = f"{self.relation}_more"
        fields = ", ".join(f"{sql} as {new[name]}" for name, sql in given.items())
        self.engine.create(target, f"select *, {fields} from {self.relation} order by source_row")
        self.engine.drop(self.relation)
        there = self.engine.columns(target)
        kinds = self.kinds | {name: there[c] for name, c in new.items()}
        return replace(self, relation=target, positions=self.positions | new, kinds=kinds)


def read_table(
    path: Path,
    sheet: str | None = None,
    missing: Sequence[str] = (),
    engine: Engine | None = None,
    name: str = "file",
    form: FileForm = PLAIN,
    missing_in: Mapping[str, Sequence[str]] | None = None,
) -> RawTable:
    """One file, cells trimmed, empty cells null, wholly empty rows dropped at the end only. Raises DataError.

    missing, missing_in: words that stand for an empty cell, in every column or in one. engine: where the columns go, into the
    relation raw_file_<name>. A folder of parquet, and a large file of it, are read in place.
    """
    files = in_place(path)
    if files:
        engine, relation, shown = engine or open_engine(), f"raw_file_{name}", shown_name(path)
        names, digest = put_in_place(path, files, engine, relation)
        return with_numbers(
            table_of(shown, engine, relation, names, digest, 1 if path.is_dir() else 2, missing, missing_in or {}), form
        )
    data = read_bytes(path)
    inside, content = unpacked(path.name, data)
    suffix = Path(inside).suffix.lower()
    if suffix not in KINDS:
        raise DataError(Fault(path.name, "file type", f"cannot read '{suffix}'; use {SHORT}"))
    refuse_other_contents(path.name, content, suffix, TEXT, BOOKS)
    engine = engine or open_engine()
    relation = f"raw_file_{name}"
    try:
        names, first_row, left = _put(suffix)(path.name, content, sheet, form, engine, relation)
    except EngineError as error:  # its text may quote a row, so only the type is kept; other readers say it themselves
        message = f"the file cannot be read as {suffix[1:]} ({error.kind}); open and save it again"
        raise DataError(Fault(path.name, "unreadable", message)) from None
    digest = hashlib.sha256(data).hexdigest()
    raw = table_of(path.name, engine, relation, names, digest, first_row, missing, missing_in or {}, left)
    return with_numbers(raw, form)


def kind_of(path: Path) -> str:
    """The suffix by which a file is read, in small letters: '.csv.gz' of a packed one; '' where it is none of ours."""
    small = path.name.lower()
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if small.endswith(s)), "")


def stem_of(path: Path) -> str:
    """The name without that suffix."""
    return path.name[: len(path.name) - len(kind_of(path))]


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises DataError where there is no such file or it may not be read."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message = f"there is no file {path.name} in {path.parent.name or '.'}/"
    except IsADirectoryError:
        message = f"{path.name} is a folder, not a file"
    except PermissionError:
        message = "the file may not be read: its permissions do not allow it"
    except OSError as error:
        message = f"the file cannot be opened: {error.strerror}"
    raise DataError(Fault(path.name[:80], "file", message))


def table_of(
    file: str,
    engine: Engine,
    taken: str,
    names: Sequence[str],
    sha256: str,
    first_row: int = 2,
    missing: Sequence[str] = (),
    missing_in: Mapping[str, Sequence[str]] | None = None,
    left: Sequence[int] = (),
) -> RawTable:
    """A relation of columns c0, c1 ... that an engine has taken, as a table: words for missing emptied, empty rows at the end
    and those to leave out (left, from 1) dropped, rows numbered. Raises DataError for names that are missing or stand twice."""
    faults = _header_faults(file, names, max(first_row - 1, 1))
    if faults:
        raise DataError(faults)
    kinds = engine.columns(taken)
    positions = {name: f"c{i}" for i, name in enumerate(names) if name}
    given = missing_in or {}
    faults = _missing_in_faults(file, positions, given)
    if faults:
        raise DataError(faults)
    empty = {name: (*missing, *given.get(name, ())) for name in positions}
    counted = "source_row" in kinds  # those of a database are
    relation = taken
    if not counted or any(empty.values()):
        relation = f"{taken}_numbered"
        fields = ", ".join(f"{_emptied(c, kinds[c], empty[name])} as {c}" for name, c in positions.items())
        row = f"source_row from {taken} order by source_row" if counted else f"row_number() over () as source_row from {taken}"
        engine.create(relation, f"select {fields}, {row}")
        engine.drop(taken)
    some = " or ".join(f"{c} is not null" for c in positions.values())
    last, n = engine.rows(f"select coalesce(max(case when {some} then source_row end), 0), count(*) from {relation}")[0]
    gone = [row for row in left if row <= last]
    if last < n or gone:
        whole, relation = relation, f"{taken}_kept"
        kept = f"source_row <= {last}" + (f" and source_row not in ({', '.join(map(str, gone))})" if gone else "")
        engine.create(relation, f"select * from {whole} where {kept} order by source_row")
        engine.drop(whole)
    types, n = {name: kinds[c] for name, c in positions.items()}, last - len(gone)
    return RawTable(file, engine, relation, positions, types, n, sha256, first_row)


def _missing_in_faults(file: str, names: Collection[str], given: Mapping[str, Sequence[str]]) -> list[Fault]:
    message = f"which data: missing_in names; it has {', '.join(names)}"
    return [Fault(file, "missing column", f"there is no column '{c}', {message}") for c in given if c not in names]


def emptied_in(raw: RawTable, missing_in: Mapping[str, Sequence[str]]) -> RawTable:
    """The table with words for missing of single columns emptied. Raises DataError for a column that it does not have."""
    faults = _missing_in_faults(raw.file, raw.names, missing_in)
    if faults:
        raise DataError(faults)
    given = {name: _emptied(raw.cell(name), raw.kinds[name], words) for name, words in missing_in.items()}
    return raw.with_columns(given) if given else raw


def _emptied(column: str, kind: str, missing: Sequence[str]) -> str:
    if not missing:
        return column
    text = column if kind == "VARCHAR" else number_as_text(column) if kind == "DOUBLE" else f"cast({column} as varchar)"
    return f"case when {text} in ({listed(missing)}) then null else {column} end"


def _header_faults(file: str, names: Sequence[str], row: int = 1) -> list[Fault]:
    given = [n for n in names if n]
    if not given:
        return [Fault(file, "header", "the first row holds no column names")]
    place = f"{file}, row {row}"
    faults = [
        Fault(place, "header", f"the column '{n}' stands twice; rename one")
        for n in sorted({n for n in given if given.count(n) > 1})
    ]
    by_small: dict[str, list[str]] = {}
    for name in dict.fromkeys(given):
        by_small.setdefault(name.lower(), []).append(name)
    for same in by_small.values():
        if len(same) > 1:
            both = " and ".join(f"'{n}'" for n in same)
            faults.append(Fault(place, "header", f"the columns {both} differ only in small and capital letters; rename one"))
    return faults + [Fault(place, "header", "a column name holds a NUL character; rename the column") for n in given if "\0" in n]


def _put(suffix: str) -> Put:
    if suffix in TEXT:
        return _put_text
    if suffix in BOOKS:
        return _put_sheet
    if suffix in RECORDS:
        return _put_records
    return _put_parquet if suffix == ".parquet" else partial(_put_statistical, suffix)


def _put_text(file: str, data: bytes, sheet: str | None, form: FileForm, engine: Engine, relation: str) -> Begun:
    found = delimited(file, data, form)
    names = [name.strip() for name in found.header]
    if not any(names):
        raise DataError(_header_faults(file, names))
    with csv_columns(found.body, found.delimiter, len(names)) as stream:
        engine.take(relation, stream)
    return names, found.first_row, found.comments


def _put_parquet(file: str, data: bytes, sheet: str | None, form: FileForm, engine: Engine, relation: str) -> Begun:
    with parquet_columns(data) as (names, stream):
        engine.take(relation, stream)
    return names, 2, ()


def _put_sheet(file: str, data: bytes, sheet: str | None, form: FileForm, engine: Engine, relation: str) -> Begun:
    found = read_sheet(file, data, sheet, form)
    if not any(found.names):
        raise DataError(_header_faults(file, found.names))
    engine.take(relation, {f"c{i}": cells for i, cells in enumerate(found.columns)})
    return found.names, found.first_row, ()


def _put_records(file: str, data: bytes, sheet: str | None, form: FileForm, engine: Engine, relation: str) -> Begun:
    columns = read_records(file, data)
    if not columns:
        raise DataError(Fault(file, "empty file", "the file holds no table"))
    engine.take(relation, {f"c{i}": cells for i, cells in enumerate(columns.values())})
    return list(columns), 1, ()


def _put_statistical(
    suffix: str, file: str, data: bytes, sheet: str | None, form: FileForm, engine: Engine, relation: str
) -> Begun:
    columns = read_statistical(file, suffix, data, form.codes)
    if not columns:
        raise DataError(Fault(file, "empty file", "the file holds no variables"))
    engine.take(relation, {f"c{i}": cells for i, cells in enumerate(columns.values())})
    return list(columns), 1, ()


def with_numbers(raw: RawTable, form: FileForm) -> RawTable:
    """The table with decimal commas and thousands signs of the declared columns as plain numbers. Raises DataError for a column
    that the file does not have, and for a decimal point where a comma is declared."""
    columns = tuple(dict.fromkeys((*form.decimal_comma, *form.thousands)))
    if not columns:
        return raw
    faults = [
        Fault(raw.file, "missing column", f"there is no column '{c}', which data: form: names; it has {', '.join(raw.names)}")
        for c in columns
        if c not in raw.names
    ]
    given: dict[str, str] = {}
    for name in columns if not faults else ():
        comma, grouped = name in form.decimal_comma, name in form.thousands
        text = raw.text(name)
        if raw.kinds[name] == "VARCHAR":
            given[name] = written_number(text, comma, grouped)
            other = f"regexp_full_match({text}, {literal(POINTED)}) and {given[name]} = {text}"
            message = "a decimal point stands in a column that data: form: decimal_comma names; write one or the other throughout"
            faults += row_faults(raw.rows_where(other, text) if comma else [], "decimal mark", message, raw.file, name)
    if faults:
        raise DataError(faults)
    return raw.with_columns(given) if given else raw
