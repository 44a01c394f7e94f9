"""Sentences for the reader about the models: few events, sparse groups, what could not be estimated."""

from __future__ import annotations

import math
from collections.abc import Iterator

from equipoise.protocol.spec import TREATMENT, Protocol
from equipoise.records import Designs, Outcomes, Row
from equipoise.records.reasons import reason

ENOUGH_EVENTS = 10  # per coefficient (Peduzzi et al., J Clin Epidemiol 1995;48:1503-1510)
ENOUGH_PAIRS = 20  # clusters below which the sandwich variance is biased downwards (Mancl & DeRouen, Biometrics 2001;57:126-134)


def remarks(protocol: Protocol, rows: list[Row]) -> Iterator[str]:
    """One sentence per model or term that asks for caution, in the order of the rows."""
    for row in rows:
        short = protocol.endpoints[row.endpoint].short if row.endpoint in protocol.endpoints else ""
        if row.statistic == "events_per_variable" and row.value < ENOUGH_EVENTS:
            few = f"below {ENOUGH_EVENTS} it may be unstable"
            yield f"The multivariable model of {short} has {row.value:.1f} events per coefficient; {few}."
        elif row.variable == "events_per_coefficient" and _unshrunk(protocol, row.design) and row.value < ENOUGH_EVENTS:
            yield (
                f"The propensity score model has {row.value:.1f} patients of the smaller arm per coefficient; below "
                f"{ENOUGH_EVENTS}, coefficients may be unstable."
            )
        elif row.phase == "design" and row.variable == "pairs" and row.design in protocol.designs and row.value < ENOUGH_PAIRS:
            yield (
                f"The variance of the matched comparisons is clustered on {row.value:.0f} pairs; below {ENOUGH_PAIRS} it "
                "tends to be too small, with intervals too narrow and P values too low."
            )
        elif row.statistic == "hr" and row.analysis == "cox_pair_bootstrap":
            yield _bootstrapped(protocol, row, short)
        elif row.statistic == "hr" and row.analysis in _PENALISED and row.population == "all":
            yield (
                f"{_label(protocol, row)} has a sparse group ({row.method.partition(': ')[2]}); a penalized estimate (Firth) is "
                f"given beside its hazard ratio for {short}."
            )
        elif row.statistic == "hr" and row.phase == "survival" and reason(row.method):
            yield f"The {_model(row)}hazard ratio of {_label(protocol, row)} for {short} is not estimable: {reason(row.method)}."


def _unshrunk(protocol: Protocol, design: str) -> bool:
    """Whether no penalty holds the coefficients of its score."""
    return design in protocol.designs and not protocol.designs[design].score.shrunk


def restriction_remarks(protocol: Protocol, designs: Designs) -> Iterator[str]:
    """How many populations the analysis was made again in, and what could not be made there."""
    arms = protocol.arms
    for name, arm in protocol.comparisons.items():
        for design, why in designs.restricted[name].unmade.items():
            yield f"The design '{design}' could not be made of {arms.label(arm)} and {arms.label(arms.reference)}: {why}."
    n = len(protocol.restrict)
    if not n:
        return
    again = f"{n} restricted population{'' if n == 1 else 's'} ({', '.join(r.label for r in protocol.restrict.values())})"
    yield f"The analysis was repeated in {again}: these are further analyses of the same patients, not adjusted for multiplicity."
    for name, restriction in protocol.restrict.items():
        restricted, label = designs.restricted[name], restriction.label
        for design, why in restricted.unmade.items():
            what = "Nothing was estimated" if not restricted.designs else f"The design '{design}' could not be made"
            yield f"{what} in the population {label}: {why}."


def weighted_remarks(protocol: Protocol, designs: Designs, outcomes: Outcomes) -> Iterator[str]:
    """One sentence on what the weighted designs do not have, and why."""
    weighted = [d for d in designs if d.sample.weighted and d.name in protocol.compared]
    if not weighted:
        return
    lacking = ["log-rank test", "test of proportional hazards", "P of the baseline table"]
    lacking += ["P of a response rate"] if outcomes.best_response else []
    yield (
        f"{', '.join(d.label for d in weighted)}: no {', no '.join(lacking[:-1])} and no {lacking[-1]} is given, because these "
        "tests treat weights as numbers of patients, so that P would depend on the scale of the weights."
    )
    counted = ["the sources that decided an endpoint"]
    counted += ["duration and depth of response"] if outcomes.response_detail is not None else []
    counted += ["groups known only after the index date"] if protocol.post_index else []
    yield f"Counts of patients ({', '.join(counted)}) are given for the unweighted designs only."


def _bootstrapped(protocol: Protocol, row: Row, short: str) -> str:
    if math.isnan(row.low):
        return f"The pair bootstrap of the hazard ratio for {short} has no interval: too few resamples have an estimate."
    limits = f"{row.low:.2f} to {row.high:.2f}"
    return f"The pair bootstrap gives the hazard ratio for {short}, {row.value:.2f}, the {protocol.ci} {limits}."


_PENALISED = ("cox_multivariable_firth", "cox_firth")
_MODELS = {
    "cox_multivariable": "multivariable ",
    "cox_univariable": "univariable ",
    "cox_pair_stratified": "pair-stratified ",
    "cox_class_stratified": "class-stratified ",
}


def _model(row: Row) -> str:
    return _MODELS.get(row.analysis, "")


def _label(protocol: Protocol, row: Row) -> str:
    """The variable with its level, or the arms with the cohort and the subgroup, as a reader knows them."""
    if row.variable in protocol.covariates:
        spec = protocol.covariates[row.variable]
        if not row.level:
            return spec.label
        return f"{spec.label}: {spec.levels.get(row.level, row.level)} vs {next(iter(spec.levels.values()))}"
    arms = protocol.arms
    named = row.level if row.variable == TREATMENT else ""
    arm = named or next((a for a, contrast in arms.contrasts.items() if contrast == row.contrast), "")
    told = f"{arms.label(arm or arms.treatments[0])} vs {arms.label(arms.reference)}"
    where = [_whom(protocol, row.population)] if row.population != "all" else []
    where += [row.design] if row.design in protocol.designs else []
    return f"{told} ({', '.join(where)})" if where else told


def _whom(protocol: Protocol, population: str) -> str:
    """A subgroup, a restriction, or a subgroup in one, by their labels."""
    name, _, rest = population.partition(" ")
    if name in protocol.subgroups:
        return f"{protocol.subgroups[name].label}: {rest}"
    if name in protocol.restrict:
        label = protocol.restrict[name].label
        return f"{label}, {_whom(protocol, rest)}" if rest else label
    return population
