"""Table 1 in Word and Kaplan-Meier curves of GBSG-2, ours beside R's (flextable, officer, survminer), each side a whole process.

    python benchmarks/manuscript.py [FOLDER]

Prints CPU and wall seconds, the median of three runs a side; FOLDER keeps table1.docx and km.png of both. R needs the packages
of `manuscript.R`; without Rscript our side is measured alone.
"""

import csv
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "gbsg2"
RUNS = 3
OURS = """
import sys
from dataclasses import replace
from pathlib import Path
from equipoise.document.docx import render_docx
from equipoise.report.assemble import report_document
from equipoise.study import run_study

document = report_document(run_study(sys.argv[1]), {})
figure = next(f for f in document.figures() if f.name == "figure_km")
section = next(s for s in document.sections if any(b.name == "table_baseline" for b in s.blocks if hasattr(b, "name")))
table = tuple(b for b in section.blocks if getattr(b, "name", "") == "table_baseline")
paper = replace(document, sections=(replace(section, blocks=table),))
Path(sys.argv[2], "table1.docx").write_bytes(render_docx(paper))
Path(sys.argv[2], "km.png").write_bytes(figure.drawing.png)
"""


def data_csv(folder: Path) -> Path:
    from openpyxl import load_workbook

    sheet = load_workbook(EXAMPLE / "gbsg2.xlsx", read_only=True)["patients"]
    target = folder / "gbsg2.csv"
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(sheet.iter_rows(values_only=True))
    return target


def sides(folder: Path) -> dict[str, list[str]]:
    """Side -> its command; the folder of its output comes last."""
    ours = folder / "ours.py"
    ours.write_text(OURS, encoding="utf-8")
    found = {"equipoise": [sys.executable, str(ours), str(EXAMPLE / "study.yaml")]}
    if shutil.which("Rscript"):
        found["R: flextable, officer, survminer"] = ["Rscript", str(HERE / "manuscript.R"), str(data_csv(folder))]
    return found


def measured(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a command and what it starts."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    path = {"PYTHONPATH": str(HERE.parent / "src")}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start


def main(target: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        for side, command in sides(Path(name)).items():
            folder = (target or Path(name)) / side.split(":")[0]
            folder.mkdir(parents=True, exist_ok=True)
            runs = [measured([*command, str(folder)]) for _ in range(RUNS)]
            cpu, wall = (statistics.median(run[i] for run in runs) for i in (0, 1))
            print(f"{side}: {cpu:.2f} s CPU, {wall:.2f} s wall")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
