"""The endpoints in the words of the Methods: where they begin, what ends and what censors them."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.event_codes import EventCodes
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.spec import Protocol
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.omop import omop_follow_up, omop_outcome
from equipoise.report.words import words


def outcomes(numbers: Numbers) -> list[str]:
    """Main endpoints, exploratory and binary ones."""
    protocol = numbers.protocol
    said = [_start(numbers), *(_endpoint(numbers, e) for e in protocol.main_endpoints.values())]
    exploratory = [_endpoint(numbers, e) for e in protocol.exploratory_endpoints.values()]
    said += [words("methods.outcomes.exploratory"), *exploratory] if exploratory else []
    said += omop_follow_up(protocol)
    return [*said, *_binary(numbers)]


def _start(numbers: Numbers) -> str:
    if not any(e.events for e in numbers.protocol.endpoints.values()):
        return ""
    index = numbers.protocol.index
    label = fmt.lower_first(index.label) if index else words("methods.outcomes.index_date")
    return words("methods.outcomes.start", start=words("methods.outcomes.the_label", label=label))


def _endpoint(numbers: Numbers, endpoint: Endpoint) -> str:
    name = f"{endpoint.label} ({endpoint.short})"
    if (recorded := omop_outcome(numbers.protocol, endpoint)) is not None:
        return recorded
    if endpoint.time is not None and endpoint.codes is not None:
        return _codes(name, endpoint, endpoint.codes)
    if endpoint.time is not None:
        return words("methods.outcomes.column", name=name, event=fmt.lower_first(endpoint.event_label))
    events = fmt.either([numbers.source_label(s) for s in endpoint.events])
    first = "_first" if len(endpoint.events) > 1 else ""
    censoring = _or_else([_article(numbers.source_label(s)) for s in endpoint.censoring])
    part = {"name": name, "events": events, "censoring": censoring}
    if endpoint.competing:
        competing = fmt.either([numbers.source_label(s) for s in endpoint.competing])
        said = words(f"methods.outcomes.dated{first}_competing", competing=competing, **part)
    else:
        said = words(f"methods.outcomes.dated{first}", **part)
    return " ".join([said, *_readings(numbers.protocol, endpoint)])


def _codes(name: str, endpoint: Endpoint, codes: EventCodes) -> str:
    """The values of the data by what they count as, in quotation marks."""

    def quoted(values: list[str]) -> str:
        return fmt.either([f"'{value}'" for value in values])

    return words(
        "methods.outcomes.codes",
        name=name,
        event=fmt.lower_first(endpoint.event_label),
        competing=words("methods.outcomes.codes_competing", values=quoted(codes.competing)) if codes.competing else "",
        censored=words("methods.outcomes.codes_censored", values=quoted(codes.censored)) if codes.censored else "",
        **{"is": quoted(codes.is_)},
    )


def _or_else(ends: list[str]) -> str:
    """The ends of observation in the order in which they apply."""
    first, *others = ends
    for other in others:
        first = words("methods.outcomes.or_else", first=first, other=other)
    return first


def _article(label: str) -> str:
    return words("methods.outcomes.the_label", label=label) if label.startswith("last ") else label


def _readings(protocol: Protocol, endpoint: Endpoint) -> Iterator[str]:
    """How progression was read, where the endpoint counts it."""
    progression = [s for s in endpoint.events if s in endpoint.progression]
    if not progression:
        return
    if endpoint.clinical == "ignored":
        yield words("methods.outcomes.clinical_ignored")
    day = protocol.progression_from_day(endpoint)
    if day > 1:
        yield words("methods.outcomes.early", day=fmt.short(day))
    if endpoint.profile == "fda2007":
        yield words("methods.outcomes.fda2007")
    elif endpoint.role == "main":
        yield words("methods.outcomes.whenever")


def _binary(numbers: Numbers) -> Iterator[str]:
    for endpoint in numbers.protocol.binary_endpoints.values():
        label = endpoint.label
        if endpoint.of is not None:
            event = fmt.lower_first(numbers.protocol.endpoints[endpoint.of].event_label)
            key = "methods.outcomes.binary_free" if endpoint.absent else "methods.outcomes.binary_by"
            yield words(key, label=label, event=event, day=fmt.short(endpoint.within_days))
        elif endpoint.response is not None:
            rate = words(f"analyses.response.rate.{endpoint.response}")
            yield words("methods.outcomes.binary_response", label=label, rate=rate)
        else:
            yield words("methods.outcomes.binary_recorded", label=label)
