"""Run all benchmarks: ours and every installed peer, in one go.  See README.md."""

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cohort import cohort  # noqa: E402
from report import figure, table  # noqa: E402

# The largest size at which a peer finishes within the budget.
LARGEST = {"lifelines": 1_000_000, "sksurv": 100_000, "statsmodels": 100_000, "glum": 1_000_000}
SLOW = {("lifelines", 100_000): ["cox", "kaplan_meier", "logrank"], ("lifelines", 1_000_000): ["cox", "kaplan_meier", "logrank"]}
CONTINUOUS = ["cox", "cox_one", "cox_robust", "kaplan_meier", "logrank", "incidence", "rmst"]


def python_side(side, n, kind="days", only=()):
    """Rows measured in a child process."""
    command = [sys.executable, str(HERE / "measure.py"), side, str(n), kind, *only]
    return _rows(subprocess.run(command, capture_output=True, text=True, check=False), f"{side} at {n}")


def r_side(n, kind="days"):
    """Rows measured by R on the same numbers."""
    d = cohort(n, kind == "continuous")
    columns = np.column_stack([d["time"], d["event"], d["cause"], d["weight"], d["treat"], d["X"]])
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        columns.T.astype("<f8").tofile(file.name)
        command = ["Rscript", str(HERE / "peers.R"), file.name, str(n), kind]
        return _rows(subprocess.run(command, capture_output=True, text=True, check=False), f"R at {n}")


def _rows(done, what):
    if done.returncode:
        print(f"{what} stopped: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for row in rows:
        print(f"{row['side']:12s} {row['n']:>9,} {row['kind']:10s} {row['task']:14s} {row['cpu']:.6f} s", flush=True)
    return rows


def measure_all(sizes, growth, peers):
    """All rows of all sides."""
    rows = python_side("small", 1000)
    for n in sizes:
        # A process for the Cox fit alone, so that its peak memory is that of nothing else.
        rows += [r for r in python_side("ours", n, "days", ["cox"])]
        rows += [r for r in python_side("ours", n) if r["task"] != "cox"]
        for side, largest in LARGEST.items() if peers else ():
            if n <= largest and importlib.util.find_spec(side):
                rows += python_side(side, n, "days", SLOW.get((side, n), ()))
        if peers and shutil.which("Rscript"):
            rows += r_side(n)
        if n >= 100_000:
            rows += python_side("ours", n, "continuous", CONTINUOUS)
    return rows + (python_side("ours", 10_000_000, "days", ["cox", "kaplan_meier", "logrank"]) if growth else [])


def main():
    """Parse the command line, measure, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--growth", action="store_true", help="our own side at ten million as well")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--out", default=str(HERE / "results"))
    options = parser.parse_args()
    rows = measure_all([int(float(n)) for n in options.sizes.split(",")], options.growth, not options.no_peers)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "measurements.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (out / "table.md").write_text(table(rows))
    figure(rows, out / "figure.svg")
    print(f"written to {out}")


if __name__ == "__main__":
    main()
