"""The words of what is estimated over imputed data sets, by phase."""

from __future__ import annotations

from equipoise.records.vocabulary_parts import ANY_LEVEL, COVARIATE, described

STATISTICS = {
    "df": "degrees of freedom of an estimate pooled over imputations",
    "fmi": "fraction of missing information of an estimate pooled over imputations",
    "fmi_odds": "the same of an odds ratio beside that of the difference",
    "fmi_ratio": "the same of a ratio beside that of the difference",
    "scale_reduction": "potential scale reduction of the chains of an imputation, about 1 where they mix",
}

DESIGN = {
    "imputed": described("size of the design over the imputed data sets", "value", ("copies", "pairs", "effective_n")),
    "each_imputation": described(
        "size and largest absolute SMD of the design in each imputed data set",
        "value",
        ("pairs", "effective_n", "max_abs_smd"),
        ANY_LEVEL,
    ),
    "imputed_balance": described("balance over the imputed data sets, absolute", "smd", COVARIATE),
    "imputed_values": described("patients with an imputed value, and the mixing of the chains", "n scale_reduction", COVARIATE),
}

_HAZARD = "hr p fmi df"

SURVIVAL = {
    "cox_imputed": described("hazard ratio of the treatment over imputed covariates, pooled by Rubin's rules", _HAZARD),
    "cox_each_imputation": described("the same in each imputed data set", "hr", levels=ANY_LEVEL),
    "cox_pair_stratified_imputed": described("the same stratified by matched pair, pooled", _HAZARD),
    "cox_univariable_imputed": described("an imputed covariate alone, pooled", _HAZARD, COVARIATE, ANY_LEVEL),
    "cox_multivariable_imputed": described("covariates together, some imputed, pooled", _HAZARD, COVARIATE, ANY_LEVEL),
}

EFFECT = {
    "rmst_imputed": described(
        "restricted mean survival time, pooled over imputed covariates",
        "horizon difference p fmi ratio p_ratio fmi_ratio",
    ),
    "survival_difference_imputed": described(
        "difference of survival at a landmark, pooled", "difference p fmi", levels=ANY_LEVEL
    ),
    "doubly_robust_imputed": described(
        "the same by augmented weighting of pseudo-values, pooled", "difference p fmi", levels=ANY_LEVEL
    ),
    "fine_gray_imputed": described("subdistribution hazard ratio of the treatment, pooled", _HAZARD),
    "risk_imputed": described("a binary endpoint, pooled", "difference p fmi ratio p_ratio fmi_ratio odds_ratio p_odds fmi_odds"),
    "cox_adjusted_imputed": described("hazard ratio adjusted for the covariates of the score, pooled", _HAZARD),
}
