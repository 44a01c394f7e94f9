"""What each field takes and the study as a whole does not: names listed twice, labels that tell nothing apart, times beyond a
lifetime, limits of normal that are no limits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from equipoise.errors import Fault
from equipoise.protocol.designs import MATCHED
from equipoise.protocol.part import CENTURY
from equipoise.protocol.spec import Protocol, scores

Place = Callable[..., str]
Path = tuple[Any, ...]


def odd_value_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """Each at its line."""
    yield from _listed_twice(protocol, place)
    yield from _landmarks(protocol, place)
    yield from _same_words(protocol, place)
    yield from _limits_of_normal(protocol, place)


def _listed_twice(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """In every list of names or numbers, wherever it stands."""
    own = scores(protocol)
    for path, items in _lists(protocol, ()):
        if _of_common_score(protocol, path) and path not in own:
            continue  # said where it stands
        seen: set[Any] = set()
        for i, item in enumerate(items):
            if item in seen and path != ("packs",):  # the loader of packs says it
                yield Fault(place(*path, i), "listed twice", f"'{_shown(item)}' stands twice in this list; keep one")
            seen.add(item)


def _of_common_score(protocol: Protocol, path: Path) -> bool:
    """Whether a list of a design is one that it has from beside the designs."""
    if path[0] not in ("design", "designs"):
        return False
    name = path[1] if path[0] == "designs" else MATCHED
    return path[-1] == "propensity" or (path[-2:] == ("score", "terms") and protocol.design_path(name, "score") == ("score",))


def _lists(value: Any, path: Path) -> Iterator[tuple[Path, list]]:
    """Lists of words or numbers below a part of the protocol. A pair, such as the days of a window, is none."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if not field.exclude:
                yield from _lists(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lists(inner, (*path, key))
    elif isinstance(value, list):
        if all(isinstance(item, str | int | float) for item in value):
            yield path, value
        for i, inner in enumerate(value):
            yield from _lists(inner, (*path, i))


def _landmarks(protocol: Protocol, place: Place) -> Iterator[Fault]:
    labels: list[str] = []
    for i, time in enumerate(protocol.landmarks):
        here, label = place("landmarks", i), f"{time:g}"
        if time * protocol.days_per_unit > CENTURY:
            yield Fault(here, "number", f"a landmark of {label} {protocol.time_unit} is more than a hundred years")
        elif label in labels and time not in protocol.landmarks[:i]:
            yield Fault(here, "listed twice", f"this landmark prints as {label}, as one before it does; keep one")
        labels.append(label)


def _same_words(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """Two arms or two levels that a page would call by the same words."""
    groups = protocol.arms.groups
    yield from _repeated({k: g.label for k, g in groups.items()}, ("arms", "groups"), "arm", "label", place)
    values = {k: g.value for k, g in groups.items() if g.value is not None}
    yield from _repeated(values, ("arms", "groups"), "arm", "value", place)
    for name, covariate in protocol.covariates.items():
        yield from _repeated(covariate.levels, ("covariates", name, "levels"), "level", "label", place)


def _repeated(words: Mapping[str, str], path: Path, what: str, key: str, place: Place) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for name, word in words.items():
        if first.setdefault(word.strip(), name) != name:
            message = f"the {what} '{name}' has the {key} of '{first[word.strip()]}', so that nobody could tell them apart"
            yield Fault(place(*path, name), "same words", message)


def _limits_of_normal(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """Numbers among lln and uln; anything else names a column."""
    for name, measured in protocol.measurements.items():
        limits = {key: _number(getattr(measured, key)) for key in ("lln", "uln")}
        for key, limit in limits.items():
            if limit is not None and not 0 <= limit < 1e9:
                message = f"'{key}' is a limit of normal: a number from 0 on, or the name of a column"
                yield Fault(place("measurements", name, key), "number", message)
        low, high = limits["lln"], limits["uln"]
        if low is not None and high is not None and low >= high:
            yield Fault(place("measurements", name, "lln"), "number", "the lower limit of normal is not below the upper one")


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(re.sub(r"^([-+]?)\.(?=nan|inf)", r"\1", text.lower()))  # YAML writes .nan
    except ValueError:
        return None


def _shown(item: Any) -> str:
    return f"{item:g}" if isinstance(item, float) and math.isfinite(item) else str(item)
