"""Who wants to know which figure is drawn now: drawing takes most of a report's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Tell = Callable[[str], None]
_TELL: ContextVar[Tell | None] = ContextVar("tell", default=None)


@contextmanager
def telling(tell: Tell | None) -> Iterator[None]:
    """Within the block `tell` is called with what is being made."""
    before = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(before)


def began(what: str) -> None:
    tell = _TELL.get()
    if tell is not None:
        tell(what)
