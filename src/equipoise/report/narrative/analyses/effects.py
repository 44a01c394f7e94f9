"""The treatment effect on other scales, standardized, doubly robust, with competing events, and adjusted within a cohort."""

from __future__ import annotations

from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told
from equipoise.report.tables.other_scales import PHASE, horizon_words
from equipoise.report.words import words

RULES = {
    "declared": "declared",
    "the last landmark": "landmark",
    "the smaller of the last times observed in the arms": "smaller",
}


def horizons(numbers: Numbers) -> str:
    """Which horizons restricted means have, and by which rule."""
    by_rule: dict[str, dict[str, list[Row]]] = {}
    for row in numbers.where(PHASE, analysis="rmst", statistic="horizon", population="all"):
        if row.method not in RULES:  # masked, as the horizon is: too few events
            continue
        time = horizon_words(numbers, {"endpoint": row.endpoint, "design": row.design})
        by_rule.setdefault(row.method, {}).setdefault(time, []).append(row)
    parts = [
        words(f"analyses.effects.rule.{RULES[rule]}", times=fmt.listed([_horizon(numbers, t, r, len(at)) for t, r in at.items()]))
        for rule, at in by_rule.items()
    ]
    return words("analyses.effects.rmst", horizons="; or ".join(parts)) if parts else ""


def _horizon(numbers: Numbers, time: str, rows: list[Row], kinds: int) -> str:
    """The horizon, with the endpoints and cohorts that it is of where there are several."""
    if kinds == 1:
        return time
    where = [f"{numbers.protocol.endpoints[r.endpoint].short}, {fmt.lower_first(numbers.design_label(r.design))}" for r in rows]
    return f"{time} ({' and '.join(where)})"


def _differences(numbers: Numbers) -> str:
    rows = numbers.where(PHASE, analysis="survival_difference", statistic="difference")
    times = list(dict.fromkeys(r.level for r in rows))
    return words("analyses.effects.survival_difference", times=fmt.listed([fmt.lasting(t) for t in times]))


def _standardized(numbers: Numbers) -> str:
    asked = numbers.protocol.effects.standardised
    assert asked is not None
    return words(
        "analyses.effects.standardized",
        model=words(f"analyses.effects.model.{asked.model}"),
        covariates=fmt.listed([numbers.covariate_words(name) for name in asked.covariates or numbers.protocol.scored]),
        replicates=fmt.count(asked.replicates),
        seed=str(asked.seed),
    )


def _residual(numbers: Numbers) -> str:
    return words("analyses.effects.residual", limit=fmt.short(numbers.protocol.balance_thresholds[1]))


EFFECTS = (
    Told((f"{PHASE}.survival_difference",), _differences),
    Told((f"{PHASE}.doubly_robust",), lambda n: words("analyses.effects.doubly_robust")),
    Told((f"{PHASE}.rmst",), horizons),
    Told((f"{PHASE}.cox_adjusted",), lambda n: words("analyses.effects.adjusted")),
    Told((f"{PHASE}.cox_residual",), _residual),
    Told((f"{PHASE}.standardised", f"{PHASE}.standardised_rmst"), _standardized),
    Told((f"{PHASE}.incidence",), lambda n: words("analyses.effects.incidence")),
    Told((f"{PHASE}.fine_gray",), lambda n: words("analyses.effects.fine_gray")),
    Told((f"{PHASE}.risk",), lambda n: words("analyses.effects.risk")),
)
