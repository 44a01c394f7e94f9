"""What a file holds by its first bytes: one whose name says another kind is refused with the name that it should have."""

from __future__ import annotations

import re
from collections.abc import Collection

from equipoise.errors import DataError, Fault

_WEB = re.compile(rb"\s*<(?:!doctype|html|head|meta|table|\?xml|div)\b", re.I)
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_LOOKED_AT = 4096
_PACKED = {b"\x1f\x8b": ".gz", b"PAR1": ".parquet", b"$FL2": ".sav", b"$FL3": ".zsav"}


def refuse_other_contents(file: str, data: bytes, suffix: str, text: Collection[str], books: Collection[str]) -> None:
    """Raises DataError where the name of the file says text or a workbook, and its bytes are of another kind. suffix: by which it
    would be read; text, books: the suffixes of either."""
    if suffix in books and data.startswith(b"\xd0\xcf\x11\xe0") and _PROTECTED in data:
        message = "the workbook has a password; save it without one (File, Info, Protect Workbook), or save the sheet as csv"
        raise DataError(Fault(file, "password", message))
    held = _held(data)
    if suffix not in (*text, *books) or not held or held == suffix or (suffix in books and held in books):
        return
    stem = file[: -len(suffix)] if file.lower().endswith(suffix) else file
    if held == "web page":
        message = (
            f"the file is named {suffix} and holds a web page (HTML or XML), as some programs export; open it in a spreadsheet "
        )
        raise DataError(Fault(file, "contents", f"{message}program and save it as xlsx or csv"))
    if held == ".csv":
        if suffix in text:
            return
        message = f"the file is named {suffix} and holds plain text; rename it to {stem}.csv"
    else:
        packed = held in (".gz", ".zip")
        what = "a workbook" if held in books else "packed data" if packed else f"data of another kind ({held[1:]})"
        message = f"the file is named {suffix} and holds {what}; rename it to {file if held == '.gz' else stem}{held}"
    raise DataError(Fault(file, "contents", message))


def _held(data: bytes) -> str:
    """The suffix that the first bytes ask for, 'web page', or '' where they tell nothing."""
    head = data[:_LOOKED_AT]
    if head.startswith(b"PK\x03\x04"):
        return ".ods" if b"opendocument.spreadsheet" in head else ".xlsx" if b"xl/" in data else ".zip"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return ".xls"
    packed = next((suffix for sign, suffix in _PACKED.items() if head.startswith(sign)), "")
    if packed:
        return packed
    if _WEB.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "web page"
    plain = b"\0" not in head and bool(head.strip()) and not re.search(rb"[\x01-\x08\x0e-\x1a]", head)
    return ".csv" if plain else ""
