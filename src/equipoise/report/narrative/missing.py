"""Missing covariates of the designs in words: what was done about them, on which assumption, and what came of it."""

from __future__ import annotations

import math

from equipoise.protocol.missing import ABSENT, IMPUTE, INDICATOR
from equipoise.protocol.missing_covariates import imputed_names, imputing_outcomes
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers

MODELS = {
    "pmm": "predictive mean matching among five donors for continuous covariates",
    "normal": "Bayesian linear regression for continuous covariates",
    "binary": "logistic regression for binary ones",
    "categorical": "multinomial regression for categories",
}
ANY = "any"


def missing_methods(numbers: Numbers) -> list[str]:
    """Methods: nothing where the study rests on complete cases alone, which the matching says."""
    rule = numbers.protocol.missing.rule
    if rule == INDICATOR:
        return _indicator(numbers)
    return _imputation(numbers) if rule == IMPUTE else []


def _indicator(numbers: Numbers) -> list[str]:
    lacking: dict[str, float] = {}
    for row in numbers.where("design", design=numbers.primary, analysis="missing_covariate", statistic="n"):
        lacking[row.variable] = lacking.get(row.variable, 0.0) + row.value
    scored = {name: n for name, n in lacking.items() if name in numbers.protocol.scored}
    if not scored:
        return ["No covariate of the propensity score was missing."]
    counted = ", ".join(f"{numbers.covariate_words(name)} {fmt.count(n)}" for name, n in scored.items())
    groups = [numbers.covariate_words(n) for n in scored if numbers.covariate(n).kind != "continuous"]
    filled = [numbers.covariate_words(n) for n in scored if numbers.covariate(n).kind == "continuous"]
    parts = [f"a level '{ABSENT}' of {fmt.listed(groups)}"] if groups else []
    parts += [f"the median in place of {fmt.listed(filled)}, with an indicator"] if filled else []
    return [
        "Patients without a covariate of the propensity score were a group of their own in it (missing by covariate: "
        f"{counted}): {fmt.listed(parts)} (missing-indicator method).",
        "This removes confounding only if a value that was not recorded did not guide the choice of treatment, so that a "
        "covariate confounds where it is known and its absence where it is not. Balance of a covariate is judged among the "
        "patients in whom it is known.",
    ]


def _imputation(numbers: Numbers) -> list[str]:
    protocol = numbers.study.protocol
    asked = protocol.missing.impute
    assert asked is not None
    if numbers.study.imputed is None:
        return ["No covariate that the designs use was missing, so that nothing was imputed."]
    kinds = {protocol.covariates[n].kind for n in numbers.study.imputed.drawn.names}
    models = [MODELS[asked.method]] if "continuous" in kinds else []
    models += [MODELS[kind] for kind in ("binary", "categorical") if kind in kinds]
    predictors = fmt.listed([numbers.covariate_words(n) for n in imputed_names(protocol)])
    outcomes = fmt.listed([fmt.lower_first(protocol.endpoints[n].label) for n in imputing_outcomes(protocol)])
    return [
        _lacking(numbers),
        "The figures of this report are those of complete cases unless they are called imputed; they are unbiased where being "
        "complete has nothing to do with the outcome, given the covariates.",
        f"Missing values were imputed {asked.imputations} times by chained equations of "
        f"{fmt.plural(asked.iterations, 'iteration')} ({fmt.listed(models)}), each from treatment, {predictors} and the "
        f"outcome: the event and the Nelson-Aalen cumulative hazard of {outcomes}. This is valid where values are missing at "
        "random given these.",
        "The propensity score was fitted and every design was made anew within each imputed data set, and every effect estimated "
        "there. The estimates were pooled by Rubin's rules, ratios on the log scale and differences as they "
        "are, with limits and P from Student's t distribution. The imputation came after the designs of the complete cases; "
        "only through the imputed values did outcomes reach the designs made anew.",
        f"The draws come from seed {asked.seed}, one sequence for each imputation, along the patients sorted by treatment, "
        "outcome and covariates; neither the order of rows nor the identifiers of patients who differ in any of these "
        "change them.",
        *_elsewhere(numbers),
    ]


def _lacking(numbers: Numbers) -> str:
    part = {"analysis": "imputed_values", "statistic": "n", "group": "total"}
    rows = {r.variable: r for r in numbers.where("design", **part)}
    listed = ", ".join(f"{numbers.covariate_words(name)} {fmt.count(r.value)}" for name, r in rows.items() if name != ANY)
    some = rows[ANY]
    percent = fmt.percent(some.value, some.n)
    counted = f"Of {fmt.plural(some.n, 'patient')}, {fmt.count(some.value)} ({percent}%)"
    return f"{counted} lacked a covariate that the designs use ({listed})."


def _elsewhere(numbers: Numbers) -> list[str]:
    """What is not pooled, and who is in a restricted population."""
    protocol = numbers.study.protocol
    what = ["survival curves", "medians", "the adjustment for what stays unbalanced"]
    what += ["subgroups"] if protocol.subgroups else []
    what += ["the sensitivity bundle but its line of imputed covariates"] if protocol.sensitivity.members else []
    told = fmt.listed(what)
    said = [f"{fmt.upper_first(told)} rest on complete cases."]
    imputed = set(numbers.study.imputed.drawn.names) if numbers.study.imputed is not None else set()
    modelled = [*protocol.cox.univariable, *(n for names in protocol.cox.multivariable.values() for n in names)]
    known = [n for n in dict.fromkeys(modelled) if n in protocol.covariates and n not in imputed]
    lacking = [n for n in known if numbers.study.covariates.missing(n).any()]
    if lacking:
        names = fmt.listed([numbers.covariate_words(n) for n in lacking])
        said.append(
            f"Of the predictors, {names} {'was' if len(lacking) == 1 else 'were'} not imputed; "
            "models with such a covariate rest on the patients in whom it is known."
        )
    if protocol.restrict:
        said.append("Who belongs to a restricted population was decided by recorded values alone, the same in every data set.")
    return said


def imputed_results(numbers: Numbers) -> list[str]:
    """A sentence per main endpoint: the pooled hazard ratio of the primary design beside that of the complete cases."""
    said, primary = [], numbers.study.protocol.primary
    for name, endpoint in numbers.protocol.main_endpoints.items():
        part = {"endpoint": name, "design": primary, "contrast": numbers.contrast}
        hr = numbers.row("survival", "hr", analysis="cox_imputed", **part)
        known = numbers.row("survival", "hr", analysis="cox", **part)
        if hr is None or math.isnan(hr.value):
            continue
        words = (
            f"With imputed covariates the hazard ratio for {fmt.lower_first(endpoint.event_label)} was {_estimate(numbers, hr)}"
        )
        if known is not None and not math.isnan(known.value):
            words += f", {_estimate(numbers, known)} among complete cases"
        fmi = numbers.value("survival", "fmi", analysis="cox_imputed", **part)
        said.append(f"{words}; the fraction of missing information was {fmt.number(fmi, 2)}.")
    return said


def _estimate(numbers: Numbers, row) -> str:
    return fmt.ratio_estimate(row.value, row.low, row.high, numbers.protocol.ci)


POINTERS = "Every effect, the predictors, other populations and each data set stand in tables of their own."
CHAINS = (
    "Each line is one imputation. Where the lines mix and show no trend, the iterations were enough. Of categories, the number "
    "of the level."
)
VALUES = (
    "Imputed values are those of all imputations. The shares need not agree where values are missing at random, but imputed "
    "values that could not be observed would speak against the model."
)


def chains_alt(numbers: Numbers) -> str:
    rows = numbers.where("design", analysis="imputed_values", statistic="scale_reduction")
    ratios = ", ".join(f"{numbers.covariate_words(r.variable)} {fmt.number(r.value, 2)}" for r in rows)
    start = "Mean and standard deviation of the imputed values by iteration, a line for each imputation."
    return (
        f"{start} Potential scale reduction of the means over the second half (near 1 where chains mix): {ratios}."
        if ratios
        else start
    )


def values_alt(numbers: Numbers) -> str:
    assert numbers.study.imputed is not None
    names = fmt.listed([numbers.covariate_words(n) for n in numbers.study.imputed.drawn.names])
    return f"Distributions of observed and imputed values of {names}."
