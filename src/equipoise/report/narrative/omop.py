"""A study on the OMOP common data model in the words of the Methods: index date, windows, outcomes, risk window."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.measures import Endpoint
from equipoise.protocol.omop import EVER, Before, Outcome
from equipoise.protocol.omop_request import TIME
from equipoise.protocol.spec import Protocol
from equipoise.report import format as fmt
from equipoise.report.words import words

Lane = tuple[str, tuple[int | None, int | None], str, str]


def omop_index(protocol: Protocol) -> Iterator[str]:
    """What makes the index date, and what is needed before it."""
    omop = protocol.omop
    assert omop is not None
    index, label = omop.index, str(protocol.time_zero)
    yield words("omop.index.data")
    if index.washout_days == EVER:
        yield words("omop.index.first", label=label)
    else:
        yield words("omop.index.washout", label=label, days=fmt.short(index.washout_days))
    cohorts = used_cohorts(protocol)
    if not protocol.arms.single:
        entered = any(str(arm.value) in cohorts for arm in protocol.arms.groups.values())
        yield words("omop.index.arm_entry" if entered else "omop.index.arm")
    if cohorts:
        yield words("omop.index.atlas", cohorts=fmt.listed([omop.label_of(name) for name in cohorts]))
    if protocol.study.data_cutoff is not None:
        yield words("methods.design.cutoff", cutoff=fmt.day(protocol.study.data_cutoff))


def used_cohorts(protocol: Protocol) -> list[str]:
    """The cohorts that arms, exclusions, covariates and outcomes name, in the order of the protocol."""
    omop = protocol.omop
    assert omop is not None
    named = {str(arm.value) for arm in protocol.arms.groups.values()} | {x.concepts for x in omop.exclusions}
    named |= {str(asked.concepts) for asked in (*omop.covariates.values(), *omop.outcomes.values())}
    return [name for name in omop.cohorts if name in named]


def omop_windows(protocol: Protocol) -> Iterator[str]:
    """When covariates were looked for."""
    omop = protocol.omop
    assert omop is not None
    windows = _covariates_by_window(protocol)
    if windows:
        listed = "; ".join(f"{fmt.listed(labels)} ({window})" for window, labels in windows.items())
        yield words("omop.windows.records", covariates=listed)
    latest = [fmt.lower_first(c.label) for c in omop.covariates.values() if c.value == "latest"]
    if latest:
        yield words("omop.windows.latest", covariates=fmt.listed(latest))
    if any(c.person == "age" for c in omop.covariates.values()) or omop.index.age is not None:
        yield words("omop.windows.age")


def _covariates_by_window(protocol: Protocol) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for covariate in protocol.omop.covariates.values() if protocol.omop is not None else ():
        if covariate.concepts is not None:
            found.setdefault(omop_window(covariate), []).append(fmt.lower_first(covariate.label))
    return found


def omop_window(before: Before) -> str:
    """`days -365 to 0`."""
    if before.first is None:
        return words("omop.windows.ever")
    return words("omop.windows.days", first=fmt.number(before.first), last=fmt.number(before.last))


def omop_outcome(protocol: Protocol, endpoint: Endpoint) -> str | None:
    """An outcome of the block `omop`; None of an endpoint that the protocol declares otherwise."""
    found = _asked(protocol, endpoint)
    if found is None or protocol.omop is None:
        return None
    name = f"{endpoint.label} ({endpoint.short})"
    if found.concepts is None:
        return words("omop.outcomes.death", name=name)
    kind = "entry" if found.concepts in protocol.omop.cohorts else "record"
    return words(f"omop.outcomes.{kind}", name=name, concepts=protocol.omop.label_of(found.concepts))


def _asked(protocol: Protocol, endpoint: Endpoint) -> Outcome | None:
    if protocol.omop is None or endpoint.time is None:
        return None
    return next((o for n, o in protocol.omop.outcomes.items() if TIME.format(n) == endpoint.time.column), None)


def omop_follow_up(protocol: Protocol) -> list[str]:
    """The risk window."""
    if protocol.omop is None or not protocol.omop.outcomes:
        return []
    first = fmt.short(protocol.omop.risk_window.start_day)
    return [words("omop.outcomes.follow_up", first=first, ends=fmt.either(list(_ends(protocol))))]


def _ends(protocol: Protocol) -> Iterator[str]:
    """What ends the follow-up, whichever comes first."""
    assert protocol.omop is not None
    risk = protocol.omop.risk_window
    if risk.gap_days is not None:
        gap = fmt.short(risk.gap_days)
        more = risk.surveillance_days
        yield words("omop.ends.surveillance", gap=gap, days=fmt.short(more)) if more else words("omop.ends.treatment", gap=gap)
    if risk.kind == "cohort_end":
        more = risk.surveillance_days
        yield words("omop.ends.after_cohort", days=fmt.short(more)) if more else words("omop.ends.cohort")
    if risk.switch == "censored":
        yield words("omop.ends.switch")
    if risk.days is not None:
        yield words("omop.ends.day", day=fmt.short(risk.days))
    yield words("omop.ends.observation")
    yield words("omop.ends.death")


def omop_lanes(protocol: Protocol) -> Iterator[Lane]:
    """Lanes of the design diagram before the index date: (label, days, words, kind)."""
    omop = protocol.omop
    assert omop is not None
    by_cohorts = any(str(arm.value) in omop.cohorts for arm in protocol.arms.groups.values())
    nothing = words("omop.lanes.no_entry" if by_cohorts else "omop.lanes.no_record")
    if omop.index.washout_days == EVER:
        yield words("omop.lanes.washout"), (None, -1), nothing, "who"
    elif omop.index.washout_days:
        yield words("omop.lanes.washout"), (-int(omop.index.washout_days), -1), nothing, "who"
    if omop.index.prior_observation_days:
        yield words("omop.lanes.observation"), (-omop.index.prior_observation_days, 0), "", "who"
    for exclusion in omop.exclusions:
        label = words("omop.lanes.without" if not exclusion.absent else "omop.lanes.with_record")
        yield label, (exclusion.first, exclusion.last), omop.label_of(exclusion.concepts), "who"
    for covariate in {omop_window(c): c for c in omop.covariates.values() if c.concepts is not None}.values():
        labels = fmt.listed(_covariates_by_window(protocol)[omop_window(covariate)])
        yield words("design_diagram.baseline"), (covariate.first, covariate.last), labels, "covariates"
    persons = [fmt.lower_first(c.label) for c in omop.covariates.values() if c.person is not None]
    if persons:
        yield words("design_diagram.baseline"), (0, 0), fmt.listed(persons), "covariates"


def omop_start(protocol: Protocol, endpoint: Endpoint) -> int:
    """The first day on which the event counts; 0 of an endpoint that is no outcome of the block."""
    return protocol.omop.risk_window.start_day if protocol.omop is not None and _asked(protocol, endpoint) is not None else 0


def omop_until(protocol: Protocol, endpoint: Endpoint) -> str | None:
    """What ends the follow-up for an endpoint, in the diagram."""
    if _asked(protocol, endpoint) is None:
        return None
    return words("omop.lanes.until", event=fmt.lower_first(endpoint.event_label), ends=fmt.either(list(_ends(protocol))))
