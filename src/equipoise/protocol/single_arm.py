"""What a study of one arm cannot ask for: everything that compares two."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.spec import TREATMENT, Protocol

Place = Callable[..., str]
BLOCKS = {
    "tests": "'tests' chooses how two arms are compared",
    "power": "'power' is about a comparison of two arms",
    "effects": "'effects' compare two arms",
    "score": "'score' says how the score of two arms is fitted",
}
OF_SENSITIVITY = {
    "propensity_variants": ("'propensity_variants' match two arms again", "delete this block"),
    "bundle": ("'bundle' compares two arms in other ways", "delete this line"),
    "bootstrap_match": ("'bootstrap_match' makes a match again", "delete this line"),
}
SENTENCE = "{what}, and this study has one arm ('{arm}'); {mend}, or declare the second arm under arms.groups"


def single_arm_faults(protocol: Protocol, place: Place) -> list[Fault]:
    """A fault at each line that compares arms in a protocol with one arm; where there are two, at a benchmark, and at variants
    of a match that is not made."""
    if not protocol.arms.single:
        return _of_two_arms(protocol, place)
    arm = next(iter(protocol.arms.groups))
    return [
        Fault(place(*where), "one arm", SENTENCE.format(what=what, arm=arm, mend=mend))
        for where, what, mend in _comparisons(protocol)
    ]


def _of_two_arms(protocol: Protocol, place: Place) -> list[Fault]:
    faults = []
    if protocol.response is not None and protocol.response.benchmark is not None:
        message = "a benchmark is what a single arm is tested against; two arms are tested against each other: delete it"
        faults.append(Fault(place("response", "benchmark"), "two arms", message))
    if not protocol.designs and protocol.sensitivity.propensity_variants:
        message = "'propensity_variants' make the design again, and the design is 'none'; declare a design, or delete this block"
        faults.append(Fault(place("sensitivity", "propensity_variants"), "no design", message))
    return faults


def _comparisons(protocol: Protocol) -> Iterator[tuple[tuple, str, str]]:
    """(path, what is asked for, how to mend it)."""
    if protocol.arms.reference:
        yield ("arms", "reference"), "'reference' names the arm that another is compared with", "delete this line"
    if protocol.arms.focal:
        yield ("arms", "focal"), "'focal' names the arm that another is matched to", "delete this line"
    if protocol.design is not None:
        yield ("design",), "'design' matches two arms", "delete this block"
    if protocol.named_designs:
        yield ("designs",), "'designs' compare two arms", "delete this block"
    if protocol.propensity:
        yield ("propensity",), "'propensity' is the score that two arms are made comparable by", "delete this line"
    yield from _blocks(protocol)
    lists: dict[tuple[str, ...], list[str]] = {("cox", "univariable"): protocol.cox.univariable}
    lists |= {("cox", "multivariable", e): names for e, names in protocol.cox.multivariable.items()}
    for where, names in lists.items():
        for i, name in enumerate(names):
            if name == TREATMENT:
                yield (*where, i), f"'{TREATMENT}' is the contrast of two arms", "leave it out of this model"


def _blocks(protocol: Protocol) -> Iterator[tuple[tuple, str, str]]:
    for block, what in BLOCKS.items():
        if block in protocol.model_fields_set:
            yield (block,), what, "delete this block"
    for block, (what, mend) in OF_SENSITIVITY.items():
        if getattr(protocol.sensitivity, block):
            yield ("sensitivity", block), what, mend
