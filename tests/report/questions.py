"""Who asks the estimates for what: phase, analysis and statistic of each question, by the function of report/ that asks it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NamedTuple
from unittest import mock

from asked import Entry, asked

import equipoise
from equipoise.records import Estimates, Row, Study
from equipoise.records.vocabulary import PHASES, Named
from equipoise.report.lookup import Numbers
from equipoise.report.pages.convention_changes import convention_changes
from equipoise.report.pages.design import design_lines, warnings
from equipoise.report.pages.sensitivity import of_bundle

REPORT = str(Path(equipoise.__file__).parent / "report")
NO_PLACE = str(Path(REPORT) / "lookup.py")  # asks for others; what it asks for itself stands under who called it
ANY = "*"


class Question(NamedTuple):
    """place: file and function. how: `row` (one number), `rows`, `any` (is there one), `compares` (a word of a row that the
    place was given, against one of its own). The words as they were asked, '*' for what was left open, and for a variable
    that the vocabulary does not write out."""

    place: str
    how: str
    phase: str
    analysis: str
    statistic: str
    variable: str


class _Word(str):
    """A word of a row that says what it is compared with."""

    __slots__ = ("found", "part")

    def __eq__(self, other: object) -> bool:
        self._note(other)
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._note(other)
        return str.__ne__(self, other)

    __hash__ = str.__hash__

    def _note(self, other: object) -> None:
        frame = sys._getframe(2)
        if type(other) is str and other and frame.f_code.co_filename.startswith(REPORT) and frame.f_code.co_filename != NO_PLACE:
            words = {"phase": ANY, "analysis": ANY, "statistic": ANY, self.part: other}
            self.found.add(Question(_place(frame), "compares", **words, variable=ANY))


def questions(study: Study) -> tuple[set[Question], set[Entry]]:
    """Of the report, the comparison, the quality page, the lines of a design and the page of other conventions; and the entries
    whose rows the first three are given."""
    found: set[Question] = set()
    with _noted(found):
        given = asked(study)
        warnings(Numbers(study))
        list(design_lines(study))
        convention_changes({"one": study, "other": study})
    for row in of_bundle(study).rows.values():
        found.add(Question("pages/sensitivity.py:of_bundle", "prints", row.phase, row.analysis, row.statistic, ANY))
    return found, given


@contextmanager
def _noted(found: set[Question]) -> Iterator[None]:
    real_find, real_where, real_has, real_get = Estimates.find, Numbers.where, Numbers.has, Estimates.get
    marked: dict[int, tuple[Row, Row]] = {}

    def mark(row: Row | None) -> Row | None:
        if row is None:
            return None
        if id(row) not in marked:
            marked[id(row)] = (row, _marked(row, found))
        return marked[id(row)][1]

    def find(self: Estimates, phase: str, statistic: str, **parts: str) -> Row | None:
        found.add(_question("row", phase, statistic=statistic, **{"analysis": "", "variable": "", **parts}))
        return mark(real_find(self, phase, statistic, **parts))

    def where(self: Numbers, phase: str, **parts: str) -> list[Row | None]:
        found.add(_question("rows", phase, **parts))
        return [mark(row) for row in real_where(self, phase, **parts)]

    def has(self: Numbers, phase: str, **parts: str) -> bool:
        found.add(_question("any", phase, **parts))
        return real_has(self, phase, **parts)

    def get(self: Estimates, key: str) -> Row | None:
        return mark(real_get(self, key))

    with (
        mock.patch.object(Estimates, "find", find),
        mock.patch.object(Numbers, "where", where),
        mock.patch.object(Numbers, "has", has),
        mock.patch.object(Estimates, "get", get),
    ):
        yield


def _marked(row: Row, found: set[Question]) -> Row:
    words = {}
    for part in ("phase", "analysis", "statistic"):
        words[part] = _Word(getattr(row, part))
        words[part].part, words[part].found = part, found
    return replace(row, **words)


def _question(how: str, phase: str, **parts: str) -> Question:
    analysis, statistic, variable = (str(parts.get(name, ANY)) for name in ("analysis", "statistic", "variable"))
    known = PHASES.get(str(phase))
    if known is not None and analysis not in (*known.analyses, ANY):
        analysis = next((named.pattern for named, _ in known.families if known.analysis(analysis) is not None), analysis)
    return Question(_place(sys._getframe(2)), how, str(phase), analysis, statistic, _written_out(str(phase), variable))


def _written_out(phase: str, variable: str) -> str:
    known = PHASES.get(phase)
    analyses = [] if known is None else [*known.analyses.values(), *(a for _, a in known.families)]
    written = {v for a in analyses for p in a.parts for v in p.variables if not isinstance(v, Named)}
    return variable if variable in written else ANY


def _place(frame: FrameType | None) -> str:
    """The innermost function of report/ that is not a comprehension or a lambda, `lookup.py` only where nothing else is."""
    first = ""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(REPORT) and not code.co_name.startswith("<"):
            place = f"{_within(code.co_filename)}:{code.co_name}"
            if code.co_filename != NO_PLACE:
                return place
            first = first or place
        frame = frame.f_back
    return first


@functools.cache
def _within(file: str) -> str:
    return str(Path(file).relative_to(REPORT))
