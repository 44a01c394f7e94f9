"""The hazard ratio of treatment within a design, adjusted for covariates: those of the score, and those left unbalanced."""

from __future__ import annotations

import math
from collections.abc import Iterator

from equipoise.encoding import model_matrix
from equipoise.estimate.effects import cox, strata_words, with_stratum
from equipoise.estimate.estimable import usable, why_not
from equipoise.estimate.other_scales import comparable, effect_row
from equipoise.estimate.survival import Setting
from equipoise.protocol.designs import UNADJUSTED
from equipoise.protocol.spec import TREATMENT
from equipoise.protocol.wording import covariate_words
from equipoise.records import BalanceRow, Covariates, Design, Row
from equipoise.records.reasons import not_estimable


def adjusted_rows(s: Setting, design: Design, covariates: Covariates) -> Iterator[Row]:
    """Adjusted for all covariates of the score (of the primary design, where a design has none); then, where a covariate stays
    above the larger threshold after the design, adjusted for those, with their standardized mean differences."""
    if not comparable(s):
        return
    spec = s.protocol.designs.get(design.name)
    scored = list(spec.propensity) if spec is not None and spec.propensity else s.protocol.scored
    if scored:
        yield from _conditional(s, covariates, scored, "cox_adjusted", "conditional on the covariates of the score")
    left = [] if design.name == UNADJUSTED else unbalanced(s, design)
    if not left:
        return
    base = {"analysis": "cox_residual", "n": s.n, "events": s.n_events}
    for b in left:
        yield effect_row(s, "smd", b.smd, variable=b.variable, method=f"by the SD of: {b.scale}", **base)
    names = [b.variable for b in left]
    labels = ", ".join(covariate_words(s.protocol.covariates[n]) for n in names)
    why = f"conditional on the covariates that remained imbalanced: {labels}"
    yield from _conditional(s, covariates, names, "cox_residual", why)


def unbalanced(s: Setting, design: Design) -> list[BalanceRow]:
    """The covariates whose |SMD| in the design exceeds the larger threshold, the largest first; those known only after the index
    date cannot adjust, and one in which the arms have nothing in common is not told from the treatment."""
    limit = s.protocol.balance_thresholds[1]
    whole = [b for b in design.balance if not b.level and abs(b.smd) > limit]
    known = [b for b in whole if s.protocol.covariates[b.variable].known != "after_index"]
    return sorted(known, key=lambda b: -abs(b.smd))


def _conditional(s: Setting, covariates: Covariates, names: list[str], analysis: str, words: str) -> Iterator[Row]:
    """Hazard ratio of treatment and its P in one model with these covariates, complete cases of the design."""
    strata, s = strata_words(s, s.mask), with_stratum(s)
    matrix = model_matrix(s.protocol, s.cohort, covariates, [TREATMENT, *names])
    whole, s = s.n, s.among(matrix.complete)
    if s.n_events == 0 or not comparable(s):
        return
    fit = cox(s, matrix.X[s.mask], s.sample)
    left = f"; {whole - s.n:.0f} without them left out" if s.n < whole else ""
    method = f"{fit.method}; {words}{strata}; {fit.n_events / len(matrix.terms):.1f} events per coefficient{left}"
    base = {"analysis": analysis, "contrast": s.protocol.arms.contrast, "n": float(fit.n), "events": float(fit.n_events)}
    if not usable(fit, 0):
        why = why_not(s.protocol, matrix, s.mask, s.outcome.event[s.mask], fit, 0)
        yield effect_row(s, "hr", math.nan, method=not_estimable(why, method), **base)
        yield effect_row(s, "p", math.nan, method=not_estimable(why, method), **base)
        return
    yield effect_row(s, "hr", fit.hr[0], low=float(fit.low[0]), high=float(fit.high[0]), method=method, **base)
    yield effect_row(s, "p", fit.p[0], method="Wald test", **base)
