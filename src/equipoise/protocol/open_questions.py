"""Places where `equipoise init` could not guess and wrote EDIT: each is answered before the study is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from equipoise.errors import Fault

OPEN = "EDIT"


def open_faults(plain: Any, place: Callable[..., str]) -> list[Fault]:
    """A fault for every value of the file that is the word EDIT. place: of a path in the file."""
    message = (
        "this question of `equipoise init` is open; write your answer in place of EDIT, the comment above it says which there are"
    )
    return [Fault(place(*where), "open question", message) for where in _open(plain, ())]


def _open(node: Any, where: tuple) -> Iterator[tuple]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _open(value, (*where, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _open(value, (*where, i))
    elif node == OPEN and (where[:1] in (("arms",), ("endpoints",)) or where == ("data", "one_row")):
        yield where
