"""One row per number, curves and fits beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


COLUMNS = (
    "key",
    "phase",
    "analysis",
    "design",
    "endpoint",
    "population",
    "contrast",
    "variable",
    "level",
    "group",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "events",
    "method",
    "convention",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One number (DESIGN: one row per number). value, low, high: nan where there is none. n: patients behind it; events:
    events, or the count behind a percentage. `note` such as 'not estimable' travels in `method`.
    """

    phase: str
    statistic: str
    value: float
    analysis: str = ""
    design: str = ""
    endpoint: str = ""
    population: str = "all"
    contrast: str = ""
    variable: str = ""
    level: str = ""
    group: str = ""
    low: float = float("nan")
    high: float = float("nan")
    n: float = float("nan")
    events: float = float("nan")
    method: str = ""
    convention: str = ""

    @property
    def key(self) -> str:
        """phase.endpoint.design.analysis.population.variable.level.contrast.group.statistic, empty parts left out."""
        population = "" if self.population == "all" else self.population
        parts = (
            self.phase,
            self.endpoint,
            self.design,
            self.analysis,
            population,
            self.variable,
            self.level,
            self.contrast.replace(" vs ", "-vs-"),
            self.group,
            self.statistic,
        )
        return ".".join(_slug(p) for p in parts if p)


def _slug(text: str) -> str:
    text = (
        text.replace("≤", "le").replace("≥", "ge").replace("<=", "le").replace(">=", "ge").replace(">", "gt").replace("<", "lt")
    )
    return re.sub(r"[^0-9A-Za-z_\-]+", "_", text.strip()).strip("_").lower()


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve as drawn: days, survival and limits at the distinct times, numbers censored there; the full
    result object for numbers at risk."""

    endpoint: str
    design: str
    population: str
    group: str
    fit: Any


@dataclass(frozen=True, slots=True)
class Estimates:
    """Every printed number, by key; curves and fits beside it, by key."""

    rows: Mapping[str, Row]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    fits: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_rows(cls, rows: list[Row], **beside: Any) -> Estimates:
        by_key: dict[str, Row] = {}
        for row in rows:
            if row.key in by_key:
                raise AssertionError(f"two rows share the key {row.key}")
            by_key[row.key] = row
        return cls(by_key, **beside)

    def __getitem__(self, key: str) -> Row:
        return self.rows[key]

    def get(self, key: str) -> Row | None:
        return self.rows.get(key)

    def frame(self) -> pd.DataFrame:
        """The long table as a pandas frame, one row per number, columns COLUMNS."""
        import pandas as pd

        return pd.DataFrame([{c: getattr(r, c) for c in COLUMNS} for r in self.rows.values()], columns=list(COLUMNS))
