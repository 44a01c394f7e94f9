"""Words and numbers of a file that stand for an empty cell, by column and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from equipoise.start.columns import NO_DATE, as_number, empty_word
from equipoise.start.scalars import text

Columns = dict[str, list[str | None]]
MANY = 8  # columns in which a word stands before it is declared for the whole file
SIGN = "-"
NINES = {99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0}
NEGATIVE = {-9.0, -99.0, -999.0, -9999.0, -99999.0}
FAR, ALONE = 2.0, 10.0  # times the largest other number: a code that stands there twice, or once
LEAST = 10  # numbers of a column in which a code can be told
SURE = (
    "na",
    "n/a",
    "nan",
    "null",
    "missing",
    "not available",
    "not recorded",
    "blank",
    "blank(s",
    "#null!",
    "#n/a",
)  # never a level


@dataclass(frozen=True, slots=True)
class Missing:
    """words: column -> word as it is spelled -> cells. doubtful: those of them that may mean something, by column."""

    words: dict[str, dict[str, int]] = field(default_factory=dict)
    doubtful: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def with_words(self, more: Mapping[str, Mapping[str, int]]) -> Missing:
        words = {c: {**self.words.get(c, {}), **more.get(c, {})} for c in dict.fromkeys((*self.words, *more))}
        return Missing(words, self.doubtful)

    def lines(self) -> list[str]:
        """Under `data` of the protocol: words of many columns once, the others by column."""
        count = Counter(word for words in self.words.values() for word in words)
        doubted = {w for found in self.doubtful.values() for w in found}
        whole = [w for w in sorted(count) if count[w] > MANY and w not in doubted]
        lines = []
        if whole:
            cells = {w: sum(words.get(w, 0) for words in self.words.values()) for w in whole}
            said = "; ".join(f"{text(w)} in {cells[w]} cells of {count[w]} columns" for w in whole)
            lines.append(f"  missing: [{', '.join(text(w) for w in whole)}]    # words for an empty cell: {said}")
        own = {c: {w: n for w, n in words.items() if w not in whole} for c, words in self.words.items()}
        rest = [self._line(c, words) for c, words in own.items() if words]
        return [*lines, *(["  missing_in:    # words that stand for an empty cell, by column"] if rest else []), *rest]

    def _line(self, column: str, words: dict[str, int]) -> str:
        n = sum(words.values())
        said = f"{n} cell{'' if n == 1 else 's'}"
        doubtful = [w for w in self.doubtful.get(column, ()) if w in words]
        if doubtful:
            said += f"; {', '.join(text(w) for w in doubtful)} may mean something here: CONFIRM"
        return f"    {text(column)}: [{', '.join(text(w) for w in words)}]    # {said}"


def missing_of(columns: Columns) -> tuple[Missing, Columns]:
    """What stands for an empty cell in each column, and the columns with these cells empty."""
    words: dict[str, dict[str, int]] = {}
    doubtful: dict[str, tuple[str, ...]] = {}
    for name, cells in columns.items():
        count = Counter(c for c in cells if c is not None)
        positive = any(_bare(w) == "+" for w in count)
        found = sorted(w for w in count if _is_word(w) and not (positive and _bare(w) == SIGN))
        rest = {w: n for w, n in count.items() if w not in found}
        codes = _codes(rest)
        levels = [
            w
            for w in found
            if _bare(w) not in SURE and not NO_DATE.match(w) and sum(as_number(v) is None for v in rest) > len(rest) / 2
        ]
        if found or codes:
            words[name] = {w: count[w] for w in (*found, *codes)}
        if levels or codes:
            doubtful[name] = (*levels, *codes)
    return Missing(words, doubtful), emptied(columns, words)


def emptied(columns: Columns, words: Mapping[str, Mapping[str, int]]) -> Columns:
    return {name: [None if c in words[name] else c for c in cells] if name in words else cells for name, cells in columns.items()}


def _is_word(cell: str) -> bool:
    return empty_word(_bare(cell)) or NO_DATE.match(cell) is not None


def _bare(cell: str) -> str:
    """A word without the brackets around it: [Not Available]."""
    return cell.lower() if len(cell) < 3 else cell.lower().strip("[]()<>'\" ")


def _codes(count: Mapping[str, int]) -> list[str]:
    """Nines far beyond every other number of a column, and negative nines where no other number is below 0."""
    numbers = {cell: as_number(cell) for cell in count}
    if any(x is None for x in numbers.values()) or sum(count.values()) < LEAST:
        return []
    others = [x for x in numbers.values() if x is not None and x not in NINES | NEGATIVE]
    if len(others) < 2 or min(others) < 0:
        return []
    high, whole = max(others), all(x == int(x) for x in others)
    found = [c for c, x in numbers.items() if x in NEGATIVE]
    for cell, x in numbers.items():
        if x in NINES and (x > 99 or whole) and (x > FAR * high and count[cell] > 1 or x > ALONE * high):
            found.append(cell)
    return sorted(found)
