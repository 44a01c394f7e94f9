"""The founding study read back from its raw tables, patient by patient, and what must not matter to it."""

from __future__ import annotations

import csv
import datetime as dt
from importlib import resources

import numpy as np
import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive import derive_covariates
from equipoise.engine import DuckDBEngine
from equipoise.outcomes import derive_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.records import Cohort, Covariates, Outcomes

FOLDER = resources.files("equipoise.founding")
DATED = {
    "observation": "date",
    "lab": "date",
    "serology": "date",
    "firstline_infusion": "date",
    "visit_imaging": "date",
    "exposure": "start",
    "ae": "start",
    "subsequent_therapy": "start",
}
MEANT = {
    "radiologic_progression": "radiologic",
    "clinical_progression": "clinical",
    "death": "death",
    "last_scan": "censored",
    "last_contact": "censored",
}


class Run:
    """The founding study up to its outcomes; `change` may alter the tables once the cohort stands.

    The data cut-off is the patients' own, so that it moves with the dates.
    """

    def __init__(self, change=None) -> None:
        protocol = load_protocol(str(FOLDER.joinpath("study.yaml")))
        protocol = protocol.model_copy(update={"study": protocol.study.model_copy(update={"data_cutoff": None})})
        sources = read_sources(protocol)
        self.engine: DuckDBEngine = sources.engine
        self.cohort: Cohort = build_cohort(protocol, sources)
        if change is not None:
            change(self.engine)
        self.covariates: Covariates = derive_covariates(protocol, sources, self.cohort)
        self.outcomes: Outcomes = derive_outcomes(protocol, sources, self.cohort)


def same_covariates(one: Run, other: Run) -> bool:
    pairs = ((v, other.covariates.values[name]) for name, v in one.covariates.values.items())
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def same_outcomes(one: Run, other: Run) -> bool:
    a, b = one.outcomes, other.outcomes
    times = all(
        np.array_equal(t.time, b.endpoints[n].time) and np.array_equal(t.event, b.endpoints[n].event)
        for n, t in a.endpoints.items()
    )
    best = all(np.array_equal(r, b.best_response[c]) for c, r in a.best_response.items())
    return times and best and all(np.array_equal(g, b.worst_grade[t]) for t, g in a.worst_grade.items())


@pytest.fixture(scope="module")
def run() -> Run:
    return Run()


@pytest.fixture(scope="module")
def meant() -> dict[str, dict[str, str]]:
    with FOLDER.joinpath("cohort.csv").open(encoding="utf-8") as file:
        return {row["patient_id"]: row for row in csv.DictReader(file)}


def days(row: dict[str, str], index: dict[str, str], column: str) -> int | None:
    """Days from the index date to a cell of a raw table, in plain Python."""
    text = row.get(column, "")
    return (dt.date.fromisoformat(text) - dt.date.fromisoformat(index[row["patient_id"]])).days if text else None


def raw(table: str) -> list[dict[str, str]]:
    with FOLDER.joinpath("data", f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_exploratory_endpoints_from_the_raw_tables(run, meant):
    """Progression, end of treatment and the next line are read from the csv files anew; progression itself is as it was meant."""
    index = {r["patient_id"]: r["index_date"] for r in raw("index_treatment")}
    stops = {r["patient_id"]: days(r, index, "stop") for r in raw("exposure") if r["stop_reason"] not in ("", "ongoing", "lost")}
    later = {r["patient_id"]: days(r, index, "start") for r in raw("subsequent_therapy") if r["line"] == "3"}
    for i, patient in enumerate(run.cohort.patient):
        row = meant[patient]
        dead, end = row["os_event"] == "1", int(row["os_days"])
        progressed = int(row["pfs_days"]) if row["pfs_kind"] in ("radiologic", "clinical") else None
        expected = {
            "ttp": (progressed, 1) if progressed is not None else (end if dead else int(row["pfs_days"]), 0),
            "ttf": earliest([stops.get(patient), progressed, end if dead else None], end),
            "ttnt": earliest([later.get(patient), end if dead else None], end),
        }
        for name, answer in expected.items():
            times = run.outcomes.endpoints[name]
            assert (times.time[i], times.event[i]) == answer, (patient, name)


def earliest(events: list[int | None], last_contact: int) -> tuple[int, int]:
    known = [e for e in events if e is not None]
    return (min(known), 1) if known else (last_contact, 0)


def test_every_baseline_value_is_the_one_that_was_meant(run, meant):
    named = {
        "age_index": "age",
        "ecog": "ecog",
        "bclc": "bclc",
        "child_pugh_score": "child_pugh_score",
        "n_tumors": "n_nodules",
        "max_size_cm": "max_size_cm",
        "ehm": "ehm",
        "ln_met": "ln_met",
        "mvi": "mvi",
        "afp": "afp",
        "pivka": "pivka",
        "prior_cycles": "prior_cycles",
        "case when sex = 'M' then 1 else 0 end": "male",
        "case when etiology = 'viral' then 1 when etiology = 'non-viral' then 0 end": "viral",
    }
    differ = []
    for column, name in named.items():
        for patient, value in run.engine.rows(f"select patient_id, {column} from baseline"):
            text = meant[patient][name]
            same = value == text if isinstance(value, str) else value is not None and float(value) == float(text)
            differ += [] if same else [(patient, name)]
    assert run.cohort.n == len(meant) == 126
    assert differ == []


def test_every_outcome_is_the_one_that_was_meant(run, meant):
    differ = []
    for i, patient in enumerate(run.cohort.patient):
        row, ends = meant[patient], run.outcomes.endpoints
        found = {
            "bor_recist": run.outcomes.best_response["RECIST 1.1"][i],
            "bor_mrecist": run.outcomes.best_response["mRECIST"][i],
            "pfs_days": ends["pfs"].time[i],
            "pfs_event": ends["pfs"].event[i],
            "pfs_kind": MEANT[ends["pfs"].source[i]],
            "os_days": ends["os"].time[i],
            "os_event": ends["os"].event[i],
            "third_line": run.outcomes.flags["third_line"][i],
            "third_line_drug": run.outcomes.flags["third_line_regimen"][i] or "",
        }
        differ += [
            (patient, name)
            for name, v in found.items()
            if (v != row[name] if isinstance(v, str) else float(v) != float(row[name]))
        ]
    assert differ == []


def test_no_covariate_looks_past_the_index_date(run):
    """Every record after the index date removed: covariates and their origin are the same, outcomes are not."""

    def change(engine: DuckDBEngine) -> None:
        for table, date in DATED.items():
            after = f'select 1 from cohort as c where c.patient_id = t.patient_id and t."{date}" > c.index_date'
            engine.define(table, f"select * from {table} as t where not exists ({after})")

    blind = Run(change)
    assert same_covariates(run, blind)
    used = "select patient_id, item, source_row, date from baseline_record order by patient_id, item"
    assert blind.engine.rows(used) == run.engine.rows(used)
    assert not same_outcomes(run, blind)


def test_dates_matter_only_relative_to_the_index_date(run):
    def change(engine: DuckDBEngine) -> None:
        for table in (*DATED, "followup", "index_treatment", "cohort"):
            fields = [
                f'cast("{name}" + 1000 * interval 1 day as date) as "{name}"' if type_ == "DATE" else f'"{name}"'
                for name, type_ in engine.columns(table).items()
            ]
            engine.define(table, f"select {', '.join(fields)} from {table}")

    later = Run(change)
    assert same_covariates(run, later)
    assert same_outcomes(run, later)


def test_the_order_of_the_rows_does_not_matter(run):
    """Rows in another order, numbered anew. The data hold no two records of one item, patient and day that differ."""

    def change(engine: DuckDBEngine) -> None:
        for table in (*DATED, "lesion", "lesion_measure", "followup", "patient"):
            names = ", ".join(f'"{c}"' for c in engine.columns(table) if c != "source_row")
            order = f"md5('{table}' || cast(source_row as varchar))"
            engine.define(table, f"select {names}, row_number() over (order by {order}) as source_row from {table}")

    shuffled = Run(change)
    assert same_covariates(run, shuffled)
    assert same_outcomes(run, shuffled)
