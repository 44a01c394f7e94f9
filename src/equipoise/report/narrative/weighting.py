"""Methods of weighted and stratified designs: who was left out, what patients were weighted by, what became of large weights."""

from __future__ import annotations

import math

from equipoise.protocol.weights import StrataSpec, WeightsSpec
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import left_out
from equipoise.report.words import placeholders, texts, words


def how_weighted(numbers: Numbers, design: str, spec: WeightsSpec, explained: bool) -> list[str]:
    """Who was trimmed, the weights, and what they were brought down to. explained: it was said before what e is."""
    stabilized = words("designs.weights.stabilized") if spec.stabilised else ""
    if numbers.several:
        return [words(f"designs.weights.several_{spec.target}", more=stabilized), *_truncated(numbers, design, spec)]
    focal, other = _arms(numbers)
    if spec.method == "entropy":
        said = [_filled(f"designs.weights.entropy_{spec.target}", focal=focal, other=other)]
    else:
        meaning = "" if explained else words("designs.weights.meaning", focal=focal)
        said = [_filled(f"designs.weights.{spec.target}", focal=focal, other=other, more=f"{stabilized}{meaning}")]
    if spec.method == "cbps":
        said.append(words("designs.weights.cbps_here" if explained else "designs.weights.cbps"))
    if spec.method != "logistic":
        said.append(words("designs.weights.fitted_limits" if spec.trim is not None else "designs.weights.fitted"))
    return [*_trimmed(numbers, design, spec), *said, *_truncated(numbers, design, spec)]


def _trimmed(numbers: Numbers, design: str, spec: WeightsSpec) -> list[str]:
    if spec.trim is None:
        return []
    who = []
    for arm in numbers.arms:
        n = left_out(numbers, design, arm).get("trimmed", 0.0)
        patients = words("counts.patient", count=numbers.arm_n("unadjusted", arm))
        who.append(words("designs.of_patients", n=fmt.count(n), patients=patients, arm=_arm(numbers, arm)))
    return [words("designs.weights.trimmed", limits=spec.trim.words, who=fmt.listed(who))]


def _truncated(numbers: Numbers, design: str, spec: WeightsSpec) -> list[str]:
    if spec.truncate is None:
        return []
    limit = numbers.value("design", "value", design=design, variable="weight_limit")
    counts = {arm: numbers.value("design", "value", design=design, variable="truncated", group=arm) for arm in numbers.arms}
    if math.isnan(limit):
        return []
    weighted = {"att": numbers.protocol.arms.other, "atc": numbers.protocol.arms.focal}.get(spec.target, "")
    who = [
        words("designs.weights.with_arm", n=fmt.count(n), arm=_arm(numbers, arm))
        for arm, n in counts.items()
        if arm == weighted or not weighted
    ]
    exact = spec.method != "logistic" or spec.target == "overlap"
    part = {"quantile": fmt.short(spec.truncate), "limit": fmt.number(limit, 2), "who": fmt.listed(who)}
    part |= {"arm": _arm(numbers, weighted)} if weighted else {}
    lost = "_lost" if exact and sum(counts.values()) > 0 else ""
    return [words(f"designs.weights.truncated{'_arm' if weighted else ''}{lost}", **part)]


def how_stratified(numbers: Numbers, design: str, spec: StrataSpec) -> list[str]:
    """The classes, how they weigh, and who stands in the class beside his."""
    focal, other = _arms(numbers)
    classes, moved = (numbers.value("design", "value", design=design, variable=name) for name in ("classes", "moved"))
    said = [_filled(f"designs.strata.{spec.target}", classes=fmt.count(classes), focal=focal, other=other)]
    if moved > 0:
        said.append(words("designs.strata.moved", count=moved))
    return [*said, words("designs.strata.within")]


def _filled(key: str, **parts: str) -> str:
    """The text with those of the parts that it has."""
    return words(key, **{name: part for name, part in parts.items() if name in placeholders(str(texts()[key]))})


def _arms(numbers: Numbers) -> tuple[str, str]:
    return _arm(numbers, numbers.protocol.arms.focal), _arm(numbers, numbers.protocol.arms.other)


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
