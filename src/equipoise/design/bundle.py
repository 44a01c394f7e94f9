"""The primary design made again for the sensitivity bundle: another score, other patients, another caliper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from equipoise.design.again import make_again
from equipoise.protocol.designs import DesignSpec, MatchSpec, StrataSpec, WeightsSpec
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights import BALANCED, METHODS, Trim
from equipoise.records import Again, Cohort, Covariates, cohort_among, covariates_among

CALIPERS = (0.1, 0.25, None)
TRUNCATIONS = (0.99, 0.95)
LIMITS = ((0.05, 0.95), (0.1, 0.9))  # of the score
CLASSES = (5, 10)
MOST_SITES = 50
SITE = "site"
WITH, WITHOUT = "with", "without"


def bundle_designs(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> tuple[Again, ...]:
    """Those of the members that are asked for, in the order of the protocol; nothing without a primary design. One that cannot be
    made says why."""
    if protocol.primary_design is None:
        return ()
    makers = {"site": _site, "centres": _centres, "calipers": _calipers, "weights": _weights}
    asked = [makers[member] for member in protocol.sensitivity.members if member in makers]
    return tuple(again for make in asked for again in make(protocol, cohort, covariates))


def _again(
    protocol: Protocol,
    cohort: Cohort,
    covariates: Covariates,
    member: str,
    name: str,
    spec: DesignSpec | None = None,
    keep: np.ndarray | None = None,
) -> Again:
    """The primary design, or `spec` in its place, among the patients of `keep`."""
    planned = spec or protocol.primary_design
    assert planned is not None
    if keep is None:
        keep = np.ones(cohort.n, dtype=bool)
    else:
        cohort, covariates = cohort_among(cohort, keep.astype(float), name), covariates_among(covariates, keep)
        if not all(cohort.in_arm(arm).any() for arm in protocol.arms.groups):
            return Again(member, name, keep, cohort, None, "an arm has nobody left")
    made = make_again(protocol, cohort, covariates, planned, protocol.primary)
    return Again(member, name, keep, cohort, None, made) if isinstance(made, str) else Again(member, name, keep, cohort, made)


def _none(cohort: Cohort, member: str, why: str) -> Again:
    return Again(member, "", np.ones(cohort.n, dtype=bool), cohort, None, why)


def _covariate(protocol: Protocol) -> str:
    """The covariate that holds the site, or ''."""
    return next((n for n, c in protocol.covariates.items() if n == SITE or c.from_.strip() == SITE), "")


def _where(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> tuple[np.ndarray, str]:
    """The site of each patient as text, None where it is unknown; and why nothing can be done by site, '' where it can."""
    name = _covariate(protocol)
    given = cohort.site if cohort.site is not None or not name else covariates.values[name]
    where = np.full(cohort.n, None, dtype=object)
    if given is None or given.dtype.kind == "f":
        return where, "the data name no site"
    where[:] = [None if s is None else str(s) for s in given]
    sites = sorted({s for s in where if s is not None})
    if len(sites) > 1:
        return where, ""
    return where, f"all patients are of one site ({sites[0]})" if sites else "the data name no site"


def _site(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[Again]:
    """The score with the site, or without it where it has it."""
    primary = protocol.primary_design
    assert primary is not None
    name = _covariate(protocol)
    if name in primary.propensity:
        rest = [n for n in primary.propensity if n != name]
        if rest:
            yield _again(protocol, cohort, covariates, "site", WITHOUT, primary.with_propensity(rest))
        else:
            yield _none(cohort, "site", "the site is the only covariate of the score")
        return
    where, why = _where(protocol, cohort, covariates)
    if why:
        yield _none(cohort, "site", why)
        return
    if not name:
        name, protocol, covariates = SITE, *_with_site(protocol, covariates, where)
    yield _again(protocol, cohort, covariates, "site", WITH, primary.with_propensity([*primary.propensity, name]))


def _with_site(protocol: Protocol, covariates: Covariates, where: np.ndarray) -> tuple[Protocol, Covariates]:
    """The study with the site as a covariate that no table shows."""
    levels = {site: site for site in sorted({s for s in where if s is not None})}
    declared = Covariate.model_validate({"label": "Site", "kind": "categorical", "from": SITE, "levels": levels, "show": False})
    more = protocol.model_copy(update={"covariates": {**protocol.covariates, SITE: declared}})
    return more, replace(covariates, values={**covariates.values, SITE: where})


def _centres(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[Again]:
    """Without the patients of each site in turn."""
    where, why = _where(protocol, cohort, covariates)
    sites = sorted({s for s in where if s is not None})
    if not why and len(sites) > MOST_SITES:
        why = f"there are {len(sites)} sites, more than {MOST_SITES}"
    if why:
        yield _none(cohort, "centres", why)
        return
    for site in sites:
        yield _again(protocol, cohort, covariates, "centres", site, keep=where != site)


def _calipers(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[Again]:
    primary = protocol.primary_design
    if not isinstance(primary, MatchSpec):
        yield _none(cohort, "calipers", "the primary design is no match")
    elif primary.method == "cem":
        yield _none(cohort, "calipers", "coarsened exact matching has no caliper")
    else:
        for caliper in CALIPERS:
            if caliper != primary.caliper:
                name = "none" if caliper is None else f"{caliper:g}"
                yield _again(protocol, cohort, covariates, "calipers", name, primary.model_copy(update={"caliper": caliper}))


def _weights(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[Again]:
    """The primary weights with other limits of the weights and of the score, and by other methods; of classes of the score
    another number of them."""
    primary = protocol.primary_design
    if isinstance(primary, StrataSpec):
        others: dict[str, DesignSpec] = {f"classes {k}": primary.model_copy(update={"classes": k}) for k in CLASSES}
    elif isinstance(primary, WeightsSpec):
        others = {f"truncate {q:g}": primary.model_copy(update={"truncate": q}) for q in TRUNCATIONS}
        trims = [Trim(score=limits) for limits in LIMITS]
        others |= {f"trim {trim.words}": primary.model_copy(update={"trim": trim}) for trim in trims}
        if primary.target in BALANCED:
            methods = [m for m in METHODS if m != primary.method]
            others |= {m: primary.model_copy(update={"method": m, "stabilised": False}) for m in methods}
    else:
        yield _none(cohort, "weights", "the primary design uses no weights")
        return
    for name, spec in others.items():
        if spec != primary:
            yield _again(protocol, cohort, covariates, "weights", name, spec)
