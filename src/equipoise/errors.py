"""Faults that the user can mend, as sentences; everything else is ours and may show a traceback."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where, and what to do.

    place: file with line, row or column, e.g. `study.yaml:12` or `lab.csv, row 14, column unit`. rule: short name of the
    rule that was broken. message: one or two sentences. value: what was found; shown only on the user's own screen.
    """

    place: str
    rule: str
    message: str
    value: str = ""

    def sentence(self, show_value: bool = False) -> str:
        found = f" Found: {self.value!r}." if show_value and self.value else ""
        return f"{self.place}: {self.message}{found}"


class EquipoiseError(Exception):
    """Bad input. Carries every fault found, not only the first. The command line prints them and exits with 2."""

    def __init__(self, faults: list[Fault] | Fault):
        self.faults = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__("\n".join(f.sentence() for f in self.faults))


class ProtocolError(EquipoiseError):
    """The protocol file cannot be used."""


class DataError(EquipoiseError):
    """The data cannot be used."""
