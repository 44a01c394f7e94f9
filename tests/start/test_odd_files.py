"""Files in odd shapes: what `init` makes of them, with the numbers that were drawn."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random

import pytest

from equipoise.errors import DataError
from equipoise.start.begin import begin_study
from equipoise.start.given import Given
from equipoise.study import run_study

N = 90


def cohort():
    draw = random.Random(4)
    rows = []
    for i in range(N):
        new = draw.random() < 0.5
        time, end = draw.expovariate(1 / (500 if new else 380)) + 15, draw.uniform(100, 1400)
        start = dt.date(2016, 1, 4) + dt.timedelta(days=draw.randint(0, 1200))
        days = int(min(time, end)) + 1
        rows.append(
            {
                "i": i,
                "new": new,
                "days": days,
                "died": time <= end,
                "start": start,
                "end": start + dt.timedelta(days=days),
                "age": draw.randint(38, 84),
                "male": draw.random() < 0.6,
                "k": draw.randint(0, 2),
            }
        )
    return rows


EVENTS = sum(r["died"] for r in cohort())
NEW = sum(r["new"] for r in cohort())


def written(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(rows)
    return path


def begun(path, **given):
    said: list[str] = []
    found = begin_study([path], given=Given(**given), say=said.append)
    return found, said


def right(path):
    study = run_study(path)
    assert study.cohort.n == N and sorted(int(study.cohort.in_arm(a).sum()) for a in study.protocol.arms.groups) == [NEW, N - NEW]
    endpoint = next(iter(study.outcomes.endpoints.values()))
    assert int(endpoint.event.sum()) == EVENTS
    assert sorted(map(round, endpoint.time)) == pytest.approx(sorted(r["days"] for r in cohort()), abs=1)


def test_a_start_and_an_end_of_which_no_name_says_more(tmp_path):
    rows = [
        {
            "pid": f"P{r['i']}",
            "arm": "AB"[r["new"]],
            "age": r["age"],
            "from": f"{r['start']:%d/%m/%Y}",
            "until": f"{r['end']:%d/%m/%Y}",
            "dead": int(r["died"]),
        }
        for r in cohort()
    ]
    found, said = begun(written(tmp_path / "d.csv", rows))
    assert not found.open and any("it is never the later" in line and "CONFIRM" in line for line in said)
    right(found.path)


def test_dates_that_stand_in_no_order_stay_a_question(tmp_path):
    rows = [
        {
            "pid": f"P{r['i']}",
            "arm": "AB"[r["new"]],
            "age": r["age"],
            "from": str(r["start"]),
            "until": str(r["end"] if r["i"] else r["start"] - dt.timedelta(days=3)),
            "dead": int(r["died"]),
        }
        for r in cohort()
    ]
    assert any(question.startswith("time and event") for question in begun(written(tmp_path / "d.csv", rows))[0].open)


def test_samples_are_no_patients(tmp_path):
    """A third of the patients have two samples, each with a number of its own."""
    rows = [
        {
            "case_submitter_id": f"C-{r['i']:03d}",
            "sample_id": f"C-{r['i']:03d}-0{k}",
            "age_at_index": r["age"],
            "vital_status": "Dead" if r["died"] else "Alive",
            "days_to_death": r["days"] if r["died"] else "'--",
            "days_to_last_follow_up": "'--" if r["died"] else r["days"],
            "treatment_type": "Chemotherapy" if r["new"] else "Radiation",
        }
        for r in cohort()
        for k in range(1 + (r["i"] % 3 == 0))
    ]
    path = written(tmp_path / "d.tsv", rows)
    found, said = begun(path)
    assert any(question.startswith("one row per patient") for question in found.open)
    assert any("'sample_id' differs in every row" in line for line in said)
    for name in ("study.yaml", "mapping.csv"):
        (tmp_path / name).unlink()
    found, _ = begun(path, one_row="first")
    assert not found.open
    right(found.path)


def test_an_export_of_redcap(tmp_path):
    records = [
        {
            "record_id": r["i"] + 1,
            "redcap_event_name": "baseline_arm_1",
            "tx": int(r["new"]),
            "age_yr": str(r["age"]),
            "hbv": ("Yes", "No", "Unknown")[r["k"]],
            "fu_days": r["days"],
            "death": int(r["died"]),
        }
        for r in cohort()
    ]
    (tmp_path / "d.json").write_text(json.dumps(records), encoding="utf-8")
    found, _ = begun(tmp_path / "d.json")
    assert not found.open
    right(found.path)


def test_codes_of_causes_of_death_are_all_deaths(tmp_path):
    rows = [
        {
            "id": r["i"],
            "trt": int(r["new"]),
            "age": r["age"],
            "time": r["days"],
            "cause_of_death": r["died"] * (1 + (r["k"] == 0)),
        }
        for r in cohort()
    ]
    found, said = begun(written(tmp_path / "d.csv", rows))
    assert any("of which 0 is none; CONFIRM" in line for line in said)
    right(found.path)


def test_an_operation_told_by_the_cells_and_what_came_of_it(tmp_path):
    rows = [
        {
            "study no": r["i"] + 1,
            "access": "laparoscopic" if r["new"] else "open",
            "Age at surgery": r["age"],
            "blood loss (ml)": 10 * r["age"] % 700,
            "op time (min)": 60 + 7 * r["i"] % 200,
            "LOS (days)": 4 + r["i"] % 20,
            "FU (days)": r["days"],
            "status at last FU": "DOD" if r["died"] else "NED",
        }
        for r in cohort()
    ]
    found, said = begun(written(tmp_path / "d.csv", rows))
    assert "covariates  Age at surgery" in said
    assert "os:" in found.path.read_text(encoding="utf-8")
    right(found.path)


def test_a_table_on_its_side_is_told(tmp_path):
    patients = cohort()
    lines = [["variable", *(f"P{r['i']}" for r in patients)], ["arm", *("AB"[r["new"]] for r in patients)]]
    lines += [[name, *(str(int(r[name])) for r in patients)] for name in ("age", "days", "died")]
    (tmp_path / "d.csv").write_text("\n".join(map(",".join, lines)), encoding="utf-8")
    with pytest.raises(DataError, match="as where the patients stand in columns: turn the table"):
        begun(tmp_path / "d.csv")
