"""The words of the treatment effect on other scales, and adjusted within a design."""

from __future__ import annotations

from equipoise.records.vocabulary_imputed import EFFECT
from equipoise.records.vocabulary_parts import ANY_LEVEL, COVARIATE, Part, Phase
from equipoise.records.vocabulary_parts import described as _of

EFFECT_PHASE = Phase(
    "The treatment effect on other scales and adjusted within a design",
    {
        "rmst": _of("restricted mean survival time", "horizon rmst difference p ratio p_ratio"),
        "survival_difference": _of("difference of survival at a landmark", "difference p", levels=ANY_LEVEL),
        "doubly_robust": _of("the same by augmented weighting of pseudo-values", "difference p", levels=ANY_LEVEL),
        "standardised": _of(
            "survival with everybody treated and with nobody, by a model of the outcome", "survival difference", levels=ANY_LEVEL
        ),
        "standardised_rmst": _of("restricted means of the same", "rmst difference"),
        "incidence": _of(
            "cumulative incidence where an event competes, with Gray's test",
            "incidence p",
            levels=ANY_LEVEL,
            more=(Part("n", ("competing",)),),
        ),
        "fine_gray": _of("subdistribution hazard ratio of the treatment", "hr p"),
        "risk": _of(
            "a binary endpoint, among those in whom it is known",
            "percent difference p ratio p_ratio odds_ratio p_odds",
            more=(Part("n", ("unknown",), ANY_LEVEL),),
        ),
        "cox_adjusted": _of("hazard ratio of the treatment, adjusted for the covariates of the score", "hr p"),
        "cox_residual": _of(
            "the same, adjusted for what stays unbalanced after the design", "hr p", more=(Part("smd", COVARIATE),)
        ),
        **EFFECT,
    },
)
