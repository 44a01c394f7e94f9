"""What the user named, on the command line or when asked."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from equipoise.errors import Fault
from equipoise.start.columns import Seen, plain_number

KEPT = ("first", "last")
UNITS = ("days", "weeks", "months", "years")


@dataclass(frozen=True, slots=True)
class Given:
    """None: to be guessed. single: all patients are one arm. arms: values of the arm that are compared. reference: a value of the
    arm; unit: of the time; happened: the values of the event column that are the event; without: columns that are no
    covariates; one_row: first or last, of a patient's rows by the column `by`."""

    patient: str | None = None
    arm: str | None = None
    time: str | None = None
    event: str | None = None
    single: bool = False
    arms: tuple[str, ...] = ()
    reference: str | None = None
    unit: str | None = None
    happened: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    one_row: str | None = None
    by: str | None = None

    def faults(self, file: str, seen: dict[str, Seen]) -> list[Fault]:
        asked = [(option, getattr(self, option)) for option in ("patient", "arm", "time", "event", "by")]
        found = []
        for option, name in [*asked, *(("without", name) for name in self.without)]:
            if name is not None and name not in seen:
                near = difflib.get_close_matches(name, seen, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(seen)}"
                found.append(Fault(f"--{option}", "missing column", f"{file} has no column '{name}'; {hint}"))
        if self.single and self.arm is not None:
            found.append(Fault("--single-arm", "arm", "all patients are the arm: leave out --arm, or --single-arm"))
        if (self.time is None) != (self.event is None):
            found.append(Fault("--time", "endpoint", "give --time and --event together, or neither"))
        if self.unit is not None and self.unit not in UNITS:
            found.append(Fault("--unit", "unit", f"a unit is one of {', '.join(UNITS)}"))
        if self.one_row is not None and self.one_row not in KEPT:
            found.append(Fault("--one-row", "rows", f"the row that counts is {' or '.join(KEPT)}"))
        return found

    def happened_in(self, column: Seen) -> list[str]:
        """Those of the named event values that the column holds."""
        wanted = {plain_number(v) if column.number else v for v in self.happened}
        return [v for v in column.values if v in wanted]
