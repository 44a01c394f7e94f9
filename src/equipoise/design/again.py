"""A design made again with another choice, or among some of the patients. Outcomes are not an argument."""

from __future__ import annotations

from equipoise.design.kinds import KINDS, stratified
from equipoise.design.plan import Plan, Scores
from equipoise.errors import DataError, Fault
from equipoise.protocol.designs import DesignSpec, label_of
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design


def make_again(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, spec: DesignSpec, name: str, scores: Scores | None = None
) -> Design | str:
    """The design, or the reason that it cannot be made, as a sentence. scores: those fitted to these patients already, kept and
    added to."""
    made = attempted(protocol, cohort, covariates, spec, name, scores)
    return made if isinstance(made, Design) else "; ".join(fault.message for fault in made)


def attempted(
    protocol: Protocol, cohort: Cohort, covariates: Covariates, spec: DesignSpec, name: str, scores: Scores | None = None
) -> Design | list[Fault]:
    """The same, with the faults for which it cannot be made."""
    place = protocol.place(*protocol.design_path(protocol.primary, "propensity"))
    plan = Plan(protocol, cohort, covariates, name, label_of(spec), spec, place, variant=True, scores=scores)
    try:
        return stratified(protocol, covariates, KINDS[spec.kind](plan))
    except DataError as error:
        return error.faults
