"""The primary design made again for the sensitivity bundle: another score, other patients, another caliper."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.design.again import make_again
from equipoise.protocol.designs import DesignSpec, MatchSpec
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.records import Again, Cohort, Covariates, cohort_among, covariates_among

CALIPERS = (0.1, 0.25, None)
MOST_SITES = 50
SITE = "site"
WITH, WITHOUT = "with", "without"


def bundle_designs(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> tuple[Again, ...]:
    """Those of the members that are asked for, in the order of the protocol; nothing without a primary design. One that cannot be
    made says why."""
    if protocol.primary_design is None:
        return ()
    makers = {"site": _site, "centres": _centres, "calipers": _calipers}
    asked = [makers[member] for member in protocol.sensitivity.bundle if member in makers]
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


def _sites(cohort: Cohort) -> list[str]:
    return [] if cohort.site is None else sorted({str(s) for s in cohort.site if s is not None})


def _no_sites(cohort: Cohort) -> str:
    """Why nothing can be done by site; '' where it can."""
    sites = _sites(cohort)
    if not sites:
        return "the data name no site"
    return f"all patients are of one site ({sites[0]})" if len(sites) == 1 else ""


def _site(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[Again]:
    """The score with the site, or without it where it has it."""
    primary = protocol.primary_design
    assert primary is not None
    name = next((n for n, c in protocol.covariates.items() if n == SITE or c.from_.strip() == SITE), "")
    if name in primary.propensity:
        rest = [n for n in primary.propensity if n != name]
        if rest:
            yield _again(protocol, cohort, covariates, "site", WITHOUT, primary.with_propensity(rest))
        else:
            yield _none(cohort, "site", "the site is the only covariate of the score")
        return
    why = "" if name else _no_sites(cohort)
    if why:
        yield _none(cohort, "site", why)
        return
    if not name:
        name, protocol, covariates = SITE, *_with_site(protocol, cohort, covariates)
    yield _again(protocol, cohort, covariates, "site", WITH, primary.with_propensity([*primary.propensity, name]))


def _with_site(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> tuple[Protocol, Covariates]:
    """The study with the site as a covariate that no table shows."""
    assert cohort.site is not None
    levels = {site: site for site in _sites(cohort)}
    declared = Covariate.model_validate({"label": "Site", "kind": "categorical", "from": SITE, "levels": levels, "show": False})
    values = np.empty(cohort.n, dtype=object)
    values[:] = [None if s is None else str(s) for s in cohort.site]
    more = protocol.model_copy(update={"covariates": {**protocol.covariates, SITE: declared}})
    return more, Covariates({**covariates.values, SITE: values}, descriptors=covariates.descriptors)


def _centres(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Iterator[Again]:
    """Without the patients of each site in turn."""
    sites, why = _sites(cohort), _no_sites(cohort)
    if not why and len(sites) > MOST_SITES:
        why = f"there are {len(sites)} sites, more than {MOST_SITES}"
    if why or cohort.site is None:
        yield _none(cohort, "centres", why)
        return
    texts = np.array([str(s) for s in cohort.site])
    for site in sites:
        yield _again(protocol, cohort, covariates, "centres", site, keep=texts != site)


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
