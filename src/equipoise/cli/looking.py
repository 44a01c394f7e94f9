"""Looking closer: one patient, recorded responses, other conventions, a printed P."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise import exits
from equipoise.cli.shared import Confine, ProtocolFile, Sentences, ShowValues, say


def patient(
    study: ProtocolFile,
    identifier: Annotated[str, typer.Argument(metavar="PATIENT_ID", help="as in the data", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="folder of the page; default: patients/ beside the protocol")] = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Write a page with the timeline of one patient: scans with reasons, doses, labs, adverse events, endpoints."""
    with Sentences(show_values):
        from equipoise.study import write_patient_page

        page = write_patient_page(study, identifier, out or study.parent / "patients", confine)
        say(f"page        {page}")
        say("the page holds a patient's rows: keep it where patient data may lie")


def response_differences(study: ProtocolFile, show_values: ShowValues = False, confine: Confine = False) -> None:
    """Count recorded responses that differ from those that the lesions give; with --show-values, list them."""
    with Sentences(show_values):
        from equipoise.study import response_disagreements

        for line in response_disagreements(study, show_values, confine):
            say(line)


def compare_conventions(
    study: ProtocolFile,
    profile: Annotated[list[str] | None, typer.Option(help="r, sas or spss; may be repeated. Default: r and sas")] = None,
    confine: Confine = False,
) -> None:
    """Print only the cells that change under other conventions, and whether a P crosses 0.05."""
    with Sentences(False):
        from equipoise.study import compare_conventions as compare

        say(compare(study, tuple(profile or ("r", "sas")), confine))


def explain_p(
    p: Annotated[str, typer.Argument(help="the P as printed, e.g. 0.019 or '<0.001'", show_default=False)],
    table: Annotated[str | None, typer.Option(help="counts by row: '24,12; 8,28'")] = None,
    x: Annotated[str, typer.Option(help="first sample: '1.2, 3.4'")] = "",
    y: Annotated[str, typer.Option(help="second sample")] = "",
) -> None:
    """List every test, correction and tail of a table or two samples that gives a printed P."""
    with Sentences(False):
        from equipoise.study import explain_p as explain

        candidates = explain(p, table, (x, y))
        for candidate in candidates:
            say(str(candidate))
        tried = [c for c in candidates if c.match != "left out"]
        say(f"{sum(bool(c.match) for c in tried)} of {len(tried)} tests print as {p}")


def diff(
    first: Annotated[Path, typer.Argument(metavar="OUT1", help="an output folder of `equipoise run`", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="OUT2", help="another one, or the same study run later", show_default=False)],
    tolerance: Annotated[float, typer.Option(min=0, max=1, help="relative: numbers that differ by no more are the same")] = 1e-9,
    html: Annotated[Path | None, typer.Option(help="also write everything as a page to this file")] = None,
    everything: Annotated[bool, typer.Option("--all", help="list every difference, not the first 20 of a kind")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="exit with 1 where anything but a version differs")] = False,
) -> None:
    """Compare two output folders: which numbers changed, which crossed 0.05 or no effect, in which table rows, and why."""
    with Sentences(False):
        from equipoise.difference.compare import compare
        from equipoise.difference.read import read_outputs
        from equipoise.difference.words import lines, write_page

        found = compare(*read_outputs(first, second), tolerance)
        for line in lines(found, everything):
            say(line)
        if html is not None:
            say(f"page        {write_page(found, html)}")
        if exit_code and found.any:
            raise typer.Exit(1)


def audit(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="an output folder of `equipoise run`", show_default=False)],
) -> None:
    """Read a finished folder back and check its numbers against each other; end with 1 where they do not agree."""
    with Sentences(False):
        from equipoise.audit.audit import audit_folder
        from equipoise.audit.paper import unread

        findings = audit_folder(out)
        for finding in findings:
            say(finding.sentence())
        not_read = unread(out)
        said = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}" if findings else "the finished files agree"
        say(f"{said} ({not_read})" if not_read else said)
        if findings:
            raise typer.Exit(exits.DISAGREES)
