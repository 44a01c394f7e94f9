"""Before a study: a first protocol, and what tables it may bring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise import exits
from equipoise.cli.shared import Confine, Sentences, say


def init(
    files: Annotated[
        list[str],
        typer.Argument(help="a spreadsheet, a folder of tables, or the address of a database", show_default=False),
    ],
    out: Annotated[Path | None, typer.Option(help="folder of the protocol; default: beside the data")] = None,
    sheet: Annotated[str | None, typer.Option(help="sheet of an xlsx file; default: the first")] = None,
    patient: Annotated[str | None, typer.Option(help="column that names the patients")] = None,
    arm: Annotated[str | None, typer.Option(help="column with the treatments")] = None,
    time: Annotated[str | None, typer.Option(help="column with the time of the endpoint")] = None,
    event: Annotated[str | None, typer.Option(help="column with its event")] = None,
    single_arm: Annotated[bool, typer.Option("--single-arm", help="all patients are one arm; nothing is compared")] = False,
    arm_is: Annotated[list[str] | None, typer.Option(help="value of the arm that is compared; may be repeated")] = None,
    reference: Annotated[str | None, typer.Option(help="value of the arm that is the denominator of every hazard ratio")] = None,
    unit: Annotated[str | None, typer.Option(help="unit of the time: days, weeks, months or years")] = None,
    event_is: Annotated[
        list[str] | None, typer.Option(help="value of the event column that is the event; may be repeated")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="column that is no covariate; may be repeated")] = None,
    one_row: Annotated[
        str | None, typer.Option(help="where patients have several rows, the one that counts: first or last")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="column that orders the rows of a patient; default: the order of the file")
    ] = None,
    schema: Annotated[
        str | None, typer.Option(help="schema of the database that holds the tables: of codebook, SDTM or OMOP")
    ] = None,
    target: Annotated[str | None, typer.Option(help="OMOP: drug of the arm that is compared, by concept id or name")] = None,
    comparator: Annotated[str | None, typer.Option(help="OMOP: drug of the reference arm")] = None,
    outcome: Annotated[str | None, typer.Option(help="OMOP: condition that is the outcome")] = None,
    questions: Annotated[
        bool | None, typer.Option("--ask/--no-ask", help="ask what cannot be guessed; default: on a terminal")
    ] = None,
) -> None:
    """Write a runnable, commented protocol from your own spreadsheet or folder, every guess listed; then run it once."""
    with Sentences(False):
        from equipoise.cli.asking import ask, on_a_terminal
        from equipoise.start.begin import begin_study
        from equipoise.start.database import begin_database
        from equipoise.start.given import Given
        from equipoise.start.omop import Asked, begin_omop, is_omop

        if len(files) == 1 and "://" not in files[0] and Path(files[0]).is_dir() and is_omop(Path(files[0])):
            path = begin_omop(files[0], schema, out, Asked(target or "", comparator or "", outcome or ""), say)
            _first_run(path)
            return
        given = Given(
            patient, arm, time, event, single_arm, tuple(arm_is or ()), reference, unit,
            tuple(event_is or ()), tuple(without or ()), one_row, by,
        )  # fmt: skip
        asks = ask if (on_a_terminal() if questions is None else questions) else None
        if "://" in files[0]:
            concepts = Asked(target or "", comparator or "", outcome or "")
            _first_run(begin_database(files[0], schema, out, given, concepts, say, asks))
            return
        begun = begin_study([Path(f) for f in files], out, sheet, given, say, asks)
        for question in begun.open:
            say(f"open        {question}")
        if begun.open:
            n = len(begun.open)
            what = f"{n} question{'s are' if n > 1 else ' is'} open"
            say(f"next        {what}: write the answer into {begun.path.name} in place of EDIT,")
            say("            or remove the file and run init again with the option, or on a terminal with --ask")
            raise typer.Exit(exits.USER)
        _first_run(begun.path)


def _first_run(path: Path) -> None:
    """The study run once, nothing written: its first numbers, or what must be mended."""
    from equipoise.errors import EquipoiseError
    from equipoise.report.first_numbers import first_numbers
    from equipoise.study import run_study

    try:
        study = run_study(path)
    except EquipoiseError as error:
        for fault in error.faults:
            say(f"to mend     {fault.sentence()}")
        raise typer.Exit(exits.USER) from None
    for line in first_numbers(study):
        say(line)
    doubts = path.read_text(encoding="utf-8").count("CONFIRM") - 1
    doubt = f"confirm the {doubts} line{'s' if doubts > 1 else ''} that say CONFIRM, " if doubts > 0 else ""
    say(f"next        {doubt}check the lines marked EDIT, then: equipoise run {path.name}")


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
