"""Reporting checklists: what a report must hold, where it stands here, what is left to the authors. A .toml each says where, and
of what studies; the words of the items are texts of the report, `checklist_items.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from equipoise.report.checklists.facts import FACTS
from equipoise.report.lookup import Numbers
from equipoise.report.words import texts, words

REPORTED, AUTHORS, NOT_APPLICABLE = "reported", "authors", "not_applicable"
TEXTS = "text", "task", "absent", "also"

SEVERAL = ("table_", "figure_", "post_index")  # what may stand several times, each with an ending of its own


@dataclass(frozen=True, slots=True)
class Item:
    """no, text: of the item, in our words. where: anchors of sections, names of tables and figures in which it is reported; the
    beginning of a name stands for all that follow. needs: facts of the study, and tables of the report, without which it is
    not. task: what the authors do where it is not reported. absent: why it does not apply where a fact is lacking; '' where it
    always applies. also: what is left to the authors where the rest is reported; the item is theirs to complete then."""

    no: str
    text: str
    where: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    task: str = ""
    absent: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """name: as it is called. title: of its table. source: its paper."""

    name: str
    title: str
    source: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """status: REPORTED, AUTHORS or NOT_APPLICABLE. places: names of what reports the item. words: the reason, or what is left."""

    status: str
    places: tuple[str, ...] = ()
    words: str = ""


def checklist(key: str) -> Checklist:
    """The shipped checklist of that key (`protocol.report_settings.CHECKLISTS`), in the language of the report."""
    given = _given(key)
    items = [
        Item(**{k: tuple(v) if isinstance(v, list) else v for k, v in item.items()}, **_said(key, item["no"]))
        for item in given["items"]
    ]
    return Checklist(given["name"], words(f"checklist_items.{key}.title"), given["source"], tuple(items))


@cache
def _given(key: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("equipoise.report.checklists").joinpath(f"{key}.toml").read_text(encoding="utf-8"))


def _said(key: str, no: str) -> dict[str, str]:
    """The texts of an item that it has."""
    has = [name for name in TEXTS if f"checklist_items.{key}.{no}.{name}" in texts()]
    return {name: words(f"checklist_items.{key}.{no}.{name}") for name in has}


def answer(item: Item, numbers: Numbers, held: Collection[str]) -> Answer:
    """held: the names of all sections, tables and figures of the finished report. An item is reported only in what is there."""
    if not all(FACTS[need](numbers) if need in FACTS else _held(need, held) for need in item.needs):
        return Answer(NOT_APPLICABLE, words=item.absent) if item.absent else Answer(AUTHORS, words=item.task)
    places = tuple(dict.fromkeys(p for p in (_held(name, held) for name in item.where) if p))
    if not places:
        return Answer(AUTHORS, words=item.task)
    return Answer(AUTHORS if item.also else REPORTED, places, item.also)


def _held(name: str, held: Collection[str]) -> str:
    if name in held:
        return name
    return next((h for h in held if h.startswith(f"{name}_")), "") if name.startswith(SEVERAL) else ""
