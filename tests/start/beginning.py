"""Files that the tests of `init` write, and how they begin a study."""

from __future__ import annotations

import csv
from pathlib import Path

from equipoise.start import start_study
from equipoise.start.given import Given


def write_csv(path: Path, rows: list[dict]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def begin(source: Path, **named) -> tuple[Path, list[str]]:
    said: list[str] = []
    return start_study([source], given=Given(**named), say=said.append), said
