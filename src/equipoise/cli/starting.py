"""Before a study: a first protocol, and what tables it may bring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli.shared import Confine, Sentences, say


def init(
    files: Annotated[list[Path], typer.Argument(help="a spreadsheet, or a folder of tables", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="folder of the protocol; default: beside the data")] = None,
    sheet: Annotated[str | None, typer.Option(help="sheet of an xlsx file; default: the first")] = None,
    patient: Annotated[str | None, typer.Option(help="column that names the patients")] = None,
    arm: Annotated[str | None, typer.Option(help="column with the two treatments")] = None,
    time: Annotated[str | None, typer.Option(help="column with the time of the endpoint")] = None,
    event: Annotated[str | None, typer.Option(help="column with its event")] = None,
    single_arm: Annotated[bool, typer.Option("--single-arm", help="all patients are one arm; nothing is compared")] = False,
) -> None:
    """Write a runnable, commented protocol from your own spreadsheet or folder, every guess listed."""
    with Sentences(False):
        from equipoise.start.begin import start_study
        from equipoise.start.roles import Given

        start_study(files, out, sheet, Given(patient, arm, time, event, single_arm), say)


def codebook(
    study: Annotated[Path | None, typer.Argument(help="Protocol: with the tables, items and analytes of its packs.")] = None,
    pack: Annotated[list[str] | None, typer.Option(help="A pack that ships; may be given more than once.")] = None,
    confine: Confine = False,
) -> None:
    """Print the tables a study may bring: columns, types, units, allowed values; those of packs too."""
    with Sentences(False):
        from equipoise.contract import codebook as text
        from equipoise.study import study_contract

        print(text(study_contract(study, tuple(pack or ()), confine)))
