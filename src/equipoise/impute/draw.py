"""Missing covariates drawn from their distribution given everything else: arm, covariates, and the outcome.

White IR, Royston P. Stat Med 2009;28:1982-1998 (the event and the cumulative hazard as predictors). White IR, Royston P, Wood AM.
Stat Med 2011;30:377-399 (as many imputations as patients in percent are incomplete).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.errors import DataError, Fault
from equipoise.protocol.missing_covariates import imputed_names, imputing_outcomes
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Drawn, Outcomes

UNSETTLED = 1.2  # potential scale reduction (Gelman & Rubin, Stat Sci 1992;7:457-472)
CLOSED = (
    "the imputation uses outcomes, which are not open while a design is made: lock the design of the complete cases, and impute "
    "in the run"
)
MOSTLY = 0.5  # share of a covariate's values from which more is imputed than observed


def draw_missing(protocol: Protocol, cohort: Cohort, covariates: Covariates, outcomes: Outcomes) -> Drawn | None:
    """Copies of the covariates without missing values among those that designs use; None where none is missing.

    The draws go along the patients sorted by arm, outcome and covariates, and by identifier among those alike in all of these:
    neither the order of rows nor the names of patients change them otherwise. Raises DataError for a covariate that nobody of an
    arm has, where too few patients have it for a regression on the others, and while outcomes are closed.
    """
    asked = protocol.missing.impute
    assert asked is not None
    if protocol.outcomes_closed:
        raise DataError(Fault(protocol.place("missing", "impute"), "imputation before unlocking", CLOSED))
    names = imputed_names(protocol)
    incomplete = [n for n in names if covariates.missing(n).any()]
    if not incomplete:
        return None
    levels = {n: _levels(protocol, covariates, n) for n in names if protocol.covariates[n].kind == "categorical"}
    _refuse(protocol, cohort, covariates, names, incomplete, levels)
    methods = [_method(protocol, n, asked.method) for n in names]
    columns = [_coded(covariates.values[n], levels.get(n)) for n in names]
    predictors = [cohort.in_arm(protocol.arms.compared).astype(float), *_outcome_columns(protocol, outcomes)]
    table = np.column_stack([*columns, *predictors])
    order = _order(cohort, table, len(columns))
    found = stats.impute(
        table[order], [*methods, *(["normal"] * len(predictors))], imputations=asked.imputations, iterations=asked.iterations,
        seed=asked.seed,
    )  # fmt: skip
    values = np.empty_like(found.values)
    values[:, order] = found.values
    at = {n: names.index(n) for n in incomplete}
    drawn = Drawn(
        copies=tuple(_copy(covariates, at, one, levels) for one in values),
        names=tuple(incomplete),
        predictors=tuple(names),
        trace_mean={n: found.trace_mean[:, :, k] for n, k in at.items()},
        trace_sd={n: found.trace_sd[:, :, k] for n, k in at.items()},
        settled={n: float(found.settled[k]) for n, k in at.items()},
    )
    return replace(drawn, remarks=tuple(_remarks(protocol, cohort, covariates, drawn)))


def _levels(protocol: Protocol, covariates: Covariates, name: str) -> list[str]:
    """The levels that somebody has, in the order of the protocol."""
    held = {v for v in covariates.values[name] if v is not None}
    return [level for level in protocol.covariates[name].levels if level in held]


def _method(protocol: Protocol, name: str, of_continuous: str) -> str:
    return {"continuous": of_continuous, "binary": "logistic", "categorical": "multinomial"}[protocol.covariates[name].kind]


def _coded(values: np.ndarray, levels: list[str] | None) -> np.ndarray:
    if levels is None:
        return values.astype(float)
    code = {level: float(k) for k, level in enumerate(levels)}
    return np.array([np.nan if v is None else code[v] for v in values])


def _copy(covariates: Covariates, at: dict[str, int], table: np.ndarray, levels: dict[str, list[str]]) -> Covariates:
    """The covariates with the values of one imputation where they were missing."""
    values = dict(covariates.values)
    for name, k in at.items():
        filled = covariates.values[name].copy()
        missing = covariates.missing(name)
        new = table[missing, k]
        filled[missing] = new if name not in levels else [levels[name][int(code)] for code in new]
        values[name] = filled
    return replace(covariates, values=values, remarks=())


def _outcome_columns(protocol: Protocol, outcomes: Outcomes) -> Iterator[np.ndarray]:
    """Of each endpoint the event, and the Nelson-Aalen cumulative hazard of all patients at the patient's own time."""
    for name in imputing_outcomes(protocol):
        endpoint = outcomes.endpoints[name]
        yield endpoint.event.astype(float)
        yield stats.nelson_aalen(endpoint.time, endpoint.event)


def _order(cohort: Cohort, table: np.ndarray, covariates: int) -> np.ndarray:
    """Patients by arm and outcome (the last columns), covariates, then identifier in code-point order."""
    texts = [str(p) for p in cohort.patient]
    rank = np.empty(cohort.n)
    rank[sorted(range(cohort.n), key=texts.__getitem__)] = np.arange(cohort.n)
    keys = [*table[:, covariates:].T, *table[:, :covariates].T, rank]
    return np.lexsort(keys[::-1])


def _refuse(
    protocol: Protocol,
    cohort: Cohort,
    covariates: Covariates,
    names: list[str],
    incomplete: list[str],
    levels: dict[str, list[str]],
) -> None:
    place = protocol.place("missing", "impute")
    width = 1 + 2 * len(imputing_outcomes(protocol)) + sum(len(levels[n]) - 1 if n in levels else 1 for n in names)
    faults = []
    for name in incomplete:
        missing, label = covariates.missing(name), protocol.covariates[name].label
        empty = [protocol.arms.label(arm) for arm in protocol.arms.groups if missing[cohort.in_arm(arm)].all()]
        if empty:
            who = "for any patient" if len(empty) == len(protocol.arms.groups) else f"for any patient of the arm {empty[0]}"
            message = (
                f"'{name}' ({label}) is not recorded {who}: nothing there says what its values would be, and to impute it would "
                "invent them. Leave it out of the score"
            )
            faults.append(Fault(place, "nothing to impute from", message))
            continue
        n, needed = int((~missing).sum()), width - (len(levels[name]) - 1 if name in levels else 1) + 2
        if n < needed:
            message = (
                f"'{name}' ({label}) is recorded for {n} patients, and a regression of it on {needed - 2} other columns needs at "
                f"least {needed}. Impute fewer covariates or outcomes, or leave it out of the score"
            )
            faults.append(Fault(place, "too few to impute from", message))
    if faults:
        raise DataError(faults)


def _remarks(protocol: Protocol, cohort: Cohort, covariates: Covariates, drawn: Drawn) -> Iterator[str]:
    any_missing = np.any([covariates.missing(n) for n in drawn.names], axis=0)
    percent = 100.0 * float(any_missing.mean())
    m = len(drawn.copies)
    if m < percent:
        yield (
            f"Multiple imputation: {m} imputations where {percent:.0f}% of the patients are incomplete; fewer imputations than "
            "that percentage leave the pooled limits and P to the draw (White, Royston and Wood)."
        )
    for name in drawn.names:
        label, share = protocol.covariates[name].label, float(covariates.missing(name).mean())
        if share > MOSTLY:
            yield (
                f"Multiple imputation: {label} is missing for {100 * share:.0f}% of the patients; more of it is imputed than "
                "observed."
            )
        if drawn.settled[name] > UNSETTLED:
            ratio = f"{drawn.settled[name]:.2f}" if np.isfinite(drawn.settled[name]) else "without bound"
            yield (
                f"Multiple imputation: the chains of {label} have not settled (potential scale reduction {ratio}); raise "
                "'iterations' and look at the figure of the chains."
            )
