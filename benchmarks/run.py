"""Run all benchmarks: ours and every installed peer, in one go.  See README.md."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from peers import LARGEST  # noqa: E402

from cohort import cohort, intervals  # noqa: E402
from report import figure, table  # noqa: E402

CONTINUOUS = [
    "cox", "cox_one", "cox_20", "cox_50", "cox_strata", "cox_counting", "cox_robust", "kaplan_meier", "logrank", "logrank_strata",
    "concordance", "incidence", "rmst",
]  # fmt: skip


def python_side(side, n, kind="days", only=(), python=sys.executable):
    """Rows measured in a child process; none of a peer that is not installed."""
    command = [python, str(HERE / "measure.py"), side, str(n), kind, *only]
    return _rows(subprocess.run(command, capture_output=True, text=True, check=False), f"{side} at {n}")


def r_side(n, kind="days"):
    """Rows measured by R on the same numbers."""
    d = cohort(n, kind == "continuous")
    names = ("time", "event", "cause", "weight", "treat", "X")
    columns = [*(d[name] for name in names), d["wide"][:, 10:], d["strata"], d["score"], d["logit"]]
    moving = intervals(d, kind == "continuous")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "columns"
        np.column_stack(columns).T.astype("<f8").tofile(file)
        np.column_stack(moving).T.astype("<f8").tofile(f"{file}.moving")
        command = ["Rscript", str(HERE / "peers.R"), str(file), str(n), kind]
        return _rows(subprocess.run(command, capture_output=True, text=True, check=False), f"R at {n}")


def _rows(done, what):
    if done.returncode:
        print(f"{what} stopped: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    elif done.stderr:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for row in rows:
        print(f"{row['side']:12s} {row['n']:>9,} {row['kind']:10s} {row['task']:14s} {row['cpu']:.6f} s", flush=True)
    return rows


def measure_all(sizes, growth, peers):
    """All rows of all sides; `peers`: the Python in which peers are looked for, None for no peers."""
    rows = python_side("small", 1000)
    for n in sizes:
        # A process for the Cox fit alone, so that its peak memory is that of nothing else.
        rows += [r for r in python_side("ours", n, "days", ["cox"])]
        rows += [r for r in python_side("ours", n) if r["task"] != "cox"]
        rows += peer_sides(n, "days", (), peers)
        if n >= 100_000:
            rows += python_side("ours", n, "continuous", CONTINUOUS)
            rows += peer_sides(n, "continuous", CONTINUOUS, peers)
    return rows + (python_side("ours", 10_000_000, "days", ["cox", "kaplan_meier", "logrank"]) if growth else [])


def peer_sides(n, kind, only, python):
    """Rows of every installed peer."""
    if python is None:
        return []
    rows = [row for side, largest in LARGEST.items() if n <= largest for row in python_side(side, n, kind, only, python)]
    return rows + (r_side(n, kind) if shutil.which("Rscript") else [])


def main():
    """Parse the command line, measure, write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--growth", action="store_true", help="our own side at ten million as well")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--peers-python", default=sys.executable, help="the Python that has the peers, if it is another one")
    parser.add_argument("--note", default="", help="a sentence about the machine, printed above the table")
    parser.add_argument("--out", default=str(HERE / "results"))
    options = parser.parse_args()
    rows = measure_all(
        [int(float(n)) for n in options.sizes.split(",")], options.growth, None if options.no_peers else options.peers_python
    )
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "measurements.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (out / "table.md").write_text(table(rows, options.note))
    figure(rows, out / "figure.svg")
    print(f"written to {out}")


if __name__ == "__main__":
    main()
