"""For others: scripts and data sets for R, SAS and ADaM, de-identified data, and a validation report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli.shared import ChangedDesign, Confine, LockFile, ProtocolFile, Sentences, say
from equipoise.errors import EquipoiseError, Fault


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


def deidentify(
    source: Annotated[
        Path, typer.Argument(help="a folder of raw tables, SDTM domains or ADaM data sets, or a spreadsheet", show_default=False)
    ],
    out: Annotated[Path | None, typer.Option(help="folder; default: NAME-deidentified/ beside the data")] = None,
    study: Annotated[Path | None, typer.Option("--protocol", help="the study's protocol, handed over too")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="of identifiers and shifts; default: a long one is drawn")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="a column (or TABLE.COLUMN) to leave out; more than once")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="a column to hand over although it would be left out")] = None,
    key: Annotated[Path | None, typer.Option(help="folder of the key; default: beside the output, never in it")] = None,
    keep_order: Annotated[
        bool, typer.Option("--keep-order", help="identifiers and rows in the old order, which may tell who came first")
    ] = False,
    sheet: Annotated[str | None, typer.Option(help="sheet of an xlsx file; default: the first")] = None,
    patient: Annotated[str | None, typer.Option(help="column of a spreadsheet that names the patients")] = None,
) -> None:
    """Write data with new identifiers, shifted dates and grouped ages, a codebook, and the key apart."""
    with Sentences(False):
        from equipoise.handover import Asked
        from equipoise.handover import deidentify as hand_over

        _refuse_database(source)
        asked = Asked(out, study, seed, tuple(drop or ()), tuple(keep or ()), key, keep_order, sheet, patient)
        done = hand_over(source, asked, say)
        say(f"data        {done.out}; codebook.md says what was done to each column")
        say(f"key         {done.key}; whoever has it knows the patients: keep it where patient data may lie")


def _refuse_database(source: Path) -> None:
    """Nothing is written into a database, and its rows do not leave it unasked."""
    from equipoise.protocol.connection import kind_of

    if kind_of(str(source).replace(":/", "://", 1)):  # a path has single slashes
        message = "data of a database are not de-identified there, as nothing is written into it; export its tables as files "
        message += "within the network that they may not leave, and name their folder"
        raise EquipoiseError(Fault("deidentify", "database", message))


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
