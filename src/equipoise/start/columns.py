"""What can be seen of one column: how full it is, what its cells look like, which words its name holds."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

EMPTY_WORDS = (
    "na",
    "n/a",
    "nan",
    "null",
    "none recorded",
    "missing",
    "unknown",
    "unk",
    "not available",
    "not recorded",
    ".",
    "-",
    "?",
)
_NO_YEAR = "(9999|2999|2099|1900|1899|0001)"
NO_DATE = re.compile(rf"{_NO_YEAR}[-./]\d{{1,2}}[-./]\d{{1,2}}|\d{{1,2}}[-./]\d{{1,2}}[-./]{_NO_YEAR}$")
_DATE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}[./]\d{1,2}[./]\d{1,2})([ T].*)?$")
_ORDERS = (
    ("no", "yes"), ("false", "true"), ("negative", "positive"), ("absent", "present"), ("none", "mild", "moderate", "severe"),
    ("low", "medium", "intermediate", "high"), ("i", "ii", "iii", "iv", "v"), ("pre", "peri", "post"),
    ("never", "former", "current"), ("small", "medium", "large"), ("single", "multiple"), ("normal", "abnormal"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One column of a file. n: rows; empty: cells without content; counts: value -> rows, without the empty ones.
    number, whole, date: every cell with content is one. words_among_numbers: most cells are numbers, these are not."""

    name: str
    n: int
    empty: int
    counts: Counter[str]
    number: bool
    whole: bool
    date: bool
    words_among_numbers: int
    low: float = 0.0
    high: float = 0.0

    @property
    def filled(self) -> int:
        return self.n - self.empty

    @property
    def values(self) -> list[str]:
        """Distinct values in the order in which a reader expects them."""
        return ordered(list(self.counts), self.number)

    @property
    def words(self) -> tuple[str, ...]:
        return name_words(self.name)

    def has_word(self, *words: str) -> bool:
        return any(w in self.words for w in words)


def see(name: str, cells: list[str | None]) -> Seen:
    """Read one column of text cells. Nothing is changed."""
    filled = [c for c in cells if c is not None]
    counts = Counter(filled)
    numbers = [x for x in (as_number(c) for c in filled) if x is not None]
    number = bool(filled) and len(numbers) == len(filled)
    mostly = not number and len(numbers) >= 0.5 * len(filled) and len(set(numbers)) > 2
    return Seen(
        name=name,
        n=len(cells),
        empty=len(cells) - len(filled),
        counts=counts,
        number=number,
        whole=number and all(x == int(x) for x in numbers),
        date=bool(filled) and all(_DATE.match(c) for c in filled),
        words_among_numbers=len(filled) - len(numbers) if mostly else 0,
        low=min(numbers, default=0.0),
        high=max(numbers, default=0.0),
    )


def name_words(name: str) -> tuple[str, ...]:
    """The words of a column name in small letters: 'OS_time' -> os, time; 'birthDate' -> birth, date."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(w for w in re.split(r"[^0-9a-zA-Z가-힣]+", apart.lower()) if w)


def as_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def ordered(values: list[str], number: bool) -> list[str]:
    """Numbers ascending; words in a known order (no, yes; I, II, III); everything else by the alphabet."""
    if number:
        return sorted(values, key=float)
    small = {v.lower() for v in values}
    for known in _ORDERS:
        if small <= set(known):
            return sorted(values, key=lambda v: known.index(v.lower()))
    return sorted(values)


def slug(text: str, prefix: str = "c") -> str:
    """A name that a protocol allows: small letters, digits and _, a letter first."""
    plain = re.sub(r"[^0-9a-z]+", "_", text.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"{prefix}_{plain}".rstrip("_")


def unique(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken; then it is."""
    found, k = name, 2
    while found in taken:
        found, k = f"{name}_{k}", k + 1
    taken.add(found)
    return found
