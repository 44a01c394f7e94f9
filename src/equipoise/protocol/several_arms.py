"""What a study of more than two arms cannot ask for: everything that is defined of one comparison alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.missing import IMPUTE
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]
SENTENCE = "{what}, and this study has {k} arms; {mend}, or make of the two arms in question a study of their own"


def several_arm_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """A fault at each line that needs one comparison in a protocol with more than two arms, and at names that are taken."""
    if not protocol.arms.several:
        return []
    k = len(protocol.arms.groups)
    faults = [
        Fault(place(*where), "several arms", SENTENCE.format(what=what, k=k, mend=mend)) for where, what, mend in _asked(protocol)
    ]
    return [*faults, *_names(protocol, place)]


def _asked(protocol: Protocol) -> Iterator[tuple[tuple, str, str]]:
    """(path, what is asked for, how to mend it)."""
    sensitivity = protocol.sensitivity
    if sensitivity.bundle:
        yield ("sensitivity", "bundle"), "'bundle' looks at one comparison of two arms in other ways", "delete this line"
    if sensitivity.bootstrap_match is not None:
        yield ("sensitivity", "bootstrap_match"), "'bootstrap_match' makes the match of one comparison again", "delete this line"
    if sensitivity.bootstrap_match is not None:
        yield ("sensitivity", "bootstrap_match"), "'bootstrap_match' makes one match of two arms again", "delete this block"
    if sensitivity.confounder is not None:
        yield ("sensitivity", "confounder"), "'confounder' takes its bias out of one hazard ratio", "delete this block"
    if sensitivity.negative_control:
        yield (
            ("sensitivity", "negative_control"),
            "'negative_control' belongs to the bundle of one comparison",
            "delete this line",
        )
    if protocol.multiverse is not None:
        yield ("multiverse",), "'multiverse' makes one comparison of two arms in many ways", "delete this block"
    if protocol.power is not None:
        yield ("power",), "'power' plans one comparison of two arms", "delete this block"
    if protocol.missing.rule == IMPUTE:
        mend = "choose 'complete_cases' or 'indicator'"
        yield ("missing",), "'impute' draws missing covariates for one comparison of two arms", mend


def _names(protocol: Protocol, place: Place) -> Iterator[Fault]:
    for name, arm in protocol.comparisons.items():
        for key in ("restrict", "subgroups"):
            if name in getattr(protocol, key):
                message = (
                    f"'{name}' is the name of the comparison of '{arm}' with '{protocol.arms.reference}' in the results; give "
                    "this another name"
                )
                yield Fault(place(key, name), "reserved name", message)
