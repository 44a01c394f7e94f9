"""Which function makes a design of a kind, and what every design gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from equipoise.design.menu import matched_any
from equipoise.design.plan import Plan
from equipoise.design.several_weighting import weighted_several
from equipoise.design.stratification import in_classes
from equipoise.design.weighting import weighted
from equipoise.protocol.spec import Protocol
from equipoise.records import Covariates, Design


def weights(plan: Plan) -> Design:
    """Weights of two arms from a logistic score, of several from a multinomial one."""
    return weighted_several(plan) if plan.protocol.arms.several else weighted(plan)


KINDS: Mapping[str, Callable[[Plan], Design]] = {"match": matched_any, "weights": weights, "strata": in_classes}


def stratified(protocol: Protocol, covariates: Covariates, design: Design) -> Design:
    """The design with the strata that Cox models are asked to have."""
    if not protocol.cox.strata:
        return design
    return replace(design, sample=replace(design.sample, baseline_hazard=covariates.cells(protocol.cox.strata)[0]))
