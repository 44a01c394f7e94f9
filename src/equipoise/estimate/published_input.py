"""Published numbers and curves read from the files that the protocol names: every fault of all of them at once."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pydantic

from equipoise.errors import DataError, EquipoiseError, Fault
from equipoise.estimate.reconstruction import LARGEST, reconstruct
from equipoise.folders import sha256
from equipoise.protocol.locations import locate
from equipoise.protocol.nearest import hint
from equipoise.protocol.published import PublishedCurve, PublishedNumber
from equipoise.protocol.published_faults import number_faults
from equipoise.protocol.spec import Protocol
from equipoise.records import ReadCurve, ReadPublished

RULE = "published"
COLUMNS = tuple(PublishedNumber.model_fields)
NEEDED = ("study", "measure", "arm", "value")
MOST = 1000  # rows of a file


def read_published(protocol: Protocol) -> ReadPublished:
    """What the protocol asks for under `published`; nothing where it asks for nothing. Raises DataError with every
    fault: file, line and column."""
    asked = protocol.published
    if asked is None:
        return ReadPublished()
    faults: list[Fault] = []
    remarks: list[str] = []
    numbers = asked.studies if isinstance(asked.studies, list) else []
    if isinstance(asked.studies, str):
        path = _located(protocol, asked.studies, ("published", "studies"), faults, remarks)
        numbers = _numbers(protocol, path, faults) if path is not None else []
    curves = [_curve(protocol, i, curve, faults, remarks) for i, curve in enumerate(asked.curves)]
    if faults:
        raise DataError(faults)
    return ReadPublished(tuple(numbers), tuple(c for c in curves if c is not None), tuple(remarks), _files(protocol))


def _files(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    """Those that the protocol names, which were read without a fault."""
    asked = protocol.published
    assert asked is not None
    given = [asked.studies] if isinstance(asked.studies, str) else []
    given += [name for curve in asked.curves for name in (curve.points, curve.at_risk)]
    return tuple((name, sha256(Path(protocol.folder) / name)) for name in dict.fromkeys(given))


def _located(protocol: Protocol, given: str, where: tuple, faults: list[Fault], remarks: list[str]) -> Path | None:
    try:
        path, findings = locate(protocol, given, *where)
    except EquipoiseError as error:
        faults += error.faults
        return None
    remarks += [f.sentence() for f in findings]
    if not path.is_file():
        faults.append(Fault(protocol.place(*where), RULE, f"there is no file '{given}' beside the protocol"))
        return None
    if path.stat().st_size > LARGEST:
        faults.append(Fault(path.name, RULE, "the file is larger than 1 MB: this is no file of published numbers"))
        return None
    return path


def _curve(protocol: Protocol, i: int, asked: PublishedCurve, faults: list[Fault], remarks: list[str]) -> ReadCurve | None:
    named = {key: getattr(asked, key) for key in ("points", "at_risk")}
    paths = [_located(protocol, given, ("published", "curves", i, key), faults, remarks) for key, given in named.items()]
    if any(path is None for path in paths):
        return None
    try:
        return ReadCurve(asked, reconstruct(paths[0], paths[1], asked.events))
    except EquipoiseError as error:
        faults += error.faults
        return None


def _numbers(protocol: Protocol, path: Path, faults: list[Fault]) -> list[PublishedNumber]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        faults.append(Fault(path.name, RULE, "the file is not UTF-8 text; save it as csv (UTF-8)"))
        return []
    delimiter = next((d for d in ("\t", ";") if lines and d in lines[0]), ",")
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    try:
        given = [(reader.line_num, row) for row in reader if any(_plain(v) for v in row.values())]
    except csv.Error:
        message = "this line cannot be read as csv; look for a quotation mark"
        faults.append(Fault(f"{path.name}, line {reader.line_num + 1}", RULE, message))
        return []
    wrong = list(_head_faults(path.name, [h for h in reader.fieldnames or [] if h]))
    if not wrong and not given:
        wrong = [Fault(path.name, RULE, "the file holds no published number")]
    if not wrong and len(given) > MOST:
        wrong = [Fault(path.name, RULE, f"the file holds {len(given):,} rows; a comparison has at most {MOST:,}")]
    if wrong:
        faults += wrong
        return []
    return _checked(protocol, path.name, given, faults)


def _head_faults(file: str, head: list[str]) -> list[Fault]:
    lacking = [c for c in NEEDED if c not in head]
    found = [Fault(file, RULE, f"the columns {', '.join(lacking)} are missing")] if lacking else []
    strange = [c for c in head if c not in COLUMNS]
    return found + [Fault(f"{file}, column {c[:40]}", RULE, f"there is no such column; {hint(c, COLUMNS)}") for c in strange[:5]]


def _checked(protocol: Protocol, file: str, given: list[tuple[int, dict]], faults: list[Fault]) -> list[PublishedNumber]:
    numbers, rows = [], []
    for line, row in given:
        if None in row:
            message = "this line has more cells than there are columns; a text with a comma stands in quotation marks"
            faults.append(Fault(f"{file}, line {line}", RULE, message))
            continue
        try:
            numbers.append(PublishedNumber.model_validate({k: v for k, v in ((k, _plain(v)) for k, v in row.items()) if v}))
            rows.append(line)
        except pydantic.ValidationError as error:
            faults += [_fault(file, line, e) for e in error.errors(include_url=False, include_input=False)]
    faults += number_faults(protocol, numbers, lambda i, key: f"{file}, line {rows[i]}, column {key}")
    return numbers


def _fault(file: str, line: int, error: Any) -> Fault:
    place = f"{file}, line {line}" + (f", column {error['loc'][0]}" if error["loc"] else "")
    if error["type"] == "missing":
        return Fault(place, RULE, "this cell is needed and empty")
    message = error["msg"].removeprefix("Value error, ")
    return Fault(place, RULE, f"{message[:1].lower()}{message[1:]}")


def _plain(cell: Any) -> str:
    """A cell without what no page can show; of cells beyond the last column nothing."""
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split()) if isinstance(cell, str) else ""
