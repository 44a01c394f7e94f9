"""The file of a lock: JSON, written once by `equipoise design`, read by every run beside it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from equipoise.errors import EquipoiseError, Fault
from equipoise.records.lock import DesignLock, EarlierLock

NAME = "design.lock"
KIND = "Equipoise design lock"
FORMAT = 1
LARGEST = 200 << 20  # bytes
RULE = "design lock"


def read_lock(path: Path) -> DesignLock | None:
    """None where there is no such file. Raises EquipoiseError for one that no Equipoise wrote."""
    if not path.exists() and not path.is_symlink():
        return None
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        return _lock(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        message = "this is no lock that Equipoise wrote, or it was changed since; move it away, or lock the design again"
        raise EquipoiseError(Fault(path.name, RULE, message)) from None


def write_lock(lock: DesignLock, path: Path) -> None:
    """The whole file or nothing."""
    content = json.dumps(_plain(lock), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    put(path, content)


def put(path: Path, content: str) -> None:
    """A file in place of the one that is there, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_design(lock: DesignLock, path: Path, page: str) -> Path:
    """The lock and, beside it under the same name, its page. Raises EquipoiseError where another file stands in the page's place,
    or one that was changed since it was written, and writes nothing."""
    beside = path.with_suffix(".html")
    if beside == path:
        raise EquipoiseError(Fault(path.name, RULE, "the page takes this name; name the lock otherwise, such as design.lock"))
    earlier = read_lock(path)
    if beside.exists() and (earlier is None or _sha256(beside.read_text(encoding="utf-8", errors="replace")) != earlier.page):
        message = "this file would be overwritten, and Equipoise did not write it so; move it, or name another lock with --out"
        raise EquipoiseError(Fault(beside.name, RULE, message))
    put(beside, page)
    write_lock(replace(lock, page=_sha256(page)), path)
    return beside


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sealed(content: Mapping[str, Any]) -> str:
    """A hash of everything in a lock but itself: whoever edits a date by hand is found out."""
    text = json.dumps({k: v for k, v in content.items() if k != "seal"}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(lock: DesignLock) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": KIND,
        "format": FORMAT,
        "study": lock.study,
        "locked": lock.locked.isoformat(timespec="seconds"),
        "equipoise": lock.equipoise,
        "protocol": {"file": lock.protocol, "sha256": lock.protocol_sha256},
        "after_report": lock.after_report,
        "page": lock.page,
        "request": lock.request,
        "data": lock.data,
        "data_hash": lock.data_hash,
        "designs": lock.made,
        "earlier": [
            {
                "locked": e.locked.isoformat(timespec="seconds"),
                "protocol": e.protocol_sha256,
                "data_hash": e.data_hash,
                "after_report": e.after_report,
                "changes": list(e.changes),
            }
            for e in lock.earlier
        ],
    }
    return {**content, "seal": sealed(content)}


def _lock(content: Any) -> DesignLock:
    if content["kind"] != KIND or content["format"] != FORMAT or content["seal"] != sealed(content):
        raise ValueError("not a lock")
    earlier = [
        EarlierLock(_moment(e["locked"]), e["protocol"], e["data_hash"], e["after_report"], tuple(e["changes"]))
        for e in content["earlier"]
    ]
    return DesignLock(
        study=content["study"],
        protocol=content["protocol"]["file"],
        protocol_sha256=content["protocol"]["sha256"],
        locked=_moment(content["locked"]),
        equipoise=content["equipoise"],
        request=content["request"],
        data=content["data"],
        data_hash=content["data_hash"],
        made=content["designs"],
        after_report=content["after_report"],
        page=content["page"],
        earlier=tuple(earlier),
    )


def _moment(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found
