"""Labels of a protocol inside a sentence."""

from __future__ import annotations

from equipoise.protocol.measures import Covariate

SEXES = ("male", "female")
TIMES = ("time", "survival", "free", "duration", "interval")  # in the label of an endpoint: it names a time


def lower_first(label: str) -> str:
    """A label inside a sentence: 'Overall survival' -> 'overall survival'; abbreviations and names such as Mann-Whitney
    keep their capitals."""
    first = label.split(" ")[0]
    plain = len(first) > 1 and first[0].isupper() and not any(c.isupper() or c.isdigit() for c in first[1:])
    return first[0].lower() + label[1:] if plain else label


def is_time_to(label: str) -> bool:
    """Whether the label of an endpoint says a time to its event, so that its curve shows who is free of that event; of any other
    (overall survival) the curve shows the endpoint itself."""
    return label.lower().startswith("time to ")


def is_event(label: str, event: str) -> bool:
    """Whether the label of an endpoint is the name of its event, as it is or with more words behind it (death of the cancer), and
    says no time."""
    said, name = label.casefold(), event.casefold()
    longer = said.startswith(f"{name} ") and not any(word in said.split() for word in TIMES)
    return said == name or longer


def without_unit(covariate: Covariate) -> str:
    """The label of a covariate: `Age` of `Age, years`; the comma of one that is not continuous is no unit."""
    return covariate.label.split(", ")[0] if covariate.kind == "continuous" else covariate.label


def covariate_words(covariate: Covariate) -> str:
    """The label inside a sentence, without the unit: `age` of `Age, years`, `male sex` of `Male`."""
    words = lower_first(without_unit(covariate))
    return f"{words} sex" if covariate.kind == "binary" and words in SEXES else words
