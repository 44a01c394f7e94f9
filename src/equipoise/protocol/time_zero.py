"""The time-zero guard: when a variable became known, and a stop where one known later groups or adjusts from the index date."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.expressions import columns_of
from equipoise.protocol.late_exclusions import late_exclusion_faults
from equipoise.protocol.lines import line_name
from equipoise.protocol.post_index import PostIndex
from equipoise.protocol.spec import TREATMENT, Protocol, scores, stratifiers

Place = Callable[..., str]
INDEX_DATE = "the index date"
LATER_TREATMENT, RESPONSE, EVENT = "the start of a later treatment", "a scan after the index date", "an adverse event"
FOLLOW_UP = "follow-up"
# Names that a spreadsheet uses for baseline facts too (grade, action, regimen) are left out.
KNOWN_LATER = {
    **{f"{line_name(n)}{part}": LATER_TREATMENT for n in range(2, 21) for part in ("", "_regimen", "_day")},
    "subsequent_therapy": LATER_TREATMENT,
    **dict.fromkeys(("best_response", "best_overall_response", "responder"), RESPONSE),
    **dict.fromkeys(("adverse_event", "worst_grade", "grade_5", "ctcae_term"), EVENT),
    **dict.fromkeys(("discontinued_for_ae", "stop_reason", "change_reason"), "the course of the treatment"),
    **dict.fromkeys(("death_date", "death_cause", "death_source", "last_contact", "last_imaging", "progression_date"), FOLLOW_UP),
}
SENTENCE = (
    "'{name}' is known only after the index date ({since}). Only patients who lived and were followed long enough can have "
    "it, so a comparison from the index date by it favours them (guarantee-time bias, also called immortal-time bias). "
    "Declare it under 'post_index' instead: survival is then compared by landmark, time-dependent Cox model and "
    "clone-censor-weight, with the naive figure beside them."
)


def known_at(protocol: Protocol, name: str) -> str:
    """When a variable became known: 'the index date', or what had to happen after it."""
    if name in protocol.post_index:
        return protocol.post_index[name].label
    if name in protocol.covariates:
        covariate = protocol.covariates[name]
        if covariate.known is not None:
            return INDEX_DATE if covariate.known == "index" else "declared so in the protocol"
        later = [c for c in columns_of(covariate.from_) if c in _later_columns(protocol)]
        return _later_columns(protocol)[later[0]] if later else INDEX_DATE
    return _later_columns(protocol).get(name, INDEX_DATE)


def time_zero_faults(protocol: Protocol, place: Place) -> list[tuple[str, Fault]]:
    """(name, fault) for each use of a variable that became known after the index date."""
    found = []
    for name, where in _uses(protocol):
        since = known_at(protocol, name)
        if since != INDEX_DATE:
            sentence = SENTENCE.format(name=name, since=since[:1].lower() + since[1:])
            found.append((name, Fault(place(*where), "time zero", sentence)))
    return found


def guarded(faults: list[Fault], protocol: Protocol, place: Place) -> list[Fault]:
    """All faults with those of the guard, which speak in place of 'unknown name' about the same name."""
    own = time_zero_faults(protocol, place)
    told = [(f.place, f"'{name}'") for name, f in own]
    later = {name: known_at(protocol, name) for name in protocol.covariates}
    later = _later_columns(protocol) | {name: since for name, since in later.items() if since != INDEX_DATE}
    excluded = list(late_exclusion_faults(protocol, place, later))
    told += [(f.place, f"'{name}'") for f in excluded for name in later if f.message.startswith(f"'{name}'")]
    rest = [f for f in faults if not any(f.place == where and name in f.message for where, name in told)]
    return [*rest, *dict.fromkeys(f for _, f in own), *excluded, *post_index_faults(protocol, place)]


def _uses(protocol: Protocol) -> Iterator[tuple[str, tuple]]:
    """Every name that groups or adjusts a time-to-event analysis, with its place."""
    lists: dict[tuple, list[str]] = scores(protocol)
    lists |= stratifiers(protocol)
    if protocol.missing.impute is not None:
        lists["missing", "impute", "covariates"] = protocol.missing.impute.covariates
    if protocol.effects.standardised is not None:
        lists["effects", "standardised", "covariates"] = protocol.effects.standardised.covariates
    lists["cox", "univariable"] = protocol.cox.univariable
    lists |= {("cox", "multivariable", e): names for e, names in protocol.cox.multivariable.items()}
    lists |= {("post_index", name, "adjust"): p.adjust for name, p in protocol.post_index.items()}
    for where, names in lists.items():
        yield from ((name, (*where, i)) for i, name in enumerate(names) if name != TREATMENT)
    for name, subgroup in protocol.subgroups.items():
        for label, expression in subgroup.levels.items():
            yield from ((c, ("subgroups", name, "levels", label)) for c in columns_of(expression))
    for name, restriction in protocol.restrict.items():
        yield from ((c, ("restrict", name, "where")) for c in columns_of(restriction.where))
    for name, covariate in protocol.covariates.items():
        if covariate.known is None:
            yield from ((c, ("covariates", name, "from")) for c in columns_of(covariate.from_) if c not in protocol.covariates)


def _later_columns(protocol: Protocol) -> dict[str, str]:
    """Columns that hold what happened after the index date: those of the contract, and a spreadsheet's times and events."""
    later = dict(KNOWN_LATER)
    for endpoint in protocol.endpoints.values():
        if endpoint.time is not None and endpoint.event is not None:
            later |= dict.fromkeys((endpoint.time.column, *columns_of(endpoint.event)), FOLLOW_UP)
    for binary in protocol.binary_endpoints.values():
        later |= dict.fromkeys(columns_of(binary.event) if binary.event is not None else (), FOLLOW_UP)
    if protocol.data.dates is not None:
        later |= dict.fromkeys((*protocol.data.dates.days, *protocol.data.dates.days.values()), FOLLOW_UP)
    for post in protocol.post_index.values():
        later |= {column: post.label for column in (post.day, post.type) if column is not None}
    return later


def post_index_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """Names in `post_index` that point nowhere, and kinds that these data do not have."""
    faults = []
    for name, post in protocol.post_index.items():
        for key, given, known in (
            ("endpoint", post.endpoint, protocol.endpoints),
            ("clock", post.clock, protocol.endpoints),
        ):
            if given is not None and given not in known:
                message = f"there is no endpoint '{given}'; known are {', '.join(known)}"
                faults.append(Fault(place("post_index", name, key), "unknown name", message))
        for i, covariate in enumerate(post.adjust):
            if covariate not in protocol.covariates:
                message = f"there is no covariate '{covariate}'; known are {', '.join(protocol.covariates)}"
                faults.append(Fault(place("post_index", name, "adjust", i), "unknown name", message))
        for i, endpoint in enumerate(post.adjust_over_time):
            here = place("post_index", name, "adjust_over_time", i)
            if endpoint not in protocol.endpoints:
                message = f"there is no endpoint '{endpoint}'; known are {', '.join(protocol.endpoints)}"
                faults.append(Fault(here, "unknown name", message))
            elif endpoint == post.clock:
                faults.append(Fault(here, "post_index", f"'{endpoint}' starts the clock, so it is the same for everybody"))
        faults += _kind_faults(protocol, name, place)
    return faults


def _kind_faults(protocol: Protocol, name: str, place: Place) -> Iterator[Fault]:
    post, here = protocol.post_index[name], place("post_index", name, "kind")
    if (post.kind == "column") != (protocol.data.rows is not None):
        message = "kind 'column' reads a spreadsheet with one row per patient; the other kinds need raw tables"
        yield Fault(here, "not available", message)
    elif post.kind == "column" and post.type is None:
        yield from _untyped(post, name, place)
    elif post.kind == "response" and (protocol.response is None or post.criterion not in protocol.response.criteria):
        message = f"responses by '{post.criterion}' are not derived: list the criterion under 'response'"
        yield Fault(here, "not available", message)


def _untyped(post: PostIndex, name: str, place: Place) -> Iterator[Fault]:
    """What asks for types of a grouping whose column of types is not named."""
    kinds = [s for s, plan in post.strategies.items() if isinstance(plan.start, list)]
    asked = [("by",)] if "type" in post.by else []
    asked += [("types",)] if post.types else []
    for where in (*asked, *(("strategies", s, "start") for s in kinds)):
        message = f"'{where[-1]}' tells types apart, and no column holds them; name it under 'type', or delete this line"
        yield Fault(place("post_index", name, *where), "no types", message)
