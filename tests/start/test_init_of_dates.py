"""`equipoise init` of a sheet that holds dates alone: times and events come of them."""

from __future__ import annotations

import csv
import datetime as dt
import random

import duckdb
import numpy as np
import pytest
from beginning import begin, write_csv

from equipoise.errors import DataError
from equipoise.study import run_study


def dated_clinic(written: str = "%Y-%m-%d") -> list[dict]:
    """Invented patients with dates alone; every third dies 300 + i days after the start, every fourth progresses before."""
    draw, rows = random.Random(3), []
    for i in range(60):
        start = dt.date(2021, 1, 3) + dt.timedelta(days=5 * i)
        day = {k: (start + dt.timedelta(days=n)).strftime(written) for k, n in (("d", 300 + i), ("l", 400 + i), ("p", 50 + i))}
        rows.append(
            {
                "Patient": f"K{i}", "Drug": draw.choice(["A", "B"]), "Age": draw.randint(40, 80), "Birth date": "01.02.1950",
                "Start of treatment": start.strftime(written), "Date of death": day["d"] if i % 3 == 0 else "",
                "Last contact": "" if i % 3 == 0 else day["l"], "Progression date": day["p"] if i % 4 == 0 else "",
            }
        )  # fmt: skip
    return rows


@pytest.mark.parametrize(
    ("written", "order"), [("%Y-%m-%d", "ymd"), ("%d.%m.%Y", "dmy"), ("%m/%d/%Y", "mdy"), ("%d-%b-%y", "dmy")]
)
def test_dates_alone_give_time_and_event(tmp_path, written, order):
    """By hand: patient i dies on day 300 + i where 3 divides i, else is censored on day 400 + i; progresses on day 50 + i where 4
    divides i."""
    path, said = begin(write_csv(tmp_path / "dated.csv", dated_clinic(written)))
    study = run_study(path)
    assert study.protocol.data.dates.order == order
    i = np.array([int(p.removeprefix("K")) for p in study.cohort.patient])
    os, pfs = study.outcomes.endpoints["os"], study.outcomes.endpoints["pfs"]
    dead, progressed = i % 3 == 0, i % 4 == 0
    assert os.event.tolist() == dead.astype(int).tolist()
    assert os.time.tolist() == np.where(dead, 300 + i, 400 + i).tolist()
    assert pfs.event.tolist() == (dead | progressed).astype(int).tolist()
    assert pfs.time.tolist() == np.where(progressed, 50 + i, np.where(dead, 300 + i, 400 + i)).tolist()
    text = path.read_text(encoding="utf-8")
    assert 'from: "Start of treatment"    # a date; its name says the start' in text
    assert any("Date of death: a date; its name says death: filled means died" in line for line in said)
    with (tmp_path / "mapping.csv").open(encoding="utf-8") as file:
        mapping = {r["column"]: r["used_as"] for r in csv.DictReader(file)}
    assert (mapping["Start of treatment"], mapping["Last contact"], mapping["Birth date"]) == ("start", "date", "left out")


def test_the_statement_of_dated_rows_runs_alone(tmp_path, monkeypatch):
    path, _ = begin(write_csv(tmp_path / "dated.csv", dated_clinic("%d.%m.%Y")))
    engine = run_study(path).sources.engine
    monkeypatch.chdir(tmp_path)
    ask = "select patient_id, death_day, last_contact_day, progression_day from"
    alone = duckdb.sql(f"with made as ({engine.relations['patients'].sql}) {ask} made order by source_row").fetchall()
    assert alone == engine.rows(f"{ask} patients order by source_row")


def test_who_died_without_a_date_of_death(tmp_path):
    rows = [
        {k: v for k, v in r.items() if k != "Date of death"} | {"Dead": int(i % 3 == 0)} for i, r in enumerate(dated_clinic())
    ]
    for i, row in enumerate(rows):
        row["Last contact"] = row["Last contact"] or dated_clinic()[i]["Date of death"]
    path, said = begin(write_csv(tmp_path / "flag.csv", rows))
    study = run_study(path)
    assert study.estimates["survival.os.unadjusted.event_count.total.events"].value == 20
    assert any("'1' means died: CONFIRM" in line for line in said)


def test_wrong_dates_are_named_by_row(tmp_path):
    rows = dated_clinic()
    rows[3]["Date of death"] = "2020-01-01"
    rows[4]["Last contact"] = "31.02.2022"
    path, said = begin(write_csv(tmp_path / "wrong.csv", rows))
    assert any("wrong.csv, row 6, column Last contact: this is not a date" in line for line in said)
    rows[4]["Last contact"] = "2022-12-31"
    write_csv(tmp_path / "wrong.csv", rows)
    with pytest.raises(DataError, match="row 5, column Date of death: the day of 'death' is before the index date"):
        run_study(path)
