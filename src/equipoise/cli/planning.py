"""The study plan: what is planned, before any data are opened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise.cli.shared import Confine, ProtocolFile, Sentences, say


def protocol(
    study: ProtocolFile,
    formats: Annotated[str, typer.Option(help="html, docx, pdf; several with commas")] = "html",
    out: Annotated[Path | None, typer.Option(help="folder; default: that of the protocol")] = None,
    confine: Confine = False,
) -> None:
    """Write the study plan (HARPER sections) from the protocol alone: no data file is opened, and none need exist."""
    with Sentences(False):
        from equipoise.protocol.load import load_protocol
        from equipoise.report.formats import plan_formats
        from equipoise.report.pages.plan import write_plan

        asked = plan_formats(formats)
        made = load_protocol(study, confine=confine)
        for path in write_plan(made, out or study.parent, asked):
            say(f"plan        {path}")
