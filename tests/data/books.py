"""Workbooks written by hand, of kinds that no library here writes: xls (BIFF8 in a compound file) and ods."""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Wrong:
    """A cell that holds an error: #DIV/0! is 7, #N/A 42."""

    code: int


Range = tuple[int, int, int, int]  # first and last row, first and last column, from 0


def write_xls(path: Path, rows: list[list], sheet: str = "data", merged: list[Range] | None = None) -> Path:
    """Text and number cells of one sheet. merged: ranges of merged cells (MergeCells of [MS-XLS])."""
    cells = []
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, Wrong):
                cells.append(_record(0x0205, struct.pack("<HHHBB", r, c, 0, value.code, 1)))
            elif isinstance(value, str):
                text = value.encode("utf-16-le")
                cells.append(_record(0x0204, struct.pack("<HHHHB", r, c, 0, len(value), 1) + text))
            elif value is not None:
                cells.append(_record(0x0203, struct.pack("<HHHd", r, c, 0, value)))
    width = max(len(row) for row in rows)
    dimensions = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    if merged:
        ranges = b"".join(struct.pack("<HHHH", *one) for one in merged)
        cells.append(_record(0x00E5, struct.pack("<H", len(merged)) + ranges))
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + dimensions + b"".join(cells) + _record(0x000A)
    name = sheet.encode("utf-16-le")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x0042, struct.pack("<H", 1200))
    at = len(start) + 4 + 8 + len(name) + 4
    start += _record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(sheet), 1) + name) + _record(0x000A)
    path.write_bytes(_compound(start + body))
    return path


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream: bytes) -> bytes:
    """A compound file that holds one stream, Workbook, in sectors of 512 bytes."""
    size = max(len(stream), 4096)
    sectors = -(-size // 512)
    stream = stream.ljust(sectors * 512, b"\0")
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [fat, end, *range(3, 2 + sectors), end]
    assert len(chain) <= 128
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    return head + table + _entry("Root Entry", 5, end, 0, 1) + _entry("Workbook", 2, 2, size, free) + bytes(256) + stream


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1) + links + bytes(36) + struct.pack("<IQ", start, size)


def write_ods(path: Path, sheets: dict[str, list[list]], merged: list[Range] | None = None) -> Path:
    """merged: ranges of merged cells of each sheet: the first spans the others, which are covered (OpenDocument 1.2)."""
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, bottom, left, right in merged or ()}
    tables = []
    for name, rows in sheets.items():
        lines = "".join(
            f"<table:table-row>{''.join(_spanned(v, r, c, spans) for c, v in enumerate(row))}</table:table-row>"
            for r, row in enumerate(rows)
        )
        tables.append(f'<table:table table:name="{escape(name)}">{lines}</table:table>')
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    manifest = (
        f'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{listed}</manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", f'<?xml version="1.0"?>{content}</office:body></office:document-content>')
    return path


def _spanned(value: object, row: int, column: int, spans: dict[tuple[int, int], tuple[int, int]]) -> str:
    for (top, left), (rows, columns) in spans.items():
        if (row, column) == (top, left):
            named = f'table:number-rows-spanned="{rows}" table:number-columns-spanned="{columns}"'
            return _ods_cell(value).replace("<table:table-cell", f"<table:table-cell {named}", 1)
        if top <= row < top + rows and left <= column < left + columns:
            return "<table:covered-table-cell/>"
    return _ods_cell(value)


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Wrong):
        name = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
        kind = f'office:value-type="string" calcext:value-type="error" xmlns:calcext="{name}"'
        return f"<table:table-cell {kind}><text:p>#DIV/0!</text:p></table:table-cell>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    shown = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="float" office:value="{value}">{shown}</table:table-cell>'
