"""Published curves: the patients behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from equipoise import folders
from equipoise.cli.shared import Sentences, say
from equipoise.errors import EquipoiseError, Fault

FAR = 0.05  # of survival


def reconstruct(
    points: Annotated[
        Path, typer.Argument(help="csv of digitized points: time, survival (0 to 1, or percent)", show_default=False)
    ],
    at_risk: Annotated[Path, typer.Option("--at-risk", help="csv of numbers at risk: time (from 0), number")],
    events: Annotated[int | None, typer.Option(help="total number of events of this arm, where it was published")] = None,
    out: Annotated[Path | None, typer.Option(help="csv to write; default: POINTS with -patients.csv at its end")] = None,
) -> None:
    """Reconstruct patients (time, event) from a published Kaplan-Meier curve of one arm (Guyot et al., 2012)."""
    with Sentences(False):
        from equipoise.estimate.reconstruction import HEADING, patients_csv, reconstruct

        to = out or points.with_name(f"{points.stem}-patients.csv")
        if to.exists() and (to.samefile(points) or not _ours(to, ",".join(HEADING))):
            raise EquipoiseError(Fault(str(to), "file", "this file is there already; name another one with --out"))
        curve = reconstruct(points, at_risk, events)
        folders.write(to, patients_csv(curve))
        say(f"patients    {curve.n}, of whom {curve.n_events} with an event")
        say(f"difference  survival at the points: at most {100 * curve.max_difference:.1f} percentage points, "
            f"root mean square {100 * curve.rmse:.1f}")  # fmt: skip
        if curve.max_difference > FAR:
            say("remark      the curve is not well reproduced: read more points, close together before each number at risk")
        say(f"at risk     at most {curve.max_at_risk_difference} patients from the published numbers")
        say(f"written     {to}")
        say("reconstructed patients have no covariates: comparisons with them are not adjusted")


def _ours(file: Path, heading: str) -> bool:
    """Whether an earlier reconstruction wrote it."""
    with file.open("rb") as there:
        return there.readline(100).decode("utf-8", "replace").strip() == heading
