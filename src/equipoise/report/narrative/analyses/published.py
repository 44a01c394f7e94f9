"""Published studies and curves beside this one: how they were set beside it."""

from __future__ import annotations

from equipoise.report.narrative.analyses.told import Told
from equipoise.report.words import words

FEWEST = "3"  # hazard ratios of which a summary is made

PUBLISHED = (
    Told(("published.reported",), lambda n: words("published.methods.side_by_side")),
    Told(
        ("published.random_effects", "published.random_effects_prediction"),
        lambda n: words("published.methods.summary", fewest=FEWEST),
    ),
    Told(("published.reconstruction", "published.reconstruction_error"), lambda n: words("published.methods.curves")),
)
