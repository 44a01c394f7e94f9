"""Methods of a propensity score: how it was fitted, on what, and whose score is finite by a penalty alone."""

from __future__ import annotations

from equipoise.protocol.designs import DesignSpec
from equipoise.protocol.score import FIRTH, LASSO, ML, Score
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import score_sentences
from equipoise.report.score_terms import gap_words, terms_sentence

FITS = {
    "ml": "logistic regression",
    "firth": "logistic regression with Firth's penalised likelihood",
    "ridge": "logistic regression with a ridge penalty",
    "lasso": "logistic regression with a LASSO penalty",
}
RULES = {"min": "the one with the least deviance", "1se": "the strongest within one standard error of the least deviance"}


def primary_score(numbers: Numbers) -> list[str]:
    """The score of the primary design; nothing where it has none."""
    if numbers.study.design(numbers.primary).model is None:
        return []
    spec = numbers.protocol.designs[numbers.primary]
    if numbers.several:
        by = f"multinomial logistic regression on {_columns(numbers, spec)}"
        said = f"The propensity to receive each of the treatments was estimated by {by}; outcome data were not used."
        return [said, *score_sentences(numbers, numbers.primary)]
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    by = f"{FITS[spec.score.fit]} on {_columns(numbers, spec)}"
    said = f"The propensity to receive {focal} was estimated by {by}; outcome data were not used."
    return [said, *_fitted(numbers, numbers.primary, spec.score)]


def other_score(numbers: Numbers, design: str) -> list[str]:
    """The score of another design, where it is not that of the primary one."""
    spec, planned = numbers.protocol.designs[design], numbers.protocol.designs[numbers.primary]
    same = spec.propensity == planned.propensity and spec.score.decides == planned.score.decides
    if same or numbers.study.design(design).model is None:
        return []
    by = "" if spec.score.fit == ML else f", by {FITS[spec.score.fit]},"
    return [f"its score{by} rests on {_columns(numbers, spec)}.", *_fitted(numbers, design, spec.score)]


def _columns(numbers: Numbers, spec: DesignSpec) -> str:
    listed = fmt.listed([numbers.covariate_words(v) for v in spec.propensity])
    return listed + terms_sentence(numbers, spec.score.parsed)


def _fitted(numbers: Numbers, design: str, score: Score) -> list[str]:
    return [*_penalty(numbers, design, score), *score_sentences(numbers, design), *_finite(numbers, design, score)]


def _penalty(numbers: Numbers, design: str, score: Score) -> list[str]:
    """How a penalty was chosen, and what it left."""
    if not score.shrunk:
        return []
    strength, all_, kept = (
        numbers.value("design", "value", design=design, variable=name)
        for name in ("penalty", "coefficients", "coefficients_kept")
    )
    said = (
        f"The penalty ({fmt.short(strength, 3)}, columns in standard deviations) was {RULES[score.penalty]} in "
        f"{score.folds}-fold cross-validation (seed {score.seed})"
    )
    if score.fit == LASSO:
        return [f"{said}; it kept {fmt.count(kept)} of {fmt.plural(all_, 'coefficient')}."]
    return [f"{said}; it draws all {fmt.plural(all_, 'coefficient')} towards 0 and makes none of them 0."]


def _finite(numbers: Numbers, design: str, score: Score) -> list[str]:
    """Who has no counterpart and a score all the same."""
    if score.fit == ML:
        return []
    what = "Firth's likelihood" if score.fit == FIRTH else "the penalty"
    said = []
    rows = numbers.where("design", design=design, analysis="one_sided", statistic="n")
    if rows:
        listed = [f"{gap_words(numbers, r.variable.split(' + '), r.level)} ({_with(numbers, r.value, r.group)})" for r in rows]
        said.append(
            f"Nobody of the other arm has {fmt.listed(listed)}: these patients keep a score that {what} alone makes finite. It "
            "is extrapolated, for they have no counterpart."
        )
    found = numbers.where("design", design=design, variable="told_apart", statistic="value")
    apart = [_with(numbers, r.value, r.group) for r in found if r.value]
    if apart:
        said.append(
            f"The columns of the score together tell {fmt.listed(apart)} apart for certain: maximum likelihood would have no "
            f"score for them, and {what} alone makes theirs finite."
        )
    return said


def _with(numbers: Numbers, n: float, arm: str) -> str:
    return f"{fmt.plural(n, 'patient')} with {fmt.lower_first(numbers.arm_label(arm))}"
