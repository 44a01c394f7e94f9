"""The calls of the R script that make the effects on other scales and within a design again."""

from __future__ import annotations

from equipoise.protocol.designs import WeightsSpec, target_of
from equipoise.records import Design, Study
from equipoise.reproduce.r_text import literal as _r


def effects_lines(study: Study, design: Design, endpoint: str, pair: str) -> list[str]:
    """Of a main endpoint in a design that the study compares; `d` holds its patients with time and event."""
    protocol = study.protocol
    if protocol.arms.single:
        return []
    where = f"{_r(endpoint)}, {_r(design.name)}"
    lines = [f"effect_sizes(d, {where}, {_r(pair)}, {_r(protocol.declared_horizon(endpoint))})"]
    spec = protocol.designs.get(design.name)
    if spec is not None and design.model is not None:
        trim = spec.trim if isinstance(spec, WeightsSpec) else None
        options = f"{_r(target_of(spec))}{f', {_r(list(trim.score))}' if trim is not None else ''}"
        lines.append(f"doubly_robust(whole, data, {where}, {_r(list(design.model.covariates))}, {options})")
    scored = list(spec.propensity) if spec is not None else protocol.scored
    if scored:
        lines.append(f"adjusted_effect(d, {where}, {_r(pair)}, {_r(scored)}, 'cox_adjusted')")
    left = [
        r.variable
        for r in study.estimates.rows.values()
        if _followed(r.phase, r.analysis, r.population, r.statistic) and (r.endpoint, r.design) == (endpoint, design.name)
    ]
    if left:
        lines.append(f"adjusted_effect(d, {where}, {_r(pair)}, {_r(left)}, 'cox_residual')")
    return lines


def binary_lines(study: Study, design: Design, pair: str) -> list[str]:
    """Of the binary endpoints in a design that the study compares; `data` holds its patients."""
    return [f"risk_effect(data, {_r(name)}, {_r(design.name)}, {_r(pair)})" for name in study.protocol.binary_endpoints]


def _followed(phase: str, analysis: str, population: str, statistic: str) -> bool:
    return (phase, analysis, population, statistic) == ("effect", "cox_residual", "all", "smd")
