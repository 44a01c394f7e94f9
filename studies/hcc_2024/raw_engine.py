"""What the raw tables are written with: random streams, rows collected by table, and CSV as the contract wants it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from equipoise.founding import FOUNDING_STUDY
from equipoise.protocol.load import load_protocol

FIRST_INFUSION, LAST_INDEX, CUTOFF = date(2020, 5, 1), date(2022, 12, 31), date(2023, 9, 30)
SITES = ("Site A", "Site B")

# One independent stream per stage and patient: a change in one stage leaves all others as they were.
STAGES = ("calendar", "person", "baseline", "serology", "lesions", "scans", "stops", "events", "doses", "labs", "follow-up")


def stream(seed: int, stage: str, patient: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, STAGES.index(stage), patient])


def pick(rng: np.random.Generator, options: Iterable, p: Iterable[float] | None = None):
    """One of the options, as the Python object it was."""
    options = list(options)
    return options[int(rng.choice(len(options), p=None if p is None else np.asarray(list(p)) / sum(p)))]


@dataclass
class Course:
    """One patient on the calendar: `row` as in the cohort (of those not analysed: sex, age, etiology); days from index."""

    patient_id: str
    number: int
    row: dict
    site: str = ""
    index: date | None = None
    infusions: list[dict] = field(default_factory=list)
    weight_kg: float = 65.0
    stop_day: int | None = None
    stop_reason: str = ""
    events: list[dict] = field(default_factory=list)
    scans: list[int] = field(default_factory=list)

    def on(self, day: int) -> date:
        return self.index + timedelta(days=int(day))

    @property
    def end(self) -> int:
        return self.row["os_days"]


TABLES = load_protocol(FOUNDING_STUDY).contract.tables
# columns of the patient table stand in the file as they were first written
ORDER = {
    "patient": (
        "patient_id", "site", "sex", "age_index", "alcohol", "nash", "other_liver_disease", "diagnosis_basis", "diagnosis_date",
        "cirrhosis", "portal_hypertension",
    ),
}  # fmt: skip


class RawTables:
    """Rows by table, in the contract's columns."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict]] = {name: [] for name in TABLES}

    def add(self, table: str, **values) -> None:
        unknown = set(values) - set(TABLES[table].column_names)
        if unknown:
            raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
        self.rows[table].append(values)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in TABLES.items():
            if not self.rows[name]:
                continue
            given = [c.name for c in table.columns if c.required or any(r.get(c.name) is not None for r in self.rows[name])]
            known = [c for c in ORDER.get(name, given) if c in given]
            rows = [[_text(r.get(c)) for c in known] for r in self.rows[name]]
            with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(known)
                writer.writerows(sorted(rows, key=_sort_key))


def _sort_key(row: list[str]) -> tuple:
    """Column by column, whole numbers by value and the rest as text."""
    return tuple((0, int(x), "") if x.isdigit() else (1, 0, x) for x in row)


def _text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | np.floating):
        return f"{value:.10g}"
    return str(value)


INTEGERS = (
    "age", "male", "ecog", "viral", "child_pugh_score", "n_nodules", "multiple_tumors", "ehm", "ln_met", "mvi", "afp", "pivka",
    "prior_cycles", "matched", "pfs_days", "pfs_event", "os_days", "os_event", "third_line",
)  # fmt: skip
OPTIONAL_INTEGERS = ("pair_id", "first_scan_day", "third_line_start_day")


def read_cohort(path: Path) -> list[dict]:
    """The analysis-level cohort as typed rows, in order of patient_id."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for r in rows:
        r.update({k: int(r[k]) for k in INTEGERS})
        r.update({k: int(float(r[k])) if r[k] else None for k in OPTIONAL_INTEGERS})
        r["max_size_cm"] = float(r["max_size_cm"])
    return sorted(rows, key=lambda r: r["patient_id"])
