"""When the design was locked, in words."""

from __future__ import annotations

import datetime as dt

from equipoise.records import DesignLock, LockState
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

SHORT = 12  # signs of a hash, as they are printed


def moment(when: dt.datetime) -> str:
    """`28 November 2026, 23:10 UTC`; another zone by its distance from UTC."""
    offset = when.strftime("%z")
    zone = words("lock.utc") if offset in ("+0000", "") else words("lock.utc_offset", hours=offset[:3], minutes=offset[3:5])
    return f"{fmt.day(when.date())}, {when:%H:%M} {zone}"


def locked(numbers: Numbers) -> list[str]:
    """Sentences of the Methods: nothing of a study that makes no design and has no lock."""
    return lock_words(numbers.study.lock) if numbers.study.lock.lock is not None or numbers.study.protocol.designs else []


def lock_words(state: LockState) -> list[str]:
    """When a design was locked, and what changed since."""
    if state.lock is None:
        return [words("lock.not_locked")]
    changed = [words("lock.changed", changes="; ".join(state.changes))] if state.changes else []
    return [_when(state.lock), *_earlier(state.lock), *changed]


def _when(lock: DesignLock) -> str:
    opened = lock.after_report or any(e.after_report for e in lock.earlier)
    key = "lock.after_report" if opened else "lock.before_outcomes"
    return words(key, moment=moment(lock.locked), protocol=lock.protocol_sha256[:SHORT], data=data_hash(lock))


def data_hash(lock: DesignLock) -> str:
    """The fingerprint of the data that the design read, as it is printed."""
    return lock.data_hash[:SHORT]


def _earlier(lock: DesignLock) -> list[str]:
    if not lock.earlier:
        return []
    times = fmt.listed([moment(e.locked) for e in lock.earlier])
    said = [words("lock.replaced", count=len(lock.earlier), moments=times)]
    said += [words("lock.earlier_change", moment=moment(e.locked), changes="; ".join(e.changes)) for e in lock.earlier]
    if not any(x.after_report for x in (lock, *lock.earlier)):
        said.append(words("lock.between_locks"))
    return said
