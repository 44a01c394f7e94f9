"""The designs as a lock keeps them: sets and weights under keyed digests, balance, facts.

The key is a hash of the patients and of everything known of them at baseline, and is not stored: whoever has the data can say
whether a set is the same; whoever has the lock alone cannot try identifiers against it.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from equipoise.records import Cohort, Covariates, Design, Designs, covariates_among

LENGTH = 16  # hexadecimal digits of a digest
DIGITS = 12  # significant, of a weight or a fact


def made_of(designs: Designs, covariates: Covariates) -> dict[str, Any]:
    """design -> what was made, of the whole study and of each restricted population (`population/design`)."""
    key = _key(designs.cohort, covariates)
    found = {design.name: _design(design, designs.cohort, key) for design in designs}
    found |= {name: {"not made": why} for name, why in designs.unmade.items()}
    for name, restricted in designs.restricted.items():
        part = covariates_among(covariates, covariates.populations[name] == 1)
        found |= {f"{name}/{design}": what for design, what in made_of(restricted, part).items()} if restricted.cohort.n else {}
    return found


def _key(cohort: Cohort, covariates: Covariates) -> bytes:
    columns = [cohort.patient, cohort.arm, *(covariates.values[name] for name in sorted(covariates.values))]
    rows = sorted("\x1f".join(_text(v) for v in row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\x1e".join(rows).encode("utf-8", "surrogatepass")).digest()


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return "\x1d"
    return f"{float(value):.15g}" if isinstance(value, int | float | np.number) else str(value)


def _design(design: Design, cohort: Cohort, key: bytes) -> dict[str, Any]:
    sample = design.sample
    found: dict[str, Any] = {
        "kind": design.words.kind,
        "patients": {arm: int((sample.include & cohort.in_arm(arm)).sum()) for arm in _arms(cohort)},
        "effective_n": {arm: _number(sample.among(cohort.in_arm(arm)).effective_n) for arm in _arms(cohort)},
    }
    if sample.stratum is not None:
        found["sets"] = _sets(sample.stratum, sample.include, cohort.patient, key)
    elif sample.include.sum() < cohort.n:
        found["sets"] = sorted(_digest(key, [p]) for p in cohort.patient[sample.include])
    if sample.weighted:
        weights = zip(cohort.patient[sample.include], sample.weight[sample.include], strict=True)
        found["weights"] = dict(sorted((_digest(key, [p]), _number(w)) for p, w in weights))
    found["facts"] = {name: _fact(value) for name, value in sorted(design.facts.items())}
    found["balance"] = [
        {"variable": b.variable, "level": b.level, "smd": _number(b.smd), "variance_ratio": _number(b.variance_ratio)}
        for b in design.balance
    ]
    return found


def _arms(cohort: Cohort) -> list[str]:
    return sorted({str(a) for a in cohort.arm})


def _sets(stratum: np.ndarray, include: np.ndarray, patient: np.ndarray, key: bytes) -> list[str]:
    """A digest per set of patients who are compared with each other."""
    members: dict[int, list[str]] = {}
    for label, who in zip(stratum[include].tolist(), patient[include], strict=True):
        members.setdefault(label, []).append(str(who))
    return sorted(_digest(key, who) for who in members.values())


def _digest(key: bytes, patients: Iterable[Any]) -> str:
    text = "\x1f".join(sorted(str(p) for p in patients))
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:LENGTH]


def _fact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _fact(v) for k, v in value.items()}
    return _number(value) if isinstance(value, int | float | np.number) else str(value)


def _number(value: Any) -> float | None:
    """To DIGITS significant digits; None where it is not finite."""
    return float(f"{float(value):.{DIGITS}g}") if math.isfinite(value) else None
