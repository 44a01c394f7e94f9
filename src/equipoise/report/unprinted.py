"""What is estimated and stands in results.csv alone: the entries of the vocabulary that no page prints, each with the reason."""

from __future__ import annotations

from equipoise.records.vocabulary import entries

TRACE = "a published P can be traced to the test that gives it; the page prints the P of the declared test"
COUNT = "the page prints the percentage, whose row holds the count and its denominator"
BESIDE = "the n and events of the median beside it say the same"
DEGREES = "the page prints the fraction of missing information, from which they follow"
FULL_READING = "of two arms the page prints the hazard ratio, whose row holds the events; of one arm the median, whose row does"

# (phase, analysis, statistics and, where the vocabulary writes it out, the variable); a family of analyses by its pattern
UNPRINTED: dict[tuple[str, str, str], str] = {
    ("published", "random_effects", "value tau2"): "the page prints how much of the variability lies between studies",
    ("published", "random_effects", "value q"): "the page prints how much of the variability lies between studies",
    ("published", "random_effects", "p q"): "the page prints how much of the variability lies between studies",
    ("attrition", "", "n treatment_given"): "a check of the flow; patients given something else are outside the question",
    ("baseline", "", "mean sd"): "covariates are printed by median and quartiles; for readers who pool studies",
    ("baseline", "", "p_unpaired"): TRACE,
    ("conduct", "first_scan", "p_unpaired"): TRACE,
    ("design", "", "value caliper_pooled"): "the page says how many pairs it would give",
    ("design", "", "value largest_score"): "the figure of the propensity scores shows their range",
    ("design", "", "value largest_weight"): "a remark names a weight that is too large",
    ("design", "", "value max_abs_smd"): "the balance section names every variable above a threshold",
    ("design", "", "value missing_score"): "printed by arm and reason, from the rows of those left out",
    ("design", "", "value no_counterpart"): "printed by arm and reason, from the rows of those left out",
    ("design", "", "value score_sd"): "the page prints the caliper that it gives",
    ("design", "", "value score_sd_pooled"): "the page prints the caliper that it gives",
    ("design", "", "value smallest_score"): "the figure of the propensity scores shows their range",
    ("design", "", "value unmatched_other"): "printed by reason, from the rows of those left out",
    ("effect", "cox_adjusted_imputed", "df"): DEGREES,
    ("effect", "fine_gray_imputed", "df"): DEGREES,
    ("survival", "cox_pair_stratified_imputed", "df"): DEGREES,
    ("survival", "cox_univariable_imputed", "df"): DEGREES,
    ("survival", "cox_multivariable_imputed", "df"): DEGREES,
    ("design", "propensity", "se"): "the interval of the odds ratio stands on the page",
    ("effect", "risk", "p_odds p_ratio"): "the P of the difference stands beside it",
    ("effect", "rmst", "p_ratio"): "the P of the difference stands beside it",
    ("post_index", "clone_censor_weight", "n survival weight_max weight_mean"): "the hazard ratio stands on the page",
    ("post_index", "clone_strategies", "survival weight_mean"): "the hazard ratio and the largest weight stand on the page",
    ("post_index", "uptake", "p_fisher p_pearson"): TRACE,
    ("post_index", "uptake_after_clock", "n"): COUNT,
    ("post_index", "uptake_after_clock", "p_fisher p_pearson"): TRACE,
    ("response", "agreement", "differ objective_response"): "the table of both readings shows who differs",
    ("response", "agreement", "kappa_se"): "the interval of kappa stands on the page",
    ("response", "agreement", "kappa_se objective_response"): "the interval of kappa stands on the page",
    ("response", "best_response", "p_fisher"): TRACE,
    ("response", "best_response_confirmed", "n"): "the page prints the rates with confirmation",
    ("response", "best_response_unconfirmed", "n"): "the page prints the rates without confirmation",
    ("response", "orr", "p_fisher"): TRACE,
    ("response", "dcr", "p_fisher"): TRACE,
    ("response", "deepest_change", "n"): BESIDE,
    ("response", "duration_of_response", "n events"): BESIDE,
    (
        "response",
        "duration_of_response",
        "survival",
    ): "few responses last to the landmarks; the median is printed",
    ("response", "recorded", "n kappa_linear kappa_quadratic kappa_se"): "the page prints how many visits differ, and kappa",
    ("response", "time_to_response", "n"): BESIDE,
    ("safety", "any_grade", "p_fisher p_pearson"): TRACE,
    ("safety", "grade_3_4", "p_fisher p_pearson"): TRACE,
    ("safety", "grade_3_4", "p_holm tests"): "the page adjusts the P of any grade; of severe grades the raw P is printed",
    ("safety", "grade_5", "p_fisher p_pearson"): TRACE,
    ("safety", "cumulative_incidence", "deaths_before any_grade"): "the curve counts death before the event as competing",
    ("safety", "cumulative_incidence", "deaths_before grade_3_5"): "the curve counts death before the event as competing",
    ("safety", "lab_any_grade", "n"): COUNT,
    ("safety", "lab_any_grade", "p_fisher p_pearson"): TRACE,
    ("safety", "lab_any_grade", "p_holm tests"): "laboratory grades carry no attribution; the raw P is printed",
    ("safety", "lab_grade_3_4", "n"): COUNT,
    ("safety", "lab_grade_3_4", "p_fisher p_pearson"): TRACE,
    ("safety", "lab_grade_3_4", "p_holm tests"): "laboratory grades carry no attribution; the raw P is printed",
    ("safety", "led_to_discontinuation", "n"): COUNT,
    ("safety", "led_to_discontinuation", "p_fisher p_pearson"): TRACE,
    ("safety", "led_to_interruption", "n"): COUNT,
    ("safety", "led_to_interruption", "p_fisher p_pearson"): TRACE,
    ("safety", "led_to_reduction", "n"): COUNT,
    ("safety", "led_to_reduction", "p_fisher p_pearson"): TRACE,
    ("safety", "patients_with", "p_fisher p_pearson"): TRACE,
    ("sensitivity", "early_counted", "events"): FULL_READING,
    ("sensitivity", "early_not_counted", "events"): FULL_READING,
    ("sensitivity", "ema", "events"): FULL_READING,
    ("sensitivity", "fda2007", "events"): FULL_READING,
    ("sensitivity", "without_clinical", "events"): FULL_READING,
    ("sensitivity", "unevaluable_worst_in_.+", "events"): FULL_READING,
    ("survival", "kaplan_meier", "events"): BESIDE,
    ("survival", "logrank", "chi2"): "the page prints its P",
    ("survival", "cox_all_arms", "chi2"): "the page prints its P",
    ("survival", "screening", "selected"): "the univariable P stands on the page",
}


def unprinted() -> set[tuple[str, str, str, str]]:
    """(phase, analysis, statistic, variable) of each; variable '*' where the vocabulary writes none out."""
    found = set()
    for phase, analysis, said in UNPRINTED:
        told = said.split()
        named = [e for e in entries() if e[:2] == (phase, analysis) and e[2] in told]
        if not named:
            raise AssertionError(f"report/unprinted.py names what the vocabulary lacks: {phase} {analysis} {said}")
        variables = {e[3] for e in named} & set(told) or {"", "*"}
        found |= {e for e in named if e[3] in variables}
    return found
