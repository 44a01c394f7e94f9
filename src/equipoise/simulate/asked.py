"""What a simulation may be asked of a protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise.errors import Fault, ProtocolError
from equipoise.protocol.designs import target_of
from equipoise.protocol.nearest import hint
from equipoise.protocol.part import CENTURY
from equipoise.protocol.spec import Protocol
from equipoise.records.simulation import Asked
from equipoise.simulate.summary import limits_of
from equipoise.simulate.world import EVERYBODY, World, effect_for

LEAST, MOST = 0.01, 100.0  # hazard and odds ratios
PLANNED = 0.7  # a hazard ratio, where the protocol plans for none
OWN = "or let the study's own outcomes say it (--outcomes)"


def asked_as_written(asked: Asked, arms: str, follow_up: str, unmeasured: str) -> Asked:
    """With what a command line says in words: arms, drawn or kept; follow_up `6,30`; unmeasured `0.3,2,2` or nothing. Raises
    ProtocolError with everything that is no sense."""
    faults = list(_odd_numbers(asked))
    if arms not in ("drawn", "kept"):
        faults.append(Fault("--arms", "unknown word", "say 'drawn' (from the score) or 'kept' (as they are)"))
    followed, hidden = _numbers(follow_up, 2), _numbers(unmeasured, 3)
    if follow_up and (followed is None or not 0 <= followed[0] <= followed[1] or not 0 < followed[1] <= CENTURY):
        message = "give the shortest and the longest follow-up at the data cut-off, in the study's unit of time, such as 6,30"
        faults.append(Fault("--follow-up", "two numbers", message))
    if unmeasured and (hidden is None or not 0 < hidden[0] < 1 or not all(LEAST <= r <= MOST for r in hidden[1:])):
        message = (
            "give the share of patients who have it, its odds ratio with the focal arm and its hazard ratio with the event, such "
            "as 0.3,2,2"
        )
        faults.append(Fault("--unmeasured", "three numbers", message))
    declared = [name for name, given in (("--median", asked.median), ("--follow-up", follow_up)) if given]
    if asked.outcomes and declared:
        message = (
            f"{' and '.join(declared)} would take the place of the study's own outcomes, which --outcomes opens; leave one out"
        )
        faults.append(Fault("--outcomes", "contradiction", message))
    if faults:
        raise ProtocolError(faults)
    pair = (followed[0], followed[1]) if followed else None
    three = (hidden[0], hidden[1], hidden[2]) if hidden else None
    return replace(asked, kept=arms == "kept", follow_up=pair, unmeasured=three)


def _odd_numbers(asked: Asked) -> Iterator[Fault]:
    for ratio in asked.hazard_ratios:
        if not LEAST <= ratio <= MOST:
            yield Fault("--hr", "odd value", f"a hazard ratio lies between {LEAST:g} and {MOST:g}, and not at {ratio:g}")
    if len(set(asked.hazard_ratios)) < len(asked.hazard_ratios):
        yield Fault("--hr", "repeated", "the same hazard ratio is asked for twice; delete one")
    if not LEAST <= asked.prognosis <= MOST:
        yield Fault("--prognosis", "odd value", f"a hazard ratio lies between {LEAST:g} and {MOST:g}")
    if asked.median is not None and not 0 < asked.median <= CENTURY:
        yield Fault("--median", "odd value", "a median is a positive time in the study's unit")
    if asked.lost_per_year is not None and not 0 <= asked.lost_per_year < 1:
        yield Fault("--lost-per-year", "odd value", "a share lies between 0 and 1, such as 0.05; 1 would leave nobody")


def _numbers(written: str, n: int) -> tuple[float, ...] | None:
    try:
        found = tuple(float(part) for part in written.split(","))
    except ValueError:
        return None
    return found if len(found) == n else None


def settled(protocol: Protocol, asked: Asked) -> Asked:
    """With the endpoint and the hazard ratios that the protocol implies. Raises ProtocolError with everything that cannot be
    asked of it."""
    faults = []
    if protocol.arms.single:
        faults.append(Fault(protocol.place("arms"), "one arm", "a simulation compares two arms, and this study has one"))
    if protocol.arms.several:
        message = "a simulation compares two arms, and this study has more; declare a study of two of them for it"
        faults.append(Fault(protocol.place("arms"), "several arms", message))
    power = protocol.power
    endpoint = asked.endpoint or next(iter((power.median if power else {}) or protocol.main_endpoints or protocol.endpoints))
    if endpoint not in protocol.endpoints:
        message = f"there is no endpoint '{endpoint}' with a time to an event; {hint(endpoint, list(protocol.endpoints))}"
        faults.append(Fault("--endpoint", "unknown name", message))
    elif not asked.outcomes and asked.median is None and (power is None or endpoint not in power.median):
        message = (
            "nothing says how long patients of the reference arm go without the event: declare the median of "
            f"'{endpoint}' under 'power', give --median, {OWN}"
        )
        faults.append(Fault(protocol.place("power", "median"), "no median", message))
    if not asked.outcomes and asked.follow_up is None and power is None:
        message = f"nothing says how long patients are followed: declare 'follow_up' under 'power', give --follow-up, {OWN}"
        faults.append(Fault(protocol.place("power"), "no follow-up", message))
    if faults:
        raise ProtocolError(faults)
    planned = power.hazard_ratio if power is not None and power.hazard_ratio is not None else PLANNED
    return replace(asked, endpoint=endpoint, hazard_ratios=asked.hazard_ratios or (1.0, planned))


def conditional_effect(world: World, protocol: Protocol, asked: Asked, hazard_ratio: float) -> float:
    """The conditional log hazard ratio of what was asked for: the marginal one in the target of the primary design."""
    wanted = float(np.log(hazard_ratio))
    if asked.conditional:
        return wanted
    primary = protocol.primary_design
    whom = (EVERYBODY,) if primary is None else (target_of(primary), limits_of(primary))
    try:
        return effect_for(world, wanted, *whom)
    except ValueError:
        message = f"no conditional hazard ratio makes the marginal one {hazard_ratio:g}; take one nearer to 1"
        raise ProtocolError(Fault("--hr", "out of reach", message)) from None
