"""Faults of a match that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.match_options import VariableRatio
from equipoise.protocol.nearest import hint
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]

# Option of a match -> the methods that it says something to.
MEANT_FOR = {
    "ratio": ("nearest", "optimal"),
    "replace": ("nearest",),
    "order": ("nearest",),
    "seed": ("nearest",),
    "distance": ("nearest", "optimal", "full"),
    "caliper": ("nearest", "optimal", "full"),
    "calipers": ("nearest", "optimal", "full"),
    "anti_exact": ("nearest", "optimal", "full"),
    "target": ("full", "cem"),
    "bins": ("cem",),
}


def match_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """Options that the method of a match cannot follow, calipers on what has no differences, bins of what is not coarsened."""
    for name, spec in protocol.designs.items():
        if isinstance(spec, MatchSpec):
            for rule, where, message in (*_options(spec), *_calipers(protocol, spec), *_bins(protocol, spec)):
                yield Fault(place(*protocol.design_path(name, where[0]), *where[1:]), rule, message)


Said = tuple[str, tuple[str, ...], str]  # rule, place below the design, sentence


def _options(spec: MatchSpec) -> Iterator[Said]:
    for option, methods in MEANT_FOR.items():
        if option in spec.model_fields_set and spec.method not in methods:
            message = f"'{option}' says nothing to 'method: {spec.method}', only to {' and '.join(methods)}; delete it"
            yield "no meaning", (option,), message
    both = sorted({*spec.exact} & {*spec.anti_exact})
    if both:
        message = f"the two of a pair cannot agree and differ in {', '.join(both)}; keep it in 'exact' or in 'anti_exact'"
        yield "contradiction", ("anti_exact",), message
    if not isinstance(spec.ratio, VariableRatio):
        return
    if spec.method == "optimal":
        message = "optimal matching gives everybody the same number of partners; write 'ratio: 2', or take method: nearest"
        yield "no meaning", ("ratio",), message
    elif spec.method == "nearest" and spec.replace:
        message = "who may be taken several times is never scarce, so that a variable ratio has no meaning; write 'ratio: 2'"
        yield "no meaning", ("ratio",), message


def _calipers(protocol: Protocol, spec: MatchSpec) -> Iterator[Said]:
    for name in spec.calipers:
        known = protocol.covariates.get(name)
        if known is None:
            yield "unknown name", ("calipers", name), f"there is no covariate '{name}'; {hint(name, list(protocol.covariates))}"
        elif known.kind != "continuous":
            message = f"'{name}' is {known.kind} and has no differences to limit; write 'exact: [{name}]'"
            yield "no meaning", ("calipers", name), message
        elif name in spec.exact:
            message = f"the two of a pair agree in '{name}' by 'exact', so that its caliper says nothing; keep one of the two"
            yield "contradiction", ("calipers", name), message


def _bins(protocol: Protocol, spec: MatchSpec) -> Iterator[Said]:
    for name, bins in spec.bins.items():
        known = protocol.covariates.get(name)
        if name not in spec.propensity:
            yield "unknown name", ("bins", name), f"'{name}' is no covariate of this match; {hint(name, spec.propensity)}"
        elif known is not None and known.kind != "continuous":
            message = f"'{name}' is {known.kind} and is matched exactly; bins are for continuous covariates"
            yield "no meaning", ("bins", name), message
        elif isinstance(bins, list) and (not bins or bins != sorted(set(bins))):
            yield "order of limits", ("bins", name), "the limits of bins are numbers in rising order, none twice"
