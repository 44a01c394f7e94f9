"""ADSL and ADTTE as a study. Witnesses: the study that was exported (its effects again), the conventions of ADaM (CNSR 0 is the
event), rows counted by hand, DuckDB alone on the files."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from engines_agree import relations_that_differ, results_that_differ
from equipoise.data.sources import read_sources
from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.reproduce.adam import short_name
from equipoise.start import start_study
from equipoise.start.begin import begin_study
from equipoise.start.given import Given
from equipoise.study import export_study, run_study

PROTOCOL = {
    "study": {"id": "trial", "title": "Two invented drugs", "disease": "cancer", "population": "invented subjects"},
    "data": {"standard": "adam", "path": "adam"},
    "arms": {
        "column": "TRT01P",
        "groups": {"a": {"label": "A", "value": "A"}, "b": {"label": "B", "value": "B"}},
        "reference": "b",
        "focal": "a",
    },
    "covariates": {"age": {"label": "Age, years", "kind": "continuous", "from": "AGE"}},
    "endpoints": {
        "os": {
            "label": "Overall survival", "short": "OS", "event_label": "Death", "time": {"column": "OS_AVAL", "unit": "days"},
            "event": "OS_CNSR = 0",
        }
    },
    "design": "none",
}  # fmt: skip
SUBJECTS = [
    {"USUBJID": f"S{i}", "TRT01P": "AB"[i % 2], "AGE": 50 + 7 * i % 23, "ITTFL": "N" if i == 5 else "Y"} for i in range(30)
]


def record(i: int, code: str, days: float, censored: int, unit: str = "DAYS") -> dict:
    label = {"OS": "Overall Survival", "PFS": "Progression Free Survival"}[code]
    return {"USUBJID": f"S{i}", "PARAMCD": code, "PARAM": label, "AVAL": days, "AVALU": unit, "CNSR": censored,
            "EVNTDESC": "Alive" if censored else "Event", "STRATA": "xyz"[i // 5 % 3]}  # fmt: skip


def records() -> list[dict]:
    """OS of all subjects, PFS of the first twenty; every third is censored, every sixth for another reason (CNSR 2)."""
    os = [record(i, "OS", 100 + 7 * i, 2 if i % 6 == 3 else int(i % 3 == 0)) for i in range(30)]
    return [*os, *(record(i, "PFS", 50 + 3 * i, int(i % 4 == 0)) for i in range(20))]


def write(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def trial(folder: Path, rows: list[dict] | None = None, subjects: list[dict] | None = SUBJECTS, **data) -> Path:
    write(folder / "adam" / "adtte.csv", rows or records())
    if subjects is not None:
        write(folder / "adam" / "adsl.csv", subjects)
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(PROTOCOL | {"data": PROTOCOL["data"] | data}, sort_keys=False), encoding="utf-8")
    return path


def sentences(path: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(path))
    return [f.sentence() for f in caught.value.faults]


@pytest.fixture(scope="module")
def exported(repository, tmp_path_factory):
    """The founding study and a folder with the data sets that `export --to adam` writes of it."""
    study = run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")
    folder = tmp_path_factory.mktemp("back")
    export_study(study, folder / "adam", "adam")
    return study, folder


def the_same_design(study, written: Path) -> None:
    """The protocol that init wrote, with the match of the founding study under the names of ADSL."""
    protocol = yaml.safe_load(written.read_text(encoding="utf-8"))
    taken = {"STUDYID", "USUBJID", "SITEID", "TRT01P", "TRT01A", "TRT01AN", "TRTSDT", "ITTFL", "MATCHFL", "PAIRID", "PSCORE"}
    named = {name: short_name(name, taken).lower() for name in study.covariates.values}
    founding = yaml.safe_load(Path(study.protocol.folder, "study.yaml").read_text(encoding="utf-8"))
    protocol["design"] = founding["design"] | {"propensity": [named[n] for n in founding["design"]["propensity"]]}
    del protocol["design"]["why"]
    same = {key: founding[key] for key in ("conventions", "time_unit", "rmst") if key in founding}
    written.write_text(yaml.safe_dump(protocol | {"cox": {}} | same, sort_keys=False), encoding="utf-8")


@pytest.mark.parametrize("suffix", ["csv", "xpt", "parquet"])
def test_the_founding_study_exported_and_read_back_gives_the_same_effects(exported, tmp_path, suffix):
    if suffix == "xpt":
        pytest.importorskip("pyreadstat", reason="the extra [files] is not installed")
    study, folder = exported
    (tmp_path / "adam").mkdir()
    for name in ("adsl", "adtte"):
        if suffix == "parquet":
            source, target = folder / "adam" / f"{name}.csv", tmp_path / "adam" / f"{name}.parquet"
            duckdb.sql(f"copy (from read_csv('{source}')) to '{target}' (format parquet)")
        else:
            shutil.copyfile(folder / "adam" / f"{name}.{suffix}", tmp_path / "adam" / f"{name}.{suffix}")
    path = start_study([tmp_path / "adam"], given=Given(reference="Lenvatinib"))
    the_same_design(study, path)
    again = run_study(path)
    assert list(again.protocol.endpoints) == ["os", *sorted(set(study.protocol.endpoints) - {"os"})]
    compared = 0
    for endpoint in study.protocol.endpoints:
        for design in ("unadjusted", "matched"):
            asked = {"endpoint": endpoint, "design": design, "population": "all"}
            for analysis, statistic in (("cox", "hr"), ("cox", "p"), ("logrank", "p"), ("rmst", "difference")):
                mine = [r.value for r in study.estimates.rows.values() if _is(r, statistic, analysis, asked)]
                theirs = [r.value for r in again.estimates.rows.values() if _is(r, statistic, analysis, asked)]
                if not mine:  # an exploratory endpoint has no restricted mean there
                    continue
                assert theirs == pytest.approx(mine, rel=1e-12), (endpoint, design, analysis)
                compared += len(mine)
    assert compared == 34


def _is(row, statistic, analysis, asked) -> bool:
    return row.statistic == statistic and row.analysis == analysis and all(getattr(row, k) == v for k, v in asked.items())


def test_parameters_stand_side_by_side_and_the_statement_runs_alone(tmp_path, monkeypatch):
    sources = read_sources(load_protocol(trial(tmp_path)))
    asked = "USUBJID, OS_AVAL, OS_CNSR, PFS_AVAL, PFS_CNSR, OS_EVNTDESC, STRATA, AGE"
    found = sources.engine.rows(f"select {asked} from patients order by source_row")
    assert found[3] == ("S3", 121, 2, 59, 0, "Alive", "x", 71) and found[4] == ("S4", 128, 0, 62, 1, "Event", "x", 55)
    assert len(found) == 30 and [r[3] is None for r in found] == [False] * 20 + [True] * 10
    assert sources.tables["patients"].file == "adsl.csv with adtte.csv" and "+" in sources.tables["patients"].sha256
    monkeypatch.chdir(tmp_path / "adam")
    made = f"with made as ({sources.engine.relations['patients'].sql})"
    assert duckdb.sql(f"{made} select {asked} from made order by source_row").fetchall() == found


def test_times_alone_make_the_subjects_of_their_own(tmp_path, monkeypatch):
    rows = [r | {"TRT01P": "AB"[int(r["USUBJID"][1:]) % 2], "AGE": 60} for r in records()]
    sources = read_sources(load_protocol(trial(tmp_path, rows, None)))
    asked = "USUBJID, TRT01P, STRATA, OS_AVAL, PFS_CNSR"
    found = sources.engine.rows(f"select {asked} from patients order by source_row")
    assert len(found) == 30 and found[1] == ("S1", "B", "x", 107, 0)
    monkeypatch.chdir(tmp_path / "adam")
    made = f"with made as ({sources.engine.relations['patients'].sql})"
    assert duckdb.sql(f"{made} select {asked} from made order by source_row").fetchall() == found


def test_of_several_records_the_flagged_one_counts(tmp_path):
    rows = [*records(), record(0, "OS", 999, 0)]
    assert (
        "row 52, column PARAMCD: the subject has a record of this parameter already; mark" in sentences(trial(tmp_path, rows))[0]
    )
    flagged = [r | {"ANL01FL": "" if r["AVAL"] == 100 else "Y"} for r in rows]
    sources = read_sources(load_protocol(trial(tmp_path, flagged)))
    assert sources.engine.rows("select OS_AVAL, OS_CNSR from patients where USUBJID = 'S0'") == [(999, 0)]


def test_faults_of_records_are_told_by_row(tmp_path):
    rows = records()
    rows[1] |= {"AVAL": "soon"}
    rows[2] |= {"CNSR": "-1"}
    rows[4] |= {"USUBJID": "Z"}
    rows[6] |= {"PARAMCD": ""}
    found = sentences(trial(tmp_path, rows))
    for place in ("row 3, column AVAL", "row 4, column CNSR", "row 6, column USUBJID", "row 8, column PARAMCD"):
        assert any(place in s for s in found), place
    assert not any("soon" in s or "'Z'" in s for s in found)


def test_units_are_those_of_the_parameter_and_of_its_dates(tmp_path):
    assert (
        "gives OS_AVAL in months, the protocol says days"
        in sentences(trial(tmp_path, [r | {"AVALU": "MONTHS"} for r in records()]))[0]
    )
    two = records()
    two[0] |= {"AVALU": "MONTHS"}
    assert "stands in 2 units of AVALU" in sentences(trial(tmp_path, two))[0]
    dated = [r | {"STARTDT": "2020-01-01", "ADT": "2021-01-01", "AVAL": 12.0, "AVALU": "DAYS"} for r in records()]
    found = sentences(trial(tmp_path, dated))
    assert "the times of OS are in days by AVALU or PARAM, and in months by STARTDT and ADT" in found[0]


def test_data_sets_that_are_not_there_or_there_twice(tmp_path):
    path = trial(tmp_path)
    shutil.copyfile(tmp_path / "adam" / "adtte.csv", tmp_path / "adam" / "adtte.txt")
    assert "ADTTE is there twice: adtte.csv and adtte.txt; name one in data.domains" in sentences(path)[0]
    assert read_sources(load_protocol(trial(tmp_path, domains={"ADTTE": "adtte.txt"}))).tables
    (tmp_path / "adam" / "adtte.txt").unlink()
    (tmp_path / "adam" / "adtte.csv").unlink()
    assert "there is no file adtte.txt in adam/" in sentences(path)[0]
    assert "there is no folder 'nowhere' beside the protocol" in sentences(trial(tmp_path, path="nowhere"))[0]
    with pytest.raises(ProtocolError, match="'standard: sdtm' .* and 'path'"):
        path = trial(tmp_path)
        path.write_text(path.read_text(encoding="utf-8").replace("path: adam", "rows: adam"), encoding="utf-8")
        load_protocol(path)


def test_init_proposes_the_pair_with_its_population_and_its_parameters(tmp_path):
    trial(tmp_path).unlink()
    path = start_study([tmp_path / "adam"])
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert written["data"]["standard"] == "adam" and written["data"]["domains"] == {"ADSL": "adsl.csv", "ADTTE": "adtte.csv"}
    assert written["endpoints"]["os"]["event"] == {"column": "OS_CNSR", "is": ["0"], "censored": ["1", "2"]}
    assert written["endpoints"]["os"]["time"]["unit"] == "days"
    assert list(written["endpoints"]) == ["os"]  # ten subjects have no record of PFS
    assert written["eligibility"]["steps"][0]["exclude"][0]["reason"] == "Not in the intention-to-treat population (ITTFL)"
    study = run_study(path)
    assert study.cohort.n == 29 and study.estimates["survival.os.unadjusted.event_count.total.events"].value == 19
    assert set(study.protocol.covariates) == {"age", "strata"}


def test_init_of_the_file_of_times_finds_the_subjects_beside_it(tmp_path):
    trial(tmp_path).unlink()
    begun = begin_study([tmp_path / "adam" / "adtte.csv"], tmp_path / "new")
    assert not begun.open and run_study(begun.path).cohort.n == 29


@pytest.mark.slow
def test_the_oncology_sets_of_pharmaverse(third_party, tmp_path):
    """Deaths of the subjects of two arms by ADSL's own DTHFL; AVAL without AVALU is in days by its dates."""
    shutil.copytree(third_party / "pharmaverse_onco" / "adam", tmp_path / "adam")
    study = run_study(start_study([tmp_path / "adam"]))
    with (tmp_path / "adam" / "adsl.csv").open(encoding="utf-8") as file:
        died = {r["USUBJID"] for r in csv.DictReader(file) if r["DTHFL"] == "Y" and r["USUBJID"] in set(study.cohort.patient)}
    assert study.protocol.endpoints["os"].time.unit == "days" and len(died) > 1
    assert study.estimates["survival.os.unadjusted.event_count.total.events"].value == len(died)
    assert json.dumps(study.protocol.describe()["data"]["domains"])


def stored(folder: Path, path: Path, address: str, schema: str) -> Path:
    """The protocol beside it, which reads the data sets of a schema."""
    there = yaml.safe_load(path.read_text(encoding="utf-8"))
    there["data"] = {"standard": "adam", "connection": address, "schema": schema}
    (folder / "stored.yaml").write_text(yaml.safe_dump(there, sort_keys=False), encoding="utf-8")
    return folder / "stored.yaml"


@pytest.mark.parametrize("subjects", [SUBJECTS, None])
def test_data_sets_of_a_database(tmp_path: Path, postgres, subjects: list[dict] | None) -> None:
    """A DuckDB file and PostgreSQL give every number and relation that the files do; times as numbers, others as text."""
    rows = [r | {"CNSR": min(r["CNSR"], 1)} for r in records()]
    if subjects is None:
        rows = [r | {"TRT01P": "AB"[int(r["USUBJID"][1:]) % 2], "AGE": 50 + int(r["USUBJID"][1:]) % 7} for r in rows]
    path = trial(tmp_path, rows, subjects)
    files = sorted((tmp_path / "adam").glob("*.csv"))
    with duckdb.connect(str(tmp_path / "trial.duckdb")) as connection:
        for file in files:
            connection.execute(f"create table {file.stem} as select * from read_csv('{file}', all_varchar = true)")
    here = run_study(path)
    assert here.cohort.n == 30
    name = postgres.database("adam" + ("" if subjects else "_alone"))
    postgres.load(name, "analysis", files, {"AVAL": "double precision", "CNSR": "integer", "AGE": "smallint"})
    for address, schema in (("duckdb:///trial.duckdb", "main"), (postgres.address(name), "analysis")):
        there = run_study(stored(tmp_path, path, address, schema))
        assert results_that_differ(here, there) == []
        assert relations_that_differ(here.sources.engine, there.sources.engine) == []
        assert f"{schema}.adtte" in there.sources.tables["patients"].file
        assert there.sources.engine.script("patients").startswith("-- relation: patients")


def test_data_sets_of_a_database_that_are_not_there(tmp_path: Path) -> None:
    path = trial(tmp_path)
    with duckdb.connect(str(tmp_path / "trial.duckdb")) as connection:
        connection.execute("create table adsl (USUBJID varchar)")
    assert sentences(stored(tmp_path, path, "duckdb:///trial.duckdb", "main")) == [
        "stored.yaml:9: the study needs the table ADTTE, and the schema main has adsl"
    ]
    there = stored(tmp_path, path, "duckdb:///trial.duckdb", "main")
    there.write_text(there.read_text(encoding="utf-8").replace("schema: main", "schema: main\n  rows: adsl"), encoding="utf-8")
    with pytest.raises(ProtocolError, match="leave 'rows' out"):
        load_protocol(there)
