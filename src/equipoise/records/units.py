"""The unit of every number in the results: of a row's value and of its limits. The only place that knows it.

A statistic has one unit everywhere (`OF_STATISTIC`), or takes that of what is described: of a phase and analysis
(`OF_ANALYSIS`), of the variable (`OF_VARIABLE`), or, of a continuous covariate, the protocol's own.
"""

from __future__ import annotations

from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.records.estimates import Row

PERCENT, DAYS, PATIENTS, EVENTS, RATIO = "%", "days", "patients", "events", "ratio"
PROPORTION, PROBABILITY, COUNT, SD, NUMBER = "proportion", "probability", "count", "SD", "number"
COEFFICIENT, LOG_RATIO, SCORE, DECISION = "coefficient", "log ratio", "score", "1 or 0"

OF_STATISTIC = {
    **dict.fromkeys(("n", "analysed", "deaths_before", "missing", "patients"), PATIENTS),
    **dict.fromkeys(("percent",), PERCENT),
    **dict.fromkeys(("hr", "odds_ratio", "rate_ratio", "ratio", "variance_ratio", "scale_reduction"), RATIO),
    **dict.fromkeys(("incidence", "survival", "power", "fmi", "fmi_odds", "fmi_ratio", "overlap", "ks"), PROPORTION),
    **dict.fromkeys(
        ("p", "p_fisher", "p_holm", "p_pearson", "p_odds", "p_ratio", "p_unpaired"),
        PROBABILITY,
    ),
    **dict.fromkeys(("kappa", "kappa_linear", "kappa_quadratic", "kappa_se"), COEFFICIENT),
    **dict.fromkeys(("smd", "smd_within"), SD),
    **dict.fromkeys(("coef", "se"), LOG_RATIO),
    **dict.fromkeys(("horizon", "rmst"), DAYS),
    **dict.fromkeys(("applies", "selected"), DECISION),
    **dict.fromkeys(("chi2", "df", "tests", "weight_max", "weight_mean"), NUMBER),
    "conflicts": PATIENTS,
    "differ": PATIENTS,
    "at_risk": PATIENTS,
    "effective_at_risk": PATIENTS,
    "effective_n": PATIENTS,
    "events": EVENTS,
    "events_per_variable": "events per coefficient",
    "patient_months": "patient-months",
    "rate": "events per 100 patient-months",
    "rows": "rows",
}

OF_ANALYSIS = {
    ("baseline", "covariate_group", "n"): "covariates",
    ("baseline", "squares_and_interactions", "n"): "terms",
    ("response", "recorded", "n"): "visits",
    ("response", "recorded", "differ"): "visits",
    ("response", "deepest_change", ""): PERCENT,
    ("conduct", "scans", "n"): "scans",
    ("exposure", "relative_dose_intensity", ""): PERCENT,
    ("published", "reconstruction_error", "difference"): PROPORTION,
    ("effect", "survival_difference", "difference"): PROPORTION,
    ("effect", "survival_difference_imputed", "difference"): PROPORTION,
    ("effect", "doubly_robust", "difference"): PROPORTION,
    ("effect", "doubly_robust_imputed", "difference"): PROPORTION,
    ("effect", "standardised", "difference"): PROPORTION,
    ("effect", "risk", "difference"): PROPORTION,
    ("effect", "risk_imputed", "difference"): PROPORTION,
}  # (phase, analysis, statistic; '' for its quartiles); without an entry, times are in days

OF_VARIABLE = {
    **dict.fromkeys(("pairs", "tied_pairs", "pairs_pooled", "first_compared", "first_reference"), "pairs"),
    **dict.fromkeys(
        (
            "unmatched_focal",
            "unmatched_other",
            "missing_score",
            "no_counterpart",
            "effective_n",
            "truncated",
            "moved",
            "told_apart",
            "tied_choices",
            "tied_scores",
        ),
        PATIENTS,
    ),
    **dict.fromkeys(("score_sd", "score_sd_pooled", "caliper", "caliper_pooled"), SCORE),
    **dict.fromkeys(("smallest_score", "largest_score", "c_statistic", "equipoise_share", "tipping_share"), PROPORTION),
    **dict.fromkeys(("largest_weight", "estimate", "limit", "tipping_ratio", "gamma"), RATIO),
    **dict.fromkeys(("weight_limit", "penalty"), NUMBER),
    **dict.fromkeys(("classes", "coefficients", "coefficients_kept", "copies", "resamples"), COUNT),
    "events_per_coefficient": "events per coefficient",
    "max_abs_smd": SD,
    "log_se": LOG_RATIO,
    "split": DAYS,
    "tau2": "squared log ratio",
    "i2": PROPORTION,
    "q": NUMBER,
}  # of the statistic `value`

OF_WHAT_IS_DESCRIBED = ("q1", "median", "q3", "mean", "sd")
DESCRIBES_COVARIATES = ("baseline", "lost")


def unit(row: Row, protocol: Protocol) -> str:
    """The unit of a row's value and limits; '' of a covariate whose label names none. AssertionError for a statistic that has
    none here."""
    if row.statistic in OF_STATISTIC:
        return OF_ANALYSIS.get((row.phase, row.analysis, row.statistic), OF_STATISTIC[row.statistic])
    covariate = protocol.covariates.get(row.variable)
    if row.statistic in OF_WHAT_IS_DESCRIBED:
        if row.phase in DESCRIBES_COVARIATES:
            return of_covariate(covariate)
        return OF_ANALYSIS.get((row.phase, row.analysis, ""), DAYS)
    if row.statistic == "difference":
        return OF_ANALYSIS.get((row.phase, row.analysis, row.statistic), DAYS)
    assert row.statistic == "value", f"'{row.statistic}' has no unit; see records/units.py"
    return of_covariate(covariate) if row.analysis == "covariate_caliper" else OF_VARIABLE[row.variable]


def of_covariate(covariate: Covariate | None) -> str:
    """`years` of a continuous covariate that is labeled `Age, years`."""
    if covariate is None or covariate.kind != "continuous":
        return ""
    return covariate.label.partition(", ")[2]
