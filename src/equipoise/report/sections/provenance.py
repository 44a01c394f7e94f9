"""Settings and provenance: what was read and decided, what the phases had to say."""

from __future__ import annotations

from collections import Counter

from equipoise.document.model import Bullets, Heading, Run, Section, text
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.narrative.conduct import WARNING
from equipoise.report.sections.parts import Blocks, section
from equipoise.report.tables.settings import events_table, inputs_table, settings_table
from equipoise.report.undrawn import drawing_remark
from equipoise.report.words import words

CHECKS = frozenset({
    "link", "outside", "partial_date", "placeholder_date", "identifies_patients", "identifying_column", "unknown_column",
    "unit_of_the_heading", "limit", "one_row",
})  # fmt: skip


def provenance_section(numbers: Numbers) -> Section | None:
    return section("provenance", words("sections.provenance"), _blocks(numbers))


def _blocks(numbers: Numbers) -> Blocks:
    return [
        inputs_table(numbers),
        *filter(None, [events_table(numbers)]),
        settings_table(numbers),
        *_warnings(numbers),
        text(words("provenance.files")),
    ]


def _warnings(numbers: Numbers) -> Blocks:
    """What the phases had to say, without a value of any patient."""
    study = numbers.study
    items = [*study.cohort.remarks, *study.covariates.remarks, *(r for d in study.designs for r in d.remarks)]
    items += [
        fmt.in_words(spoken(w)) for w in study.estimates.warnings if not w.startswith(WARNING)
    ]  # said under Conduct of the study
    undrawn = drawing_remark(study)
    items += [undrawn] if undrawn else []
    found = Counter(f.rule for f in study.sources.findings)
    items += [_checked(rule, n) for rule, n in sorted(found.items())]
    if not items:
        return []
    return [Heading(words("provenance.remarks")), Bullets(tuple((Run(i),) for i in dict.fromkeys(items)))]


def _checked(rule: str, n: int) -> str:
    """What a check of the data found, which stopped nothing."""
    name = rule.replace(" ", "_")
    return words(f"provenance.check.{name if name in CHECKS else 'other'}", n=fmt.count(n))
