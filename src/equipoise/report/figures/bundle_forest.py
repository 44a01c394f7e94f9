"""Forest plot of the sensitivity bundle: the planned hazard ratio first, then the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from equipoise.report import format as fmt
from equipoise.report.bound import traced
from equipoise.report.figures.forest import Line, forest
from equipoise.report.lookup import Numbers
from equipoise.report.tables import bundle
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@traced
def bundle_forest(numbers: Numbers) -> Figure | None:
    """None where nothing has a hazard ratio."""
    found: list[Line] = []
    for endpoint in bundle.endpoints(numbers):
        first = bundle.planned(numbers, endpoint)
        known = [_line(x) for x in [first, *bundle.lines(numbers, endpoint)] if x is not None and x.hr is not None]
        if known:
            found += [Line("blank")] * bool(found) + [Line("head", numbers.protocol.endpoints[endpoint].label), *known]
    negative = bundle.control(numbers)
    if negative is not None and negative.hr is not None:
        found += [Line("blank"), _line(negative)]
    return forest(numbers, found, words("columns.analysis"), (("", words("figures.events_n")),))


def _line(line: bundle.Line) -> Line:
    hr = line.hr
    assert hr is not None
    events = "" if math.isnan(hr.events) else f"{fmt.count(hr.events)}/{fmt.count(hr.n)}"
    return Line("effect", line.label, (events,), hr.value, hr.low, hr.high, events=hr.events)
