"""What the pages of a study ask for while its documents are put together, and what its estimates hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from equipoise.document.model import Drawing
from equipoise.document.split import manuscript
from equipoise.records import Estimates, Row, Study
from equipoise.records.vocabulary import PHASES, Named
from equipoise.report.assemble import report_document
from equipoise.report.figures.graphical_abstract import graphical_abstract
from equipoise.report.lookup import Numbers
from equipoise.report.pages.comparison import comparison_document
from equipoise.report.pages.quality import quality_document
from equipoise.report.sections import parts as section_parts

Entry = tuple[str, str, str, str]


def entry(row: Row) -> Entry:
    """Phase, analysis (a family by its pattern), statistic, and the variable where the vocabulary writes it out."""
    phase = PHASES[row.phase]
    analysis = row.analysis
    if analysis not in phase.analyses:
        analysis = next(named.pattern for named, a in phase.families if a is phase.analysis(row.analysis))
    written = [v for p in phase.analysis(row.analysis).parts for v in p.variables if not isinstance(v, Named)]
    return row.phase, analysis, row.statistic, row.variable if row.variable in written else "*"


def written(study: Study) -> set[Entry]:
    return {entry(row) for row in study.estimates.rows.values()}


@contextmanager
def recorded(found: set[Entry]) -> Iterator[None]:
    """Whatever row anybody is given meanwhile is noted in `found`."""
    real_find, real_where, real_get = Estimates.find, Numbers.where, Estimates.get

    def find(self: Estimates, phase: str, statistic: str, **parts: str) -> Row | None:
        return _noted(real_find(self, phase, statistic, **parts))

    def where(self: Numbers, phase: str, **parts: str) -> list[Row]:
        return [_noted(row) for row in real_where(self, phase, **parts)]

    def get(self: Estimates, key: str) -> Row | None:
        return _noted(real_get(self, key))

    def _noted(row: Any) -> Any:
        if row is not None:
            found.add(entry(row))
        return row

    Estimates.find, Numbers.where, Estimates.get = find, where, get
    try:
        yield
    finally:
        Estimates.find, Numbers.where, Estimates.get = real_find, real_where, real_get


def asked(study: Study) -> set[Entry]:
    """The entries whose rows the report, its graphical abstract, the comparison and the quality page are given; no figure is
    rendered."""
    found: set[Entry] = set()
    blank = mock.Mock(return_value=Drawing(""))
    with recorded(found), mock.patch.object(section_parts, "render", blank):
        report = report_document(study, {}, (("Comparison", "comparison.html"),))
        comparison_document(study)
        quality_document(study)
        graphical_abstract(study)
    manuscript(report)  # refuses a table of the manuscript in a section of the supplement
    return found
