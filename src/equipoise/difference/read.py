"""An output folder read back: its rows of results by key, its tables as printed, its manifest. patients.csv is never opened."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import MANIFEST

BYTES = 200_000_000  # beyond which a file is no report's


@dataclass(frozen=True, slots=True)
class Output:
    """name: of the folder, as it was given. rows: key -> the cells of results.csv by column, as written. tables: name -> rows
    of cells, the header first."""

    name: str
    rows: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, list[list[str]]]
    manifest: Mapping[str, Any]


def read_outputs(first: Path, second: Path) -> tuple[Output, Output]:
    """Both folders. Raises EquipoiseError with the faults of both."""
    found: list[Output] = []
    faults: list[Fault] = []
    for folder in (first, second):
        try:
            found.append(_output(folder))
        except EquipoiseError as error:
            faults += error.faults
    if faults:
        raise EquipoiseError(list(dict.fromkeys(faults)))
    return found[0], found[1]


def _output(folder: Path) -> Output:
    if not folder.is_dir():
        raise _fault(folder, "there is no such folder; name two folders that `equipoise run` wrote")
    manifest = _manifest(folder)
    rows = _csv(folder / "results.csv")
    if not rows or "key" not in rows[0]:
        raise _fault(folder, "its results.csv has no column 'key'; name a folder that `equipoise run` wrote")
    named = {cells["key"]: cells for cells in (dict(zip(rows[0], row, strict=False)) for row in rows[1:])}
    tables = {path.stem: _csv(path) for path in sorted((folder / "tables").glob("*.csv"))}
    return Output(str(folder), named, tables, manifest)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(_text(folder / MANIFEST))
    except (ValueError, RecursionError):
        raise _fault(folder, f"its {MANIFEST} cannot be read; run the study again") from None
    if not isinstance(content, dict) or not all(isinstance(content.get(k), dict) for k in ("protocol", "data", "versions")):
        raise _fault(folder, f"its {MANIFEST} is not that of a study; name a folder that `equipoise run` wrote")
    return content


def _csv(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_text(path)), strict=True))
    except csv.Error:
        raise _fault(path.parent, f"its {path.name} cannot be read as csv; run the study again") from None


def _text(path: Path) -> str:
    if not path.is_file():
        raise _fault(path.parent, f"it holds no {path.name}; name a folder that `equipoise run` wrote")
    if path.stat().st_size > BYTES:
        raise _fault(path.parent, f"its {path.name} is too large to be one of a report")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _fault(path.parent, f"its {path.name} is not UTF-8 text; run the study again") from None


def _fault(folder: Path, message: str) -> EquipoiseError:
    return EquipoiseError(Fault(str(folder), "output folder", message))
