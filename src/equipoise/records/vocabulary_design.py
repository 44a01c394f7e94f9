"""The words of the designs: facts, who was lost, the score."""

from __future__ import annotations

from equipoise.records.vocabulary_imputed import DESIGN as IMPUTED
from equipoise.records.vocabulary_parts import ANY_LEVEL, COVARIATE, Part, Phase
from equipoise.records.vocabulary_parts import described as _of

_DESIGN_FACTS = (
    "pairs", "unmatched_focal", "unmatched_other", "missing_score", "no_counterpart", "score_sd", "score_sd_pooled",
    "c_statistic", "events_per_coefficient", "tied_choices", "tied_scores", "tied_pairs", "caliper", "caliper_pooled",
    "pairs_pooled", "max_abs_smd", "smallest_score", "largest_score", "effective_n", "largest_weight", "equipoise_share",
    "weight_limit", "truncated", "classes", "moved",
    "penalty", "coefficients", "coefficients_kept", "told_apart",
)  # fmt: skip

DESIGN = Phase(
    "The designs: how groups were made that may be compared",
    {
        "": _of("a fact of the design", "value", _DESIGN_FACTS),
        "covariate_caliper": _of("the largest difference of a covariate within a pair", "value", COVARIATE),
        "left_out": _of(
            "patients whom a design lost, by reason",
            "n",
            ("missing_covariate", "no_counterpart", "trimmed", "no_partner", "not_chosen"),
        ),
        "score_class": _of(
            "patients of an arm in a class of the score, and the scores of the class",
            "n",
            levels=ANY_LEVEL,
            more=(Part("value", ("smallest_score", "largest_score"), ANY_LEVEL),),
        ),
        "missing_covariate": _of("patients without a covariate of the propensity score", "n", COVARIATE),
        "no_counterpart": _of("patients with a level that nobody of the other arm has", "n", COVARIATE, ANY_LEVEL),
        "one_sided": _of("patients of a level that nobody of the other arm has, who keep a score", "n", COVARIATE, ANY_LEVEL),
        "missing_balance": _of("patients without a covariate that is a level of the score, and its balance", "smd", COVARIATE),
        "detectable": _of(
            "what the design can detect if the outcomes are as the protocol assumes",
            "percent events",
            more=(Part("hr", ("below", "above")), Part("power", ("planned",))),
        ),
        "propensity": _of("the propensity model", "coef se odds_ratio p", COVARIATE, ANY_LEVEL),
        **IMPUTED,
    },
)
