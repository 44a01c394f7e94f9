"""What became of each column of a spreadsheet, one row for each."""

from __future__ import annotations

from equipoise.csv_text import csv_text
from equipoise.start.columns import Seen, slug, unique
from equipoise.start.guess import Guess
from equipoise.start.write_dates import roles as dated_roles


def mapping_csv(seen: dict[str, Seen], guess: Guess) -> str:
    """One row per column of the file: what it is used as, under which name, why. No cell of a patient."""
    names = covariate_names(guess)
    roles: dict[str, tuple[str, str, str]] = {c: ("left out", "", why) for c, why in guess.left_out.items()}
    roles |= {c.column: (f"covariate, {c.kind}", names[c.column], c.reason) for c in guess.covariates}
    if guess.dates is not None:
        roles |= dated_roles(guess.dates)
    for e in reversed(guess.endpoints):
        used = "" if e in guess.used else " (not used)"
        roles[e.event] = (f"event{used}", e.name, e.event_reason)
        roles[e.time] = (f"time{used}", e.name, f"{e.reason}; unit {e.unit}: {e.unit_reason}")
    if guess.arm:
        roles[guess.arm.column] = ("arm", "", guess.arm.reason)
    if guess.patient:
        roles[guess.patient] = ("patient", "", guess.patient_reason)
    heading = ("column", "used_as", "name", "reason", "rows", "empty", "different_values")
    return csv_text(heading, ((name, *roles[name], c.n, c.empty, len(c.counts)) for name, c in seen.items()))


def covariate_names(guess: Guess) -> dict[str, str]:
    taken = {"treatment"}
    return {c.column: unique(slug(c.column), taken) for c in guess.covariates}
