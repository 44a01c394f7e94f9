"""Methods of a propensity score: how it was fitted, on what, and whose score is finite by a penalty alone."""

from __future__ import annotations

from equipoise.protocol.designs import DesignSpec
from equipoise.protocol.score import FIRTH, LASSO, ML, Score
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import score_sentences
from equipoise.report.narrative.omop import omop_window
from equipoise.report.score_terms import gap_words, terms_sentence
from equipoise.report.words import words


def primary_score(numbers: Numbers) -> list[str]:
    """The score of the primary design; nothing where it has none."""
    if numbers.study.design(numbers.primary).model is None:
        return []
    spec = numbers.protocol.designs[numbers.primary]
    if numbers.several:
        return [words("designs.score.several", covariates=_columns(numbers, spec)), *score_sentences(numbers, numbers.primary)]
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    part = {"focal": focal, "fit": words(f"designs.fit.{spec.score.fit}"), "covariates": _columns(numbers, spec)}
    return [words("designs.score.estimated", **part), *_fitted(numbers, numbers.primary, spec.score)]


def other_score(numbers: Numbers, design: str) -> list[str]:
    """The score of another design, where it is not that of the primary one."""
    spec, planned = numbers.protocol.designs[design], numbers.protocol.designs[numbers.primary]
    same = spec.propensity == planned.propensity and spec.score.decides == planned.score.decides
    if same or numbers.study.design(design).model is None:
        return []
    if spec.score.fit == ML:
        said = words("designs.score.other", covariates=_columns(numbers, spec))
    else:
        said = words("designs.score.other_fit", fit=words(f"designs.fit.{spec.score.fit}"), covariates=_columns(numbers, spec))
    return [said, *_fitted(numbers, design, spec.score)]


def _columns(numbers: Numbers, spec: DesignSpec) -> str:
    listed = fmt.listed([numbers.covariate_words(v) for v in spec.propensity])
    listed += "".join(_group(numbers, name) for name in spec.score.groups)
    return listed + terms_sentence(numbers, spec.score.parsed)


def _group(numbers: Numbers, name: str) -> str:
    """`, and 532 conditions (days -365 to 0)`."""
    group, asked = numbers.study.covariates.groups[name], numbers.protocol.omop
    assert asked is not None
    label = fmt.lower_first(group.label)
    window, share = omop_window(asked.groups[name]), f"{100 * asked.groups[name].minimum_share:.10g}%"
    return words("omop.groups.columns", label=label, n=fmt.count(len(group.labels)), window=window, share=share)


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
    said = words(
        "designs.score.penalty",
        strength=fmt.short(strength, 3),
        rule=words(f"designs.score.{score.penalty}"),
        folds=str(score.folds),
        seed=str(score.seed),
    )
    coefficients = words("counts.coefficient", count=all_)
    if score.fit == LASSO:
        return [f"{said} {words('designs.score.kept', kept=fmt.count(kept), coefficients=coefficients)}"]
    return [f"{said} {words('designs.score.drawn', coefficients=coefficients)}"]


def _finite(numbers: Numbers, design: str, score: Score) -> list[str]:
    """Who has no counterpart and a score all the same."""
    if score.fit == ML:
        return []
    what = words("designs.score.firth" if score.fit == FIRTH else "designs.score.shrunk")
    said = []
    rows = numbers.where("design", design=design, analysis="one_sided", statistic="n")
    if rows:
        levels = [(gap_words(numbers, r.variable.split(" + "), r.level), _with(numbers, r.value, r.group)) for r in rows]
        listed = [words("designs.score.level", level=level, patients=patients) for level, patients in levels]
        said.append(words("designs.score.one_sided", levels=fmt.listed(listed), what=what))
    found = numbers.where("design", design=design, variable="told_apart", statistic="value")
    apart = [_with(numbers, r.value, r.group) for r in found if r.value]
    if apart:
        said.append(words("designs.score.apart", patients=fmt.listed(apart), what=what))
    return said


def _with(numbers: Numbers, n: float, arm: str) -> str:
    return words("phrases.with_arm", said=words("counts.patient", count=n), arm=fmt.lower_first(numbers.arm_label(arm)))
