"""The missing-indicator method: who lacks a covariate of the score is a group of his own in it.

Rosenbaum PR, Rubin DB. J Am Stat Assoc 1984;79:516-524 (appendix B). Blake HA, Leyrat C, et al. Biom J 2020;62:428-443 (what
has to hold: what is missing confounds only where it is known).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equipoise.protocol.measures import Covariate
from equipoise.protocol.missing import ABSENT, INDICATOR
from equipoise.protocol.spec import Protocol
from equipoise.records import Covariates, Gap

RECORDED = "recorded"  # the other level of an indicator
OF = ":"  # between a continuous covariate and its indicator; no covariate bears it in its name


@dataclass(frozen=True, slots=True)
class ScoreView:
    """What the score is fitted to: the covariates as they are, or with a level for those who lack them. names: those of the
    score, with the indicators among them. binary: covariates that became categorical."""

    protocol: Protocol
    covariates: Covariates
    names: tuple[str, ...]
    binary: frozenset[str] = frozenset()

    def term(self, variable: str, level: str) -> tuple[str, str]:
        """A column of the score in the words of the protocol: (`age`, `missing`) for the indicator of age."""
        if variable.endswith(OF + ABSENT):
            return variable.removesuffix(OF + ABSENT), ABSENT
        return variable, "" if variable in self.binary and level == "1" else level

    def gap(self, gap: Gap) -> Gap:
        variables = tuple(dict.fromkeys(self.term(v, "")[0] for v in gap.variables))
        level = gap.level
        if len(gap.variables) == 1 and gap.variables[0].endswith(OF + ABSENT):
            level = ABSENT if level == "1" else RECORDED
        return Gap(variables, level, gap.arm, gap.n)


def score_view(protocol: Protocol, covariates: Covariates, names: list[str]) -> ScoreView:
    """Under `missing: indicator` a level `missing` of every categorical and binary covariate that somebody lacks; of a continuous
    one the median of the others in its place, and an indicator, so that the value in its place decides nothing."""
    incomplete = [n for n in names if covariates.missing(n).any() and not covariates.missing(n).all()]
    if protocol.missing.rule != INDICATOR or not incomplete:
        return ScoreView(protocol, covariates, tuple(names))
    declared, values, used = dict(protocol.covariates), dict(covariates.values), list(names)
    for name in incomplete:
        spec, missing = protocol.covariates[name], covariates.missing(name)
        if spec.kind == "continuous":
            indicator = name + OF + ABSENT
            declared[indicator] = _indicator(spec)
            values[indicator] = missing.astype(float)
            values[name] = np.where(missing, np.median(values[name][~missing]), values[name])
            used.insert(used.index(name) + 1, indicator)
            continue
        levels = spec.levels if spec.kind == "categorical" else {"0": f"not {spec.label}", "1": spec.label}
        declared[name] = spec.model_copy(update={"kind": "categorical", "levels": {**levels, ABSENT: ABSENT}})
        values[name] = _with_level(values[name], missing)
    binary = frozenset(n for n in incomplete if protocol.covariates[n].kind == "binary")
    seen = replace(covariates, values=values)
    return ScoreView(protocol.model_copy(update={"covariates": declared}), seen, tuple(used), binary)


def _indicator(spec: Covariate) -> Covariate:
    return spec.model_copy(update={"kind": "binary", "label": f"{spec.label}: {ABSENT}"})


def _with_level(values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = [ABSENT if lost else (f"{v:g}" if isinstance(v, float) else v) for v, lost in zip(values, missing, strict=True)]
    return out
