"""Weights that nothing defines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights import BALANCED, WeightsSpec

Place = Callable[..., str]
INSTEAD = {
    "overlap": "overlap weights by 'method: logistic' balance the means of the covariates exactly",
    "matching": "matching weights come by 'method: logistic'",
}


def weights_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """Targets that a method does not know, and options that change nothing."""
    for name, spec in protocol.designs.items():
        if not isinstance(spec, WeightsSpec):
            continue
        if spec.method != "logistic" and spec.target not in BALANCED:
            message = (
                f"'method: {spec.method}' has no weights for 'target: {spec.target}', only for {', '.join(BALANCED)}; "
                f"{INSTEAD[spec.target]}, so change one of the two"
            )
            yield Fault(place(*protocol.design_path(name, "target")), "undefined weights", message)
        if spec.stabilised and spec.method == "entropy":
            message = "'stabilised' says nothing to 'method: entropy', whose weights have mean 1 in each arm; delete it"
            yield Fault(place(*protocol.design_path(name, "stabilised")), "no meaning", message)
