"""Published studies and curves beside this one: how they were set beside it."""

from __future__ import annotations

from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.tables.published import turned
from equipoise.report.words import words

FEWEST = "3"  # hazard ratios of which a summary is made


def _side_by_side(numbers: Numbers) -> str:
    inverted = any(map(turned, numbers.where("published", analysis="reported")))
    return joined(words("published.methods.side_by_side"), words("published.methods.inverted") if inverted else "")


PUBLISHED = (
    Told(("published.reported",), _side_by_side),
    Told(
        ("published.random_effects", "published.random_effects_prediction"),
        lambda n: words("published.methods.summary", fewest=FEWEST),
    ),
    Told(("published.reconstruction", "published.reconstruction_error"), lambda n: words("published.methods.curves")),
)
