"""Bias, coverage and power of each estimator over the replicates of a simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from equipoise import stats
from equipoise.protocol.designs import UNADJUSTED, DesignSpec, WeightsSpec, label_of, target_of
from equipoise.protocol.spec import Protocol
from equipoise.records.simulation import ADJUSTED, Asked, Estimate, Replicate, Result, Simulation, Size
from equipoise.simulate.world import EVERYBODY, WHOLE, World, marginal_truth, observed_share

POWER = 0.8  # where the protocol asks for none
Estimators = Mapping[str, tuple[str, str, tuple[float, float]]]  # design -> label, target, limits of the score


def estimators_of(protocol: Protocol) -> Estimators:
    """The unadjusted comparison and the declared designs, each with whom its effect is meant for."""
    designs = {name: (label_of(spec), target_of(spec), limits_of(spec)) for name, spec in protocol.designs.items()}
    return {UNADJUSTED: ("Unadjusted", EVERYBODY, WHOLE), **designs}


def limits_of(spec: DesignSpec) -> tuple[float, float]:
    """Of the score, beyond which patients leave a design."""
    return spec.trim.score if isinstance(spec, WeightsSpec) and spec.trim is not None else WHOLE


def summary(
    protocol: Protocol,
    asked: Asked,
    world: World,
    course: str,
    effects: Sequence[float],
    estimators: Estimators,
    found: Sequence[Replicate],
) -> Simulation:
    """asked: with its endpoint and hazard ratios. effects: conditional log hazard ratios, one per truth that was asked for."""
    results, lost = [], Counter()
    kinds = dict.fromkeys(key[1:] for replicate in found for key in replicate.estimates)
    for k, effect in enumerate(effects):
        truths = {(t, limits): marginal_truth(world, effect, t, limits) for _, t, limits in estimators.values()}
        for name, (label, target, within) in estimators.items():
            for kind in (kind for design, kind in kinds if design == name):
                mine = [r.estimates[k, name, kind] for r in found if (k, name, kind) in r.estimates]
                truth = effect if kind == ADJUSTED else truths[target, within]
                results.append(_result((name, label, kind, target), asked.hazard_ratios[k], truth, mine))
                lost.update((name, kind, e.why) for e in mine if e.why)
    conditional = {hr: float(np.exp(effect)) for hr, effect in zip(asked.hazard_ratios, effects, strict=True)}
    share, power = observed_share(world), POWER if protocol.power is None else protocol.power.power
    reach = (share, power, protocol.conventions.alpha)
    sizes = tuple(s for name, (label, *_) in estimators.items() for s in _size(name, label, found, reach))
    n = asked.n or world.n
    return Simulation(asked, asked.endpoint, n, share, power, course, conditional, tuple(results), sizes, dict(lost))


def _result(who: tuple[str, str, str, str], asked: float, truth: float, all_of: list[Estimate]) -> Result:
    design, label, kind, target = who
    made = [e for e in all_of if not e.why]
    columns = [np.array([getattr(e, name) for e in made], dtype=float) for name in ("log_hr", "se", "low", "high", "rejects")]
    figures = {name: float("nan") for name in Result.__slots__ if name in stats.Performance.__slots__}
    if made and np.isfinite(truth):
        p = stats.performance(*columns, truth)
        figures = {name: getattr(p, name) for name in figures}
    events = float(np.mean([e.events for e in made])) if made else float("nan")
    return Result(design, label, kind, target, asked, float(np.exp(truth)), len(made), **figures, events=events)


def _size(name: str, label: str, found: Sequence[Replicate], reach: tuple[float, float, float]) -> list[Size]:
    """reach: share of the patients with an observed event, power, alpha."""
    kept = [r.kept[name] for r in found if name in r.kept]
    if not kept:
        return []
    pairs = np.array([k.pairs for k in kept])
    low, high = np.quantile(pairs, [0.05, 0.95])
    n, effective, compared, smd = (
        float(np.mean([getattr(k, part) for k in kept])) for part in ("n", "effective_n", "compared", "worst_smd")
    )
    share, power, alpha = reach
    ends = (float("nan"), float("nan"))
    if 0 < compared < effective and share > 0:
        ends = stats.detectable_hazard_ratio(share * effective, compared / effective, power=power, alpha=alpha)
    return [Size(name, label, len(kept), n, effective, float(pairs.mean()), float(low), float(high), smd, *ends)]
