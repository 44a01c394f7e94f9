"""A table of parquet that may be larger than memory: a folder of parts, or one large file, is read in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from equipoise.engine import Engine, EngineError, literal, quote
from equipoise.engine.files import parquet_cell
from equipoise.engine.scan import SOURCE, file_hash, scanned
from equipoise.errors import DataError, Fault

PARQUET = ".parquet"
LARGE = 64 << 20  # bytes of one file, from which on it is not held in memory
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # the folder of rows whose cell is empty


def folder_of_parts(folder: Path, table: str) -> list[Path]:
    """Folders that hold a table as parts of parquet: lab/, or lab.parquet/ as Spark names it."""
    return [p for name in (table, f"{table}{PARQUET}") if (p := folder / name).is_dir() and _parts(p)]


def in_place(path: Path) -> list[Path]:
    """The files of a table that is read in place, in the order of their paths; none where it is read otherwise."""
    if path.is_dir():
        return _parts(path)
    large = path.suffix.lower() == PARQUET and path.is_file() and path.stat().st_size >= LARGE
    return [path] if large else []


def put_in_place(path: Path, files: Sequence[Path], engine: Engine, relation: str) -> tuple[list[str], str]:
    """The rows of the files in an engine as c0, c1, ...; gives the names of the columns and the hash of the files. Raises
    DataError."""
    shown = shown_name(path)
    keys = [_keys(file.relative_to(path)) for file in files] if path.is_dir() else []
    try:
        sha256 = file_hash(files)
        with scanned(files, keys=keys) as scan:
            cells = ", ".join(f"{parquet_cell(quote(name), kind)} as c{i}" for i, (name, kind) in enumerate(scan.types.items()))
            engine.take(relation, scan.stream(f"select {cells} from {SOURCE}", {}))
            return list(scan.types), sha256
    except EngineError as error:
        message = f"the table cannot be read as parquet ({error.kind}); are all of its files whole and alike?"
        raise DataError(Fault(shown, "unreadable", message)) from None
    except PermissionError:
        raise DataError(Fault(shown, "file", "a file may not be read: its permissions do not allow it")) from None


def shown_name(path: Path) -> str:
    return f"{path.name}/" if path.is_dir() else path.name


def parts_in_sql(shown: str) -> str:
    """The table function that reads a folder of parts in a DuckDB shell inside the data folder."""
    options = "union_by_name = true, hive_partitioning = true, hive_types_autocast = false"
    return f"read_parquet({literal(f'{shown}**/*{PARQUET}')}, {options})"


def _parts(folder: Path) -> list[Path]:
    """Files of parquet below a folder. A link is not followed, nor a name read that writers hide (_temporary, .crc)."""
    found = sorted(p for p in folder.rglob("*") if p.name.lower().endswith(PARQUET) and p.is_file() and not p.is_symlink())
    return [p for p in found if not any(part.startswith(("_", ".")) for part in p.relative_to(folder).parts)]


def _keys(path: Path) -> Mapping[str, str | None]:
    """The columns that folders name on the way to a file: site=A/year=2020/part-0.parquet."""
    pairs = [part.partition("=") for part in path.parts[:-1] if "=" in part]
    return {unquote(name): None if value == NO_VALUE else unquote(value) for name, _, value in pairs}
