"""One side at one size, in a process of its own: prints a JSON line per task."""

import importlib.util
import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "src")]

import numpy as np  # noqa: E402
from peers import LARGEST_OF, PEERS  # noqa: E402
from tasks import OURS, repeats  # noqa: E402

from cohort import cohort  # noqa: E402

_BUDGET = 6.0


def timed(call, runs):
    """Median wall and CPU seconds; a first run above the budget counts, others are warm-up."""
    wall, cpu = [], []
    for _ in range(runs + 1):
        start, start_cpu = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
        if sum(wall) > _BUDGET:
            break
    kept = slice(1, None) if len(wall) > 1 else slice(None)
    return float(np.median(wall[kept])), float(np.median(cpu[kept])), len(wall[kept])


def main(side, n, kind, only):
    """Measure all tasks of `side` (or those named in `only`); a peer that is not installed has none."""
    warnings.simplefilter("ignore")
    if side in PEERS and importlib.util.find_spec(side) is None:
        return
    calls = (OURS | PEERS)[side](cohort(n, kind == "continuous"))
    for task, call in calls.items():
        if (only and task not in only) or n > LARGEST_OF.get((side, task), n):
            continue
        try:
            wall, cpu, runs = timed(call, 9 if n <= 10_000 else 5 if n <= 100_000 else 3)
        except Exception as failure:
            if side in OURS:
                raise
            print(f"{side}, {task}, n = {n}: {type(failure).__name__}: {failure}", file=sys.stderr)
            continue
        divisor = repeats(side, task)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        row = {"side": side, "n": n, "kind": kind, "task": task, "wall": wall / divisor, "cpu": cpu / divisor}
        print(json.dumps(row | {"runs": runs, "peak_mib": round(peak)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:])
