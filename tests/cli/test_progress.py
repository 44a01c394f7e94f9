"""Progress: on a terminal a line that is taken away again, a bar after two seconds; nothing where the output is no terminal."""

import io

import pytest

from equipoise.cli import progress
from equipoise.cli.progress import Progress


class Screen(io.StringIO):
    def __init__(self, terminal: bool):
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def last(self) -> str:
        """What stands on the line now."""
        line = ""
        for part in self.getvalue().split("\r"):
            line = part + line[len(part) :]
        return line.rstrip()


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Progress, "_watch", lambda self: None)
    return now


def test_a_figure_is_named_and_taken_away_before_the_next_line(clock):
    screen = Screen(True)
    with Progress(screen) as shown:
        shown.said("estimates   4694 numbers, 88 curves")
        shown.step("figure flow")
        assert screen.last == "report        1 figure flow"
        shown.step("figure love")
        assert screen.last == "report        2 figure love"
        shown.clear()
        assert screen.last == ""


def test_a_phase_beyond_two_seconds_has_a_bar(clock):
    screen = Screen(True)
    with Progress(screen) as shown:
        shown.said("design      unadjusted: 126")
        clock[0] += 1.9
        assert shown._line() == ""
        clock[0] += 1.2
        assert shown._line() == "outcomes    [...#####......................] 3 s"
        shown.step("figure flow")
        assert screen.last == "outcomes    [...#####......................] 3 s, 1 figure flow"
    assert screen.last == ""


def test_nothing_is_added_where_the_output_is_no_terminal(clock):
    screen = Screen(False)
    with Progress(screen) as shown:
        shown.said("design      unadjusted: 126")
        clock[0] += 10
        shown.step("figure flow")
        shown.clear()
    assert screen.getvalue() == ""
