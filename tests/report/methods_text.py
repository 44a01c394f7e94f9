"""The Methods of a study as one text."""

from __future__ import annotations

import dataclasses
import math

from equipoise.document.model import Paragraph
from equipoise.records import Estimates, Study
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.methods import methods


def methods_text(study: Study) -> str:
    return " ".join(run.text for block in methods(Numbers(study)) if isinstance(block, Paragraph) for run in block.runs)


def lacking_age(study: Study, n: float) -> Study:
    """The study with some patients whose age is missing, `n` of them by its results."""
    values = {**study.covariates.values, "age": study.covariates.values["age"].copy()}
    values["age"][:2] = math.nan
    rows = [
        dataclasses.replace(r, value=n) if (r.variable, r.statistic, r.phase) == ("age", "missing", "baseline") else r
        for r in study.estimates.rows.values()
    ]
    kept = {"curves": study.estimates.curves, "warnings": study.estimates.warnings}
    covariates = dataclasses.replace(study.covariates, values=values)
    return dataclasses.replace(study, covariates=covariates, estimates=Estimates.from_rows(rows, **kept))
