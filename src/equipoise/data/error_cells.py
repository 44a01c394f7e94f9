"""What the reader of workbooks does not tell of ods and xls: cells that hold an error such as #N/A, which it gives as empty
ones, how far the cells of a sheet reach, and merged cells of ods.

ods: OpenDocument 1.3 part 3, with the value type `error` that LibreOffice adds. xls: the records BoolErr and Formula of a sheet
([MS-XLS] 2.4.24, 2.4.127) in the stream Workbook of a compound file ([MS-CFB]).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

Range = tuple[tuple[int, int], tuple[int, int]]  # row and column of the first cell and of the last, from 0
ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "Err:")
COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_OFTEN = re.compile(rb'-repeated="\d{4,}"')
_SHEET, _BOOL_OR_ERROR, _FORMULA, _END = 0x0085, 0x0205, 0x0006, 0x000A
_SEVERAL = (0x00BD, 0x00BE)  # MulRk, MulBlank
_CELLS = (0x0201, 0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E, _BOOL_OR_ERROR, _FORMULA, *_SEVERAL)
_LAST_SECTOR = 0xFFFFFFFA  # numbers above are no sectors


def error_cells(data: bytes, sheet: str) -> list[tuple[int, int]]:
    """(row, column) of such cells, counted from 0; none of a file of another kind, or one that is not laid out as described."""
    if data.startswith(COMPOUND):
        try:
            return list(_of_xls(_workbook(data), sheet))
        except (struct.error, IndexError, UnicodeDecodeError):
            return []
    content = _content(data)
    return list(_of_ods(content, sheet)) if b'"error"' in content else []


def extents(data: bytes) -> dict[str, tuple[int, int]]:
    """Sheet -> rows and columns up to its last cell: of xls as its records place them, of ods where cells claim to be repeated
    often. Of other kinds none."""
    if data.startswith(COMPOUND):
        try:
            stream = _workbook(data)
            return {name: _extent(stream, at) for name, at in _sheets(stream)}
        except (struct.error, IndexError, UnicodeDecodeError):
            return {}
    content = _content(data)
    if not _OFTEN.search(content):
        return {}
    found = {}
    for table in ElementTree.fromstring(content).iter(f"{_TABLE}table"):
        row, rows, columns = 0, 0, 0
        for line in table.iter(f"{_TABLE}table-row"):
            at = width = 0
            for cell in line:
                at += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
                width = at if len(cell) else width
            row += int(line.get(f"{_TABLE}number-rows-repeated", "1"))
            rows, columns = (row, max(columns, width)) if width else (rows, columns)
        found[table.get(f"{_TABLE}name", "")] = rows, columns
    return found


def merged_cells(data: bytes, sheet: str) -> list[Range]:
    """The merged cells of a sheet of ods; none of another kind."""
    content = _content(data)
    found, row = [], 0
    for line in _lines(content, sheet) if b"-spanned=" in content else ():
        column = 0
        for cell in line:
            rows, columns = (int(cell.get(f"{_TABLE}number-{which}-spanned", "1")) for which in ("rows", "columns"))
            if rows > 1 or columns > 1:
                found.append(((row, column), (row + rows - 1, column + columns - 1)))
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        row += int(line.get(f"{_TABLE}number-rows-repeated", "1"))
    return found


def _content(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("content.xml") if "content.xml" in archive.namelist() else b""


def _lines(content: bytes, sheet: str) -> Iterator[ElementTree.Element]:
    tables = ElementTree.fromstring(content).iter(f"{_TABLE}table")
    table = next((t for t in tables if t.get(f"{_TABLE}name") == sheet), None)
    yield from table.iter(f"{_TABLE}table-row") if table is not None else ()


def _of_ods(content: bytes, sheet: str) -> Iterator[tuple[int, int]]:
    row = 0
    for line in _lines(content, sheet):
        column = 0
        for cell in line:
            if cell.get(_KIND) == "error":
                yield row, column
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        row += int(line.get(f"{_TABLE}number-rows-repeated", "1"))


def _of_xls(stream: bytes, sheet: str) -> Iterator[tuple[int, int]]:
    start = next((at for name, at in _sheets(stream) if name == sheet), None)
    for kind, body in _records(stream, start) if start is not None else ():
        row, column = struct.unpack_from("<HH", body) if len(body) >= 8 else (0, 0)
        if kind == _BOOL_OR_ERROR and body[7] == 1 or kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff":
            yield row, column


def _extent(stream: bytes, at: int) -> tuple[int, int]:
    """Rows and columns up to the last cell of a sheet; of several cells in a record the last column stands at its end."""
    cells = [(*struct.unpack_from("<HH", body), *_last(kind, body)) for kind, body in _records(stream, at) if kind in _CELLS]
    if not cells:
        return 0, 0
    rows, columns = [c[0] for c in cells], [n for c in cells for n in c[1:]]
    return max(rows) + 1, max(columns) + 1


def _last(kind: int, body: bytes) -> tuple[int, ...]:
    return struct.unpack_from("<H", body, len(body) - 2) if kind in _SEVERAL else ()


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name of each sheet, and where its records begin."""
    for kind, body in _records(stream, 0):
        if kind == _SHEET:
            wide, text = body[7] & 1, body[8:]
            yield (
                text[: body[6] * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1"),
                struct.unpack_from("<I", body)[0],
            )


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == _END:
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _workbook(data: bytes) -> bytes:
    """The stream Workbook of a compound file; streams shorter than the cut-off of small ones hold no sheet that matters."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    tables = [s for s in struct.unpack_from("<109I", data, 76) if s <= _LAST_SECTOR]
    more = struct.unpack_from("<I", data, 68)[0]
    while more <= _LAST_SECTOR and len(tables) * size < len(data):
        found = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        tables += [s for s in found[:-1] if s <= _LAST_SECTOR]
        more = found[-1]
    chain = [n for s in tables for n in struct.unpack_from(f"<{size // 4}I", data, (s + 1) * size)]
    entries = _stream(data, chain, struct.unpack_from("<I", data, 48)[0], size)
    for at in range(0, len(entries), 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        if entries[at : at + max(length - 2, 0)].decode("utf-16-le") in ("Workbook", "Book"):
            return _stream(data, chain, struct.unpack_from("<I", entries, at + 116)[0], size)
    return b""


def _stream(data: bytes, chain: list[int], sector: int, size: int) -> bytes:
    parts, left = [], len(chain)
    while sector <= _LAST_SECTOR and left:
        parts.append(data[(sector + 1) * size : (sector + 2) * size])
        sector, left = chain[sector], left - 1
    return b"".join(parts)
