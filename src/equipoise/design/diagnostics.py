"""What is known of a design before outcomes are opened: equipoise of the arms, and the thresholds at which the protocol stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.design.plan import Plan
from equipoise.errors import DataError, Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Design, Designs

CERTAIN = 1e-12  # a score nearer to 0 or 1 is taken as this far from it: outside equipoise either way


def with_equipoise(design: Design, plan: Plan) -> Design:
    """The design with the fact `equipoise_share`: of each arm the share of patients with a score whose preference score lies in
    0.3 to 0.7 (Walker 2013). Unchanged where it has no score, or an arm has nobody with one."""
    if not len(design.propensity):
        return design
    known = ~np.isnan(design.propensity)
    focal = plan.focal[known]
    if not known.any() or focal.all() or not focal.any():
        return design
    score = np.clip(design.propensity[known], CERTAIN, 1 - CERTAIN)
    share = dict(zip((plan.protocol.arms.focal, plan.protocol.arms.other), stats.equipoise_share(score, focal), strict=True))
    return replace(design, facts={**design.facts, "equipoise_share": share})


def stop_where_asked(protocol: Protocol, cohort: Cohort, designs: Designs) -> None:
    """Raises DataError, with every threshold of `stop_if` that the primary design passes."""
    if protocol.stop_if is None or not protocol.primary:
        return
    if protocol.primary in designs.unmade:
        why = f"the primary design could not be made: {designs.unmade[protocol.primary]}"
        raise DataError(Fault(protocol.place("stop_if"), "stop before outcomes", why))
    faults = list(_passed(protocol, cohort, designs[protocol.primary]))
    if faults:
        raise DataError(faults)


def _passed(protocol: Protocol, cohort: Cohort, design: Design) -> Iterator[Fault]:
    asked = protocol.stop_if
    assert asked is not None

    def fault(name: str, what: str) -> Fault:
        message = f"{what}; the protocol stops there, before outcomes are opened: change the design, or this threshold"
        return Fault(protocol.place("stop_if", name), "stop before outcomes", message)

    if asked.smd_above is not None:
        above = [(abs(b.smd), b.variable) for b in design.balance if not b.level and abs(b.smd) > asked.smd_above]
        apart = [b.variable for b in design.balance if not b.level and b.apart]
        if above or apart:
            named = [f"{_words(protocol, v)} {smd:.2f}" for smd, v in sorted(above, reverse=True)]
            named += [f"{_words(protocol, v)} (the arms share nothing)" for v in apart]
            yield fault("smd_above", f"in {design.label} the difference is above {asked.smd_above:g}: {', '.join(named)}")
    if asked.effective_n_below is not None:
        for arm, group in protocol.arms.groups.items():
            n = design.sample.among(cohort.in_arm(arm)).effective_n
            if not n >= asked.effective_n_below:
                what = (
                    f"in {design.label} the effective sample size of {group.label} is {n:.1f}, below {asked.effective_n_below:g}"
                )
                yield fault("effective_n_below", what)
    share = design.facts.get("equipoise_share")
    if asked.equipoise_share_below is not None and share:
        smaller = min(share.values())
        if smaller < asked.equipoise_share_below:
            what = (
                f"{100 * smaller:.0f}% of the patients of an arm are in equipoise (preference score 0.3 to 0.7), below "
                f"{100 * asked.equipoise_share_below:g}%"
            )
            yield fault("equipoise_share_below", what)


def _words(protocol: Protocol, name: str) -> str:
    return protocol.covariates[name].label if name in protocol.covariates else name
