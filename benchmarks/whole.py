"""Whole studies, each a process of its own from files to files: CPU seconds of the program and its children, and its peak memory.

    python benchmarks/whole.py                              # every study that takes seconds; three runs each
    python benchmarks/whole.py sheet_1e5 subgroups --runs 1 # some of them
    python benchmarks/whole.py raw_1e5 --runs 1             # the large ones are run only when they are named

The package is compiled beforehand, as an installed one is. Prints a JSON line per study. results/whole.md is kept by hand from
them, with the day and the load of the machine.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import yaml

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src"
FOUNDING = SOURCE / "equipoise" / "founding"
PATIENTS = 194  # of the founding study's raw tables
ESTIMATES = "import sys; from equipoise.study import run_study; run_study(sys.argv[1])"


def sheet(n, covariates=10, subgroups=0, sparse=0, seed=1):
    """Columns of an invented spreadsheet: numbers, yes or no, three levels; `sparse` yes-or-no columns of about 4 % yes."""
    draw = np.random.default_rng(seed)
    columns = {"id": np.arange(n)}
    kinds = ("number", "yes", "levels", "number", "yes")
    for i in range(covariates):
        kind = kinds[i % len(kinds)]
        if kind == "number":
            columns[f"x{i}"] = np.round(draw.normal(60, 10, n), 1)
        elif kind == "yes":
            columns[f"x{i}"] = (draw.random(n) < 0.4).astype(int)
        else:
            columns[f"x{i}"] = draw.choice(np.array(["I", "II", "III"], dtype=object), n)
    for i in range(sparse):
        columns[f"r{i}"] = (draw.random(n) < 0.04).astype(int)
    for i in range(subgroups):
        columns[f"g{i}"] = (draw.random(n) < 0.5).astype(int)
    score = 0.02 * (columns["x0"] - 60) + 0.3 * (columns["x1"] - 0.4)
    treated = draw.random(n) < 1 / (1 + np.exp(-score))
    columns["arm"] = np.where(treated, "A", "B").astype(object)
    time = draw.exponential(400 * np.exp(-0.5 * score + 0.2 * treated))
    end = draw.uniform(200, 1500, n)
    columns["days"] = np.maximum(1, np.minimum(time, end)).astype(int)
    columns["dead"] = (time <= end).astype(int)
    return columns


def asked(columns, file):
    """The protocol of such a spreadsheet, matched 1:1 on all covariates but the sparse ones."""
    covariates = {}
    for name, cells in columns.items():
        if name[0] in "xr" and cells.dtype.kind == "f":
            covariates[name] = {"label": name.upper(), "kind": "continuous", "from": name}
        elif name[0] in "xr" and cells.dtype.kind == "i":
            covariates[name] = {"label": name.upper(), "kind": "binary", "from": f"{name} = 1"}
        elif name[0] == "x":
            levels = {level: level for level in ("I", "II", "III")}
            covariates[name] = {"label": name.upper(), "kind": "categorical", "from": name, "levels": levels}
    every = [name for name in covariates if name[0] == "x"]
    modelled = [*covariates, "treatment"]
    groups = [name for name in columns if name[0] == "g"]
    covariates |= {g: {"label": f"Group {g[1:]}", "kind": "binary", "from": f"{g} = 1", "show": False} for g in groups}
    asked = {
        "study": {"id": "sheet", "title": "Two invented drugs", "disease": "cancer", "population": "invented patients"},
        "data": {"rows": file, "patient": "id"},
        "arms": {
            "column": "arm",
            "groups": {"a": {"label": "Alfa", "value": "A"}, "b": {"label": "Beta", "value": "B"}},
            "reference": "b",
            "focal": "a",
        },
        "covariates": covariates,
        "endpoints": {
            "os": {
                "label": "Overall survival",
                "short": "OS",
                "event_label": "Death",
                "time": {"column": "days", "unit": "days"},
                "event": "dead = 1",
            }
        },
        "design": {"propensity": every, "caliper": 0.2},
        "cox": {"univariable": modelled, "multivariable": {"os": modelled}},
    }
    if groups:
        levels = {"No": "{} = 0", "Yes": "{} = 1"}
        asked["subgroups"] = {
            g: {"label": f"Group {g[1:]}", "levels": {k: v.format(g) for k, v in levels.items()}} for g in groups
        }
    return asked


def write_sheet(folder, **shape):
    """A spreadsheet study in `folder`; gives its protocol."""
    columns = sheet(**shape)
    engine = duckdb.connect()
    engine.register("columns_given", columns)
    engine.execute(f"copy (select * from columns_given) to '{folder / 'd.parquet'}' (format parquet)")
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(asked(columns, "d.parquet"), sort_keys=False), encoding="utf-8")
    return path


def write_raw(folder, n):
    """The founding study's raw tables as often as n patients need, in Parquet, with other identifiers each time."""
    (folder / "data").mkdir()
    engine = duckdb.connect()
    copies = -(-n // PATIENTS)
    for file in sorted((FOUNDING / "data").glob("*.csv")):
        engine.execute(f"create or replace table t as select * from read_csv('{file}', all_varchar = true)")
        names = [row[0] for row in engine.execute("describe t").fetchall()]
        ids = ", ".join(f"{c} || '-' || copy as {c}" if c == "patient_id" else f'"{c}"' for c in names)
        target = folder / "data" / f"{file.stem}.parquet"
        engine.execute(f"copy (select {ids} from range({copies}) as r(copy), t) to '{target}' (format parquet)")
    for name in ("study.yaml", "printed.csv"):
        shutil.copy(FOUNDING / name, folder / name)
    return folder / "study.yaml"


def shipped(source):
    def write(folder):
        shutil.copytree(source, folder, dirs_exist_ok=True)
        return folder / "study.yaml"

    return write


def sized(write, **shape):
    return lambda folder: write(folder, **shape)


# name -> what it is, how it is written, what is done with it
STUDIES = {
    "founding": ("founding study, run, html", shipped(FOUNDING), "run"),
    "founding_formats": ("founding study, run, html, docx and pdf", shipped(FOUNDING), "formats"),
    "founding_check": ("founding study, check", shipped(FOUNDING), "check"),
    "gbsg2": ("GBSG-2, run", shipped(HERE.parent / "examples" / "gbsg2"), "run"),
    "gbsg2_check": ("GBSG-2, check", shipped(HERE.parent / "examples" / "gbsg2"), "check"),
    "subgroups": ("12 subgroups, n = 300, run", sized(write_sheet, n=300, subgroups=12), "run"),
    "sparse": ("28 sparse covariates, n = 206, estimates", sized(write_sheet, n=206, covariates=2, sparse=26), "estimates"),
    "sheet_1e4": ("spreadsheet, 1e4 patients x 10 covariates, run", sized(write_sheet, n=10_000), "run"),
    "sheet_1e5": ("spreadsheet, 1e5 patients x 10 covariates, run", sized(write_sheet, n=100_000), "run"),
}
LARGE = {
    "sheet_1e6": ("spreadsheet, 1e6 patients x 10 covariates, run", sized(write_sheet, n=1_000_000), "run"),
    "raw_1e4": ("raw tables, 1e4 patients, run", sized(write_raw, n=10_000), "run"),
    "raw_1e5": ("raw tables, 1e5 patients (7.9 million rows), estimates", sized(write_raw, n=100_000), "estimates"),
}


def compiled(folder):
    """The environment of a measured program: our sources compiled into a folder, one thread for linear algebra."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONPYCACHEPREFIX": folder, "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(SOURCE)], env=environment, check=True)
    return environment


def measured(path, do, environment):
    """CPU seconds and peak MiB of one process."""
    run = ["-m", "equipoise", "run", str(path), "--out", str(path.parent / "report")]
    commands = {
        "run": run,
        "formats": [*run, "--formats", "html,docx,pdf"],
        "check": ["-m", "equipoise", "check", str(path)],
        "estimates": ["-c", ESTIMATES, str(path)],
    }
    with (path.parent / "log.txt").open("w") as log:
        child = subprocess.Popen([sys.executable, *commands[do]], env=environment, stdout=log, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
    if status:
        print((path.parent / "log.txt").read_text()[-2000:], file=sys.stderr)
        raise SystemExit(f"{path} could not be run")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def row(name, runs, environment):
    """The median of some runs of one study, written anew."""
    what, write, do = (STUDIES | LARGE)[name]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder))
        found = [measured(path, do, environment) for _ in range(runs)]
    return {
        "study": name,
        "what": what,
        "cpu": round(statistics.median(cpu for cpu, _ in found), 2),
        "peak_mib": round(max(peak for _, peak in found)),
        "runs": runs,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", choices=[*STUDIES, *LARGE, []])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="only write the one study named to this folder")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        print((STUDIES | LARGE)[options.studies[0]][1](options.keep))
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        environment = compiled(folder)
        for name in options.studies or STUDIES:
            print(json.dumps(row(name, options.runs, environment)), flush=True)


if __name__ == "__main__":
    main()
