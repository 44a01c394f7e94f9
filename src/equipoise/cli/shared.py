"""What commands share: their arguments, what they say, and how they end."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from equipoise import exits
from equipoise.audit.finding import Finding

ProtocolFile = Annotated[Path, typer.Argument(help="the protocol, a YAML file", show_default=False)]
CONFINE = "for a protocol of a stranger: read nothing outside its folder, follow no link"
Confine = Annotated[bool, typer.Option("--confine", help=CONFINE)]
ShowValues = Annotated[bool, typer.Option("--show-values", help="print offending values too (your own screen only)")]
ChangedDesign = Annotated[
    bool,
    typer.Option("--changed-design", help="go on where the design or its data changed after design.lock; the report says how"),
]
LockFile = Annotated[Path | None, typer.Option("--lock", help="the lock; default: design.lock beside the protocol")]


SHOWN = 20  # findings


def say(line: str) -> None:
    print(line, flush=True)


def bar(done: int, of: int, what: str = "designs") -> None:
    """How far the work is, on a screen; nothing where the output goes to a file."""
    if sys.stderr.isatty():
        filled = 30 * done // max(of, 1)
        end = "\n" if done >= of else ""
        print(f"\r{what:12}[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,}", end=end, file=sys.stderr, flush=True)


def open_page(page: Path) -> None:
    """In the user's browser; where there is none the path that was printed is enough."""
    if not webbrowser.open(page.resolve().as_uri()):
        say(f"remark      no browser could be opened; open {page} yourself")


def say_findings(findings: Sequence[Finding]) -> None:
    """What does not agree in the finished files: the first of it, and where the rest stands."""
    for finding in findings[:SHOWN]:
        say(f"audit       {finding.sentence()}")
    if findings:
        n = len(findings)
        say(f"audit       {n} finding{'s' if n > 1 else ''}; all of them stand in audit.csv")
    else:
        say("audit       the finished files agree")


class Sentences:
    """Turns whatever ends a command into sentences and an exit code."""

    def __init__(self, show_values: bool):
        self._show_values = show_values

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, typer.Exit | SystemExit):
            return
        raise typer.Exit(exits.end(error, self._show_values)) from None
