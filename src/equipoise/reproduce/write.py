"""Write the analysis data set and the script beside it, and say what the folder holds."""

from __future__ import annotations

import math
from pathlib import Path

from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import added, write
from equipoise.records import Study
from equipoise.report.rows import results_csv
from equipoise.reproduce.adam import write_adam
from equipoise.reproduce.analysis_data import analysis_csv, csv_text
from equipoise.reproduce.at_limits import limits_note
from equipoise.reproduce.coverage import not_regenerated
from equipoise.reproduce.detail_data import detail_files
from equipoise.reproduce.r_script import r_script
from equipoise.reproduce.sas_script import sas_script

SCRIPTS = {"r": ("reproduce.R", r_script), "sas": ("reproduce.sas", sas_script)}
NOTE = """\
analysis.csv holds one row per analysed patient: treat it as patient data, and so the others:
{others}.
{script} regenerates the estimates of results.csv from them; the matched pairs are given (columns pair_*), as is what scans,
doses, adverse events and later treatments came to. {more}
"""
SEVERAL = "Each comparison with the reference arm is a study of two arms in the folder of its name, under the same keys.\n"
MORE = {
    "r": "{made} of {valued} numbers are\nmade again; not_regenerated.csv lists the others, each with the reason. Needs R 4.0 "
    "or later with the package survival,\nand cmprsk for cumulative incidence and Gray's test.",
    "sas": "It covers baseline,\nresponse and its duration, survival, adverse events and time on treatment, and has not been run "
    "by its writers; the script\nfor R (--to r) covers more.",
}


def export_study(study: Study, folder: Path, language: str, with_patient_rows: bool = False) -> Path:
    """analysis.csv, the data sets beside it, the script, results.csv to compare with, what the script leaves out, and a
    README. Returns the script's path. `adam`: ADSL, ADTTE and ADRS instead. with_patient_rows: asked for by a
    study that masks small cells, for an export holds every patient (EquipoiseError without)."""
    if study.protocol.minimum_cell is not None and not with_patient_rows:
        message = "the protocol masks small cells, and an export holds every patient; where that may lie, add --with-patient-rows"
        raise EquipoiseError(Fault("--to", "small cells", message))
    if language == "adam":
        return write_adam(study, folder)
    if language not in SCRIPTS:
        raise EquipoiseError(Fault("--to", "language", f"'{language}' is not known; write {', '.join(SCRIPTS)} or adam"))
    if any(spec.score.groups for spec in study.protocol.designs.values()):
        message = "the score of a design rests on groups of covariates, whose columns are not exported; write --to adam"
        raise EquipoiseError(Fault("--to", "groups of covariates", message))
    if study.protocol.arms.several and language == "sas":
        message = "the script for SAS is one of two arms; of more write --to r, or make of two arms a study of their own"
        raise EquipoiseError(Fault("--to", "several arms", message))
    _write(study, folder, language)
    for name in study.protocol.comparisons:
        if study.designs.restricted[name].designs:
            _write(study.among(name), folder / name, language)
    return folder / SCRIPTS[language][0]


def _write(study: Study, folder: Path, language: str) -> None:
    files = _files(study, language)
    with added(folder, f"export-{language}", whole=True) as new:
        for file, text in files.items():
            write(new / file, text)


def _files(study: Study, language: str) -> dict[str, str]:
    name, make = SCRIPTS[language]
    details, outside = detail_files(study), not_regenerated(study)
    valued = sum(not math.isnan(row.value) for row in study.estimates.rows.values())
    more = MORE[language].format(made=valued - len(outside), valued=valued)
    if language == "sas":
        more += _not_in_sas(study)
    files = {
        "analysis.csv": analysis_csv(study),
        **details,
        name: make(study),
        "results.csv": results_csv(study.estimates, study.protocol),
        "README.txt": NOTE.format(script=name, others=", ".join(details), more=more),
    }
    if study.protocol.arms.several:
        files["README.txt"] += SEVERAL
    noted = limits_note(study)
    files["README.txt"] += f"Columns *_comparator of analysis.csv say so of each patient.\n{noted}" if noted else ""
    if language == "r":
        files["not_regenerated.csv"] = csv_text({"key": list(outside), "reason": list(outside.values())})
    return files


def _not_in_sas(study: Study) -> str:
    """What this study asks for and the script for SAS leaves out."""
    strata = " Its Cox models have no strata, those of results.csv do." if study.protocol.cox.strata else ""
    strata += " It leaves out the hazard ratios over imputed covariates." if study.imputed is not None else ""
    return strata + (" It leaves out the restricted populations." if study.protocol.restrict else "")
