"""A study from one spreadsheet of invented patients; tests change its columns and its protocol first."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


def invented(n: int = 60, seed: int = 7) -> dict[str, list[Any]]:
    """Columns id, arm (A, B), age, vi (0, 1), stage (I, II, III), days, dead (0, 1), drawn from a fixed seed."""
    draw = random.Random(seed)
    return {
        "id": [f"P{i:03d}" for i in range(1, n + 1)],
        "arm": [draw.choice("AB") for _ in range(n)],
        "age": [draw.randint(40, 80) for _ in range(n)],
        "vi": [int(draw.random() < 0.4) for _ in range(n)],
        "stage": [draw.choice(("I", "II", "III")) for _ in range(n)],
        "days": [max(1, int(draw.expovariate(1 / 400))) for _ in range(n)],
        "dead": [int(draw.random() < 0.7) for _ in range(n)],
    }


def asked() -> dict[str, Any]:
    """The protocol as plain data."""
    return {
        "study": {"id": "sheet", "title": "Two invented drugs", "disease": "cancer", "population": "invented patients"},
        "data": {"rows": "d.csv", "patient": "id"},
        "arms": {
            "column": "arm",
            "groups": {"a": {"label": "Alfa", "value": "A"}, "b": {"label": "Beta", "value": "B"}},
            "reference": "b",
            "focal": "a",
        },
        "covariates": {
            "age": {"label": "Age, years", "kind": "continuous", "from": "age"},
            "vi": {"label": "Invasion", "kind": "binary", "from": "vi = 1"},
            "stage": {"label": "Stage", "kind": "categorical", "from": "stage", "levels": {"I": "I", "II": "II", "III": "III"}},
        },
        "endpoints": {
            "os": {
                "label": "Overall survival",
                "short": "OS",
                "event_label": "Death",
                "time": {"column": "days", "unit": "days"},
                "event": "dead = 1",
            }
        },
        "time_unit": "days",
        "design": "none",
        "cox": {"univariable": ["age", "vi", "stage", "treatment"], "multivariable": {"os": ["age", "vi", "treatment"]}},
    }


@dataclass
class Sheet:
    folder: Path
    columns: dict[str, list[Any]] = field(default_factory=invented)
    protocol: dict[str, Any] = field(default_factory=asked)

    @property
    def path(self) -> Path:
        return self.folder / "study.yaml"

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(self.protocol, sort_keys=False, allow_unicode=True, width=1000)
        self.path.write_text(text, encoding="utf-8")
        with (self.folder / "d.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(zip(*self.columns.values(), strict=True))
        return self.path

    def line_of(self, part: str) -> int:
        return next(i for i, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1) if part in line)


def incomplete(sheet: Sheet) -> Sheet:
    """Empty cells in every covariate, more of them in age; one match and weights beside it on all three."""
    columns = sheet.columns
    for name, every, first in (("age", 6, 1), ("vi", 9, 2), ("stage", 10, 5)):
        columns[name] = ["" if i % every == first else v for i, v in enumerate(columns[name])]
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi", "stage"], "primary": "matched", "cox": {}}
    sheet.protocol["designs"] = {"matched": {"kind": "match"}, "overlap": {"kind": "weights", "target": "overlap"}}
    return sheet
