"""A hundred studies in a row in one process: whether memory or figures are left behind.

    python benchmarks/repeated.py [N]

Runs GBSG-2 N times (100), writes HTML, Word and PDF into a folder that is deleted each time, and prints after the 5th, the 50th
and the last the resident memory, the figures that matplotlib holds open and the objects that Python tracks.
"""

import gc
import resource
import sys
import tempfile
import time
from pathlib import Path

from equipoise.report.bundle import write_report
from equipoise.study import run_study

EXAMPLE = Path(__file__).parent.parent / "examples" / "gbsg2" / "study.yaml"
TOLD = (5, 50)


def resident() -> float:
    """MiB now, of Linux."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main(n: int) -> None:
    print("| studies | resident MiB | open figures | tracked objects | CPU s |\n|---|---|---|---|---|")
    for i in range(1, n + 1):
        with tempfile.TemporaryDirectory() as folder:
            write_report(run_study(EXAMPLE), Path(folder) / "out", formats=("html", "docx", "pdf"))
        if i in (*TOLD, n):
            gc.collect()
            figures = len(sys.modules["matplotlib.pyplot"].get_fignums()) if "matplotlib.pyplot" in sys.modules else 0
            print(f"| {i} | {resident():.0f} | {figures} | {len(gc.get_objects()):,} | {time.process_time():.0f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
