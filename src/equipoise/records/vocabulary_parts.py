"""What the vocabulary is made of: parts, analyses and phases, and the names that are not written out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Named:
    """Names that are not written out: a rule in words, and the pattern that the whole name fits."""

    rule: str
    pattern: str


@dataclass(frozen=True)
class Part:
    """statistics: their names, blank between. variables: the names that the variable of their rows may bear, '' for none and a
    Named for those of a protocol or of the data. levels: likewise."""

    statistics: str
    variables: tuple[str | Named, ...] = ("",)
    levels: tuple[str | Named, ...] = ("",)

    @cached_property
    def names(self) -> frozenset[str]:
        """Its statistics."""
        return frozenset(self.statistics.split())


@dataclass(frozen=True)
class Analysis(Part):
    """words: what it is. more: statistics of other variables or levels."""

    words: str = ""
    more: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self, *self.more)


@dataclass(frozen=True)
class Phase:
    """A part of the results. analyses: by name; families: of analyses whose names come from the protocol."""

    words: str
    analyses: dict[str, Analysis]
    families: tuple[tuple[Named, Analysis], ...] = ()

    def analysis(self, name: str) -> Analysis | None:
        """The analysis of this name, or the family that it belongs to."""
        found = self.analyses.get(name)
        return found or next((a for named, a in self.families if re.fullmatch(named.pattern, name)), None)


def described(
    words: str,
    statistics: str,
    variables: tuple[str | Named, ...] = ("",),
    levels: tuple[str | Named, ...] = ("",),
    more: tuple[Part, ...] = (),
) -> Analysis:
    return Analysis(statistics, variables, levels, words, more)


OF_PROTOCOL = Named("a name of the protocol or of the data", r".+")
OF_LEVEL = Named("a level, category or time, as the protocol or the data name it", r".*")
COVARIATE, ANY_LEVEL = (OF_PROTOCOL,), (OF_LEVEL,)
