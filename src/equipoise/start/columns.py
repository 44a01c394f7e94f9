"""What can be seen of one column: how full it is, what its cells look like, which words its name holds."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from equipoise.data.date_forms import date_form
from equipoise.protocol.event_codes import plain_value
from equipoise.start.levels import ordered
from equipoise.start.vocabulary import endpoint_of, name_words, names, says_missing

EMPTY_SIGNS = (".", "-", "--", "?", "._", *(f".{c}" for c in "abcdefghijklmnopqrstuvwxyz"))  # .A to .Z of SAS
_NO_YEAR = "(9999|2999|2099|1900|1899|0001)"
NO_DATE = re.compile(rf"{_NO_YEAR}[-./]\d{{1,2}}[-./]\d{{1,2}}|\d{{1,2}}[-./]\d{{1,2}}[-./]{_NO_YEAR}$")


@dataclass(frozen=True, slots=True)
class Seen:
    """One column of a file. n: rows; empty: cells without content; counts: value -> rows, without the empty ones.
    number, whole, date: every cell with content is one. words_among_numbers: most cells are numbers, these are not. dated: the
    unit in which columns of dates say that a time is, ''. label: what a file of SPSS, Stata or SAS calls it beside its name."""

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
    dated: str = ""
    label: str = ""

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

    def says(self, *what: str) -> bool:
        """Whether the name or the label tells one of these, in any language: says("age", "sex")."""
        return names(self.name, *what) or bool(self.label) and names(self.label, *what)

    @property
    def endpoint(self) -> str:
        """The endpoint that the name, else the label, says; ''."""
        return endpoint_of(self.name) or (endpoint_of(self.label) if self.label else "")

    @property
    def least(self) -> int:
        """Rows of the rarest value."""
        return min(self.counts.values(), default=0)


def see(name: str, cells: list[str | None], label: str = "") -> Seen:
    """Read one column of text cells. Nothing is changed."""
    filled = [c for c in cells if c is not None]
    counts = Counter(filled)
    numbers = [x for x in (as_number(c) for c in filled) if x is not None]
    number = bool(filled) and len(numbers) == len(filled)
    if number:
        counts = Counter(plain_number(c) for c in filled)
    mostly = not number and len(numbers) >= 0.5 * len(filled) and len(set(numbers)) > 2
    return Seen(
        name=name,
        n=len(cells),
        empty=len(cells) - len(filled),
        counts=counts,
        number=number,
        whole=number and all(x == int(x) for x in numbers),
        date=date_form(counts) is not None,
        words_among_numbers=len(filled) - len(numbers) if mostly else 0,
        low=min(numbers, default=0.0),
        high=max(numbers, default=0.0),
        label=label,
    )


def empty_word(cell: str) -> bool:
    """Whether a cell is a sign or a word, of any language, that stands for no value."""
    return cell.lower() in EMPTY_SIGNS or says_missing(cell)


def as_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if "_" in text:
        return None
    return value if value == value and abs(value) != float("inf") else None


def plain_number(text: str) -> str:
    """A number as a reader writes it: 1.0 and 01 are 1."""
    value = plain_value(text.strip().lstrip("+"))
    return str(int(value)) if value.lstrip("-").isdecimal() else value


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
