"""Response by RECIST 1.1 at scale: the SQL of `outcomes/` on the embedded engine, lesions invented in the engine.

    python benchmarks/response.py                  # 1e4, 1e5 and 1e6 patients, 10 scans and 3 lesions each
    python benchmarks/response.py --sizes 1000     # fewer
    python benchmarks/response.py --engines duckdb,spark

A process per size; writes `results/response.md` with time and the peak memory of the process, engine included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equipoise.engine import Engine

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

SCANS, LESIONS = 10, 3
MEMORY = "8GB"  # of the engine that invents the tables
MEMORY_OF_SPARK = "2g"
RESULTS = Path(__file__).parent / "results" / "response.md"
# A lesion starts at 15 to 54 mm and shrinks or grows by its own rate; one in forty readings is missing, one in sixty
# absent; the third lesion of every fifth patient is new at the sixth scan. Everything from hashes: the same every time.
BASE = {
    "cohort": "select 'P' || i as patient_id, date '2020-01-01' as index_date from range({n}) as t(i)",
    "baseline_item": "select patient_id, 0 as baseline_visit from cohort",
    "visit_imaging": """select patient_id, v as visit,
      date '2020-01-01' + cast(case when v = 0 then -7 else 56 * v end as integer) as date,
      hash(patient_id, v, 1) % 50 > 0 as evaluable, row_number() over () as source_row
      from cohort cross join range({scans}) as t(v)""",
    "lesion": """select patient_id, 'L' || k as lesion_id, k = 2 and hash(patient_id, 2) % 5 = 0 as is_late,
      case when k < 2 then 'target' when hash(patient_id, 2) % 5 = 0 then 'new' else 'non-target' end as role,
      case when k = 0 then 'liver' else 'lung' end as organ, false as is_lymph_node,
      case when k = 2 and hash(patient_id, 2) % 5 = 0 then 5 else 0 end as first_visit,
      cast(null as varchar) as split_from, cast(null as varchar) as reader
      from cohort cross join range({lesions}) as t(k)""",
    "lesion_measure": """select lesion.patient_id, lesion.lesion_id, visit,
      case when role = 'target' then
        round((15 + hash(lesion.patient_id, lesion_id, 3) % 40) * pow(0.85 + (hash(lesion.patient_id, 4) % 30) / 100.0, visit), 0)
      end as diameter_mm,
      cast(null as double) as viable_mm,
      case when visit > 0 and hash(lesion.patient_id, lesion_id, visit, 5) % 60 = 0 then 'absent' else 'present' end as status
      from lesion join visit_imaging on visit_imaging.patient_id = lesion.patient_id
      where visit >= first_visit and (visit = 0 or hash(lesion.patient_id, lesion_id, visit, 6) % 40 > 0)""",
}


def measure(n: int, kind: str) -> dict:
    """Seconds (wall, processor), rows and peak memory at n patients, in this process and, of Spark, in its Java."""
    from equipoise.engine import read_sql, values
    from equipoise.outcomes.response import BEST, COLUMNS, READ, STEPS, step_sql

    with tempfile.TemporaryDirectory() as scratch:
        invent = [sys.executable, __file__, "--invent", str(Path(scratch) / "tables"), "--one", str(n)]
        subprocess.run(invent, check=True)  # its memory is not measured
        engine = opened(kind, Path(scratch))
        engine.view("observed_visit_imaging", "select * from visit_imaging")
        setting = ("RECIST 1.1", False, 5.0, 42, False, 28, 1, 1, 5.0, None, "RECIST 1.1", 14)
        engine.define("setting_response", values(list(COLUMNS), [setting]))
        steps = {name: step_sql(name) for name in STEPS} | {n: read_sql("equipoise.outcomes", file) for n, file in BEST.items()}
        before, start, busy = peak(kind), time.perf_counter(), time.process_time()
        engine.define_by_patient(steps, [name for name in steps if name in READ])
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        best = dict(engine.rows("select bor, count(*) from best_response group by bor order by bor"))
        rows = engine.rows("select count(*) from lesion_measure")[0][0]
        spent = {"seconds": seconds, "processor": busy, "load": os.getloadavg()[0], "data_mib": before, "peak_mib": peak(kind)}
        engine.close()
    return {"engine": kind, "n": n, "rows": rows, "best": best, **spent}


def invented(folder: Path, n: int) -> None:
    """The tables as parquet files: the same for every engine."""
    import duckdb

    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = '{folder}/spilled'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        for name, sql in BASE.items():
            connection.execute(f"create table {name} as {sql.format(n=n, scans=SCANS, lesions=LESIONS)}")
            connection.execute(f"copy {name} to '{folder}/{name}.parquet' (format parquet)")


def opened(kind: str, folder: Path) -> Engine:
    """An engine that holds the tables: the embedded one as its own, Spark as its stored ones."""
    import duckdb

    from equipoise.engine import open_engine
    from equipoise.engine.files import ColumnStream

    if kind == "spark":
        engine = open_engine(f"spark://local?memory={MEMORY_OF_SPARK}", folder)
        for name in engine.stored("tables"):
            engine.view(name, f"select * from {engine.stored_name('tables', name)}")
        return engine
    engine = open_engine()
    with duckdb.connect() as connection:
        for name in BASE:
            engine.take(name, ColumnStream(connection.sql(f"select * from '{folder}/tables/{name}.parquet'")))
    return engine


def peak(kind: str) -> float:
    """MiB of the process, and of Java where Spark runs in it."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if kind != "spark":
        return most
    java = [p for p in Path("/proc").iterdir() if p.name.isdigit() and _is_ours(p)]
    return sum(int(line.split()[1]) / 1024 for p in java for line in (p / "status").read_text().splitlines() if "VmHWM" in line)


def _is_ours(process: Path) -> bool:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        return (process / "comm").read_text().strip() == "java" and int(fields[2]) == os.getpgid(0)
    except OSError:
        return False


def table(found: list[dict]) -> str:
    """The measurements as Markdown."""
    import duckdb

    lines = [
        "# Response by RECIST 1.1 at scale",
        "",
        f"{SCANS} scans and {LESIONS} lesions per patient, invented; DuckDB {duckdb.__version__}, {os.cpu_count()} processors, "
        f"Spark of this machine with {MEMORY_OF_SPARK} of memory for its Java.",
        "Seconds of wall and of the processors of this process (Spark's work is in Java), and how many programs wanted a "
        "processor at the end (load). Data: peak memory once the raw tables stand; peak: in the end; of Spark, of Java.",
        "",
        "| engine | patients | lesion readings | wall, s | processor, s | load | data, MiB | peak, MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        busy = "-" if one["engine"] == "spark" else f"{one['processor']:.1f}"
        lines.append(
            f"| {one['engine']} | {one['n']:,} | {one['rows']:,} | {one['seconds']:.1f} | {busy} | {one['load']:.0f} "
            f"| {one['data_mib']:,.0f} | {one['peak_mib']:,.0f} |"
        )
    for one in found:
        shares = ", ".join(f"{bor} {count:,}" for bor, count in one["best"].items())
        lines += ["", f"Best overall response of the {one['n']:,} patients ({one['engine']}): {shares}."]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--engines", default="duckdb")
    parser.add_argument("--one", type=int)
    parser.add_argument("--invent", type=Path)
    given = parser.parse_args()
    if given.invent:
        invented(given.invent, given.one)
        return
    if given.one:
        print(json.dumps(measure(given.one, given.engines)))
        return
    found = []
    for engine in given.engines.split(","):
        for size in given.sizes.split(","):
            one = [sys.executable, __file__, "--one", size, "--engines", engine]
            done = subprocess.run(one, check=True, capture_output=True, text=True)
            found.append(json.loads(done.stdout))
            print(f"{engine:>9} {int(size):>9,} patients: {found[-1]['seconds']:.1f} s", flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(table(found), encoding="utf-8")


if __name__ == "__main__":
    main()
