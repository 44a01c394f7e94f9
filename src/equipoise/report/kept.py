"""Figures as they were drawn, for who wants to change them: a report itself keeps none, for they take memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawn

_KEPT: ContextVar[dict[str, Drawn] | None] = ContextVar("kept", default=None)


@contextmanager
def keeping() -> Iterator[dict[str, Drawn]]:
    """Within the block every figure that is drawn goes into the dict that is given, by its name."""
    found: dict[str, Drawn] = {}
    before = _KEPT.set(found)
    try:
        yield found
    finally:
        _KEPT.reset(before)


def keep(name: str, drawn: Drawn) -> None:
    found = _KEPT.get()
    if found is not None:
        found[name] = drawn
