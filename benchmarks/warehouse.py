"""A study in a database: cohort and baseline of 200,000 invented patients with 4 million laboratory rows, here and in a server.

    python benchmarks/warehouse.py                     # begins a server of its own, as the tests do
    python benchmarks/warehouse.py --patients 20000    # fewer

Writes `results/warehouse.md`: seconds to read and check the tables, to define the cohort, and the baseline of every patient.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from equipoise.cohort.build import build_cohort  # noqa: E402
from equipoise.data.sources import read_sources  # noqa: E402
from equipoise.derive.covariates import derive_covariates  # noqa: E402
from equipoise.protocol.load import load_protocol  # noqa: E402
from pg_server import running  # noqa: E402

LABS = 20  # of each patient
RESULTS = Path(__file__).parent / "results" / "warehouse.md"
PROTOCOL = """\
study: {{id: scale, title: "Two regimens", disease: a disease, population: invented patients, notice: "Synthetic data."}}
data: {{connection: "{address}", schema: {schema}}}
index: {{table: index_treatment, date: index_date, label: first dose}}
arms:
  column: drug
  groups: {{one: {{label: One, value: one}}, two: {{label: Two, value: two}}}}
  reference: two
  focal: one
eligibility:
  start: Screened
  steps: [{{label: Adults, exclude: [{{reason: Under age, table: patient, where: "age_index < 18"}}]}}]
covariates:
  age: {{label: "Age, years", kind: continuous, from: age_index}}
  fit: {{label: ECOG 0, kind: binary, from: "ecog = 0"}}
  albumin: {{label: Albumin, kind: continuous, from: albumin_g_dl}}
  platelets: {{label: Platelets, kind: continuous, from: platelets_e9_l}}
sources: {{death: {{table: followup, date: death_date}}, last_contact: {{table: followup, date: last_contact}}}}
endpoints:
  os: {{label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last_contact]}}
design: none
"""
TABLES = {
    "patient": "select 'P' || lpad(cast(i as varchar), 8, '0') as patient_id, 15 + hash(i, 1) % 70 as age_index "
    "from range({n}) as t(i)",
    "index_treatment": "select patient_id, case when hash(patient_id, 2) % 2 = 0 then 'one' else 'two' end as drug, "
    "date '2019-01-01' + cast(hash(patient_id, 3) % 1000 as integer) as index_date from patient",
    "observation": "select patient_id, index_date - cast(hash(patient_id, 4) % 20 as integer) as date, 'ecog' as item, "
    "cast(hash(patient_id, 5) % 3 as varchar) as value from index_treatment",
    "followup": "select patient_id, index_date + cast(100 + hash(patient_id, 6) % 900 as integer) as last_contact, "
    "case when hash(patient_id, 7) % 3 > 0 then index_date + cast(100 + hash(patient_id, 6) % 900 as integer) end as death_date, "
    "date '2025-06-30' as data_cutoff "
    "from index_treatment",
    "lab": "select patient_id, index_date + cast(hash(patient_id, k, 8) % 200 as integer) - 100 as date, "
    "case when k % 2 = 0 then 'albumin' else 'platelets' end as analyte, "
    "cast(case when k % 2 = 0 then 2 + hash(patient_id, k, 9) % 30 / 10.0 else 50 + hash(patient_id, k, 9) % 300 end as double) "
    "as value, "
    "'=' as comparator, case when k % 2 = 0 then 'g/dL' else '10^9/L' end as unit "
    "from index_treatment cross join range({labs}) as t(k)",
}


def generate(folder: Path, n: int) -> None:
    """The tables as a DuckDB file and as csv."""
    with duckdb.connect(str(folder / "scale.duckdb")) as connection:
        for name, sql in TABLES.items():
            connection.execute(f"create table {name} as {sql.format(n=n, labs=LABS)} order by all")
            connection.execute(f"copy {name} to '{folder / name}.csv' (header true)")


def kinds() -> dict[str, str]:
    dates = dict.fromkeys(("index_date", "date", "last_contact", "death_date", "data_cutoff"), "date")
    return {**dates, "age_index": "integer"}


def measure(folder: Path, name: str, address: str, schema: str) -> dict[str, float]:
    """Seconds of each phase."""
    path = folder / f"{name}.yaml"
    path.write_text(PROTOCOL.format(address=address, schema=schema), encoding="utf-8")
    protocol = load_protocol(path)
    seconds, start = {}, time.perf_counter()
    sources = read_sources(protocol)
    seconds["read and checked"] = time.perf_counter() - start
    start = time.perf_counter()
    cohort = build_cohort(protocol, sources)
    seconds["cohort"] = time.perf_counter() - start
    start = time.perf_counter()
    derive_covariates(protocol, sources, cohort)
    seconds["baseline"] = time.perf_counter() - start
    sources.engine.close()
    return seconds


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=200_000)
    n = asked.parse_args().patients
    with tempfile.TemporaryDirectory() as scratch, running() as server:
        folder = Path(scratch)
        generate(folder, n)
        found = {"DuckDB": measure(folder, "duckdb", "duckdb:///scale.duckdb", "main")}
        database = server.database("scale")
        for table in TABLES:
            value = {"value": "text" if table == "observation" else "float8"}
            server.load(database, "registry", [folder / f"{table}.csv"], kinds() | value)
        found["PostgreSQL"] = measure(folder, "postgres", server.address(database), "registry")
    lines = [
        f"# A study in a database: {n:,} invented patients, {n * LABS:,} laboratory rows", "",
        "Seconds of wall time, by `benchmarks/warehouse.py`.", "", "| | " + " | ".join(found) + " |",
        "|---|" + "---:|" * len(found),
    ]  # fmt: skip
    lines += [f"| {phase} | " + " | ".join(f"{found[e][phase]:.2f}" for e in found) + " |" for phase in found["DuckDB"]]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
