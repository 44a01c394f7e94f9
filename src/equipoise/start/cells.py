"""Values at a limit of measurement and several spellings of a word: what `init` writes under `data` of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from equipoise.start.columns import as_number, see
from equipoise.start.scalars import text
from equipoise.start.times import named_time
from equipoise.start.vocabulary import folded

AT_LIMIT = re.compile(r"[<>≤≥]=?\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)")
MOST = 0.5  # share of the cells that may lie at a limit; beyond it the column is made of classes
MOST_WORDS, LETTERS = 40, frozenset("mfwynjo")  # different cells of a column of words; letters for sex, yes and no
FEW = 2  # different numbers that a measurement has at least, and one more
Columns = dict[str, list[str | None]]


@dataclass(frozen=True, slots=True)
class OwnRules:
    """limits: column -> cells at a limit. spellings: column -> word -> its other spellings."""

    limits: dict[str, int] = field(default_factory=dict)
    spellings: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Under `data` of the protocol."""
        found = []
        if self.limits:
            listed = ", ".join(f"{text(name)}: at_limit" for name in self.limits)
            n = sum(self.limits.values())
            which = "1 value such as <0.5 is used" if n == 1 else f"{n} values such as <0.5 are used"
            found.append(f"  limits: {{{listed}}}    # CONFIRM: {which} at the limit; or half, root_two")
        if self.spellings:
            found.append("  spellings:    # CONFIRM: read as one word")
            for name, words in self.spellings.items():
                said = ", ".join(f"{text(word)}: [{', '.join(map(text, others))}]" for word, others in words.items())
                found.append(f"    {text(name)}: {{{said}}}")
        return found


def own_rules(columns: Columns) -> tuple[OwnRules, Columns]:
    """The rules that the cells ask for, and the columns as a run reads them by these rules."""
    limits = {name: n for name, cells in columns.items() if (n := _at_limit(name, cells))}
    spellings = {name: words for name, cells in columns.items() if (words := _spelled(cells))}
    read = {n: [_number(c) for c in cells] if n in limits else cells for n, cells in columns.items()}
    for name, words in spellings.items():
        word_of = {other: word for word, others in words.items() for other in others}
        read[name] = [word_of.get(c, c) if c is not None else None for c in read[name]]
    return OwnRules(limits, spellings), read


def _spelled(cells: list[str | None]) -> dict[str, list[str]]:
    """Word -> its other spellings, of a column of few words that differ in capitals, accents, width or blanks alone; the
    commonest is the word. Two letters may be a genotype, and one an allele; single ones count where they say sex, yes or no."""
    counts = Counter(c for c in cells if c is not None)
    if len(counts) > MOST_WORDS:
        return {}
    alike: dict[str, list[str]] = {}
    for cell in sorted(counts, key=lambda c: (-counts[c], c)):
        alike.setdefault(" ".join(folded(cell).split()), []).append(cell)
    return {
        same[0]: same[1:]
        for key, same in alike.items()
        if len(same) > 1 and (sum(c.isalpha() for c in key) > 2 or key in LETTERS or not key.isascii())
    }


def _at_limit(name: str, cells: list[str | None]) -> int:
    """Cells at a limit in a column of numbers that is no time; 0 where another word stands in it."""
    filled = [c for c in cells if c is not None]
    marked = sum(AT_LIMIT.fullmatch(c) is not None for c in filled)
    if not marked or marked > MOST * len(filled):
        return 0
    numbers = [x for x in map(as_number, filled) if x is not None]
    if len(numbers) + marked < len(filled) or len(set(numbers)) <= FEW:
        return 0
    return 0 if named_time(see(name, cells)) else marked


def _number(cell: str | None) -> str | None:
    found = AT_LIMIT.fullmatch(cell) if cell is not None else None
    return found[1] if found else cell
