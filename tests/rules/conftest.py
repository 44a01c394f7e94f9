"""Drawn patients: small tables as text, loaded as a study would load them, with a protocol that asks for little else."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.contract import Table
from equipoise.data import units
from equipoise.engine import DuckDBEngine
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Sources, SourceTable

INDEX = dt.date(2022, 3, 1)
COHORT = """
select patient_id, drug as arm, index_date from index_treatment
"""


@dataclass
class Drawn:
    """A study of drawn patients: what the verbs of the phases take."""

    protocol: Protocol
    sources: Sources
    cohort: Cohort
    folder: Path

    @property
    def engine(self) -> DuckDBEngine:
        return self.sources.engine

    def rows(self, sql: str) -> list[tuple]:
        return self.engine.rows(sql)


def parse(text: str) -> dict[str, list[str | None]]:
    """A table drawn as text: cells between bars, the first line the header, empty cells missing."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    return {name: [line[i] or None for line in lines[1:]] for i, name in enumerate(lines[0])}


def day(n: int) -> str:
    """The date n days after the index date of the drawn patients."""
    return (INDEX + dt.timedelta(days=n)).isoformat()


def dated(columns: dict[str, list]) -> dict[str, list]:
    """A column `day` (days from the index date) becomes the column `date`; likewise `start_day`, `death_day` and so on."""
    out = {}
    for name, cells in columns.items():
        if name == "day":
            out["date"] = [None if c is None else day(int(c)) for c in cells]
        elif name.endswith("_day") and name != "dose_mg_day":
            out[name.removesuffix("_day")] = [None if c is None else day(int(c)) for c in cells]
        else:
            out[name] = cells
    return out


def request(**given: Any) -> Protocol:
    """The smallest protocol over raw tables; `given` replaces its blocks."""
    plain: dict[str, Any] = {
        "study": {"id": "drawn", "title": "Drawn patients", "disease": "any", "population": "drawn patients"},
        "data": {"tables": "data"},
        "index": {"table": "index_treatment", "date": "index_date", "line": 2},
        "arms": {
            "column": "drug",
            "groups": {"a": {"label": "A", "value": "a"}, "b": {"label": "B", "value": "b"}},
            "reference": "a",
            "focal": "a",
        },
        "packs": ["liver", "prior_line"],
        "prior_line": {"drugs": {"atezolizumab": {"given": "given_ate"}, "bevacizumab": {"given": "given_bev"}}},
        "covariates": {"age": {"label": "Age", "kind": "continuous", "from": "age_index"}},
        "sources": {
            "death": {"table": "followup", "date": "death_date"},
            "last_contact": {"table": "followup", "date": "last_contact"},
        },
        "endpoints": {
            "os": {
                "label": "Overall survival",
                "short": "OS",
                "event_label": "Death",
                "events": ["death"],
                "censoring": ["last_contact"],
            }
        },
        "design": {"propensity": ["age"]},
    }
    return Protocol.model_validate({**plain, **given})


@pytest.fixture
def draw(tmp_path: Path):
    """draw(patients, tables, **protocol) -> Drawn. All patients start on INDEX, in arm a, unless `index_treatment` is drawn."""

    def _draw(patients: str, tables: dict[str, str | dict[str, list]], **given: Any) -> Drawn:
        names = patients.split()
        filled: dict[str, dict[str, list]] = {
            "patient": {
                "patient_id": names,
                "site": ["x"] * len(names),
                "sex": ["M"] * len(names),
                "age_index": [60] * len(names),
            },
            "index_treatment": {
                "patient_id": names,
                "drug": ["a"] * len(names),
                "index_date": [INDEX.isoformat()] * len(names),
            },
        }
        filled |= {name: dated(parse(t) if isinstance(t, str) else t) for name, t in tables.items()}
        engine, protocol = DuckDBEngine(), request(**given)
        tables_of = protocol.contract.tables
        sources = {name: _load(engine, tables_of[name], columns, tmp_path) for name, columns in filled.items()}
        units.define(engine, protocol.contract)
        engine.define("cohort", COHORT)
        found = engine.fetch("select * from cohort order by patient_id")
        n = len(found["patient_id"])
        cohort = Cohort(found["patient_id"], found["arm"], found["index_date"], None, n, ())
        return Drawn(protocol, Sources(engine, sources), cohort, tmp_path)

    return _draw


def _load(engine: DuckDBEngine, table: Table, columns: dict[str, list], folder: Path) -> SourceTable:
    """Load a drawn table and write it as a file, so that the stand-alone script of a relation can read it."""
    name = table.name
    unknown = set(columns) - set(table.column_names)
    assert not unknown, f"{name} has no column {unknown}"
    n = len(next(iter(columns.values())))
    full = {c: columns.get(c, [None] * n) for c in table.column_names}
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(full)
        writer.writerows(zip(*full.values(), strict=True))
    fields = ", ".join(f'cast("{c.name}" as {c.sql_type}) as "{c.name}"' for c in table.columns)
    path = folder / f"{name}.csv"
    engine.load(table, full, f"select {fields}, row_number() over () as source_row from read_csv('{path}', all_varchar = true)")
    return SourceTable(name, f"{name}.csv", n, "")


def column(values: np.ndarray) -> list:
    """Values of one covariate as plain Python, nan as None."""
    return [None if isinstance(v, float) and np.isnan(v) else v for v in values]
