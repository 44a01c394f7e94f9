"""A table of parquet that may be larger than memory: a folder of parts, or one large file, is read in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from equipoise.engine import Engine, EngineError, named_file, quote
from equipoise.engine.files import parquet_cell
from equipoise.engine.scan import SOURCE, TWICE, file_hash, scanned
from equipoise.errors import DataError, Fault

PARQUET = ".parquet"
LARGE = 64 << 20  # bytes of one file, from which on it is not held in memory
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # the folder of rows whose cell is empty


def folder_of_parts(folder: Path, table: str) -> list[Path]:
    """Folders that hold a table as parts of parquet: lab/, or lab.parquet/ as Spark names it."""
    return [p for name in (table, f"{table}{PARQUET}") if (p := folder / name).is_dir() and _parts(p)]


def in_place(path: Path) -> list[Path]:
    """The files of a table that is read in place, in the order of their paths; none where it is read otherwise."""
    try:
        folder = path.is_dir()
    except OSError:  # no name that the file system takes: what opens the file says so
        return []
    if folder:
        return _parts(path)
    large = path.suffix.lower() == PARQUET and path.is_file() and path.stat().st_size >= LARGE
    return [path] if large else []


def put_in_place(path: Path, files: Sequence[Path], engine: Engine, relation: str) -> tuple[list[str], str]:
    """The rows of the files in an engine as c0, c1, ...; gives the names of the columns and the hash of the files. Raises
    DataError."""
    shown = shown_name(path)
    places = [file.relative_to(path) for file in files] if path.is_dir() else []
    keys = [_keys(place, shown) for place in places]
    try:
        began = [_state(file) for file in files]
        sha256 = file_hash(files, [place.as_posix() for place in places] if any(keys) else ())
        with scanned(files, keys=keys) as scan:
            cells = ", ".join(f"{parquet_cell(quote(name), kind)} as c{i}" for i, (name, kind) in enumerate(scan.types.items()))
            engine.take(relation, scan.stream(f"select {cells} from {SOURCE}", {}))
            names = list(scan.types)
        if [_state(file) for file in files] != began:
            raise DataError(Fault(shown, "changed", "a file changed while it was read; run again while nobody writes there"))
        return names, sha256
    except EngineError as error:
        if error.kind.startswith(TWICE):
            raise DataError(Fault(shown, "column twice", f"{error.kind}; leave it out of one")) from None
        message = f"the table cannot be read as parquet ({error.kind}); are all of its files whole and alike?"
        raise DataError(Fault(shown, "unreadable", message)) from None
    except PermissionError:
        raise DataError(Fault(shown, "file", "a file may not be read: its permissions do not allow it")) from None
    except FileNotFoundError:
        raise DataError(Fault(shown, "changed", "a file was taken away while it was read; run again")) from None


def shown_name(path: Path) -> str:
    return f"{path.name}/" if path.is_dir() else path.name


def parts_in_sql(shown: str) -> str:
    """The table function that reads a folder of parts in a DuckDB shell inside the data folder."""
    read = named_file(shown).removesuffix("'") + f"**/*{PARQUET}'"
    options = "union_by_name = true, hive_partitioning = true, hive_types_autocast = false"
    return f"read_parquet({read}, {options})"


def _parts(folder: Path) -> list[Path]:
    """Files of parquet below a folder. A link is not followed, nor a name read that writers hide (_temporary, .crc)."""
    found = sorted(p for p in folder.rglob("*") if p.name.lower().endswith(PARQUET) and p.is_file() and not p.is_symlink())
    return [p for p in found if not any(part.startswith(("_", ".")) for part in p.relative_to(folder).parts)]


def _state(file: Path) -> tuple[int, int, int]:
    """What differs after a file was written or replaced."""
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _keys(path: Path, shown: str) -> Mapping[str, str | None]:
    """The columns that folders name on the way to a file: site=A/year=2020/part-0.parquet. Raises DataError."""
    pairs = [part.partition("=") for part in path.parts[:-1] if "=" in part.lstrip("=")]
    keys = {unquote(name): None if value == NO_VALUE else unquote(value) for name, _, value in pairs}
    if any("\0" in text for pair in keys.items() for text in pair if text):
        raise DataError(Fault(shown, "folder", "the name of a folder within holds a NUL character; rename it"))
    return keys
