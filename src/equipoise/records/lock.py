"""A design as it was locked before outcomes were opened, and what a run found of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class EarlierLock:
    """A lock that a later one replaced. changes: what the later one changed, in sentences. after_report: as of DesignLock."""

    locked: dt.datetime
    protocol_sha256: str
    data_hash: str
    after_report: bool
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DesignLock:
    """study: its id. locked: when, with its time zone. equipoise: the version that made it. request: the part of the protocol
    that decides the design, as plain data. data: table -> what its rows and columns that the design read hash to, and how many
    rows those are; data_hash: one hash for all of it. made: design -> its sets and weights under keyed digests, its balance and
    its facts; the same of each restricted population under `population/design`. after_report: whether a report of the study lay
    beside the protocol when it was locked, so that outcomes had been opened. page: sha256 of the page written beside it.
    earlier: oldest first."""

    study: str
    protocol: str
    protocol_sha256: str
    locked: dt.datetime
    equipoise: str
    request: Mapping[str, Any]
    data: Mapping[str, Any]
    data_hash: str
    made: Mapping[str, Any]
    after_report: bool = False
    page: str = ""
    earlier: tuple[EarlierLock, ...] = ()


@dataclass(frozen=True, slots=True)
class LockState:
    """What stands beside the protocol of a run. lock: None where there is none of this study. file: its name. changes: how the
    design or its data differ from it, accepted by whoever ran the study."""

    lock: DesignLock | None = None
    file: str = ""
    changes: tuple[str, ...] = ()
