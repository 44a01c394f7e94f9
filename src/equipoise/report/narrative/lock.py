"""When the design was locked, in words."""

from __future__ import annotations

import datetime as dt

from equipoise.records import DesignLock, LockState
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers

SHORT = 12  # signs of a hash, as they are printed
NOT_LOCKED = "The design was not locked before outcomes were opened."


def moment(when: dt.datetime) -> str:
    """`28 November 2026, 23:10 UTC`; another zone by its distance from UTC."""
    offset = when.strftime("%z")
    zone = "UTC" if offset in ("+0000", "") else f"UTC{offset[:3]}:{offset[3:5]}"
    return f"{fmt.day(when.date())}, {when:%H:%M} {zone}"


def locked(numbers: Numbers) -> list[str]:
    """Sentences of the Methods: nothing of a study that makes no design and has no lock."""
    return lock_words(numbers.study.lock) if numbers.study.lock.lock is not None or numbers.study.protocol.designs else []


def lock_words(state: LockState) -> list[str]:
    """When a design was locked, and what changed since."""
    if state.lock is None:
        return [NOT_LOCKED]
    return [_when(state.lock), *_earlier(state.lock), *_changed(state)]


def _when(lock: DesignLock) -> str:
    what = f"{moment(lock.locked)} (protocol {lock.protocol_sha256[:SHORT]}, data {data_hash(lock)})"
    if lock.after_report or any(e.after_report for e in lock.earlier):
        return f"The design was locked on {what}, when a report of this study lay beside the protocol: outcomes had been opened."
    return f"The design was locked on {what} before outcomes were opened."


def data_hash(lock: DesignLock) -> str:
    """The fingerprint of the data that the design read, as it is printed."""
    return lock.data_hash[:SHORT]


def _earlier(lock: DesignLock) -> list[str]:
    if not lock.earlier:
        return []
    times = fmt.listed([moment(e.locked) for e in lock.earlier])
    words = "an earlier lock" if len(lock.earlier) == 1 else f"{len(lock.earlier)} earlier locks"
    said = [f"It replaced {words} of {times}."]
    said += [f"After that of {moment(e.locked)} this changed: {'; '.join(e.changes)}." for e in lock.earlier]
    if not any(x.after_report for x in (lock, *lock.earlier)):
        said.append("Whether outcomes were opened between the locks is not recorded.")
    return said


def _changed(state: LockState) -> list[str]:
    if not state.changes:
        return []
    return [f"The design changed after it was locked: {'; '.join(state.changes)}."]
