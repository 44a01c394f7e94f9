"""What the declared roles of covariates say against the scores of the designs, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.designs import label_of
from equipoise.protocol.measures import CONFOUNDER, INSTRUMENT
from equipoise.protocol.spec import Protocol
from equipoise.protocol.wording import without_unit

AMPLIFIES = (
    "what guided treatment alone removes no confounding, costs precision and can amplify the bias by what was not measured "
    "(Myers et al., Am J Epidemiol 2011;174:1213-1222)"
)


def role_remarks(protocol: Protocol) -> Iterator[str]:
    """An instrument-like covariate in a score, and a confounder out of one, in the order of the protocol; nothing without a
    design."""
    for name, covariate in protocol.covariates.items() if protocol.designs else ():
        scores = {label_of(spec): name in spec.propensity for spec in protocol.designs.values()}
        if covariate.role == INSTRUMENT and any(scores.values()):
            yield f"{without_unit(covariate)}, declared instrument-like, is in {_scores(scores, True)}: {AMPLIFIES}."
        elif covariate.role == CONFOUNDER and not all(scores.values()):
            yield (
                f"{without_unit(covariate)}, declared a confounder, is not in {_scores(scores, False)}; what is left of its "
                "difference stands in the tables of balance."
            )


def _scores(scores: dict[str, bool], inside: bool) -> str:
    """The scores that have the covariate, or lack it: all of them, or those of some designs."""
    found = [label for label, has in scores.items() if has == inside]
    if len(found) == len(scores):
        return "the score" if len(scores) == 1 or inside else "any score"
    return f"the score of {', '.join(found)}"
