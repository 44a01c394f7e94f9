"""The page on statistics: its session runs as printed, and no function is missing."""

import doctest
from pathlib import Path

from equipoise import stats

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


def test_the_session_runs_as_printed():
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 5
    assert found.failed == 0


def test_every_function_stands_on_the_page():
    text = PAGE.read_text()
    assert not [name for name in stats.__all__ if f"`{name}" not in text]
