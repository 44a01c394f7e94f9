"""How survival was estimated and the arms were compared by hazard ratios."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.words import words

MODELS = {  # analysis -> its adjective
    "survival.cox_multivariable": "multivariable",
    "effect.cox_adjusted": "adjusted",
    "survival.cox_pair_stratified": "pair_stratified",
    "survival.cox_class_stratified": "class_stratified",
}
BOOTSTRAP = "pair bootstrap ("


def _estimated(numbers: Numbers) -> str:
    limits = numbers.protocol.conventions.interval_type.replace("-", "_")
    subgroups = fmt.listed([fmt.lower_first(s.label) for s in numbers.protocol.subgroups.values()])
    return joined(
        words("analyses.survival.estimated", limits=words(f"analyses.survival.limits.{limits}")),
        words("analyses.survival.weighted") if _weighted(numbers) else "",
        words("analyses.survival.by_level", subgroups=subgroups) if numbers.single and subgroups else "",
    )


def _weighted(numbers: Numbers) -> bool:
    return any(map(numbers.weighted, numbers.design_names))


def _logrank(numbers: Numbers) -> str:
    return joined(
        words("analyses.survival.logrank_matched" if numbers.matches else "analyses.survival.logrank"),
        words("analyses.survival.logrank_not_weighted") if _weighted(numbers) else "",
    )


def _cox(numbers: Numbers) -> str:
    return joined(
        words("analyses.survival.cox", ties=ties(numbers), reference=_reference(numbers)),
        words("analyses.survival.clustered") if numbers.matches else "",
        words("analyses.survival.robust") if _weighted(numbers) else "",
        _marginal(numbers),
        strata(numbers),
    )


def ties(numbers: Numbers) -> str:
    return words(f"analyses.survival.ties.{numbers.protocol.cox.ties}")


def _reference(numbers: Numbers) -> str:
    return fmt.lower_first(numbers.arm_label(numbers.protocol.arms.reference))


def _marginal(numbers: Numbers) -> str:
    """Which hazard ratios are marginal, and which conditional: of the cohorts and the models that there are."""
    kinds = list(dict.fromkeys(numbers.words(d).adjective for d in numbers.design_names[1:]))
    names = [numbers.words("unadjusted").adjective, *kinds]
    cohorts = words("analyses.survival.cohorts", count=len(names), kinds=fmt.listed(names))
    made = [words(f"analyses.survival.model.{adjective}") for name, adjective in MODELS.items() if name in numbers.analyses]
    if not made:
        return words("analyses.survival.marginal", cohorts=cohorts)
    return words("analyses.survival.marginal_conditional", cohorts=cohorts, models=fmt.listed(made))


def strata(numbers: Numbers) -> str:
    """By what the Cox models were stratified."""
    names = fmt.listed([numbers.covariate_words(name) for name in numbers.protocol.cox.strata])
    if not names:
        return ""
    return words("analyses.survival.strata_single" if numbers.single else "analyses.survival.strata", names=names)


def _all_arms(numbers: Numbers) -> str:
    return joined(
        words("analyses.survival.all_arms", reference=_reference(numbers)),
        words("analyses.survival.two_at_a_time", reference=_reference(numbers)) if numbers.comparisons else "",
    )


def _proportional(numbers: Numbers) -> str:
    return words("analyses.survival.proportional_not_weighted" if _weighted(numbers) else "analyses.survival.proportional")


def _pair_bootstrap(numbers: Numbers) -> str:
    row = numbers.where("survival", analysis="cox_pair_bootstrap", statistic="hr")[0]
    return words("analyses.survival.pair_bootstrap", draws=spoken(row.method.partition(BOOTSTRAP)[2].removesuffix(")")))


SURVIVAL = (
    Told(("survival.kaplan_meier", "survival.follow_up", "survival.observed_time"), _estimated),
    Told(("survival.logrank",), _logrank),
    Told(("survival.cox",), _cox),
    Told(("survival.cox_all_arms",), _all_arms),
    Told(("survival.ph_test", "survival.cox_multivariable_ph_test"), _proportional),
    Told(("survival.cox_pair_stratified",), lambda n: words("analyses.survival.pair_stratified")),
    Told(("survival.cox_class_stratified",), lambda n: words("analyses.survival.class_stratified")),
    Told(("survival.cox_pair_bootstrap",), _pair_bootstrap),
)
