"""Invented persons in the OMOP common data model, as parquet files, and a study of them by phase.

    python benchmarks/omop_people.py                                # 1e5 and 1e6 persons, embedded
    python benchmarks/omop_people.py --sizes 10000 --engines duckdb,postgres,spark
    python benchmarks/omop_people.py --write FOLDER --sizes 1000000 # the tables and the protocol alone

A person has 50 records: 8 exposures, 10 conditions, 20 measurements, 10 visits, a period of observation, perhaps a death; one in
ten begins one of two drugs of interest. Everything from hashes of the person's number: the same every time. Writes
`results/omop.md`: seconds by phase and the peak memory of the process (of Spark, of Java too). PostgreSQL is a server of the
tests' own, with an index of the persons of each table as the model asks for.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pg_server import Server

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

RESULTS = Path(__file__).parent / "results" / "omop.md"
MEMORY_OF_SPARK = "2g"
BLOCK = 1 << 20  # bytes on their way to PostgreSQL
ALFA, BETA, BLEED, PAIN, ALBUMIN, GRAM = 101, 102, 201, 202, 301, 8713
STUDY = """\
study: {{id: people, title: "Alfamab against betanib", disease: pain, population: persons with pain, notice: "Synthetic data."}}
data: {{standard: omop, {data}}}
omop:
  concept_sets:
    alfa: {{ids: [101], table: drug_exposure}}
    beta: {{ids: [102], table: drug_exposure}}
    bleed: {{ids: [201], table: condition_occurrence, label: bleeding}}
    pain: {{ids: [202], table: condition_occurrence}}
    albumin: {{ids: [301], table: measurement}}
  index: {{washout_days: ever, prior_observation_days: 183}}
  covariates:
    age: {{label: "Age, years", person: age}}
    sex: {{label: Sex, person: sex}}
    pain: {{label: Back pain, concepts: pain, days: [-365, 0]}}
    albumin: {{label: "Albumin, g/dL", concepts: albumin, value: latest, unit: 8713}}
  outcomes:
    bleed: {{label: Bleeding, short: Bleeding, concepts: bleed}}
    death: {{label: Overall survival, short: OS, event_label: Death, death: true}}
arms:
  groups: {{alfa: {{label: Alfamab}}, beta: {{label: Betanib}}}}
  reference: beta
  focal: alfa
design: {{propensity: [age, sex, pain], caliper: 0.2}}
"""
DAY = "date '2010-01-01' + cast({} as integer)"
TABLES = {
    "person": """select i as person_id, case when drawn(i, 1) % 2 = 0 then 8532 else 8507 end as gender_concept_id,
      1930 + cast(drawn(i, 2) % 60 as integer) as year_of_birth, 8527 as race_concept_id, 0 as ethnicity_concept_id
      from range(1, {n} + 1) as t(i)""",
    "observation_period": f"""select i as observation_period_id, i as person_id,
      {DAY.format("drawn(i, 3) % 700")} as observation_period_start_date,
      {DAY.format("3000 + drawn(i, 4) % 1000")} as observation_period_end_date from range(1, {{n}} + 1) as t(i)""",
    "death": f"""select i as person_id, {DAY.format("3000 + drawn(i, 4) % 1000")} as death_date from range(1, {{n}} + 1) as t(i)
      where drawn(i, 5) % 10 = 0""",
    "drug_exposure": f"""select (i - 1) * 8 + k + 1 as drug_exposure_id, i as person_id,
      case when k = 0 and drawn(i, 6) % 10 = 0 then {ALFA} + cast(drawn(i, 7) % 2 as integer) else 110 + k end as drug_concept_id,
      {DAY.format("900 + drawn(64 * i + k, 8) % 2000")} as drug_exposure_start_date,
      {DAY.format("930 + drawn(64 * i + k, 8) % 2000")} as drug_exposure_end_date, 0 as drug_source_concept_id
      from range(1, {{n}} + 1) as t(i) cross join range(8) as r(k)""",
    "condition_occurrence": f"""select (i - 1) * 10 + k + 1 as condition_occurrence_id, i as person_id,
      {BLEED} + cast(drawn(64 * i + k, 9) % 30 as integer) as condition_concept_id, 0 as condition_source_concept_id,
      {DAY.format("700 + drawn(64 * i + k, 10) % 3000")} as condition_start_date, cast(null as date) as condition_end_date
      from range(1, {{n}} + 1) as t(i) cross join range(10) as r(k)""",
    "measurement": f"""select (i - 1) * 20 + k + 1 as measurement_id, i as person_id,
      {ALBUMIN} + cast(drawn(64 * i + k, 11) % 10 as integer) as measurement_concept_id,
      {DAY.format("700 + drawn(64 * i + k, 12) % 3000")} as measurement_date,
      2.5 + (drawn(64 * i + k, 13) % 250) / 100.0 as value_as_number, {GRAM} as unit_concept_id
      from range(1, {{n}} + 1) as t(i) cross join range(20) as r(k)""",
    "visit_occurrence": f"""select (i - 1) * 10 + k + 1 as visit_occurrence_id, i as person_id, 9202 as visit_concept_id,
      {DAY.format("700 + drawn(64 * i + k, 14) % 3000")} as visit_start_date,
      {DAY.format("700 + drawn(64 * i + k, 14) % 3000")} as visit_end_date
      from range(1, {{n}} + 1) as t(i) cross join range(10) as r(k)""",
    "cdm_source": "select 'invented' as cdm_source_name, 'v5.4' as cdm_version",
}


def write_people(folder: Path, n: int) -> None:
    """The tables of n persons in folder/cdm."""
    (folder / "cdm").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "create macro drawn(i, c) as hash(64 * i + c)"
        )  # hash(i, c) of two c differ by the same bits for all i
        for name, sql in TABLES.items():
            connection.execute(f"copy ({sql.format(n=n)}) to '{folder}/cdm/{name}.parquet' (format parquet)")


def write_study(folder: Path, engine: str, address: str = "") -> Path:
    address = f"spark://local?memory={MEMORY_OF_SPARK}" if engine == "spark" else address
    path = folder / f"{engine}.yaml"
    data = f'connection: "{address}", schema: cdm' if address else "path: cdm"
    path.write_text(STUDY.format(data=data), encoding="utf-8")
    return path


@contextmanager
def written_for(folder: Path, engine: str) -> Iterator[Path]:
    """The protocol of the tables in folder/cdm, for as long as what it reads is there."""
    if engine != "postgres":
        yield write_study(folder, engine)
        return
    from pg_server import running

    with running() as server:
        database = server.database("people")
        for name in TABLES:
            _load(server, database, name, folder)
        yield write_study(folder, engine, server.address(database))


def _load(server: Server, database: str, name: str, folder: Path) -> None:
    """A table by COPY, by way of a csv that is gone afterwards."""
    file, read = folder / f"{name}.csv", f"from '{folder}/cdm/{name}.parquet'"
    with duckdb.connect() as reader:
        described = reader.execute(f"describe select * {read}").fetchall()
        reader.execute(f"copy (select * {read}) to '{file}' (header false)")
    kinds = {"BIGINT": "bigint", "INTEGER": "integer", "DATE": "date", "VARCHAR": "text"}
    columns = ", ".join(f"{d[0]} {kinds.get(d[1], 'double precision')}" for d in described)
    with server.owner(database) as connection:
        connection.execute("create schema if not exists cdm")
        connection.execute(f"create table cdm.{name} ({columns})")
        with file.open("rb") as cells, connection.cursor().copy(f"copy cdm.{name} from stdin (format csv)") as into:
            while block := cells.read(BLOCK):
                into.write(block)
        if "person_id" in columns:
            connection.execute(f"create index on cdm.{name} (person_id)")
        connection.execute(f"analyze cdm.{name}")
        server.grant(connection, "cdm")
    file.unlink()


def measure(path: Path, kind: str) -> dict:
    """Seconds by phase, patients and peak memory, in this process."""
    from response import peak

    from equipoise.report.bundle import write_report
    from equipoise.study import run_study

    began, seconds = time.perf_counter(), {}

    def say(line: str) -> None:
        if line[:1].strip():
            seconds[line.split()[0]] = time.perf_counter() - began - sum(seconds.values())

    study = run_study(path, say)
    with tempfile.TemporaryDirectory() as out:
        write_report(study, Path(out) / "report")
    seconds["report"] = time.perf_counter() - began - sum(seconds.values())
    more = {"processor": time.process_time(), "load": os.getloadavg()[0], "peak_mib": peak(kind)}
    return {"engine": kind, "analysed": study.cohort.n, "seconds": seconds, **more}


def table(found: list[dict]) -> str:
    """The measurements as Markdown."""
    phases = list(dict.fromkeys(p for one in found for p in one["seconds"]))
    lines = [
        "# A study of OMOP tables at scale",
        "",
        "Invented persons with 50 records each, one in ten begins a drug of interest. Seconds by phase, seconds of "
        "the processors of this process (not of the server or of Java), and how many programs wanted a processor at the end "
        "(load).",
        "",
        f"| engine | persons | analysed | {' | '.join(phases)} | total | processor | load | peak, MiB |",
        f"|---|---:|---:|{'---:|' * len(phases)}---:|---:|---:|---:|",
    ]
    for one in found:
        cells = " | ".join(f"{one['seconds'].get(p, 0.0):.1f}" for p in phases)
        total = sum(one["seconds"].values())
        spent = f"{total:.1f} | {one['processor']:.1f} | {one['load']:.0f} | {one['peak_mib']:,.0f}"
        lines.append(f"| {one['engine']} | {one['n']:,} | {one['analysed']:,} | {cells} | {spent} |")
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="100000,1000000")
    parser.add_argument("--engines", default="duckdb")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--one", type=Path)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.engines)))
        return
    sizes, engines, found = [int(n) for n in given.sizes.split(",")], given.engines.split(","), []
    if given.write:
        write_people(given.write, sizes[0])
        for engine in engines:
            write_study(given.write, engine)
        return
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            write_people(Path(folder), n)
            print(f"{n:>9,} persons written: {time.perf_counter() - began:.1f} s", flush=True)
            for engine in engines:
                with written_for(Path(folder), engine) as path:
                    one = [sys.executable, __file__, "--one", str(path), "--engines", engine]
                    done = subprocess.run(one, check=True, capture_output=True, text=True)
                found.append({"n": n, **json.loads(done.stdout.splitlines()[-1])})
                print(f"{engine:>9} {n:>9,} persons: {sum(found[-1]['seconds'].values()):.1f} s", flush=True)
    RESULTS.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()
