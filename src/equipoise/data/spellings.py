"""Cells that are other spellings of a word, read as that word where `data: spellings` declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from equipoise.data.read import RawTable
from equipoise.engine import listed, literal
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol

Spelled = Mapping[str, Sequence[str]]  # word -> other spellings


def with_spellings(protocol: Protocol, raw: RawTable) -> tuple[RawTable, list[Fault], list[Fault]]:
    """The sheet with one spelling of each word; faults: columns that are not there, a spelling of two words; findings: how many
    cells were read so."""
    asked = protocol.data.spellings
    faults = [
        Fault(
            protocol.place("data", "spellings", column),
            "missing column",
            f"{raw.file} has no column '{column}'; it has {', '.join(raw.names)}",
        )
        for column in asked
        if column not in raw.names
    ]
    for column, words in asked.items():
        others = [other for spelled in words.values() for other in spelled]
        twice = sorted({o for o in others if others.count(o) > 1 or o in words})
        message = "is a spelling of two words, or a word itself; leave it to one"
        faults += [Fault(protocol.place("data", "spellings", column), "spelling", f"'{o}' {message}") for o in twice]
    if faults or not asked:
        return raw, faults, []
    counts = ", ".join(f"count(*) filter (where {_other(raw.text(c), words)})" for c, words in asked.items())
    found = raw.engine.rows(f"select {counts} from {raw.relation}")[0]
    findings = [
        Fault(f"{raw.file}, column {c}", "spelling", f"{n} cells in another spelling are read as {', '.join(words)}")
        for n, (c, words) in zip(found, asked.items(), strict=True)
        if n
    ]
    return raw.with_columns({c: spelled(raw.text(c), words) for c, words in asked.items()}), [], findings


def _other(text: str, words: Spelled) -> str:
    others = [other for spelled_so in words.values() for other in spelled_so]
    return f"{text} in ({listed(others)})" if others else "false"


def spelled(text: str, words: Spelled) -> str:
    """A cell of text in SQL as the word that it is a spelling of."""
    whens = " ".join(f"when {text} in ({listed(others)}) then {literal(word)}" for word, others in words.items() if others)
    return f"case {whens} else {text} end" if whens else text
