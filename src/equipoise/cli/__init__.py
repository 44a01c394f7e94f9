"""The command line. Thin: arguments in, sentences and exit codes out (2: the user's to mend, 1: ours)."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Annotated

import typer

from equipoise import __version__, exits
from equipoise.cli import designing, handing_over, looking, planning, reconstructing, running, starting

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables could print a patient's row
    help="A whole comparative-effectiveness study from one protocol file.",
)
COMMANDS = {
    "run": running.run,
    "init": starting.init,
    "check": running.check,
    "protocol": planning.protocol,
    "design": designing.design,
    "demo": running.demo,
    "patient": looking.patient,
    "response-differences": looking.response_differences,
    "compare-conventions": looking.compare_conventions,
    "explain-p": looking.explain_p,
    "diff": looking.diff,
    "audit": looking.audit,
    "export": handing_over.export,
    "deidentify": handing_over.deidentify,
    "multiverse": designing.multiverse,
    "simulate": designing.simulate,
    "sensitivity": designing.sensitivity,
    "reconstruct": reconstructing.reconstruct,
    "verify": handing_over.verify,
    "codebook": starting.codebook,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


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


# A report leaves many small objects behind each other, few of them in circles: looking through all of them at the usual 700 new
# ones is a tenth of a run. A run makes about half of these, so that its objects are left to the end of the program.
COLLECTED_AT = 1_000_000


def main() -> None:
    """Raises SystemExit with the exit code, whatever happens."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # sums in one order on any machine
    gc.set_threshold(COLLECTED_AT)
    sys.excepthook = exits.last_words
    signal.signal(signal.SIGTERM, exits.terminate)
    try:
        app()
    except (Exception, KeyboardInterrupt) as error:
        raise SystemExit(exits.end(error)) from None
    finally:
        exits.OUT.set()


def program() -> None:
    """The command itself, which ends its process: another program that asks for a command calls main."""
    exits.listen()
    try:
        main()
    except SystemExit as ended:
        exits.leave(ended)
        raise
