"""What was published elsewhere, read and checked: numbers of studies, and curves with the patients behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from equipoise.protocol.published import PublishedCurve, PublishedNumber


@dataclass(frozen=True, slots=True)
class ReadCurve:
    """asked: what the protocol says of it. made: the reconstructed patients (stats.ReconstructedCurve), in the study's unit."""

    asked: PublishedCurve
    made: Any


@dataclass(frozen=True, slots=True)
class ReadPublished:
    """numbers: in the order of the file. remarks: on where a file lies. files: name and sha256 of each
    that was read."""

    numbers: tuple[PublishedNumber, ...] = ()
    curves: tuple[ReadCurve, ...] = ()
    remarks: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    @property
    def studies(self) -> dict[str, list[PublishedNumber]]:
        """Study -> its numbers, in order."""
        found: dict[str, list[PublishedNumber]] = {}
        for number in self.numbers:
            found.setdefault(number.study, []).append(number)
        return found

    def measured(self, measure: str, endpoint: str = "") -> list[PublishedNumber]:
        """The numbers of a measure, of an endpoint where one is given."""
        return [n for n in self.numbers if n.measure == measure and endpoint in ("", n.endpoint)]


def first_said(numbers: Sequence[PublishedNumber], what: str) -> Any:
    """What the first of these numbers that knows it says; '' where none does."""
    return next((found for n in numbers if (found := getattr(n, what))), "")


def published_curve_key(label: str) -> str:
    """The key, among the curves of a study, of one that was published."""
    return f"published:{label}"


__all__ = ["ReadCurve", "ReadPublished", "first_said", "published_curve_key"]
