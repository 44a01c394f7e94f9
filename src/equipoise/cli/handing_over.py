"""For others: scripts and data sets for R, SAS and ADaM, and a validation report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli.shared import ChangedDesign, Confine, LockFile, ProtocolFile, Sentences, say


def export(
    study: ProtocolFile,
    to: Annotated[str, typer.Option(help="r, sas or adam")] = "r",
    out: Annotated[Path | None, typer.Option(help="folder; default: export-r/ (-sas/, -adam/) beside the protocol")] = None,
    with_patient_rows: Annotated[
        bool, typer.Option("--with-patient-rows", help="export patients although the protocol masks small cells")
    ] = False,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    confine: Confine = False,
) -> None:
    """Write the analysis data set and a script that regenerates the results in R or SAS, or ADaM sets. Holds patient rows."""
    with Sentences(False):
        from equipoise.study import Locking, export_study, run_study

        result = run_study(study, say, confine=confine, locking=Locking(changed_design, lock))
        script = export_study(result, out or study.parent / f"export-{to}", to, with_patient_rows)
        say(f"script      {script}")
        say("the folder holds a row per patient: keep it where patient data may lie")


def verify(
    out: Annotated[Path, typer.Option(help="folder for the report")] = Path("validation"),
) -> None:
    """Rerun the shipped witnesses on this machine and write a dated validation report."""
    with Sentences(False):
        import datetime as dt

        from equipoise.verify.report import write_validation

        report, passed = write_validation(out, dt.datetime.now().astimezone(), say)
        say(f"report      {report}")
        if not passed:
            raise typer.Exit(1)
