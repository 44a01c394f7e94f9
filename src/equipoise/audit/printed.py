"""Numbers as they are printed: what they say, and how far what they were rounded from may lie."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
SIGNED = rf"[-+]?(?:{DIGITS})"
OPEN = r"NA|NE|not reached|not estimable"  # a limit that has no number
NUMBER = re.compile(SIGNED)
ANY = re.compile(DIGITS)
BETWEEN = r"(?:\s?[\u2013-]\s?|, | to )"
LIMIT = rf"(?:{SIGNED}|{OPEN})"
UNIT = r"\s?%?(?: months| days| weeks| years)?"
LEAD = r"(?:,? \(?95\s?% (?:confidence interval|CI)(?: \[CI\])?,? | \(|, )"  # between an estimate and its limits
ESTIMATE = re.compile(rf"(?<![\w.,/])({LIMIT}){UNIT}{LEAD}({LIMIT})\s?%?{BETWEEN}({LIMIT})\s?%?(?=[);.,]|$)")
SHARE = re.compile(rf"^({DIGITS}) \(({DIGITS})\s?%?\)$")  # a cell: 26 (65.0)
PART = re.compile(rf"(?<![\w./])({DIGITS})/({DIGITS})(?: \(({DIGITS})\s?%?\))?")  # 17/36, 24/40 (60.0)
N, OF, PERCENT = rf"(?P<n>{DIGITS})", rf"(?P<of>{DIGITS})", rf"(?P<p>{DIGITS})\s?%"
RATES = (
    re.compile(rf"{PERCENT} \({N}/{OF}\)"),  # 65.0% (26/40)
    re.compile(rf"\({N}/{OF}, {PERCENT}\)"),  # (23/40, 57.5%)
    re.compile(rf"\({PERCENT}, {N}/{OF}(?=[;)])"),  # (67.5%, 27/40; P = 0.001)
    re.compile(rf"\b{N} of {OF}(?: [a-z]+)? \({PERCENT}\)"),  # 32 of 40 patients (80.0%)
)
P = re.compile(rf"\b[Pp]\s?([=<>])\s?({DIGITS})")
P_CELL = re.compile(rf"^([<>]?)\s?({DIGITS})$")
DASHES = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " "})
MIDDLE_DOT = re.compile(r"(?<=\d)\u00b7(?=\d)")


def read_signs(words: str) -> str:
    """The words with the minus and the decimal mark that a computer reads, whatever the style of a journal."""
    return words if words.isascii() else MIDDLE_DOT.sub(".", words.translate(DASHES))


@dataclass(frozen=True, slots=True)
class Number:
    """half: half a unit of its last place. nan: `NA`, a limit that was not reached."""

    value: float
    half: float

    @classmethod
    def of(cls, words: str) -> Number:
        if re.fullmatch(OPEN, words):
            return cls(math.nan, 0.0)
        bare = words.replace(",", "").removeprefix("+")
        return cls(float(bare), 0.5 * 10.0 ** -len(bare.partition(".")[2]))

    @property
    def open(self) -> bool:
        return math.isnan(self.value)

    @property
    def low(self) -> float:
        return self.value - self.half

    @property
    def high(self) -> float:
        return self.value + self.half

    def rounds(self, exact: float) -> bool:
        """Whether an exact number is printed so; at exactly half, either way."""
        if self.open or math.isnan(exact):
            return self.open and math.isnan(exact)
        return abs(exact - self.value) <= self.half * (1 + 1e-6) + 1e-12

    def round_all(self, exact: np.ndarray) -> np.ndarray:
        """The same of many."""
        return np.isnan(exact) if self.open else np.abs(exact - self.value) <= self.half * (1 + 1e-6) + 1e-12


@dataclass(frozen=True, slots=True)
class Probability:
    """A P as printed. sign: '', '<' or '>'."""

    sign: str
    number: Number

    def may_lie(self, low: float, high: float) -> bool:
        """Whether a P between the limits is printed so."""
        if self.sign == "<":
            return low < self.number.value
        if self.sign == ">":
            return high > self.number.value
        return low <= self.number.high and high >= self.number.low

    @property
    def small(self) -> bool | None:
        """Whether it is below 0.05; None where the rounded number does not tell."""
        if self.sign == "<":
            return True if self.number.value <= 0.05 else None
        if self.sign == ">":
            return False if self.number.value >= 0.05 else None
        if self.number.high < 0.05:
            return True
        return False if self.number.low > 0.05 else None


def share_is_right(count: float, of: float, percent: Number) -> bool:
    return of > 0 and percent.rounds(100.0 * count / of)


def rates(words: str) -> Iterator[tuple[str, int, int, Number]]:
    """Every per cent of a text that says of how many: what is printed, the count, of how many, the per cent."""
    for pattern in RATES:
        for found in pattern.finditer(words):
            yield found[0], whole(found["n"]), whole(found["of"]), Number.of(found["p"])


def whole(words: str) -> int:
    return round(float(words.replace(",", "")))


def numbers_in(words: str) -> list[str]:
    """Every number of a text in order, as digits."""
    return ANY.findall(read_signs(words))
