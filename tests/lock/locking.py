"""Designing a study at a fixed time, and what a run finds of its lock; nothing is estimated."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.make import make_designs
from equipoise.lock.state import Locking, lock_state
from equipoise.protocol.load import load_protocol
from equipoise.records import LockState, Study
from equipoise.study import build_cohort, design_study

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def locked(path: Path, days: int = 0) -> Study:
    """The design of a study, locked that many days after 1 March 2026."""
    return design_study(path, NOON + dt.timedelta(days=days))


def found(path: Path, accepted: bool = False) -> LockState:
    """What a run of the study says of the lock beside it."""
    protocol = load_protocol(path)
    sources = read_sources(protocol)
    cohort = build_cohort(protocol, sources)
    covariates = derive_covariates(protocol, sources, cohort)
    return lock_state(protocol, sources, covariates, make_designs(protocol, cohort, covariates), Locking(accepted))
