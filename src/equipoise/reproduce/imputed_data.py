"""The imputed data sets of the export: who counts in each design made again in them, and the calls that pool them in R."""

from __future__ import annotations

import math

import numpy as np

from equipoise.protocol.designs import UNADJUSTED
from equipoise.records import Design, Study
from equipoise.reproduce.r_text import literal

IMPUTED = "imputed.csv"


def imputed_columns(study: Study) -> dict[str, np.ndarray]:
    """A row per imputation and patient, in the order of analysis.csv within each: the imputed covariates, and of each design the
    pair (0 = none), or the weight (empty = not in it) and the matched set. Empty where nothing was imputed."""
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
    """Designs that were made in every imputed data set."""
    assert study.imputed is not None
    return [n for n in study.protocol.designs if n != UNADJUSTED and all(n not in d.unmade for d in study.imputed.designs)]


def _who(design: Design) -> dict[str, np.ndarray]:
    if design.paired:
        return {f"pair_{design.name}": design.pair}
    found = {f"weight_{design.name}": np.where(design.include, design.weight, np.nan)}
    if design.sample.words.kind == "match":
        assert design.sample.cluster is not None
        found[f"set_{design.name}"] = design.sample.cluster
    return found


def pooling(study: Study) -> list[str]:
    """A call for each pooled hazard ratio."""
    lines = []
    for name in _made(study) if study.imputed is not None else []:
        for endpoint in study.protocol.main_endpoints:
            part = {"endpoint": endpoint, "design": name, "contrast": study.protocol.arms.contrast}
            row = study.estimates.find("survival", "hr", analysis="cox_imputed", **part)
            if row is not None and not math.isnan(row.value):
                lines.append(f"pooled_effect(whole, imputed_rows, {literal(endpoint)}, {literal(name)})")
    return ["", "# Imputed covariates: each data set, then Rubin's rules", *lines] if lines else []
