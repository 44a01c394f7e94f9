"""Faults of a study on the OMOP common data model that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from equipoise.errors import Fault
from equipoise.protocol.nearest import hint
from equipoise.protocol.omop import Omop
from equipoise.protocol.omop_request import (
    AGE,
    ARM,
    BEFORE,
    BOTH,
    CLEAN,
    ENTRY,
    EVENT,
    EXCLUSION,
    INDEX_DATE,
    OBSERVED,
    TIME,
    known_by,
)
from equipoise.protocol.population import OMOP
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]
OWN = ("patient_id", "source_row", ARM, INDEX_DATE, BOTH, ENTRY, OBSERVED, BEFORE, AGE)
# keys of `data` that say how a spreadsheet is written
SHEET = ("sheet", "dates", "missing", "missing_in", "form", "limits", "one_row", "partial_dates")


def omop_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """What does not fit together in the block `omop`, or between it and the rest."""
    omop = protocol.omop
    if (omop is None) != (protocol.data.standard != OMOP):
        message = "'standard: omop' and the block 'omop' (its concept sets, the index date, outcomes) go together"
        return [Fault(place("data" if omop is None else "omop"), "missing key", message)]
    if omop is None:
        return []
    faults = list(_data_faults(protocol, place))
    faults += _set_names(protocol, omop, place)
    faults += _cohort_faults(protocol, omop, place)
    faults += _column_names(omop, place)
    if protocol.measurements:
        message = "'measurements' declares columns of a spreadsheet; measured numbers are covariates of 'omop' (value: latest)"
        faults.append(Fault(place("measurements"), "not available", message))
    return faults


def _data_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    for key in SHEET:
        if key in protocol.data.model_fields_set and getattr(protocol.data, key):
            yield Fault(
                place("data", key),
                "not available",
                f"'{key}' is of a spreadsheet; tables of the model have their columns as they are",
            )
    if protocol.arms.column != ARM:
        yield Fault(place("arms", "column"), "not available", "the arms of this study are concept sets; leave 'column' out")


def _set_names(protocol: Protocol, omop: Omop, place: Place) -> Iterator[Fault]:
    known = [*omop.concept_sets, *omop.cohorts]
    asked: dict[tuple, str | None] = {("arms", "groups", key, "value"): arm.value for key, arm in protocol.arms.groups.items()}
    asked |= {("omop", "exclusions", i, "concepts"): x.concepts for i, x in enumerate(omop.exclusions)}
    asked |= {("omop", "covariates", name, "concepts"): c.concepts for name, c in omop.covariates.items()}
    asked |= {("omop", "outcomes", name, "concepts"): o.concepts for name, o in omop.outcomes.items()}
    for where, name in asked.items():
        if name is not None and name not in known:
            message = f"there is no concept set or cohort '{name}'; {hint(name, known)}"
            yield Fault(place(*where), "unknown name", message)


def _cohort_faults(protocol: Protocol, omop: Omop, place: Place) -> Iterator[Fault]:
    """Where a cohort cannot stand, and what the end of an arm's cohort needs said."""
    if not omop.concept_sets and not omop.cohorts:
        yield Fault(place("omop"), "missing key", "give 'concept_sets' or 'cohorts' (files of ATLAS), which make the arms")
    for name in omop.cohorts:
        if name in omop.concept_sets:
            message = f"a concept set is called '{name}' too; give one of them another name"
            yield Fault(place("omop", "cohorts", name), "duplicate name", message)
    for name, covariate in omop.covariates.items():
        if covariate.concepts in omop.cohorts and covariate.value == "latest":
            message = f"'{covariate.concepts}' is a cohort, whose entries have no measured number; name a concept set"
            yield Fault(place("omop", "covariates", name, "concepts"), "not available", message)
    yield from _late_uses(omop, place)
    yield from _arm_faults(protocol, omop, place)


def _arm_faults(protocol: Protocol, omop: Omop, place: Place) -> Iterator[Fault]:
    groups = protocol.arms.groups
    made = {key: str(arm.value) for key, arm in groups.items() if str(arm.value) in omop.cohorts}
    risk = omop.risk_window
    here = place("omop", "risk_window")
    if made and len(made) < len(groups):
        others = [key for key in groups if key not in made]
        message = f"'{next(iter(made))}' is made by a cohort and '{others[0]}' by a concept set; make all arms in one way"
        yield Fault(place("arms", "groups"), "not available", message)
    if risk.kind == "cohort_end" and len(made) < len(groups):
        yield Fault(here, "not available", "'kind: cohort_end' is of arms that are made by cohorts; these are concept sets")
    if made and risk.kind == "on_treatment":
        message = "the arms are cohorts, whose end strategy says how treatment goes on; take kind: cohort_end"
        yield Fault(here, "not available", message)
    if made and risk.switch == "censored":
        message = "the arms are cohorts, which end at their own censoring events; state a switch there, and leave 'switch' out"
        yield Fault(here, "not available", message)
    yield from _late_faults(omop, set(made.values()), place)
    early = [n for n in made.values() if omop.cohorts[n].read is not None and omop.cohorts[n].definition.ends_early]
    if early and "kind" not in risk.model_fields_set:
        message = (
            f"the cohort '{early[0]}' ends before observation does (end strategy, censoring events); say risk_window: "
            "{kind: cohort_end} to follow persons until then, or {kind: intention_to_treat} to the end of observation"
        )
        yield Fault(place("omop", "cohorts", early[0]), "missing key", message)


def _late_faults(omop: Omop, arms: set[str], place: Place) -> Iterator[Fault]:
    """Steps of an arm's cohort that look at all the time after the index date."""
    for name in sorted(arms):
        if omop.cohorts[name].read is None:
            continue
        definition, here = omop.cohorts[name].definition, place("omop", "cohorts", name, "atlas")
        if definition.takes_last:
            message = (
                "the last event of a person makes the index date, which is known only when his observation is over, and nobody "
                "has another one after it (immortal-time bias); limit the events to the first, or take all"
            )
            yield Fault(here, "time zero", message)
        for step in definition.steps:
            if step.known_by == inf:
                message = (
                    f"'{step.reason}' looks at the whole time after the entry event, so that only those who were followed long "
                    "enough can be in the arm (immortal-time bias); give its windows a last day in ATLAS, from which a landmark "
                    "is then taken, and ask no end of visits or eras, or leave the rule out"
                )
                yield Fault(here, "time zero", message)


def _late_uses(omop: Omop, place: Place) -> Iterator[Fault]:
    """Covariates by cohorts that are known only after the index date, and exclusions by those that may be known at any time."""
    for name, covariate in omop.covariates.items():
        day = known_by(omop, covariate.concepts, covariate.last)
        if day:
            yield Fault(place("omop", "covariates", name, "concepts"), "time zero", _late(covariate.concepts, day))
    uses: list[tuple[tuple, str | None, int]] = [
        (("omop", "exclusions", i, "concepts"), x.concepts, x.last) for i, x in enumerate(omop.exclusions)
    ]
    uses += [(("omop", "outcomes", n, "clean_days"), o.concepts, 0) for n, o in omop.outcomes.items() if o.clean_days is not None]
    for where, name_of, last in uses:
        if known_by(omop, name_of, last) == inf:
            yield Fault(place(*where), "time zero", _late(name_of, inf))


def _late(cohort: str | None, day: float) -> str:
    when = "at any time" if day == inf else f"up to day {day:g}"
    end = "" if day == inf else f"end the window {day:g} days earlier, "
    return (
        f"who is in the cohort '{cohort}' by the end of the window is decided by what happens after the index date, {when}, so "
        f"that only those who were followed long enough can be (immortal-time bias); {end}let its definition in ATLAS not "
        "look ahead, or name a concept set"
    )


def _column_names(omop: Omop, place: Place) -> Iterator[Fault]:
    """Columns of the made table that would bear one name."""
    taken = set(OWN)
    taken |= {EXCLUSION.format(i) for i, _ in enumerate(omop.exclusions, start=1)}
    for name in omop.outcomes:
        taken |= {TIME.format(name), EVENT.format(name), CLEAN.format(name)}
    for name, covariate in omop.covariates.items():
        if name in taken and not (name == AGE and covariate.person == AGE):
            message = f"'{name}' is a column that is made of every person; give the covariate another name"
            yield Fault(place("omop", "covariates", name), "name taken", message)
