"""A sentence of the Methods, and the analyses that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from equipoise.report.lookup import Numbers


@dataclass(frozen=True, slots=True)
class Told:
    """of: analyses, `phase.analysis` as the vocabulary writes them; the sentence stands where one of them was estimated, and
    nowhere else. Without any it is of the study as such. say: the sentence; it may be empty only where `of` is."""

    of: tuple[str, ...]
    say: Callable[[Numbers], str]


def said(told: Collection[Told], numbers: Numbers) -> list[str]:
    """The sentences of what was estimated. What was estimated of two arms at a time alone is said by the first two of them."""
    found = []
    for one in told:
        speaker = next((n for n in (numbers, *numbers.comparisons.values()) if not one.of or n.analyses & set(one.of)), None)
        if speaker is not None:
            found.append(one.say(speaker))
    return [sentence for sentence in found if sentence]


def joined(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)
