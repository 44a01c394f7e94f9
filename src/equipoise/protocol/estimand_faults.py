"""Whether the study does what its estimand says: names, strategies, events about which nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.estimand import FITS, MISSED_SCANS, Estimand, Strategy, handling
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]
DONE = {"event": "counts it as an event", "censored": "censors there", "ignored": "follows patients beyond it"}


def estimand_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """Names that point nowhere, strategies that are not what the study does, events about which nothing is said."""
    estimand = protocol.estimand
    if estimand is None:
        return []
    faults = list(_arms(protocol, estimand, place))
    single = protocol.arms.single
    if (estimand.summary == "median") != single:
        message = "one arm has medians and no hazard ratio" if single else "arms are compared by the hazard ratio"
        fit = "median" if single else "hazard_ratio"
        faults.append(Fault(place("estimand", "summary"), "estimand", f"{message}: write {fit}"))
    for name, events in estimand.endpoints.items():
        endpoint = protocol.endpoints.get(name)
        if endpoint is None:
            message = f"there is no endpoint '{name}'; known are {', '.join(protocol.endpoints)}"
            faults.append(Fault(place("estimand", "endpoints", name), "unknown name", message))
            continue
        faults += [f for event, strategy in events.items() for f in _event(protocol, name, event, strategy, place)]
        faults += _unsaid(protocol, name, endpoint, events, place)
    return faults


def _arms(protocol: Protocol, estimand: Estimand, place: Place) -> Iterator[Fault]:
    groups = protocol.arms.groups
    for arm in estimand.strategies:
        if arm not in groups:
            message = f"there is no arm '{arm}'; known are {', '.join(groups)}"
            yield Fault(place("estimand", "strategies", arm), "unknown name", message)
    for arm in groups:
        if arm not in estimand.strategies:
            message = f"say in words what it means to be treated with '{arm}'"
            yield Fault(place("estimand", "strategies"), "estimand", message)


def _event(protocol: Protocol, name: str, event: str, strategy: Strategy, place: Place) -> Iterator[Fault]:
    endpoint, here = protocol.endpoints[name], place("estimand", "endpoints", name, event)
    done = handling(endpoint, event)
    known = [*protocol.sources, MISSED_SCANS]
    if done != "unknown" and event not in known:
        yield Fault(here, "unknown name", f"there is no source '{event}'; {hint(event, known)}")
    elif strategy == "principal_stratum":
        message = "a principal stratum is estimated by no analysis of this study; choose another strategy"
        yield Fault(here, "estimand", message)
    elif strategy not in FITS[done]:
        fit = " or ".join(FITS[done])
        message = f"'{name}' {DONE[done]}, so the strategy for '{event}' is {fit}, not {strategy}"
        yield Fault(here, "estimand", f"{message}; mend it here, or change the endpoint")


def _unsaid(protocol: Protocol, name: str, endpoint: Endpoint, events: dict[str, Strategy], place: Place) -> Iterator[Fault]:
    """New therapy where the study knows it, and what counts beside progression: each needs its strategy."""
    if endpoint.time is not None:
        return
    beside = [s for s in endpoint.events if s not in endpoint.progression] if len(endpoint.events) > 1 else []
    for event in dict.fromkeys([*beside, *(n for n in (endpoint.new_therapy,) if n in protocol.sources)]):
        if event not in events:
            message = f"nothing is said of '{event}', which the study knows: give its strategy for '{name}'"
            fit = " or ".join(FITS[handling(endpoint, event)])
            yield Fault(place("estimand", "endpoints", name), "estimand", f"{message} ({fit})")
