"""Small cells of what is made of a study again and again: the specifications of a multiverse, the replicates of a simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from equipoise.disclosure.sentences import without_small_counts
from equipoise.protocol.multiverse import EVERYBODY
from equipoise.protocol.specifications import Specification
from equipoise.records import Masked
from equipoise.records.multiverse import Effect
from equipoise.records.simulation import Simulation

WHY = "masked: a count below the minimum, or one that would follow"


def masked_effects(grid: Sequence[Specification], effects: Sequence[Effect], least: int | None) -> tuple[Effect, ...]:
    """In the order of the grid. An effect is masked whole where its patients, pairs, events or patients without one are from 1 to
    below `least`, or are that many fewer than of the same specification among everybody; None: all are shown."""
    if least is None:
        return tuple(effects)
    whole = {_but_population(one): e for one, e in zip(grid, effects, strict=True) if one.population == EVERYBODY}
    return tuple(_masked(e, whole.get(_but_population(one), e), least) for one, e in zip(grid, effects, strict=True))


def _but_population(one: Specification) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((axis, value) for axis, value in one.choices.items() if axis != "restrict"))


def _masked(effect: Effect, whole: Effect, least: int) -> Effect:
    counts = (effect.n, effect.pairs, effect.events, effect.n - effect.events, whole.n - effect.n, whole.events - effect.events)
    if not any(0 < abs(n) < least for n in counts if not math.isnan(n)):
        return replace(effect, why=without_small_counts(effect.why, least), method=without_small_counts(effect.method, least))
    return Effect(why=WHY, variable=effect.variable, smd=Masked(), smd_score=Masked())


def masked_simulation(found: Simulation, least: int | None) -> Simulation:
    """Means of patients, pairs and events that lie below `least`; None: all are shown."""
    if least is None:
        return found
    sizes = tuple(
        replace(s, **{name: _few(getattr(s, name), least) for name in ("n", "effective_n", "pairs", "pairs_low", "pairs_high")})
        for s in found.sizes
    )
    results = tuple(replace(r, events=_few(r.events, least)) for r in found.results)
    lost = {(design, kind, without_small_counts(why, least)): n for (design, kind, why), n in found.lost.items()}
    return replace(found, sizes=sizes, results=results, lost=lost)


def _few(n: float, least: int) -> float:
    return Masked(f"<{least}", counted=True) if 0 < n < least else n
