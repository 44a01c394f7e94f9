"""Follow-up, assessments and the index treatment as it was given: how they were measured."""

from __future__ import annotations

from equipoise.report.narrative.analyses.told import Told
from equipoise.report.words import words

LINE = r"(second|third|fourth|fifth|sixth|\w+th)_line"  # the family of the vocabulary

CONDUCT = (
    Told(("conduct.first_scan", "conduct.scans"), lambda n: words("analyses.conduct.scans")),
    Told(("conduct.reader",), lambda n: words("analyses.conduct.readers")),
    Told(("conduct.completeness",), lambda n: words("analyses.conduct.completeness")),
    Told(("conduct.contact_gap",), lambda n: words("analyses.conduct.contact")),
    Told(("conduct.cause_of_death",), lambda n: words("analyses.conduct.causes")),
    Told(("conduct.source_of_death",), lambda n: words("analyses.conduct.sources")),
    Told(("exposure.time_on_treatment",), lambda n: words("analyses.conduct.treatment")),
    Told(("exposure.relative_dose_intensity",), lambda n: words("analyses.conduct.intensity")),
    Told(("exposure.patients_with", "exposure.stop_reason"), lambda n: words("analyses.conduct.doses")),
    Told((f"exposure.{LINE}",), lambda n: words("analyses.conduct.next_line")),
)
