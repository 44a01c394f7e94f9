"""The words of what other studies published, beside which this one stands."""

from __future__ import annotations

from equipoise.records.vocabulary_parts import ANY_LEVEL, COVARIATE, Part, Phase
from equipoise.records.vocabulary_parts import described as _of

PUBLISHED = Phase(
    "Published studies and curves beside this one",
    {
        "reported": _of(
            "a number as another study published it, a hazard ratio in the direction of this one; the study is the variable",
            "median hr percent",
            COVARIATE,
            ANY_LEVEL,
        ),
        "random_effects": _of(
            "the mean hazard ratio of this study and the published ones",
            "hr p",
            more=(Part("value", ("tau2", "i2", "q")), Part("p", ("q",))),
        ),
        "random_effects_prediction": _of("where the hazard ratio of a further study would lie", "hr"),
        "reconstruction": _of(
            "patients behind a published curve; the curve is the variable",
            "n events median",
            COVARIATE,
            more=(Part("at_risk", COVARIATE, ANY_LEVEL),),
        ),
        "reconstruction_error": _of(
            "how far the reconstructed curve lies from the published points",
            "difference",
            COVARIATE,
            ("largest", "root_mean_square"),
            (Part("n", COVARIATE, ("at_risk",)),),
        ),
    },
)
