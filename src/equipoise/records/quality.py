"""Findings of data quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """A rule of data quality and what it found. severity: impossible or suspect. rows: (table, data row, 1 = the first);
    empty where the rule found nothing."""

    rule: str
    severity: str
    title: str
    advice: str
    patients: tuple[str, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """findings: every rule that was checked. unchecked: (title, tables not given). linkage: table -> patients with a row.
    screened: site -> patients. recorded: (item, derived, recorded, patients) of stages recorded beside the derived ones."""

    findings: tuple[QualityFinding, ...] = ()
    unchecked: tuple[tuple[str, tuple[str, ...]], ...] = ()
    linkage: Mapping[str, frozenset[str]] = field(default_factory=dict)
    screened: Mapping[str, int] = field(default_factory=dict)
    recorded: tuple[tuple[str, str, str, int], ...] = ()
