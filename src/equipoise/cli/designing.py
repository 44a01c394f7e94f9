"""What is asked of a design: locked before outcomes, made again in other ways, tried under a known truth."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli.shared import ChangedDesign, Confine, LockFile, ProtocolFile, Sentences, ShowValues, bar, say


def design(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="the lock; default: design.lock beside the protocol")] = None,
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="also list patients left out and at the ends of the weights (your own screen only)"),
    ] = False,
    confine: Confine = False,
) -> None:
    """Lock the design: everything up to balance, without opening an outcome; writes design.lock and design.html."""
    with Sentences(show_values):
        import datetime as dt

        from equipoise.study import design_study, patients_at_the_ends

        made = design_study(study, dt.datetime.now().astimezone(), out, say, confine)
        for line in patients_at_the_ends(made.protocol, made.designs) if show_values else ():
            say(f"patient     {line}")


def multiverse(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="folder; default: multiverse/ beside the protocol")] = None,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Make the study again in every specification of a grid: its hazard ratios, where the planned one lies among them."""
    with Sentences(show_values):
        from equipoise.multiverse import run_multiverse
        from equipoise.report.pages.multiverse import matched_lines, write_multiverse
        from equipoise.study import Locking

        protocol, found = run_multiverse(study, say, bar, confine, locking=Locking(changed_design, lock))
        page = write_multiverse(protocol, found, out or study.parent / "multiverse")
        say(f"page        {page}")
        for line in matched_lines(found) if show_values else ():
            say(f"matched     {line}")


def simulate(
    study: ProtocolFile,
    replicates: Annotated[int, typer.Option(min=2, max=1_000_000, help="replicates")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="of the draws")] = 1,
    hr: Annotated[
        list[float] | None, typer.Option(help="a true hazard ratio; may be repeated. Default: 1, and that of 'power' or 0.7")
    ] = None,
    endpoint: Annotated[str, typer.Option(help="an endpoint; default: the first")] = "",
    conditional: Annotated[bool, typer.Option("--conditional", help="--hr holds within levels of the covariates")] = False,
    arms: Annotated[str, typer.Option(help="drawn from the score, or kept as they are")] = "drawn",
    n: Annotated[int, typer.Option(min=0, max=1_000_000, help="patients, drawn from the study's; 0: each of them once")] = 0,
    median: Annotated[float | None, typer.Option(help="time to the event in the reference arm, in the study's unit")] = None,
    follow_up: Annotated[str, typer.Option(help="shortest and longest, in the study's unit: 6,30")] = "",
    lost_per_year: Annotated[float | None, typer.Option(help="share of patients lost to follow-up in a year")] = None,
    prognosis: Annotated[float, typer.Option(help="hazard ratio per SD of the score, where 'power' declares no prognosis")] = 1.5,
    unmeasured: Annotated[str, typer.Option(help="a confounder: share, odds ratio of treatment, hazard ratio: 0.3,2,2")] = "",
    outcomes: Annotated[bool, typer.Option("--outcomes", help="open the outcomes: times as the study's own were")] = False,
    out: Annotated[Path | None, typer.Option(help="folder; default: simulation/ beside the protocol")] = None,
    confine: Confine = False,
) -> None:
    """Bias, coverage and power of the study's own designs under a known hazard ratio; opens no outcome unless asked."""
    with Sentences(False):
        from equipoise.report.pages.simulation import simulation_lines, write_simulation
        from equipoise.simulation import Asked, asked_as_written, run_simulation

        asked = Asked(
            replicates, seed, tuple(hr or ()), endpoint, conditional, n=n, outcomes=outcomes, median=median,
            lost_per_year=lost_per_year, prognosis=prognosis,
        )  # fmt: skip
        asked = asked_as_written(asked, arms, follow_up, unmeasured)
        protocol, found = run_simulation(study, asked, say, partial(bar, what="replicates"), confine)
        for line in simulation_lines(protocol, found):
            say(line)
        page = write_simulation(protocol, found, out or study.parent / "simulation")
        say(f"page        {page}")


def sensitivity(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="folder; default: sensitivity/ beside the protocol")] = None,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Look at the planned comparison in every other way: one forest, one table, and what the data can and cannot exclude."""
    with Sentences(show_values):
        from equipoise.report.pages.sensitivity import write_sensitivity
        from equipoise.study import Locking, run_study

        result = run_study(study, say, confine=confine, locking=Locking(changed_design, lock), bundle=True)
        say(f"page        {write_sensitivity(result, out or study.parent / 'sensitivity')}")
