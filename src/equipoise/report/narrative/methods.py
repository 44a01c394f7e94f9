"""The Methods: what was done, each sentence beside the analyses that it stands for.

A sentence stands where one of its analyses was estimated, and nowhere else; every analysis of the vocabulary is told by one of
them, or named in UNTOLD with the reason.
"""

from __future__ import annotations

from collections.abc import Callable

from equipoise.document.model import Block, Heading, text
from equipoise.records.vocabulary_imputed import DESIGN, EFFECT
from equipoise.records.vocabulary_imputed import SURVIVAL as IMPUTED
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.conduct import CONDUCT
from equipoise.report.narrative.analyses.effects import EFFECTS
from equipoise.report.narrative.analyses.groups import GROUPS
from equipoise.report.narrative.analyses.later import LATER
from equipoise.report.narrative.analyses.level import LEVEL, QUALITY
from equipoise.report.narrative.analyses.predictors import PREDICTORS
from equipoise.report.narrative.analyses.published import PUBLISHED
from equipoise.report.narrative.analyses.response import RESPONSE
from equipoise.report.narrative.analyses.safety import SAFETY
from equipoise.report.narrative.analyses.sensitivity import SENSITIVITY
from equipoise.report.narrative.analyses.survival import SURVIVAL
from equipoise.report.narrative.analyses.told import Told, joined, said
from equipoise.report.narrative.designs import designs, designs_title
from equipoise.report.narrative.missing import complete_cases, imputation, indicator
from equipoise.report.narrative.study_design import patients, study_design
from equipoise.report.narrative.variables import outcomes
from equipoise.report.words import words

Title = str | Callable[[Numbers], str]
FACTS = ("", "covariate_caliper", "left_out", "score_class", "missing_covariate", "no_counterpart", "one_sided", "propensity")
DESIGNS = (*(f"design.{name}" for name in FACTS), "survival.tie_orders")
COPIES = tuple(f"{phase}.{name}" for phase, of in (("design", DESIGN), ("survival", IMPUTED), ("effect", EFFECT)) for name in of)


# The text of a heading, or what makes it -> its paragraphs.
PARTS: tuple[tuple[Title, tuple[tuple[Told, ...], ...]], ...] = (
    ("methods.heading.patients", ((Told((), lambda n: joined(*study_design(n), *patients(n))),),)),
    ("methods.heading.outcomes", ((Told((), lambda n: joined(*outcomes(n))),), RESPONSE, SAFETY, CONDUCT)),
    (
        designs_title,
        ((Told((), lambda n: "" if n.primary else joined(*designs(n))), Told(DESIGNS, lambda n: joined(*designs(n)))),),
    ),
    (
        "methods.heading.missing",
        ((Told((), complete_cases), Told(("design.missing_balance",), indicator), Told(COPIES, imputation)),),
    ),
    (
        "methods.heading.analysis",
        (GROUPS, SURVIVAL, EFFECTS, PREDICTORS, LATER, SENSITIVITY, PUBLISHED, (*QUALITY, *LEVEL)),
    ),
)
UNTOLD = (
    "attrition.",  # the flow of patients is counted; the reasons for exclusion stand among the patients
    "survival.event_count",  # events are counted; what an event is stands among the outcomes
    "survival.decided_by",  # sources of dates are counted; they stand among the outcomes
    "design.detectable",  # power is a part of its own, with its assumptions
    "sensitivity.bundle",  # whether a member of the bundle was made; each that was has its own words
)


def methods(numbers: Numbers) -> list[Block]:
    blocks: list[Block] = []
    for title, paragraphs in PARTS:
        found = [joined(*sentences) for told in paragraphs if (sentences := said(told, numbers))]
        if found:
            blocks += [Heading(words(title) if isinstance(title, str) else title(numbers)), *map(text, found)]
    return blocks
