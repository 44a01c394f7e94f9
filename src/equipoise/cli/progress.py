"""How far a run is, on a terminal alone: the phase that is at work, a bar with its seconds once it takes longer than two, and
each figure as it is drawn. Where the output goes to a file or a pipe nothing is added."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO

PATIENCE, TICK, WIDTH = 2.0, 0.25, 30
# What begins when a phase has said its line; a phase that a study does not have gives way to the next line.
NEXT = {
    "protocol": "data",
    "data": "cohort",
    "cohort": "covariates",
    "covariates": "design",
    "design": "outcomes",
    "lock": "outcomes",
    "outcomes": "estimates",
    "imputed": "estimates",
    "estimates": "report",
}


class Progress:
    """A context: `said` is told each line of a phase once it is printed, `step` what the last phase is doing."""

    def __init__(self, stream: TextIO | None = None):
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty()
        self._lock, self._over = threading.Lock(), threading.Event()
        self._phase, self._step, self._steps, self._since = "protocol", "", 0, time.monotonic()
        self._drawn = ""

    def __enter__(self) -> Progress:
        if self._shown:
            threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with self._lock:
            self._draw("")

    def clear(self) -> None:
        """Before a line is printed."""
        with self._lock:
            self._draw("")

    def said(self, line: str) -> None:
        with self._lock:
            self._phase = NEXT.get(line.split(" ", 1)[0], self._phase)
            self._step, self._steps, self._since = "", 0, time.monotonic()

    def step(self, what: str) -> None:
        """The phase has come to this: a figure, a file."""
        with self._lock:
            self._step, self._steps = what, self._steps + 1
            self._draw(self._line())

    def _watch(self) -> None:
        while not self._over.wait(TICK):
            with self._lock:
                if not self._over.is_set():
                    self._draw(self._line())

    def _line(self) -> str:
        """A bar once the phase takes long; before that its steps alone."""
        seconds = time.monotonic() - self._since
        if seconds >= PATIENCE:
            return waiting(self._phase, seconds, self._step, self._steps)
        return f"{self._phase:12}{self._steps:>3} {self._step}" if self._step else ""

    def _draw(self, line: str) -> None:
        """Over what was drawn before; '' takes it away."""
        if self._shown and line != self._drawn:
            self._stream.write(f"\r{line[:79].ljust(len(self._drawn))}" + ("" if line else "\r"))
            self._stream.flush()
            self._drawn = line[:79]


def waiting(phase: str, seconds: float, step: str = "", steps: int = 0) -> str:
    """A bar of which a block wanders once a second, for how much is left is not known."""
    at = int(seconds) % (WIDTH - 4)
    bar = "." * at + "#####" + "." * (WIDTH - 5 - at)
    return f"{phase:12}[{bar}] {int(seconds)} s" + (f", {steps} {step}" if step else "")
