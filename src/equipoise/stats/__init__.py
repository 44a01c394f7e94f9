"""Survival and comparison statistics: NumPy arrays in, one frozen dataclass out.

Nothing here knows frames, patients, arm names or files.  Names are loaded on first use, so that
``import equipoise.stats`` costs next to nothing; no module bears the name of a function, for it would hide it.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Any

_HOME = {
    "ArrayError": "validation",
    "kaplan_meier": "survival_curve",
    "reverse_kaplan_meier": "survival_curve",
    "logrank": "logrank_test",
    "logrank_permutation": "permutation",
    "maxcombo": "max_combo",
    "cox": "cox_model",
    "cox_resampled": "cox_resampled",
    "concordance": "concordance_index",
    "cumulative_incidence": "incidence",
    "fine_gray": "fine_gray_model",
    "fine_gray_rows": "subdistribution_rows",
    "rmst": "restricted_mean",
    "turnbull": "interval_censoring",
    "logistic": "logistic_model",
    "c_statistic": "logistic_model",
    "pearson": "contingency",
    "fisher": "fisher_exact",
    "fisher_is_cheap": "fisher_exact",
    "fisher_monte_carlo": "fisher_exact",
    "mcnemar": "contingency",
    "stuart_maxwell": "contingency",
    "likelihood_ratio": "contingency",
    "expected_counts": "contingency",
    "cohen_kappa": "agreement",
    "t_test": "two_sample",
    "paired_t": "two_sample",
    "mann_whitney": "two_sample",
    "signed_rank": "two_sample",
    "kruskal": "two_sample",
    "anova": "one_way",
    "binomial_test": "binomial",
    "clopper_pearson": "proportions",
    "weighted_proportion": "proportions",
    "wilson": "proportions",
    "wald": "proportions",
    "agresti_coull": "proportions",
    "jeffreys": "proportions",
    "newcombe": "risk_measures",
    "risk_ratio": "risk_measures",
    "odds_ratio": "risk_measures",
    "common_odds_ratio": "risk_measures",
    "cochran_armitage": "trends",
    "linear_by_linear": "trends",
    "jonckheere": "trends",
    "mantel_haenszel": "trends",
    "e_value": "e_values",
    "quantile": "quantiles",
    "weighted_quantile": "quantiles",
    "weighted_sd": "standardized_difference",
    "smd_continuous": "standardized_difference",
    "two_sided_z": "tails",
    "smd_binary": "standardized_difference",
    "smd_categorical": "standardized_difference",
    "variance_ratio": "standardized_difference",
    "split_at": "counting_process",
    "clone_censor": "cloning",
    "clone_strategies": "cloning",
    "Strategy": "cloning",
    "poisson_rate": "rates",
    "rate_ratio": "rates",
    "holm": "multiplicity",
    "column_balance": "columns",
    "ks_distance": "columns",
    "squares_and_products": "columns",
    "product_balance": "product_balance",
    "overlap_coefficient": "overlap",
    "overlap_coefficients": "overlap",
    "rubin": "pooling",
    "Pooled": "pooling",
    "Imputations": "chained_equations",
    "impute": "chained_equations",
    "nelson_aalen": "chained_equations",
    "RosenbaumBounds": "rosenbaum_bounds",
    "rosenbaum_signed_rank": "rosenbaum_bounds",
    "rosenbaum_binary": "rosenbaum_bounds",
    "confounder_bias": "unmeasured_confounder",
    "normal_confounder_bias": "unmeasured_confounder",
    "bounding_factor": "unmeasured_confounder",
    "adjusted_for": "unmeasured_confounder",
    "tipping_share": "unmeasured_confounder",
    "tipping_ratio": "unmeasured_confounder",
    "survival_contrast": "survival_contrasts",
    "rmst_contrast": "survival_contrasts",
    "marginal_effects": "marginal_effect",
    "marginal_means": "marginal_effect",
    "first_in_pairs": "rosenbaum_bounds",
    "doubly_robust": "augmented_weighting",
    "pseudo_survival": "augmented_weighting",
    "pseudo_mean": "augmented_weighting",
    "standardised_curves": "standardised_survival",
    "pooled_logistic_curves": "pooled_logistic",
    "multinomial": "multinomial_model",
    "MultinomialFit": "multinomial_model",
    "several_arm_weights": "multinomial_model",
    "events_needed": "detectable",
    "power_of": "detectable",
    "detectable_hazard_ratio": "detectable",
    "observed_share": "detectable",
    "performance": "replicates",
    "Performance": "replicates",
    "natural_spline": "natural_splines",
    "penalised_logistic": "penalised_choice",
    "truncate_weights": "positivity",
    "within_scores": "positivity",
    "common_support": "positivity",
    "effective_size": "positivity",
    "preference_score": "positivity",
    "equipoise_share": "positivity",
    "entropy_balance": "entropy_weights",
    "covariate_balancing": "balancing_propensity",
    "Unreachable": "dual_newton",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
