"""One thing that does not agree in a finished folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from equipoise.csv_text import csv_text

COLUMNS = ("file", "place", "row", "column", "rule", "found", "what to do")
AGAIN = "run the study again and do not use this file; if it stands there again, report it as an error of Equipoise"


@dataclass(frozen=True, slots=True)
class Finding:
    """place: table, figure or section. rule: its short name. message: what was found, a clause without a full stop."""

    file: str
    place: str
    rule: str
    message: str
    row: str = ""
    column: str = ""

    def sentence(self) -> str:
        where = [self.file, self.place]
        where += [f"row '{self.row}'"] if self.row else []
        where += [f"column '{self.column}'"] if self.column else []
        return f"{', '.join(w for w in where if w)}: {self.message} ({self.rule}); {AGAIN}."


def findings_csv(found: Sequence[Finding]) -> str:
    """A row for each finding; the header alone where there is none."""
    return csv_text(COLUMNS, [(f.file, f.place, f.row, f.column, f.rule, f.message, AGAIN) for f in found])
