"""What abbreviations stand for: the texts of words/, the packs of the study, its endpoints, its own list; later ones first."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from equipoise.protocol.spec import Protocol
from equipoise.report import format as fmt
from equipoise.report.words import texts, words

TOPIC = "abbreviations."


def core() -> dict[str, str]:
    """Abbreviation -> what it stands for, of those that any study uses."""
    shorts = [key.removeprefix(TOPIC) for key in texts() if key.startswith(TOPIC)]
    return {short: words(f"abbreviations.{short}") for short in shorts}


@cache
def names() -> frozenset[str]:
    """Words in capitals that are names and stand for nothing."""
    source = resources.files("equipoise.report.abbreviations").joinpath("names.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(source)["names"])


def abbreviations(protocol: Protocol) -> dict[str, str]:
    """All that may stand in the report of a study."""
    brought = {short: long for pack in protocol.rule_packs for short, long in pack.abbreviations.items()}
    of_endpoints = {
        e.short: fmt.lower_first(e.label)
        for e in protocol.endpoints.values()
        if e.short and e.short != e.label and e.short.isupper()
    }
    return core() | brought | of_endpoints | protocol.study.abbreviations
