"""A file that lies packed in a gz or zip: the one file inside, of a bounded size."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from typing import IO

from equipoise.errors import DataError, Fault

PACKED = (".gz", ".zip")
ARCHIVES = (*PACKED, ".7z", ".rar", ".tar", ".tgz")
MOST_BYTES = 4 << 30
FREE_BYTES = 64 << 20  # any file may unpack to so much
MOST_TIMES = 200  # its packed size; a table repeats itself less


def unpacked(file: str, data: bytes) -> tuple[str, bytes]:
    """Name and bytes of the file inside; of a file that is not packed its own. Raises DataError."""
    small = file.lower()
    try:
        if small.endswith(".gz"):
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                return file[: -len(".gz")], _bounded(file, stream, len(data))
        if small.endswith(".zip"):
            return _of_zip(file, data)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):  # the last of a password or a rare way of packing
        message = "the file cannot be unpacked: it is damaged, incomplete or has a password; unpack it and name what it holds"
        raise DataError(Fault(file, "unreadable", message)) from None
    return file, data


def _of_zip(file: str, data: bytes) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = [i for i in archive.infolist() if not i.is_dir() and not _hidden(i.filename)]
        if len(held) != 1:
            message = f"the archive holds {len(held)} files and may hold one; unpack it and name the file with the table"
            raise DataError(Fault(file, "archive", message))
        inside = held[0].filename
        if inside.lower().endswith(ARCHIVES):
            inner = inside.replace("\\", "/").rsplit("/", 1)[-1]
            message = f"the archive holds another archive, {inner}; unpack it and name the file with the table"
            raise DataError(Fault(file, "archive", message))
        with archive.open(held[0]) as stream:
            return held[0].filename.replace("\\", "/").rsplit("/", 1)[-1], _bounded(file, stream, len(data))


def _hidden(name: str) -> bool:
    """What macOS puts beside a file."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def _bounded(file: str, stream: IO[bytes], packed: int) -> bytes:
    most = min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * packed))
    found = stream.read(most + 1)
    if len(found) > most:
        message = f"the file unpacks to more than {most >> 20:,} MB, which no table of its packed size does; unpack it yourself"
        raise DataError(Fault(file, "size", message))
    return found
