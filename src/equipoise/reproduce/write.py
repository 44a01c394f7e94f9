"""Write the analysis data set and the script beside it, and say what the folder holds."""

from __future__ import annotations

from pathlib import Path

from equipoise.errors import EquipoiseError, Fault
from equipoise.records import Study
from equipoise.report.rows import results_csv
from equipoise.reproduce.adam import write_adam
from equipoise.reproduce.analysis_data import analysis_csv
from equipoise.reproduce.r_script import r_script
from equipoise.reproduce.sas_script import sas_script

SCRIPTS = {"r": ("reproduce.R", r_script), "sas": ("reproduce.sas", sas_script)}
NOTE = """\
analysis.csv holds one row per analysed patient: treat it as patient data.
{script} regenerates the estimates of results.csv from it; the matched pairs are given (columns pair_*).
"""


def export_study(study: Study, folder: Path, language: str) -> Path:
    """analysis.csv, the script, results.csv to compare with, and a README. Returns the script's path. `adam`: ADSL,
    ADTTE and ADRS instead."""
    if language == "adam":
        return write_adam(study, folder)
    if language not in SCRIPTS:
        raise EquipoiseError(Fault("--to", "language", f"'{language}' is not known; write {', '.join(SCRIPTS)} or adam"))
    name, make = SCRIPTS[language]
    files = {
        "analysis.csv": analysis_csv(study),
        name: make(study),
        "results.csv": results_csv(study.estimates),
        "README.txt": NOTE.format(script=name),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return folder / name
