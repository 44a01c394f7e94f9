"""Which covariates may be missing, what their imputation rests on, and faults of what is asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.missing import ABSENT, COMPLETE, INDICATOR
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]


def missing_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """A rule for the covariates of a score that is not asked for, names that point nowhere, and what an indicator cannot do."""
    asked = protocol.missing
    if asked.rule == COMPLETE:
        return
    if not protocol.designs:
        message = "'missing' is about covariates of the propensity score, and no design has one; delete it"
        yield Fault(place("missing"), "no design", message)
    elif asked.rule == INDICATOR:
        yield from _indicator_faults(protocol, place)
    if asked.impute is not None:
        for key, given, known, what in (
            ("covariates", asked.impute.covariates, protocol.covariates, "covariate"),
            ("outcomes", asked.impute.outcomes, protocol.endpoints, "endpoint"),
        ):
            for i, name in enumerate(given):
                if name not in known:
                    message = f"there is no {what} '{name}'; {hint(name, list(known))}"
                    yield Fault(place("missing", "impute", key, i), "unknown name", message)


def _indicator_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    for name, spec in protocol.designs.items():
        if isinstance(spec, MatchSpec) and (spec.method == "cem" or spec.distance != "score"):
            message = (
                f"the design '{name}' compares covariates, and an indicator gives a missing one no value to compare; match on "
                "the score, or impute"
            )
            yield Fault(place("missing"), "no meaning", message)
    taken = [n for n in scored_names(protocol) if n in protocol.covariates and ABSENT in protocol.covariates[n].levels]
    for name in taken:
        message = f"the covariate '{name}' has a level '{ABSENT}' of its own, which the indicator would be; name it differently"
        yield Fault(place("covariates", name, "levels"), "reserved name", message)


def scored_names(protocol: Protocol) -> list[str]:
    """Covariates of every score, in the order of the protocol; unknown names last."""
    used = [n for spec in protocol.designs.values() for n in spec.propensity]
    used += [n for variant in protocol.sensitivity.propensity_variants.values() for n in variant.covariates]
    return _ordered(protocol, used)


def imputed_names(protocol: Protocol) -> list[str]:
    """The covariates of the model of the missing values, in the order of the protocol: those that the designs, their variants and
    the strata of the Cox models use, and those that are named."""
    asked = protocol.missing.impute
    used = scored_names(protocol)
    for spec in protocol.designs.values():
        used += [*spec.exact, *spec.anti_exact, *spec.calipers] if isinstance(spec, MatchSpec) else []
    used += [*protocol.cox.strata, *(asked.covariates if asked is not None else [])]
    return [n for n in _ordered(protocol, used) if n in protocol.covariates]


def imputing_outcomes(protocol: Protocol) -> list[str]:
    """The endpoints that take part in the imputation."""
    asked = protocol.missing.impute
    return list(dict.fromkeys(asked.outcomes)) if asked is not None and asked.outcomes else list(protocol.main_endpoints)


def _ordered(protocol: Protocol, names: list[str]) -> list[str]:
    return [n for n in protocol.covariates if n in names] + [n for n in dict.fromkeys(names) if n not in protocol.covariates]
