"""The sentences of the report apart from code: what is filled in is data, and texts and code fit each other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import equipoise
from equipoise.report import words as room
from equipoise.report.words import COUNT, FORMS, placeholders, texts, words

SOURCE = Path(equipoise.__file__).parent


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.fixture
def spoken(monkeypatch):
    """Texts of a test in place of those that ship."""

    def put(**made):
        monkeypatch.setattr(room, "texts", lambda language="en": made)

    return put


@pytest.mark.parametrize("label", ["{n}", "100 % {0}", "$x_1$ & <b>", "{", "}}", "{a.__class__}"])
def test_what_is_filled_in_comes_out_as_written(spoken, label):
    spoken(said="Of {who}, {count} left {{so}}.")
    assert words("said", who=label, count=1234) == f"Of {label}, 1,234 left {{so}}."


def test_a_count_chooses_the_form(spoken):
    spoken(said={"one": "a pair", "other": "{count} pairs"})
    assert [words("said", count=n) for n in (0, 1, 1.0, 2)] == ["0 pairs", "a pair", "a pair", "2 pairs"]


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("lost", {}),
        ("said", {}),
        ("said", {"who": "a", "more": "b"}),
        ("said", {"who": 3}),
        ("forms", {}),
        ("odd", {"x": "a"}),
        ("spec", {"x": "a"}),
    ],
)
def test_what_does_not_fit_is_our_fault(spoken, asked, parts):
    spoken(said="{who}", forms={"one": "a", "other": "b"}, odd="{x.y}", spec="{x:>5}")
    with pytest.raises(AssertionError):
        words(asked, **parts)


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "words":
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def _literals(node: ast.expr) -> list[str]:
    """The keys that an argument may be, an open part of one as `*`; nothing where it comes from elsewhere."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)]
    return []


def _named(pattern: str) -> list[str]:
    form = ".*".join(re.escape(part) for part in pattern.split("*"))
    return [key for key in texts() if re.fullmatch(form, key)]


def _mentioned() -> set[str]:
    """Every constant and f-string of the sources that names texts: keys are also kept in variables and mappings."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                found |= {p for p in _literals(node) if re.match(r"[a-z_]+\.[a-z_*]", p)}
    return found


def test_every_text_is_used():
    used = {key for pattern in _mentioned() for key in _named(pattern)}
    assert sorted(set(texts()) - used) == []


def test_every_call_asks_for_a_text_that_is_there_with_its_parts():
    checked = 0
    for place, call in _calls():
        given = {k.arg for k in call.keywords}
        for pattern in _literals(call.args[0]):
            keys = _named(pattern)
            assert keys, f"{place}: no text '{pattern}'"
            if None in given or "*" in pattern:
                continue
            for key in keys:
                text = texts()[key]
                assert isinstance(text, str) or COUNT in given, f"{place}: '{key}' is chosen by a count"
                wanted = set().union(*map(placeholders, [text] if isinstance(text, str) else text.values()))
                assert wanted - {COUNT} == given - {COUNT}, f"{place}: the parts of '{key}'"
                checked += 1
    assert checked


def test_texts_are_whole():
    for key, text in texts().items():
        forms = [text] if isinstance(text, str) else [text[f] for f in sorted(FORMS)]
        for form in forms:
            placeholders(form)
            assert form == form.strip() and "  " not in form and "\n" not in form, key
