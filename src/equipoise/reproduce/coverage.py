"""What the R script does not make again, each with the reason; the export writes it as not_regenerated.csv."""

from __future__ import annotations

import math
from collections.abc import Callable

from equipoise.protocol.spec import Protocol
from equipoise.records import Row, Study
from equipoise.records.vocabulary_bundle import BUNDLE
from equipoise.reproduce.several_script import outside_of_several

SCREENED = "counts patients who were not analysed; the export holds the analysed ones alone"
RAW_ROWS = "counts rows of the raw tables, which the export does not hold"
RECORDED = "compares a recorded stage with the derived one in the raw tables, which the export does not hold"
MATCH = "needs the match itself, of which the export holds the pairs that were made"
RESAMPLED = "R draws other resamples from the same seed; the hazard ratio itself stands under cox"
MISSINGNESS = "the script makes the score with its indicators again, and weights or pairs by it, and not its balance in them"
IMPUTED = "of the designs made again in each imputed data set, of which the export holds who counts and with what weight"
COMPETING = (
    "needs the package cmprsk, and is weighted or clustered as no package of R is; analysis.csv holds the competing events"
)
STANDARDISED = "R draws other resamples from the same seed; the model and what it is averaged over stand in the row's method"
COUNTERPART = "the export says who has no counterpart in the other arm; the levels behind it are of the design"
LOST = "describes who was lost by a design; analysis.csv says of each patient whether a design counts him"
PENALTY = "of a score whose penalty R would choose by other folds; analysis.csv holds the logit of the score"
FINITE = "of patients whose score a penalty alone makes finite; what it is like without one is of the design"
EQUIPOISE = "a function of the propensity score, which the script fits again and compares"

ASSUMED = "computed from what the protocol assumes of the outcomes, and not from data"
AGAIN = "of the sensitivity bundle, whose designs and models the script does not make again"

PUBLISHED = "of studies published elsewhere, whose patients are not in the data"

IN_COPIES = ("imputed", "imputed_balance", "imputed_values", "each_imputation")
RESTRICTED = "of a restricted population: export the study whose eligibility makes it the whole one (the same numbers)"
STRATIFIED = "the script fits Cox models without strata"
UNSTRATIFIED = (
    "cox_univariable", "cox_univariable_contrast", "cox_univariable_firth", "cox_univariable_imputed", "cox_pair_stratified",
    "cox_pair_stratified_imputed", "logrank",
)  # fmt: skip

OUTSIDE: tuple[tuple[Callable[[Row], bool], str], ...] = (
    (lambda r: r.phase == "attrition", SCREENED),
    (lambda r: r.phase == "published", PUBLISHED),
    (lambda r: r.phase == "quality" and r.analysis == "fitness" and r.variable == "relevance", SCREENED),
    (lambda r: r.phase == "quality" and r.analysis == "finding" and r.statistic in ("rows", "patients"), RAW_ROWS),
    (lambda r: r.phase == "quality" and r.analysis == "recorded", RECORDED),
    (lambda r: r.phase == "design" and r.variable in ("pairs_pooled", "tied_choices", "tied_scores", "tied_pairs"), MATCH),
    (lambda r: r.analysis == "tie_orders", MATCH),
    (lambda r: r.phase == "sensitivity" and r.analysis in BUNDLE, AGAIN),
    (lambda r: r.analysis == "cox_pair_bootstrap", RESAMPLED),
    (lambda r: r.analysis in ("standardised", "standardised_rmst"), STANDARDISED),
    (lambda r: r.phase == "design" and r.analysis == "no_counterpart", COUNTERPART),
    (lambda r: r.phase == "lost", LOST),
    (lambda r: r.phase == "design" and r.variable == "equipoise_share", EQUIPOISE),
    (lambda r: r.phase == "design" and (r.analysis == "one_sided" or r.variable == "told_apart"), FINITE),
    (lambda r: r.phase == "design" and r.variable in ("penalty", "coefficients", "coefficients_kept"), PENALTY),
    (lambda r: r.phase == "design" and r.analysis == "detectable", ASSUMED),
    (lambda r: r.phase == "design" and r.analysis == "missing_balance", MISSINGNESS),
    (lambda r: r.phase == "design" and r.analysis in IN_COPIES, IMPUTED),
    (lambda r: r.analysis in ("fine_gray", "fine_gray_imputed") or (r.analysis == "incidence" and r.statistic != "n"), COMPETING),
)


def not_regenerated(study: Study) -> dict[str, str]:
    """Key -> reason of the rows with a value that the script leaves out, in the order of results.csv."""
    found = {}
    shrunk = {d.name for d in study.designs if d.model is not None and d.model.score.shrunk}
    for key, row in study.estimates.rows.items():
        penalised = PENALTY if row.analysis == "propensity" and row.design in shrunk else ""
        reason = _of_protocol(study.protocol, row) or penalised or next((why for applies, why in OUTSIDE if applies(row)), None)
        if reason is not None and not math.isnan(row.value):
            found[key] = reason
    return found


def _of_protocol(protocol: Protocol, row: Row) -> str:
    """What this study asks for and no script writes."""
    if row.population.partition(" ")[0] in protocol.restrict:
        return RESTRICTED
    if protocol.arms.several and (why := outside_of_several(protocol, row)):
        return why
    timed = row.phase in ("survival", "sensitivity", "time_zero") or (row.phase == "quality" and row.analysis == "without")
    timed |= row.phase == "effect" and row.analysis in ("cox_adjusted", "cox_residual")
    modelled = (
        row.statistic in ("hr", "fmi", "df")
        or row.analysis == "cox_all_arms"
        or (row.statistic == "p" and row.analysis not in ("levels_logrank", *UNSTRATIFIED))
    )
    return STRATIFIED if protocol.cox.strata and timed and modelled and row.analysis not in UNSTRATIFIED else ""
