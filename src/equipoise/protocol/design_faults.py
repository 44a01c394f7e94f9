"""Faults of the named designs that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.designs import UNADJUSTED, label_of
from equipoise.protocol.match_faults import match_faults
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights_faults import weights_faults

Place = Callable[..., str]


def design_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """Two ways of saying the same, names that are taken, a primary design that is none, labels that nobody can tell apart."""
    yield from _said_twice(protocol, place)
    yield from _names(protocol, place)
    yield from _primary(protocol, place)
    yield from _labels(protocol, place)
    yield from match_faults(protocol, place)
    yield from weights_faults(protocol, place)
    if protocol.stop_if is not None and not protocol.designs:
        message = "'stop_if' holds thresholds of the primary design, and there is no design; declare one, or delete this"
        yield Fault(place("stop_if"), "no design", message)
    if protocol.propensity and not protocol.designs and not protocol.arms.single:
        message = "'propensity' is the score of every design that names none, and there is no design; declare one, or delete this"
        yield Fault(place("propensity"), "no design", message)


def _said_twice(protocol: Protocol, place: Place) -> Iterator[Fault]:
    if protocol.named_designs and "design" in protocol.model_fields_set:
        message = "'design' is short for one design named 'matched'; it stands beside 'designs': keep one of the two"
        yield Fault(place("design"), "said twice", message)
    own = protocol.design.balance_thresholds if protocol.design is not None else None
    if own is not None and "thresholds" in protocol.balance.model_fields_set:
        message = "'balance_thresholds' of the design says what 'balance: {thresholds: ...}' says; keep one of the two"
        yield Fault(place("design", "balance_thresholds"), "said twice", message)


def _names(protocol: Protocol, place: Place) -> Iterator[Fault]:
    variants = {f"variant_{name}" for name in protocol.sensitivity.propensity_variants}
    for name in protocol.named_designs:
        if name == UNADJUSTED:
            message = f"'{UNADJUSTED}' is the comparison of all patients as they are, which is always made; rename this design"
            yield Fault(place("designs", name), "reserved name", message)
        elif name in variants:
            message = f"'{name}' is the name of a propensity variant in the results; rename this design"
            yield Fault(place("designs", name), "reserved name", message)


def _primary(protocol: Protocol, place: Place) -> Iterator[Fault]:
    names = list(protocol.designs)
    if protocol.primary and protocol.primary not in names:
        known = hint(protocol.primary, names) if names else "there is none"
        yield Fault(place("primary"), "unknown name", f"there is no design '{protocol.primary}'; {known}")
    elif len(names) > 1 and not protocol.primary:
        message = f"of several designs one is primary; write 'primary: {names[0]}' beside 'designs', or another of their names"
        yield Fault(place("designs"), "missing key", message)


def _labels(protocol: Protocol, place: Place) -> Iterator[Fault]:
    taken = {"unadjusted": UNADJUSTED}
    for name, spec in protocol.designs.items():
        label = label_of(spec).strip()
        if label.lower() in taken:
            message = (
                f"the design '{name}' has the label of '{taken[label.lower()]}' ({label}), so that nobody could tell them apart; "
                "give it a 'label' of its own"
            )
            yield Fault(place(*protocol.design_path(name, "label")), "same words", message)
        taken.setdefault(label.lower(), name)
