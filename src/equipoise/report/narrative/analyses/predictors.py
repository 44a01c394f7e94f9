"""Baseline covariates and survival; subgroups; what stands beside where a group is sparse."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.survival import strata, ties
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.words import words

TREATMENT = "treatment"


def _models(numbers: Numbers) -> str:
    """Univariable and multivariable models, each where it was fitted; of a single arm also how Cox models were fitted."""
    single = words("analyses.survival.cox_single", ties=ties(numbers)) if numbers.single else ""
    return joined(_univariable(numbers), _multivariable(numbers), single, strata(numbers) if numbers.single else "")


def _univariable(numbers: Numbers) -> str:
    names = [_endpoint(numbers, name) for name in _fitted(numbers, "cox_univariable")]
    return words("analyses.predictors.univariable", endpoints=fmt.listed(names)) if names else ""


def _multivariable(numbers: Numbers) -> str:
    models = []
    for name in _fitted(numbers, "cox_multivariable"):
        covariates = [_covariate(numbers, c) for c in numbers.protocol.cox.multivariable[name]]
        models.append(words("analyses.predictors.model", covariates=fmt.listed(covariates), endpoint=_endpoint(numbers, name)))
    return words("analyses.predictors.multivariable", models="; and ".join(models), count=len(models)) if models else ""


def _fitted(numbers: Numbers, analysis: str) -> list[str]:
    """The endpoints that have such a model."""
    return list(dict.fromkeys(r.endpoint for r in numbers.where("survival", analysis=analysis, statistic="hr")))


def _covariate(numbers: Numbers, name: str) -> str:
    return words("analyses.predictors.treatment") if name == TREATMENT else numbers.covariate_words(name)


def _endpoint(numbers: Numbers, name: str) -> str:
    return fmt.lower_first(numbers.protocol.endpoints[name].label)


def _subgroups(numbers: Numbers) -> str:
    return fmt.listed([fmt.lower_first(s.label) for s in numbers.protocol.subgroups.values()])


PREDICTORS = (
    Told(("survival.cox_univariable", "survival.screening", "survival.cox_multivariable"), _models),
    Told(("survival.cox_complete_cases",), lambda n: words("analyses.survival.complete_cases")),
    Told(
        ("survival.cox_firth", "survival.cox_univariable_firth", "survival.cox_multivariable_firth"),
        lambda n: words("analyses.survival.firth"),
    ),
    Told(
        ("survival.cox_univariable_contrast", "survival.cox_multivariable_contrast"),
        lambda n: words("analyses.survival.contrasts"),
    ),
    Told(("survival.interaction",), lambda n: words("analyses.predictors.interaction", subgroups=_subgroups(n))),
    Told(
        ("survival.levels_logrank", "survival.levels_cox"),
        lambda n: words("analyses.predictors.levels", subgroups=_subgroups(n)),
    ),
)
