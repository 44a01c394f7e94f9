"""Predictors in sentences."""

from __future__ import annotations

import math
import re

from equipoise.protocol.spec import TREATMENT
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.results import excludes, ratio_and_p
from equipoise.report.words import words

AGAINST = re.compile(r" \((vs [^()]*)\)$")


def predictors(numbers: Numbers, endpoint: str) -> str:
    """Variables of the multivariable model, but for treatment, whose interval excludes 1; nothing is said of terms with a sparse
    group or without an estimate."""
    where = {"phase": "survival", "endpoint": endpoint, "design": "unadjusted", "statistic": "hr"}
    sparse = {(r.variable, r.level) for r in numbers.where(analysis="cox_multivariable_firth", **where)}
    plain = [r for r in numbers.where(analysis="cox_multivariable", **where) if r.variable != TREATMENT]
    rows = [r for r in plain if (r.variable, r.level) not in sparse and not math.isnan(r.value)]
    if not rows:
        return ""
    event = fmt.lower_first(numbers.protocol.endpoints[endpoint].event_label)
    clear = [_predictor(numbers, r) for r in rows if excludes(r)]
    if clear:
        return words("predictors.found", predictors=fmt.listed(clear), event=event, count=len(clear))
    key = "predictors.none" if len(rows) == len(plain) else "predictors.none_sparse"
    return words(key, event=event, level=numbers.protocol.level_words)


def _predictor(numbers: Numbers, row: Row) -> str:
    """`Child-Pugh class B vs A (HR 2.474, 95% CI 1.477-4.143; P < 0.001)`."""
    figures, unit = ratio_and_p(numbers, row), numbers.unit_of(row.variable)
    if unit:
        return words("predictors.per_unit", label=numbers.covariate_words(row.variable), unit=unit, figures=figures)
    label = AGAINST.sub(r" \1", numbers.covariate_words(row.variable, row.level).replace(": ", " "))
    return words("predictors.one", label=label, figures=figures)
