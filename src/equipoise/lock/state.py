"""Locking a design, and comparing a study with the lock beside its protocol."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from equipoise.errors import DataError, EquipoiseError, Fault
from equipoise.folders import MANIFEST
from equipoise.lock.compare import changes
from equipoise.lock.file import NAME, RULE, read_lock
from equipoise.lock.fingerprint import fingerprint, fingerprint_text
from equipoise.lock.made import made_of
from equipoise.lock.request import request_of
from equipoise.protocol.spec import Protocol
from equipoise.records import Covariates, Designs, Sources
from equipoise.records.lock import DesignLock, EarlierLock, LockState

AGAIN = (
    "If that is meant, lock the design again (equipoise design), or run with --changed-design: the report then says what changed "
    "after the lock"
)


def locked_design(
    protocol: Protocol, sources: Sources, covariates: Covariates, designs: Designs, now: dt.datetime, place: Path, out: Path
) -> tuple[DesignLock, bool]:
    """The lock of a design as it is now, and whether it is a new one: one that says the same keeps its date. now: with a time
    zone. place: of the lock; out: the folder where a report of the study would lie. Raises EquipoiseError where `place` holds
    anything else than a lock of this study."""
    earlier = read_lock(place)
    if earlier is not None and earlier.study != protocol.study.id:
        message = f"this is the lock of another study ('{earlier.study}'); name another file with --out"
        raise EquipoiseError(Fault(place.name, RULE, message))
    read = fingerprint(protocol, sources.engine)
    lock = DesignLock(
        study=protocol.study.id,
        protocol=protocol.file,
        protocol_sha256=protocol.sha256,
        locked=now,
        equipoise=version(),
        request=request_of(protocol),
        data=read,
        data_hash=fingerprint_text(read),
        made=made_of(designs, covariates),
        after_report=_reported(out, protocol.study.id),
    )
    if earlier is None:
        return lock, True
    found = tuple(_changes(earlier, lock.request, lock.data, lock.made))
    if not found:
        return earlier, False
    before = EarlierLock(earlier.locked, earlier.protocol_sha256, earlier.data_hash, earlier.after_report, found)
    return replace(lock, earlier=(*earlier.earlier, before)), True


@dataclass(frozen=True, slots=True)
class Locking:
    """How a run treats a lock. accepted: a design that changed after the lock runs too. file: of the lock, where it does not lie
    beside the protocol."""

    accepted: bool = False
    file: Path | None = None


def has_lock(protocol: Protocol, asked: Locking) -> bool:
    """Whether a lock lies where one is looked for, or was named."""
    place = Path(protocol.folder) / NAME
    return asked.file is not None or place.exists() or place.is_symlink()


def lock_state(protocol: Protocol, sources: Sources, covariates: Covariates, designs: Designs, asked: Locking) -> LockState:
    """What the lock says of this study. Raises DataError with every change that was not accepted."""
    file = asked.file
    place = Path(protocol.folder) / NAME if file is None else file
    if protocol.confined and file is None and place.is_symlink():
        raise DataError(Fault(place.name, RULE, "this is a link, which --confine does not follow; put the file itself there"))
    lock = read_lock(place)
    if lock is None and file is not None:
        raise DataError(Fault(place.name, RULE, "there is no such file"))
    if lock is None or lock.study != protocol.study.id:
        return LockState(None, place.name if lock is not None else "")
    found = _changes(lock, request_of(protocol), fingerprint(protocol, sources.engine), made_of(designs, covariates))
    if found and not asked.accepted:
        when = f"after it was locked on {moment(lock.locked)}"
        said = [Fault(place.name, "changed design", f"the design changed {when}: {change}") for change in found]
        raise DataError([*said, Fault(place.name, "changed design", AGAIN)])
    return LockState(lock, place.name, tuple(found))


def _reported(out: Path, study: str) -> bool:
    """Whether a folder holds a report of this study."""
    try:
        content = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        return bool(content["study"] == study)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def moment(when: dt.datetime) -> str:
    """`2026-11-28 23:10 +00:00`."""
    return when.isoformat(sep=" ", timespec="minutes").replace("+", " +")


def version() -> str:
    try:
        return metadata.version("equipoise")
    except metadata.PackageNotFoundError:
        return "from source"


def _changes(lock: DesignLock, request: Any, data: Any, made: Any) -> list[str]:
    return changes(lock, request, data, made, version())
