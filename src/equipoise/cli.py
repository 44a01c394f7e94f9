"""The command line. Thin: arguments in, sentences and exit codes out (2: the user's to mend, 1: ours)."""

from __future__ import annotations

import signal
import sys
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from equipoise import __version__, exits
from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import prepare

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could print a patient's row
    help="A whole comparative-effectiveness study from one protocol file.",
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"equipoise {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    """Of every command."""


ProtocolFile = Annotated[Path, typer.Argument(help="the protocol, a YAML file", show_default=False)]
CONFINE = "for a protocol of a stranger: read nothing outside its folder, follow no link"
Confine = Annotated[bool, typer.Option("--confine", help=CONFINE)]
ShowValues = Annotated[bool, typer.Option("--show-values", help="print offending values too (your own screen only)")]


ChangedDesign = Annotated[
    bool,
    typer.Option("--changed-design", help="go on where the design or its data changed after design.lock; the report says how"),
]
LockFile = Annotated[Path | None, typer.Option("--lock", help="the lock; default: design.lock beside the protocol")]


@app.command()
def run(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="output folder; default: out/ beside the protocol")] = None,
    formats: Annotated[
        str, typer.Option(help="html, docx, pdf, parted by commas: the last two write manuscript and supplement")
    ] = "html",
    with_patient_rows: Annotated[bool, typer.Option("--with-patient-rows", help="also write a row per patient")] = False,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Run the whole study and write its report."""
    with _Sentences(show_values):
        _run(study, out or study.parent / "out", with_patient_rows, confine, changed_design, lock, formats)


@app.command()
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
    with _Sentences(False):
        from equipoise.start.begin import start_study
        from equipoise.start.roles import Given

        start_study(files, out, sheet, Given(patient, arm, time, event, single_arm), _say)


@app.command()
def check(
    study: ProtocolFile,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Check protocol and data: everything that `run` does, short of writing a report."""
    with _Sentences(show_values):
        from equipoise.study import Locking, check_study

        sources = check_study(study, _say, show_values, confine, Locking(changed_design, lock))
        for finding in sources.findings:
            _say(f"finding     {finding.sentence(show_values)}")
        _say("no faults: the study can run")


@app.command()
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
    with _Sentences(show_values):
        import datetime as dt

        from equipoise.study import design_study, patients_at_the_ends

        made = design_study(study, dt.datetime.now().astimezone(), out, _say, confine)
        for line in patients_at_the_ends(made.protocol, made.designs) if show_values else ():
            _say(f"patient     {line}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="where the study is written")] = Path("founding-study"),
) -> None:
    """Write the founding study (protocol and synthetic data) to a folder and run it."""
    with _Sentences(False):
        source = resources.files("equipoise.founding")
        with resources.as_file(source) as package:
            _copy_study(package, folder)
        _say(f"written     {folder / 'study.yaml'} and {folder / 'data'}/ (synthetic data)")
        _run(folder / "study.yaml", folder / "out", False)


@app.command()
def patient(
    study: ProtocolFile,
    identifier: Annotated[str, typer.Argument(metavar="PATIENT_ID", help="as in the data", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="folder of the page; default: patients/ beside the protocol")] = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Write a page with the timeline of one patient: scans with reasons, doses, labs, adverse events, endpoints."""
    with _Sentences(show_values):
        from equipoise.study import write_patient_page

        page = write_patient_page(study, identifier, out or study.parent / "patients", confine)
        _say(f"page        {page}")
        _say("the page holds a patient's rows: keep it where patient data may lie")


@app.command("response-differences")
def response_differences(study: ProtocolFile, show_values: ShowValues = False, confine: Confine = False) -> None:
    """Count recorded responses that differ from those that the lesions give; with --show-values, list them."""
    with _Sentences(show_values):
        from equipoise.study import response_disagreements

        for line in response_disagreements(study, show_values, confine):
            _say(line)


@app.command("compare-conventions")
def compare_conventions(
    study: ProtocolFile,
    profile: Annotated[list[str] | None, typer.Option(help="r, sas or spss; may be repeated. Default: r and sas")] = None,
    confine: Confine = False,
) -> None:
    """Print only the cells that change under other conventions, and whether a P crosses 0.05."""
    with _Sentences(False):
        from equipoise.study import compare_conventions as compare

        _say(compare(study, tuple(profile or ("r", "sas")), confine))


@app.command("explain-p")
def explain_p(
    p: Annotated[str, typer.Argument(help="the P as printed, e.g. 0.019 or '<0.001'", show_default=False)],
    table: Annotated[str | None, typer.Option(help="counts by row: '24,12; 8,28'")] = None,
    x: Annotated[str, typer.Option(help="first sample: '1.2, 3.4'")] = "",
    y: Annotated[str, typer.Option(help="second sample")] = "",
) -> None:
    """List every test, correction and tail of a table or two samples that gives a printed P."""
    with _Sentences(False):
        from equipoise.study import explain_p as explain

        candidates = explain(p, table, (x, y))
        for candidate in candidates:
            _say(str(candidate))
        tried = [c for c in candidates if c.match != "left out"]
        _say(f"{sum(bool(c.match) for c in tried)} of {len(tried)} tests print as {p}")


@app.command()
def export(
    study: ProtocolFile,
    to: Annotated[str, typer.Option(help="r, sas or adam")] = "r",
    out: Annotated[Path | None, typer.Option(help="folder; default: export-r/ (-sas/, -adam/) beside the protocol")] = None,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    confine: Confine = False,
) -> None:
    """Write the analysis data set and a script that regenerates the results in R or SAS, or ADaM sets. Holds patient rows."""
    with _Sentences(False):
        from equipoise.study import Locking, export_study, run_study

        result = run_study(study, _say, confine=confine, locking=Locking(changed_design, lock))
        script = export_study(result, out or study.parent / f"export-{to}", to)
        _say(f"script      {script}")
        _say("the folder holds a row per patient: keep it where patient data may lie")


@app.command()
def multiverse(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="folder; default: multiverse/ beside the protocol")] = None,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Make the study again in every specification of a grid: its hazard ratios, where the planned one lies among them."""
    with _Sentences(show_values):
        from equipoise.multiverse import run_multiverse
        from equipoise.report.pages.multiverse import matched_lines, write_multiverse
        from equipoise.study import Locking

        protocol, found = run_multiverse(study, _say, _bar, confine, locking=Locking(changed_design, lock))
        page = write_multiverse(protocol, found, out or study.parent / "multiverse")
        _say(f"page        {page}")
        for line in matched_lines(found) if show_values else ():
            _say(f"matched     {line}")


@app.command()
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
    with _Sentences(False):
        from equipoise.report.pages.simulation import simulation_lines, write_simulation
        from equipoise.simulation import Asked, asked_as_written, run_simulation

        asked = Asked(
            replicates, seed, tuple(hr or ()), endpoint, conditional, n=n, outcomes=outcomes, median=median,
            lost_per_year=lost_per_year, prognosis=prognosis,
        )  # fmt: skip
        asked = asked_as_written(asked, arms, follow_up, unmeasured)
        protocol, found = run_simulation(study, asked, _say, partial(_bar, what="replicates"), confine)
        for line in simulation_lines(protocol, found):
            _say(line)
        page = write_simulation(protocol, found, out or study.parent / "simulation")
        _say(f"page        {page}")


@app.command()
def sensitivity(
    study: ProtocolFile,
    out: Annotated[Path | None, typer.Option(help="folder; default: sensitivity/ beside the protocol")] = None,
    changed_design: ChangedDesign = False,
    lock: LockFile = None,
    show_values: ShowValues = False,
    confine: Confine = False,
) -> None:
    """Look at the planned comparison in every other way: one forest, one table, and what the data can and cannot exclude."""
    with _Sentences(show_values):
        from equipoise.report.pages.sensitivity import write_sensitivity
        from equipoise.study import Locking, run_study

        result = run_study(study, _say, confine=confine, locking=Locking(changed_design, lock), bundle=True)
        _say(f"page        {write_sensitivity(result, out or study.parent / 'sensitivity')}")


@app.command()
def verify(
    out: Annotated[Path, typer.Option(help="folder for the report")] = Path("validation"),
) -> None:
    """Rerun the shipped witnesses on this machine and write a dated validation report."""
    with _Sentences(False):
        import datetime as dt

        from equipoise.verify.report import write_validation

        report, passed = write_validation(out, dt.datetime.now().astimezone(), _say)
        _say(f"report      {report}")
        if not passed:
            raise typer.Exit(1)


@app.command()
def codebook(
    study: Annotated[Path | None, typer.Argument(help="Protocol: with the tables, items and analytes of its packs.")] = None,
    pack: Annotated[list[str] | None, typer.Option(help="A pack that ships; may be given more than once.")] = None,
    confine: Confine = False,
) -> None:
    """Print the tables a study may bring: columns, types, units, allowed values; those of packs too."""
    with _Sentences(False):
        from equipoise.contract import codebook as text
        from equipoise.study import study_contract

        print(text(study_contract(study, tuple(pack or ()), confine)))


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
) -> None:
    from equipoise.report.bundle import drawing_remark, formats_of, write_report
    from equipoise.study import Locking, run_study

    asked = formats_of(formats)
    prepare(out)  # a study that takes minutes is not run for a folder that cannot be written
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        _say(line)

    result = run_study(study, say, confine=confine, locking=Locking(changed_design, lock))
    remark = drawing_remark(result)
    if remark:
        say(f"remark      {remark}")
    write_report(result, out, with_patient_rows=with_patient_rows, log=lines, formats=asked)
    _say(f"report      {out / 'report.html'}")
    for name in asked[1:] if "html" in asked else asked:
        _say(f"manuscript  {out / f'manuscript.{name}'}, {out / f'supplement.{name}'}")


def _say(line: str) -> None:
    print(line, flush=True)


def _bar(done: int, of: int, what: str = "designs") -> None:
    """How far the work is, on a screen; nothing where the output goes to a file."""
    if sys.stderr.isatty():
        filled = 30 * done // max(of, 1)
        end = "\n" if done >= of else ""
        print(f"\r{what:12}[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,}", end=end, file=sys.stderr, flush=True)


class _Sentences:
    """Turns whatever ends a command into sentences and an exit code."""

    def __init__(self, show_values: bool):
        self._show_values = show_values

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, typer.Exit | SystemExit):
            return
        raise typer.Exit(exits.end(error, self._show_values)) from None


def main() -> None:
    sys.excepthook = exits.last_words
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was begun is taken away on the way out
    app()


if __name__ == "__main__":
    main()
