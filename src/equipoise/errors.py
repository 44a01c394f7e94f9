"""Faults that the user can mend, as sentences; everything else is ours and may show a traceback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


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


class Trouble:
    """Faults of several phases, gathered so that they are said at once. faults: those known from the start."""

    def __init__(self, faults: list[Fault]):
        self._faults = list(faults)
        self._of_protocol = not faults

    def met(self, phase: Callable[..., T], *given: object) -> T | None:
        """What a phase gives; None where it has faults, which are kept."""
        try:
            return phase(*given)
        except EquipoiseError as error:
            self._faults += error.faults
            self._of_protocol &= isinstance(error, ProtocolError)
        except Exception:
            if not self._faults:  # on data that are known to be wrong, a later phase may fail in any way
                raise
        return None

    def needed(self, phase: Callable[..., T], *given: object) -> T:
        """What a phase gives that all others need."""
        found = self.met(phase, *given)
        if found is None:
            self.stop()
        assert found is not None
        return found

    def stop(self) -> None:
        """Raise, where there were faults."""
        if self._faults:
            raise (ProtocolError if self._of_protocol else DataError)(list(dict.fromkeys(self._faults)))
