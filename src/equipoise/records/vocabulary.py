"""The words of the results: which phase, analysis, statistic and named variable may exist, each in words.

`estimate/` can write nothing else (`Estimates.from_rows`), and nobody can ask for anything else (`Estimates.find`,
`report.lookup`): a word that is not here is our fault and stops the run, where it would otherwise make a number vanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from equipoise.records.vocabulary_bundle import BUNDLE
from equipoise.records.vocabulary_design import DESIGN
from equipoise.records.vocabulary_effect import EFFECT_PHASE
from equipoise.records.vocabulary_imputed import STATISTICS as OVER_IMPUTATIONS
from equipoise.records.vocabulary_imputed import SURVIVAL
from equipoise.records.vocabulary_parts import ANY_LEVEL, COVARIATE, Named, Part, Phase
from equipoise.records.vocabulary_parts import described as _of
from equipoise.records.vocabulary_published import PUBLISHED

STATISTICS = {
    "applies": "1 where it was made, 0 where it was not",
    "analysed": "analyzed patients concerned",
    "at_risk": "patients at risk at the time that `level` names",
    "chi2": "chi-square statistic",
    "coef": "coefficient on the log scale",
    "conflicts": "patients whose recorded and derived values differ",
    "deaths_before": "deaths before the event",
    "differ": "patients, or visits, with two different readings",
    "difference": "compared less reference arm, with its limits; of times in days",
    "effective_at_risk": "effective number of the patients at risk of a weighted curve",
    "effective_n": "effective sample size of a weighted design",
    "events": "events",
    "events_per_variable": "events per coefficient of the model",
    "horizon": "day up to which a mean is restricted; `method` says by which rule",
    "hr": "hazard ratio with its confidence limits",
    "incidence": "cumulative incidence, a share, with its confidence limits",
    "kappa": "Cohen's kappa with its confidence limits",
    "kappa_linear": "kappa with linear weights",
    "kappa_quadratic": "kappa with quadratic weights",
    "kappa_se": "standard error of kappa",
    "ks": "largest distance between the distribution functions of the arms (Kolmogorov-Smirnov)",
    "mean": "arithmetic mean",
    "median": "median; of times in days",
    "missing": "patients without a value",
    "n": "count, of patients unless the analysis says of what",
    "odds_ratio": "odds ratio with its confidence limits",
    "overlap": "overlap of the distributions of the arms: 1 where they are the same, 0 where they share nothing",
    "p": "P of the test that `method` names",
    "p_fisher": "P of Fisher's exact test",
    "p_holm": "P adjusted by Holm for the number of tests of its family",
    "p_pearson": "P of Pearson's chi-square test",
    "p_odds": "P of an odds ratio beside that of the difference",
    "p_ratio": "P of a ratio beside that of the difference",
    "p_unpaired": "P of the test for independent groups",
    "patient_months": "months on the index treatment, summed over patients",
    "patients": "patients concerned",
    "percent": "percent, `events` of `n`",
    "power": "power of the test that `method` names",
    "q1": "first quartile",
    "q3": "third quartile",
    "rate": "events per 100 patient-months with confidence limits",
    "rate_ratio": "ratio of two rates with confidence limits",
    "ratio": "compared over reference arm, with its limits",
    "rmst": "restricted mean survival time with its confidence limits, days",
    "rows": "rows concerned",
    "sd": "standard deviation, denominator n-1",
    "se": "standard error",
    "selected": "1 where the univariable P lies below alpha, else 0",
    "smd": "standardized mean difference, focal minus other arm, by SDs of the whole sample",
    "smd_within": "standardized mean difference by SDs of the patients of the design",
    "survival": "share free of the event with confidence limits",
    "tests": "tests in a family",
    "value": "the quantity that `variable` names",
    "variance_ratio": "variance of the focal arm over that of the other",
    "weight_max": "largest weight",
    "weight_mean": "mean weight",
} | OVER_IMPUTATIONS

_COUNTS = "n percent p p_pearson p_fisher"
_TERMS = f"{_COUNTS} p_holm"
_FAMILY = (Part("tests"),)  # how many tests Holm's method adjusts for
_QUARTILES = "q1 median q3"
_KAPPAS = "n differ kappa kappa_se kappa_linear kappa_quadratic"
_CLONES = "n hr p survival weight_max weight_mean"
_KNOWN_LATER = (Named("the grouping: yes or no, a type, a strategy, a landmark", r".+"),)

_ATTRITION = Phase(
    "The flow of patients",
    {
        "": _of(
            "patients at the start, after each step, in each arm, and by another treatment given",
            "n percent",
            ("arm", "treatment_given", Named("a step of the eligibility by its place", r"step_\d+")),
            ANY_LEVEL,
            (Part("n", ("start",)),),
        )
    },
)

_BASELINE = Phase(
    "Patients at the index date and their balance",
    {
        "": _of(
            "a covariate in total and by arm, its tests and standardized differences",
            f"n missing percent {_QUARTILES} mean sd p p_pearson p_fisher p_unpaired smd smd_within variance_ratio ks overlap",
            COVARIATE,
            ANY_LEVEL,
            (Part("n effective_n"),),
        ),
        "covariate_group": _of(
            "a group of covariates: how many, above a threshold, and the largest standardized differences by name",
            "n smd",
            COVARIATE,
            ANY_LEVEL,
        ),
        "squares_and_interactions": _of(
            "squares and products of covariates: how many, above a threshold, and the largest",
            "n",
            more=(Part("n", ("above",), ANY_LEVEL), Part("smd", COVARIATE, ANY_LEVEL)),
        ),
    },
)

_LOST_DESCRIBED = f"missing percent {_QUARTILES}"
_LOST = Phase(
    "Patients whom a design lost, beside those of the arm whom it kept",
    {
        "kept": _of("patients kept, and a covariate among them", _LOST_DESCRIBED, COVARIATE, ANY_LEVEL, (Part("n"),)),
        "lost": _of("patients lost, and a covariate among them", _LOST_DESCRIBED, COVARIATE, ANY_LEVEL, (Part("n"),)),
        "little_weight": _of("patients lost because they weigh next to nothing", "n"),
        "lost_vs_kept": _of("how those lost differ from those kept", "smd", COVARIATE),
    },
)

_RESPONSE = Phase(
    "Tumor response",
    {
        "best_response": _of("best overall response", _COUNTS, levels=ANY_LEVEL),
        "best_response_confirmed": _of("best overall response with confirmation", "n", levels=ANY_LEVEL),
        "best_response_unconfirmed": _of("best overall response without confirmation", "n", levels=ANY_LEVEL),
        "orr": _of("objective response rate", _COUNTS, more=(Part("p", ("benchmark",)),)),
        "orr_confirmed": _of("objective response rate with confirmation", "percent"),
        "orr_unconfirmed": _of("objective response rate without confirmation", "percent"),
        "dcr": _of("disease control rate", _COUNTS, more=(Part("p", ("benchmark",)),)),
        "dcr_confirmed": _of("disease control rate with confirmation", "percent"),
        "dcr_unconfirmed": _of("disease control rate without confirmation", "percent"),
        "time_to_response": _of("days to the first response of responders", f"n {_QUARTILES}"),
        "duration_of_response": _of(
            "duration of response of responders, Kaplan-Meier", "n median events survival", levels=ANY_LEVEL
        ),
        "deepest_change": _of(
            "smallest change of the target sum, percent", f"n {_QUARTILES}", more=(Part("percent", ("any_decrease",)),)
        ),
        "agreement": _of(
            "two readings of response, patients",
            _KAPPAS,
            levels=ANY_LEVEL,
            more=(Part("differ kappa kappa_se", ("objective_response",)),),
        ),
        "recorded": _of("computed and recorded responses, visits", _KAPPAS, levels=ANY_LEVEL),
    },
)

_SURVIVAL = Phase(
    "Times to an event",
    {
        "kaplan_meier": _of("Kaplan-Meier estimate by arm", "median events survival at_risk effective_at_risk", levels=ANY_LEVEL),
        "logrank": _of("log-rank test of the arms", "chi2 p"),
        "observed_time": _of("time to the event or the end of observation", _QUARTILES),
        "follow_up": _of("length of follow-up by reverse Kaplan-Meier", "median"),
        "event_count": _of("patients with the event", "events percent"),
        "decided_by": _of("patients whose time a source of dates ended", "n", COVARIATE),
        "cox": _of("hazard ratio of the treatment in the design", "hr p"),
        "cox_all_arms": _of("the hazard ratios of several arms together", "chi2 p"),
        "cox_firth": _of("the same by penalized likelihood, where an arm is sparse", "hr p"),
        "cox_complete_cases": _of("unadjusted, among the patients of the multivariable model", "hr p"),
        "cox_pair_stratified": _of("the same stratified by matched pair, conditional", "hr p"),
        "cox_class_stratified": _of("the same stratified by class of the score, conditional", "hr p"),
        "cox_pair_bootstrap": _of("the same with limits from resampled pairs", "hr"),
        "tie_orders": _of("the same with the range over drawn orders of tied patients in place of limits", "hr"),
        "ph_test": _of("test of proportional hazards of the treatment", "p", ("treatment",)),
        "cox_univariable": _of("a covariate alone", "hr p", COVARIATE, ANY_LEVEL),
        "cox_univariable_contrast": _of("levels whose reference has no estimate", "hr p", COVARIATE, ANY_LEVEL),
        "cox_univariable_firth": _of("a sparse covariate alone, penalized", "hr p", COVARIATE, ANY_LEVEL),
        "screening": _of("the univariable screening of predictors", "selected", COVARIATE),
        "cox_multivariable": _of(
            "covariates together, conditional", "hr p", COVARIATE, ANY_LEVEL, (Part("events_per_variable"),)
        ),
        "cox_multivariable_contrast": _of("levels whose reference has no estimate", "hr p", COVARIATE, ANY_LEVEL),
        "cox_multivariable_firth": _of("a sparse covariate among the others, penalized", "hr p", COVARIATE, ANY_LEVEL),
        "cox_multivariable_ph_test": _of("test of proportional hazards of the model", "p", ("all",)),
        "levels_logrank": _of("levels of a subgroup within an arm, log-rank test", "p", COVARIATE),
        "levels_cox": _of("levels of a subgroup within an arm, hazard ratio", "hr", COVARIATE),
        "interaction": _of("interaction of treatment and subgroup", "p", COVARIATE),
        **SURVIVAL,
    },
)

_READING = _of("an endpoint by an alternative definition", "hr p median events")

_SENSITIVITY = Phase(
    "Endpoints by alternative definitions, and the sensitivity bundle",
    {name: _READING for name in ("without_clinical", "ema", "fda2007", "early_counted", "early_not_counted")} | BUNDLE,
    ((Named("unevaluable patients: events in this arm only", r"unevaluable_worst_in_.+"), _READING),),
)

_TIME_ZERO = Phase(
    "Exclusions by something known only after the index date",
    {
        "naive": _of("hazard ratio of the treatment from the index date", "hr p", COVARIATE),
        "landmark": _of("hazard ratio of the treatment from the day by which it was known", "hr p", COVARIATE),
    },
)

_POST_INDEX = Phase(
    "What happened after the index date",
    {
        "uptake": _of("patients who came to have it", _COUNTS, COVARIATE),
        "uptake_after_clock": _of("the same among those whose clock started", _COUNTS, COVARIATE),
        "type": _of("types among those who have it", "n percent", COVARIATE, ANY_LEVEL),
        "naive_median": _of("median survival by group from the index date, naive", "median", COVARIATE, _KNOWN_LATER),
        "naive_curve": _of("the same groups, their Kaplan-Meier estimate", "at_risk", COVARIATE, ANY_LEVEL),
        "naive_logrank": _of("log-rank test of the groups, naive", "p", COVARIATE, _KNOWN_LATER),
        "naive_logrank_published": _of("the same whatever the size of the groups", "p", COVARIATE, _KNOWN_LATER),
        "naive_cox": _of("hazard ratio of the groups, naive", "hr p", COVARIATE, _KNOWN_LATER),
        "landmark_median": _of("median survival by group from the landmark", "median", COVARIATE, _KNOWN_LATER),
        "landmark_curve": _of("the same groups, their Kaplan-Meier estimate", "at_risk", COVARIATE, ANY_LEVEL),
        "landmark_logrank": _of("log-rank test from the landmark", "p", COVARIATE, _KNOWN_LATER),
        "landmark_cox": _of("hazard ratio from the landmark", "hr p", COVARIATE, _KNOWN_LATER),
        "time_dependent_cox": _of("Cox model with a covariate that switches on", "hr p", COVARIATE, _KNOWN_LATER),
        "time_dependent_cox_adjusted": _of("the same adjusted", "hr p", COVARIATE, _KNOWN_LATER),
        "clone_censor_weight": _of("start within the grace period or not", _CLONES, COVARIATE, _KNOWN_LATER),
        "clone_strategies": _of("declared strategies by clones", _CLONES, COVARIATE, _KNOWN_LATER),
    },
)

_SAFETY = Phase(
    "Adverse events",
    {
        "any_grade": _of("patients with an event of any grade", _TERMS, COVARIATE, more=_FAMILY),
        "grade_3_4": _of("patients with an event of grade 3 or 4 as the worst", _TERMS, COVARIATE, more=_FAMILY),
        "grade_5": _of("patients with a fatal event", _COUNTS, COVARIATE),
        "led_to_reduction": _of("patients whose dose was reduced for an event", _COUNTS, COVARIATE),
        "led_to_interruption": _of("patients whose treatment was interrupted for an event", _COUNTS, COVARIATE),
        "led_to_discontinuation": _of("patients whose treatment was stopped for an event", _COUNTS, COVARIATE),
        "lab_any_grade": _of("laboratory values of any grade that emerged", _TERMS, COVARIATE, more=_FAMILY),
        "lab_grade_3_4": _of("laboratory values of grade 3 or 4 that emerged", _TERMS, COVARIATE, more=_FAMILY),
        "patients_with": _of("patients with something of the course", _COUNTS, COVARIATE),
        "exposure": _of("time on the index treatment", "patient_months"),
        "rate_per_100_months": _of("events per time on treatment", "rate rate_ratio p", COVARIATE),
        "cumulative_incidence": _of(
            "the first event, with death competing", "incidence deaths_before p at_risk", ("any_grade", "grade_3_5"), ANY_LEVEL
        ),
    },
)

_CONDUCT = Phase(
    "How the study was conducted",
    {
        "first_scan": _of("days to the first scan", f"{_QUARTILES} p p_unpaired"),
        "scans": _of("scans, and of them what share", "n", more=(Part("percent", ("missed", "unscheduled", "unreadable")),)),
        "reader": _of("scans by reader", "percent", levels=ANY_LEVEL),
        "completeness": _of("Clark's index of follow-up", "percent"),
        "contact_gap": _of("days from the last contact to the cut-off, among the living", _QUARTILES),
        "cause_of_death": _of("causes of death", "percent", levels=ANY_LEVEL),
        "source_of_death": _of("where deaths were learned", "percent", levels=ANY_LEVEL),
    },
)

_EXPOSURE = Phase(
    "The index treatment as it was given",
    {
        "time_on_treatment": _of("days on treatment, Kaplan-Meier", "median"),
        "relative_dose_intensity": _of("dose given in percent of the protocol's", _QUARTILES),
        "patients_with": _of(
            "patients with a change of dose", "percent", ("started_below_protocol", "reduced", "raised", "interrupted")
        ),
        "stop_reason": _of("why treatment stopped", "percent", levels=ANY_LEVEL),
    },
    (
        (
            Named("the line after the index line", r"(second|third|fourth|fifth|sixth|\w+th)_line"),
            _of("treatment of the next line", "percent", levels=ANY_LEVEL),
        ),
    ),
)

_QUALITY = Phase(
    "Quality of the data and what it means for the result",
    {
        "finding": _of("a rule of data quality", "rows patients analysed", COVARIATE),
        "without": _of("the first endpoint without the patients concerned", "hr median", COVARIATE),
        "fitness": _of(
            "fitness for use by site",
            "percent",
            ("relevance", "missing", "most_missing", "linkage", "reliability"),
            ANY_LEVEL,
        ),
        "missing": _of("patients without a covariate by arm", "percent", COVARIATE),
        "recorded": _of("a recorded stage and the derived one", "n conflicts", COVARIATE, ANY_LEVEL),
    },
)

PHASES = {
    "attrition": _ATTRITION,
    "design": DESIGN,
    "baseline": _BASELINE,
    "lost": _LOST,
    "response": _RESPONSE,
    "survival": _SURVIVAL,
    "effect": EFFECT_PHASE,
    "sensitivity": _SENSITIVITY,
    "time_zero": _TIME_ZERO,
    "post_index": _POST_INDEX,
    "safety": _SAFETY,
    "conduct": _CONDUCT,
    "exposure": _EXPOSURE,
    "quality": _QUALITY,
    "published": PUBLISHED,
}


def entries() -> Iterator[tuple[str, str, str, str]]:
    """Every (phase, analysis, statistic, variable) written out; '*' for a name of protocol or data, a family by its pattern."""
    for name, phase in PHASES.items():
        for analysis, what in [*phase.analyses.items(), *((named.pattern, a) for named, a in phase.families)]:
            for part in what.parts:
                for statistic in part.statistics.split():
                    for variable in part.variables:
                        yield name, analysis, statistic, "*" if isinstance(variable, Named) else variable


def written_out(phase: str, analysis: str) -> str:
    """The name of an analysis as the vocabulary writes it: its own, or the pattern of its family."""
    known = PHASES[phase]
    if analysis in known.analyses:
        return analysis
    return next(named.pattern for named, _ in known.families if re.fullmatch(named.pattern, analysis))


@lru_cache(maxsize=1 << 16)
def refusal(
    phase: str, analysis: str | None, statistic: str | None, variable: str | None = None, level: str | None = None
) -> str:
    """Why these words cannot stand together, '' where they can. None is not asked about."""
    found = PHASES.get(phase)
    if found is None:
        return f"'{phase}' is no phase of the vocabulary"
    if analysis is None:
        asked = [*found.analyses.values(), *(a for _, a in found.families)]
    else:
        asked = [a for a in (found.analysis(analysis),) if a is not None]
    if not asked:
        return f"'{analysis}' is no analysis of the phase '{phase}'"
    where = f"of the phase '{phase}'" + (f", analysis '{analysis}'" if analysis else "")
    parts = [p for a in asked for p in a.parts if statistic is None or statistic in p.names]
    if not parts:
        return f"'{statistic}' is no statistic {where}"
    parts = [p for p in parts if variable is None or _fits(variable, p.variables)]
    if not parts:
        return f"'{variable}' is no variable {where}"
    if not any(level is None or _fits(level, p.levels) for p in parts):
        return f"'{level}' is no level {where}"
    return ""


def _fits(name: str, among: tuple[str | Named, ...]) -> bool:
    return any(re.fullmatch(x.pattern, name, re.DOTALL) if isinstance(x, Named) else x == name for x in among)


def check(phase: str, analysis: str | None, statistic: str | None, variable: str | None = None, level: str | None = None) -> None:
    """AssertionError where these words cannot stand together."""
    why = refusal(phase, analysis, statistic, variable, level)
    if why:
        raise AssertionError(f"{why}; see records/vocabulary.py")


def key_may_exist(key: str) -> bool:
    """Whether a key of results.csv could be written by some study: its phase, an analysis of it, a statistic of that."""
    parts = key.split(".")
    phase = PHASES.get(parts[0])
    if phase is None or len(parts) < 2:
        return False
    found = [a for name in parts[1:-1] if (a := phase.analysis(name)) is not None]
    found += [phase.analyses[""]] if "" in phase.analyses else []
    return any(parts[-1] in p.names for a in found for p in a.parts)
