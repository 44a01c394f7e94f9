"""The study itself: run, check, and the founding study as a demonstration."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from equipoise import exits
from equipoise.audit.finding import Finding
from equipoise.cli.progress import Progress
from equipoise.cli.shared import (
    ChangedDesign,
    Confine,
    LockFile,
    ProtocolFile,
    Sentences,
    ShowValues,
    open_page,
    say,
    say_findings,
)
from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import prepare

Dry = Annotated[bool, typer.Option("--dry", help="of a study in a database: say what leaves it, and write nothing")]


def run(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="output folder; default: out/ beside the protocol")] = None,
    formats: Annotated[
        str, typer.Option(help="html, docx, pdf of manuscript and supplement, png, tiff of figures, parted by commas")
    ] = "html",
    theme: Annotated[str | None, typer.Option(help="plain, jama, nejm, lancet, bmj or cmh; else as in the protocol")] = None,
    width: Annotated[int | None, typer.Option(help="of the figures on paper, mm: 85, 120 or 174")] = None,
    color: Annotated[str | None, typer.Option(help="of the figures: color or greyscale")] = None,
    with_patient_rows: Annotated[bool, typer.Option("--with-patient-rows", help="also write a row per patient")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="end with 1 where the finished files do not agree")] = False,
    open_report: Annotated[bool, typer.Option("--open", help="open the report in the browser when it is written")] = False,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
    dry: Dry = False,
) -> None:
    """Run the whole study and write its report."""
    if dry:
        return _dry(study, show_values, confine)
    with Sentences(show_values):
        looks = (theme, width, color)
        place = out or study.parent / "out"
        page, findings = _run(study, place, with_patient_rows, confine, changed_design, lock, formats, looks)
        if open_report:
            open_page(page)
        if strict and findings:
            raise typer.Exit(exits.DISAGREES)


def check(
    study: ProtocolFile,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
    dry: Dry = False,
) -> None:
    """Check protocol and data: everything that `run` does, short of writing a report."""
    if dry:
        return _dry(study, show_values, confine)
    with Sentences(show_values):
        from equipoise.study import Locking, check_study

        sources = check_study(study, say, show_values, confine, Locking(changed_design, lock))
        for finding in sources.findings:
            say(f"finding     {finding.sentence(show_values)}")
        say("no faults: the study can run")


def _dry(study: Path, show_values: bool, confine: bool) -> None:
    with Sentences(show_values):
        from equipoise.study import what_leaves

        for line in what_leaves(study, say, confine):
            say(f"leaves      {line}")
        say("nothing was written")


def demo(
    folder: Annotated[Path, typer.Argument(help="where the study is written")] = Path("founding-study"),
) -> None:
    """Write the founding study (protocol and synthetic data) to a folder and run it."""
    with Sentences(False):
        source = resources.files("equipoise.founding")
        with resources.as_file(source) as package:
            _copy_study(package, folder)
        say(f"written     {folder / 'study.yaml'} and {folder / 'data'}/ (synthetic data)")
        _run(folder / "study.yaml", folder / "out", False)


def _copy_study(package: Path, folder: Path) -> None:
    """The files of the founding study. One that is there already and says something else is never overwritten."""
    files = [package / "study.yaml", package / "printed.csv", *sorted((package / "data").iterdir())]
    targets = {folder / file.relative_to(package): file.read_bytes() for file in files}
    strange = [str(t.relative_to(folder)) for t, content in targets.items() if t.exists() and t.read_bytes() != content]
    if strange:
        more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
        message = f"{', '.join(strange[:3])}{more} in it would be overwritten; name another folder, nothing was written"
        raise EquipoiseError(Fault(folder.name or ".", "file exists", message))
    for target, content in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _run(
    study: Path,
    out: Path,
    with_patient_rows: bool,
    confine: bool = False,
    changed_design: bool = False,
    lock: Path | None = None,
    formats: str = "html",
    looks: tuple[str | None, int | None, str | None] = (None, None, None),
) -> tuple[Path, list[Finding]]:
    """The report's page, written, and what the finished files do not agree in."""
    from equipoise.report.bundle import write_report
    from equipoise.report.formats import formats_of
    from equipoise.report.themes import looks_of, with_looks
    from equipoise.report.undrawn import drawing_remark
    from equipoise.study import Locking, run_study

    asked, changed = formats_of(formats), looks_of(*looks)
    prepare(out)  # a study that takes minutes is not run for a folder that cannot be written
    lines: list[str] = []
    findings: list[Finding] = []
    with Progress() as progress:

        def logged(line: str) -> None:
            lines.append(line)
            progress.clear()
            say(line)
            progress.said(line)

        result = with_looks(run_study(study, logged, confine=confine, locking=Locking(changed_design, lock)), changed)
        remark = drawing_remark(result)
        if remark:
            logged(f"remark      {remark}")
        told = {"log": lines, "tell": progress.step, "audited": findings.extend}
        write_report(result, out, with_patient_rows=with_patient_rows, formats=asked, **told)
    say(f"report      {out / 'report.html'}")
    for name in [name for name in asked if name in ("docx", "pdf")]:
        say(f"manuscript  {out / f'manuscript.{name}'}, {out / f'supplement.{name}'}")
    say_findings(findings)
    return out / "report.html", findings
