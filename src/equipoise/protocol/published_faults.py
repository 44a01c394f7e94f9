"""Faults of published numbers that no single field shows: endpoints, criteria and arms that this study does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.published import PublishedNumber, arm_named
from equipoise.protocol.spec import Protocol

RULE = "published"


def published_faults(protocol: Protocol, place: Callable[..., str]) -> Iterator[Fault]:
    """Of rows that stand in the protocol, and of the curves."""
    asked = protocol.published
    if asked is None:
        return
    if isinstance(asked.studies, list):
        yield from number_faults(protocol, asked.studies, lambda i, key: place("published", "studies", i, key))
    known = protocol.endpoints
    for i, curve in enumerate(asked.curves):
        if curve.endpoint not in known:
            message = f"there is no endpoint '{curve.endpoint}' with a time to an event; {hint(curve.endpoint, known)}"
            yield Fault(place("published", "curves", i, "endpoint"), "unknown name", message)
        if curve.beside not in protocol.arms.groups:
            message = f"there is no arm '{curve.beside}'; {hint(curve.beside, protocol.arms.groups)}"
            yield Fault(place("published", "curves", i, "arm"), "unknown name", message)
    labels = [curve.label for curve in asked.curves]
    for i, label in enumerate(labels):
        if label in labels[:i]:
            message = f"two published curves are called '{label}'; give each a label of its own"
            yield Fault(place("published", "curves", i, "label"), "duplicate", message)


def number_faults(protocol: Protocol, rows: Sequence[PublishedNumber], place: Callable[[int, str], str]) -> Iterator[Fault]:
    """place: of a row by its number from 0 and of one of its keys."""
    seen: set[tuple[str, ...]] = set()
    for i, row in enumerate(rows):
        if row.measure == "orr":
            yield from _criterion(protocol, row, place(i, "endpoint"))
        elif row.endpoint not in protocol.endpoints:
            message = f"there is no endpoint '{row.endpoint}' with a time to an event; {hint(row.endpoint, protocol.endpoints)}"
            yield Fault(place(i, "endpoint"), "unknown name", message)
        if row.measure == "hr":
            yield from _contrast(protocol, row, place(i, "arm"))
        what = (row.study, row.measure, row.endpoint, "" if row.measure == "hr" else row.arm.casefold())
        if what in seen:
            message = f"'{row.study}' gives this {'hazard ratio' if row.measure == 'hr' else 'number'} twice; keep one of them"
            yield Fault(place(i, "study"), "duplicate", message)
        seen.add(what)
    yield from _told_apart(rows, place)


def _criterion(protocol: Protocol, row: PublishedNumber, place: str) -> Iterator[Fault]:
    known = list(protocol.response.criteria) if protocol.response is not None else []
    if row.endpoint and row.endpoint not in known:
        has = f"those of this study are {', '.join(known)}" if known else "this study assesses no response; leave it empty"
        yield Fault(place, "unknown name", f"there is no response criterion '{row.endpoint}'; {has}")


def _contrast(protocol: Protocol, row: PublishedNumber, place: str) -> Iterator[Fault]:
    arms = protocol.arms
    if arms.single:
        yield Fault(place, RULE, "a study of one arm has no hazard ratio beside which a published one could stand")
        return
    pair = {arm_named(arms, row.arm), arm_named(arms, row.versus)}
    if "" in pair or len(pair) == 1 or arms.reference not in pair:
        named = ", ".join(f"'{arms.label(a)}'" for a in arms.groups)
        reference = arms.label(arms.reference)
        message = f"a hazard ratio compares an arm of this study with {reference}, in either direction; its arms are {named}"
        yield Fault(place, RULE, message)


def _told_apart(rows: Sequence[PublishedNumber], place: Callable[[int, str], str]) -> Iterator[Fault]:
    """What is said of a study or of its arm once holds for all its rows."""
    said: dict[tuple[str, ...], object] = {}
    for i, row in enumerate(rows):
        known: dict[tuple[str, ...], object] = {
            ("population", row.study): row.population,
            ("source", row.study): row.source,
            ("doi", row.study): row.doi,
        }
        if row.measure != "hr":
            known["n", row.study, row.arm.casefold()] = row.n
        for what, words in known.items():
            if words and said.setdefault(what, words) != words:
                yield Fault(place(i, what[0]), RULE, f"'{row.study}' has another {what[0]} in an earlier row; give it once")
