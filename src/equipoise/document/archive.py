"""Office files are zip archives, which remember when they were packed: packed again, the same content has the same bytes."""

from __future__ import annotations

import io
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip archive knows
FIRST = "[Content_Types].xml"  # what office programs look for


def packed_alike(drafted: bytes, instead: dict[str, bytes] | None = None) -> bytes:
    """The archive with its parts in the order of their names and without the time of writing. instead: parts by name that take
    the place of those written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(drafted)) as parts, zipfile.ZipFile(out, "w") as packed:
        for name in sorted(parts.namelist(), key=lambda n: (n != FIRST, n)):
            content = (instead or {}).get(name) or parts.read(name)
            packed.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
