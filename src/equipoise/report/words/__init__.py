"""The sentences of the report apart from code: a folder for each language, a TOML file for each topic.

`words("lock.changed", changes=...)` is the text `changed` of `en/lock.toml`, with `{changes}` filled in. What is filled in is
data: braces, per cent and dollar signs in it come out as written. A text with a table of `one` and `other` is chosen by `count`.
Another language is another folder with the same files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Any

from equipoise.report import digits

LANGUAGE = "en"  # whose texts are asked for
ROOM: Traversable = resources.files("equipoise.report.words")  # a folder for each language
COUNT = "count"
FORMS = {"one", "other"}
Texts = Mapping[str, str | dict[str, str]]
_NOW: ContextVar[Texts | None] = ContextVar("texts", default=None)


def words(key: str, *, count: float | None = None, **parts: str) -> str:
    """The text of a key with its parts. count: chooses between `one` and `other`, and fills `{count}` where the text has it.

    AssertionError for a key that is not there, a part that the text lacks or that was not given, and a part that is no text: a
    number is made text by `format` first.
    """
    template = _chosen(key, count)
    given = dict(parts)
    if count is not None and COUNT in placeholders(template):
        given[COUNT] = digits.count(count)
    if set(given) != placeholders(template):
        raise AssertionError(f"'{key}' has the parts {sorted(placeholders(template))}, given were {sorted(given)}")
    wrong = [name for name, value in given.items() if not isinstance(value, str)]
    if wrong:
        raise AssertionError(f"'{key}': {', '.join(wrong)} is no text")
    return template.format_map(given)


def texts(language: str = "") -> Texts:
    """Key -> its text, or its forms by count; of the block that this is called in where no language is named."""
    return (not language and _NOW.get()) or _texts(language or LANGUAGE)


@contextmanager
def worded(chosen: Texts | None) -> Iterator[None]:
    """Within the block, and in nothing that runs beside it, these texts stand for those that ship; None: those that ship."""
    before = _NOW.set(chosen)
    try:
        yield
    finally:
        _NOW.reset(before)


@cache
def _texts(language: str) -> Texts:
    folder = ROOM.joinpath(language)
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return {
        key: text
        for file in files
        for key, text in flat(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")).items()
    }


def flat(topic: str, content: str) -> dict[str, Any]:
    """`topic.name` -> its text, or its forms by count, of the TOML of one topic."""
    return dict(_flat(topic, tomllib.loads(content)))


@cache
def placeholders(template: str) -> frozenset[str]:
    """The names in braces; AssertionError for anything else in them."""
    parts = [p for p in Formatter().parse(template) if p[1] is not None]
    for _, name, spec, conversion in parts:
        if not (name or "").isidentifier() or spec or conversion:
            raise AssertionError(f"'{template}': braces hold the name of a part and nothing else")
    return frozenset(str(name) for _, name, _, _ in parts)


def _chosen(key: str, count: float | None) -> str:
    found = texts().get(key)
    if found is None:
        raise AssertionError(f"there is no text '{key}'")
    if isinstance(found, str):
        return found
    if count is None:
        raise AssertionError(f"'{key}' is chosen by a count")
    return found["one" if count == 1 else "other"]


def _flat(prefix: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str | dict[str, str]]]:
    for name, text in given.items():
        if isinstance(text, dict) and set(text) != FORMS:
            yield from _flat(f"{prefix}.{name}", text)
        else:
            yield f"{prefix}.{name}", text
