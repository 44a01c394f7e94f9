"""The block `omop` as what any study with one row per person asks: arms, reasons to leave, covariates, endpoints. What the
protocol says of these itself stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

from pydantic import ValidationError

from equipoise.protocol.omop import EVER, Omop, OmopCovariate, OmopExclusion
from equipoise.protocol.wording import lower_first

ARM, BOTH, ENTRY = "arm", "arms_on_index_date", "entry_steps"
OBSERVED, BEFORE, AGE, INDEX_DATE = "observed_on_index_date", "prior_observation_days", "age", "index_date"
TIME, EVENT, EXCLUSION, CLEAN = "{}_days", "{}_event", "exclusion_{}", "{}_before"
SEXES = {"8532": "Female", "8507": "Male"}
STEP = "Eligible persons"
BY_DEFINITION = "the definition of the cohort asks it"


def with_omop(given: dict[str, Any]) -> dict[str, Any]:
    """A protocol's plain data with what its block `omop` asks; as it was where there is none. Of a block with faults, which are
    told where they stand, no more than the arms' column."""
    block, arms = given.get("omop"), given.get("arms")
    if not isinstance(block, dict) or not isinstance(arms, dict):
        return given
    filled = {**given, "arms": _arms(arms)}
    try:
        omop = Omop.model_validate(block)
    except ValidationError:
        return {**filled, "endpoints": given.get("endpoints") or {"unread": _endpoint("unread", {"label": "", "short": ""})}}
    covariates = {name: _covariate(name, asked) for name, asked in omop.covariates.items()}
    endpoints = {name: _endpoint(name, asked.model_dump()) for name, asked in omop.outcomes.items()}
    filled["covariates"] = covariates | _mapping(given.get("covariates"))
    filled["endpoints"] = endpoints | _mapping(given.get("endpoints"))
    filled["eligibility"] = _eligibility(omop, filled["arms"], given.get("eligibility"))
    return filled


def _mapping(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _arms(arms: dict[str, Any]) -> dict[str, Any]:
    """Arms by the column that is made; an arm without a value has the concept set of its own name."""
    groups = arms.get("groups")
    if not isinstance(groups, dict):
        return arms
    named = {key: {"value": key, **group} if isinstance(group, dict) else group for key, group in groups.items()}
    return {"column": ARM, **arms, "groups": named}


def _covariate(name: str, asked: OmopCovariate) -> dict[str, Any]:
    levels = asked.levels or (SEXES if asked.person == "sex" else {})
    kind = "categorical" if levels else "binary" if asked.value == "any" and asked.person is None else "continuous"
    return {"label": asked.label, "kind": kind, "from": name, "levels": levels, "show": str(asked.show).lower(), "known": "index"}


def _endpoint(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """An outcome whose label stands alone is called by its event, and the endpoint is the time to it."""
    label, event = asked["label"], asked.get("event_label")
    return {
        "label": label if event or not label else f"Time to {lower_first(label)}",
        "short": asked["short"],
        "event_label": event or label,
        "role": asked.get("role") or "main",
        "time": {"column": TIME.format(name), "unit": "days"},
        "event": f"{EVENT.format(name)} = 1",
    }


def _eligibility(omop: Omop, arms: dict[str, Any], given: Any) -> dict[str, Any]:
    """The reasons of the block in one step, before those that the protocol declares itself."""
    own = _mapping(given)
    sets = [str(group.get("value")) for group in _mapping(arms.get("groups")).values() if isinstance(group, dict)]
    known = [name for name in sets if name in omop.concept_sets or name in omop.cohorts]
    labels = " or ".join(omop.label_of(name) for name in known)
    entries = set(known) & set(omop.cohorts)
    what = "an entry event" if entries else "a first record"
    own_reasons = [{"reason": r, "where": where, **_known(day)} for r, where, day in _reasons(omop, bool(entries))]
    exclude = [*entry_reasons(omop, known), *own_reasons]
    declared = own.get("steps")
    steps = declared if isinstance(declared, list) else []
    return {"start": f"Persons with {what} of {labels}", **own, "steps": [{"label": STEP, "exclude": exclude}, *steps]}


def entry_reasons(omop: Omop, arms: list[str]) -> Iterator[dict[str, Any]]:
    """Why a person with an entry event of an arm's cohort is not in it, in the order of the definition; told of all arms at once
    where their definitions say it in the same words. What is known only later is declared so, with the day."""
    steps = {name: cohort.definition.steps for name, cohort in omop.cohorts.items() if name in arms and cohort.read is not None}
    together = len({tuple(found) for found in steps.values()}) == 1
    for name, found in list(steps.items())[: 1 if together else None]:
        of_arm = "" if together else f"{ARM} = '{name}' and "
        words = "" if together else f" ({omop.label_of(name)})"
        for step in found:
            yield {"reason": f"{step.reason}{words}", "where": f"{of_arm}{ENTRY} < {step.number}", **_known(step.known_by)}


def _known(day: float) -> dict[str, str]:
    """When a reason is known; what is never is a fault, which is told where the cohort is named."""
    if not 0 < day < inf:
        return {"known": "index"}
    return {"known": "after_index", "why": BY_DEFINITION, "landmark_day": str(day)}


def known_by(omop: Omop, name: str | None, last: int) -> float:
    """The day from the index date, 0 or later, by which it is known who entered a cohort up to day `last`; 0 of concept sets."""
    cohort = omop.cohorts.get(name) if name is not None else None
    days = cohort.definition.known_by if cohort is not None and cohort.read is not None else 0
    return max(0, last + days) if days else 0


def _reasons(omop: Omop, by_cohorts: bool) -> Iterator[tuple[str, str, float]]:
    """(reason, condition over the columns of a person, the day by which that is known) in the order in which they are applied.
    by_cohorts: whether cohorts make the arms."""
    index = omop.index
    what = "Entry into the cohorts" if by_cohorts else "Records"
    yield f"{what} of several arms on the index date", f"{BOTH} > 1", 0
    yield "Index date outside the time of observation", f"{OBSERVED} = 0", 0
    if index.prior_observation_days:
        days = index.prior_observation_days
        yield f"Fewer than {days} days of observation before the index date", f"{BEFORE} < {days}", 0
    if index.from_ is not None:
        yield f"Index date before {index.from_.isoformat()}", f"{INDEX_DATE} < date '{index.from_.isoformat()}'", 0
    if index.to is not None:
        yield f"Index date after {index.to.isoformat()}", f"{INDEX_DATE} > date '{index.to.isoformat()}'", 0
    if index.age is not None:
        low, high = index.age
        yield f"Younger than {low} years", f"{AGE} < {low}", 0
        yield f"Older than {high} years", f"{AGE} > {high}", 0
    for i, exclusion in enumerate(omop.exclusions, start=1):
        day = known_by(omop, exclusion.concepts, exclusion.last)
        yield exclusion.reason or _reason(omop, exclusion), f"{EXCLUSION.format(i)} = {0 if exclusion.absent else 1}", day
    for name, outcome in omop.outcomes.items():
        if outcome.clean_days is not None:
            span = "" if outcome.clean_days == EVER else f" in the {outcome.clean_days} days"
            day = known_by(omop, outcome.concepts, 0)
            yield f"{outcome.label}{span} before the index date", f"{CLEAN.format(name)} = 1", day


def _reason(omop: Omop, exclusion: OmopExclusion) -> str:
    known = exclusion.concepts in omop.concept_sets or exclusion.concepts in omop.cohorts
    label = omop.label_of(exclusion.concepts) if known else exclusion.concepts
    when = "before the index date" if exclusion.days == EVER else f"on days {exclusion.first} to {exclusion.last}"
    return f"{'No record' if exclusion.absent else 'Record'} of {label} {when}"
