"""The imputed data sets of the export: who counts in each design made again in them, and the calls that pool them in R."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from equipoise.protocol.designs import UNADJUSTED, target_of
from equipoise.protocol.spec import Protocol
from equipoise.records import Design, Study
from equipoise.reproduce.r_text import literal

IMPUTED = "imputed.csv"


def imputed_columns(study: Study) -> dict[str, np.ndarray]:
    """A row per imputation and patient, in the order of analysis.csv within each: the imputed covariates, and of each design the
    pair (0 = none), or the weight (empty = not in it) and the matched set, and who counts in a doubly robust estimate. Empty
    where nothing was imputed."""
    if study.imputed is None:
        return {}
    n, copies = study.cohort.n, study.imputed.drawn.copies
    columns: dict[str, np.ndarray] = {
        "imputation": np.repeat(np.arange(1, len(copies) + 1), n),
        "patient_id": np.tile(study.cohort.patient, len(copies)),
    }
    columns |= {name: np.concatenate([copy.values[name] for copy in copies]) for name in study.imputed.drawn.names}
    for name in _made(study):
        parts = [_who(found[name]) for found in study.imputed.designs]
        columns |= {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return columns


def _made(study: Study) -> list[str]:
    """Designs, and variants of the primary one, that were made in every imputed data set."""
    assert study.imputed is not None
    names = [*study.protocol.designs, *(f"variant_{name}" for name in study.protocol.sensitivity.propensity_variants)]
    return [n for n in names if all(any(d.name == n for d in designs) for designs in study.imputed.designs)]


def _who(design: Design) -> dict[str, np.ndarray]:
    found = {f"pair_{design.name}": design.pair} if design.paired else {}
    if not design.paired:
        found[f"weight_{design.name}"] = np.where(design.include, design.weight, np.nan)
        if design.sample.words.kind == "match":
            assert design.sample.cluster is not None
            found[f"set_{design.name}"] = design.sample.cluster
    if len(design.propensity):
        scored = ~np.isnan(design.propensity)
        found[f"counterpart_{design.name}"] = (scored & design.include if design.words.kind != "match" else scored).astype(int)
    return found


def pooling(study: Study) -> list[str]:
    """A call for each design: its estimates in every copy, pooled."""
    if study.imputed is None:
        return []
    lines = []
    for name in (UNADJUSTED, *_made(study)):
        calls = list(_calls(study, name))
        endpoints = list(study.protocol.main_endpoints) if name in study.protocol.designs else []
        inner = "\n".join(f"  {call}" for call in calls)
        head = f"over_copies(whole, imputed_rows, {literal(name)}, {literal(endpoints)}, function(whole, data, pair) {{"
        lines += [head, inner, "})"] if calls else []
    return ["", "# Imputed covariates: each data set, then Rubin's rules", *lines] if lines else []


def _calls(study: Study, name: str) -> Iterator[str]:
    """What is estimated of a design in a copy."""
    protocol, declared = study.protocol, name in study.protocol.designs
    imputed = study.imputed.drawn.names if study.imputed is not None else ()
    for endpoint in protocol.main_endpoints:
        where = f"{literal(endpoint)}, {literal(name)}"
        yield f"d <- data; d$time <- d${endpoint}_time; d$event <- d${endpoint}_event"
        if name == UNADJUSTED:
            yield from _predictors(protocol, endpoint, imputed)
            if any(n in imputed for n in protocol.scored):
                yield f"adjusted_effect(d, {where}, pair, {literal(protocol.scored)}, 'cox_adjusted')"
            continue
        yield f"treatment_effect(d, {where}, '', pair)"
        if declared:
            horizon = study.estimates.find("effect", "horizon", endpoint=endpoint, design=name, analysis="rmst_imputed")
            yield f"effect_sizes(d, {where}, pair, {literal(horizon.value if horizon is not None else None)})"
            spec = protocol.designs[name]
            made = [found[name] for found in study.imputed.designs] if study.imputed is not None else []
            if all(len(design.propensity) for design in made):
                scored = literal(list(spec.propensity))
                yield f"doubly_robust(whole, data, {where}, {scored}, {literal(target_of(spec))})"
            if spec.propensity:
                yield f"adjusted_effect(d, {where}, pair, {literal(list(spec.propensity))}, 'cox_adjusted')"
    for endpoint in protocol.binary_endpoints if declared else ():
        yield f"risk_effect(data, {literal(endpoint)}, {literal(name)}, pair)"


def _predictors(protocol: Protocol, endpoint: str, imputed: Sequence[str]) -> Iterator[str]:
    for name in protocol.cox.univariable:
        if name in imputed:
            yield f"predictors(d, {literal(endpoint)}, {literal(name)}, 'cox_univariable')"
    names = protocol.cox.multivariable.get(endpoint, [])
    if any(n in imputed for n in names):
        yield f"predictors(d, {literal(endpoint)}, {literal(names)}, 'cox_multivariable')"
