"""Rounding and wording of numbers: the only place where a number becomes text.

Decimal arithmetic on the shortest decimal form of a number, so that 0.345 rounds as a reader expects. Minus is U+2212, a value
that was not reached is NA. What journals differ in (the decimal mark, the dash of a range, decimals, how a P is written) is what
the theme of the report says; the examples are those of the plain one.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import reduce

from equipoise.protocol import wording
from equipoise.records import Masked
from equipoise.report.digits import MINUS, absent, count, digits, number, rounded
from equipoise.report.themes import current
from equipoise.report.words import words

MOST_RATIO_DECIMALS, LARGE_RATIO_DECIMALS = 3, 1
LARGE_RATIO, LARGEST_RATIO = 10, 999
ALPHA = Decimal("0.05")
HALF_TENTH = 0.05
MOST_DECIMALS = 8
UNITS = ("days", "weeks", "months", "years")
DASH = "\u2013"
SPACE = "\u00a0"
lower_first = wording.lower_first
_P_LABEL = re.compile(r"^P(?=$|, )|(?<=^Holm )P$|(?<=^Log-rank )P$|\bP(?= values?\b)|(?<=\b[Nn]o )P\b")
_DECIMAL = re.compile(r"(?<!RECIST \d)(?<!\.\d)(?<![vV]\d)(?<!ersion \d)(?<=\d)\.(?=\d+(?![\d.]))")


def apart(limits: Sequence[float], none: float, decimals: int) -> int:
    """Decimals, at least as many as asked for, at which no limit is printed as `none` (no effect) that lies on one side of it."""
    for more in range(decimals, MOST_DECIMALS):
        if all(math.isnan(v) or math.isinf(v) or v == none or float(rounded(v, more)) != none for v in limits):
            return more
    return MOST_DECIMALS


def short(value: float, figures: int = 6) -> str:
    """A number of a protocol with no more digits than it has: `0.1`, `3`."""
    text = f"{abs(Decimal(f'{value:.{figures}g}')):f}".replace(".", current().numbers.mark)
    return MINUS + text if value < 0 else text


def effective(n: float) -> str:
    """An effective sample size: with a decimal, unless it is a whole number of patients."""
    return count(round(n)) if math.isfinite(n) and abs(n - round(n)) < HALF_TENTH else number(n, 1)


def not_estimable() -> str:
    return words("numbers.not_estimable")


def in_words(said: str) -> str:
    """Words that another phase made, such as a method, with the decimal mark of the theme; numbers of versions keep theirs."""
    return _DECIMAL.sub(current().numbers.mark, said)


def p_name() -> str:
    """`P`, or `p`."""
    return current().p.name


def p_label(label: str) -> str:
    """`P`, `P, Cox` and `Holm P` with the name that P has; anything else as it is."""
    return _P_LABEL.sub(p_name(), label)


def p_value(p: float) -> str:
    """Three decimals; <0.001 and >0.999 at the ends, never 0.000 or 1.000; more where a P below 0.05 would read 0.050."""
    if math.isnan(p):
        return absent(p)
    style = current().p
    if p < style.least:
        return f"<{_probability(Decimal(repr(style.least)))}"
    decimals = _p_decimals(p)
    if decimals < 3 and rounded(p, decimals) == ALPHA:
        decimals = 3  # on which side of it a P lies is seen
    if p < ALPHA and rounded(p, decimals) >= ALPHA:
        decimals = apart([p], float(ALPHA), decimals)
    shown = rounded(p, decimals)
    return f">{_probability(1 - Decimal(1).scaleb(-decimals))}" if shown >= 1 else _probability(shown)


def _p_decimals(p: float) -> int:
    style = current().p
    least = next(n for start, n in style.decimals if float(rounded(p, 3)) >= start)
    if not style.significant:
        return least
    digits = max(style.significant - 1 - math.floor(math.log10(p)), least)
    return digits - 1 if digits > least and rounded(p, digits).scaleb(digits) >= 10**style.significant else digits


def _probability(value: Decimal) -> str:
    text = digits(value)
    return text if current().p.zero else text.removeprefix("0")


def p_limit(limit: float) -> str:
    """A P that others are held against, such as alpha: `0.05`."""
    return _probability(Decimal(repr(float(limit))))


def p_below(limit: float) -> str:
    """`P < 0.05`."""
    space = " " if current().p.space else ""
    return f"{p_name()}{space}<{space}{p_limit(limit)}"


def p_sentence(p: float) -> str:
    """As in a sentence, without a line break: P = 0.012, P < 0.001; what has no P is said to be not estimable."""
    text = p_value(p)
    if math.isnan(p):
        return f"{p_name()}{SPACE}{text if isinstance(p, Masked) else words('numbers.not_estimable')}"
    sign, digits = (text[0], text[1:]) if text[0] in "<>" else ("=", text)
    space = SPACE if current().p.space else ""
    return f"{p_name()}{space}{sign}{space}{digits}"


def percentage(value: float) -> str:
    """A share in percent, without the sign; see `percent` for that of a count."""
    return number(value, current().numbers.percent)


def percentage_interval(low: float, high: float) -> str:
    return interval(low, high, current().numbers.percent)


def percentage_estimate(value: float, low: float, high: float) -> str:
    return estimate(value, low, high, current().numbers.percent)


def percent(events: float, n: float, rounding: str = "half_even") -> str:
    """The percentage of a count, without the sign; rounded from the exact fraction."""
    if not n or math.isnan(n) or math.isnan(events):
        return absent(events)
    mode = ROUND_HALF_UP if rounding == "half_up" else ROUND_HALF_EVEN
    exact = Decimal(round(events)) * 100 / Decimal(round(n))
    return digits(exact.quantize(Decimal(1).scaleb(-current().numbers.percent), rounding=mode))


def n_percent(events: float, n: float, rounding: str = "half_even") -> str:
    """`36 (90.0)`; a zero stands alone."""
    if math.isnan(events):
        return absent(events)
    return "0" if events == 0 else f"{count(events)} ({percent(events, n, rounding)})"


def share(events: float, n: float, rounding: str = "half_even") -> str:
    """`7.5% (3/40)`; of a masked count `<5 of 40`."""
    if isinstance(events, Masked):
        shown = events.shown if events.shown[0] == "<" else words("numbers.masked")
        return words("numbers.of", part=shown, whole=count(n))
    return f"{percent(events, n, rounding)}% ({count(events)}/{count(n)})"


def interval(low: float, high: float, decimals: int) -> str:
    """`6.8–NA`; with negative limits `−0.2 to 1.3`."""
    if isinstance(low, Masked):
        return low.shown
    ends = number(low, decimals), number(high, decimals)
    return to(*ends) if low < 0 or high < 0 else dash().join(ends)


def before_limits(ci: str) -> str:
    """The name of an interval as it stands before its limits: `95% CI`, or `95% CI,`."""
    return f"{ci}{current().numbers.named}"


def to(low: str, high: str) -> str:
    """`0.5 to 1.2`, of numbers in a sentence."""
    return words("numbers.to", low=low, high=high)


def dash() -> str:
    """Between the limits of a range, with its spaces."""
    return current().numbers.dash


def estimate(value: float, low: float, high: float, decimals: int) -> str:
    """`10.3 (6.8–NA)`."""
    if isinstance(value, Masked):
        return value.shown
    return f"{number(value, decimals)} ({interval(low, high, decimals)})"


def difference(value: float, low: float, high: float, decimals: int) -> str:
    """A difference with its limits, `1.60 (0.02\u20133.20)`: more decimals where a limit would be printed as zero."""
    return estimate(value, low, high, apart([low, high], 0.0, decimals))


def ratios(values: Sequence[float]) -> list[str]:
    """Ratios that stand side by side, with one number of decimals."""
    return [_ratio(v, _ratio_decimals(values, values)) for v in values]


def _with_limits(value: float, low: float, high: float) -> tuple[str, str]:
    """An estimate, and its interval with the same number of decimals."""
    decimals = _ratio_decimals((value, low, high), (low, high))
    return _ratio(value, decimals), dash().join(_ratio(v, decimals) for v in (low, high))


def _ratio_decimals(values: Sequence[float], limits: Sequence[float]) -> int:
    """Those of the theme, or one where the first value is 10 or more; more where a limit beside 1 would be printed as 1, or a
    value above 0 as 0."""
    least = LARGE_RATIO_DECIMALS if values[0] >= LARGE_RATIO else current().numbers.ratio
    return max(apart(limits, 1.0, least), min(apart(values, 0.0, least), MOST_RATIO_DECIMALS))


def _ratio(value: float, decimals: int) -> str:
    """`>999` and `<0.001` at the ends; `NA` of a limit that does not exist."""
    if value > LARGEST_RATIO:
        return f">{LARGEST_RATIO}"
    return f"<{digits(Decimal(1).scaleb(-decimals))}" if value > 0 and not rounded(value, decimals) else number(value, decimals)


def ratio(value: float) -> str:
    """A hazard or odds ratio that stands alone."""
    return absent(value, not_estimable()) if math.isnan(value) else ratios([value])[0]


def ratio_interval(value: float, low: float, high: float) -> str:
    """The limits of a ratio, with the decimals of the ratio: `0.544\u20130.888`."""
    return low.shown if isinstance(low, Masked) else _with_limits(value, low, high)[1]


def ratio_estimate(value: float, low: float, high: float, ci: str = "") -> str:
    """`0.695 (0.544–0.888)`; ci: the name of the interval, where it stands beside it: `0.695 (95% CI 0.544–0.888)`."""
    if math.isnan(value):
        return absent(value, not_estimable())
    name = f"{before_limits(ci)} " if ci else ""
    return f"{_with_limits(value, low, high)[0]} ({name}{ratio_interval(value, low, high)})"


def ratio_with(value: float, low: float, high: float, ci: str) -> str:
    """As inside the brackets of a sentence: `0.695, 95% CI 0.544–0.888`; ci: the name of the interval."""
    if math.isnan(value):
        return absent(value, not_estimable())
    return f"{_with_limits(value, low, high)[0]}, {before_limits(ci)} {ratio_interval(value, low, high)}"


def decimals_of(values: list[float], most: int = 2) -> int:
    """Decimals in which the data were recorded, from the values themselves."""
    found = 0
    for value in values:
        if math.isnan(value) or math.isinf(value):
            continue
        digits = Decimal(repr(float(value))).normalize().as_tuple().exponent
        found = max(found, min(most, -digits if digits < 0 else 0))
        if found == most:
            break
    return found


def summary(middle: float, low: float, high: float, recorded: int, years: bool = False) -> str:
    """Median and quartiles with the decimals of the data, one more where a quartile falls between two values. years: without a
    separator of thousands.

    `4.9 (2.4–9.6)`, `3.45 (2.05–9.05)`, `406 (19–5,967)`.
    """
    if math.isnan(middle):
        return absent(middle)
    parts = (middle, low, high)
    decimals = max(decimals_of(list(parts), recorded + 1), recorded) if recorded < 2 else recorded
    largest = max(abs(v) for v in parts if not math.isnan(v))
    decimals = 0 if largest >= 1000 else min(decimals, 1) if largest >= 100 else decimals
    said = estimate(middle, low, high, decimals)
    return said.replace(",", "") if years else said


def time_decimals(unit: str) -> int:
    return 0 if unit == "days" else 1


def time_estimate(value: float, low: float, high: float, days_per_unit: float, unit: str) -> str:
    """Days in, the protocol's unit out: `10.3 (6.8–NA)`."""
    scaled = [v / days_per_unit for v in (value, low, high)]
    return estimate(*scaled, time_decimals(unit))


def time_value(value: float, days_per_unit: float, unit: str) -> str:
    return number(value / days_per_unit, time_decimals(unit))


def day(date: dt.date) -> str:
    """`1 May 2020`."""
    return words("numbers.day", day=str(date.day), month=words(f"numbers.month.{date.month}"), year=str(date.year))


def lasting(amount: str) -> str:
    """`1 years` -> `1 year`; anything else as it is."""
    n, _, unit = amount.partition(" ")
    return words(f"numbers.lasting.{unit}", count=1 if n == "1" else 2, n=n) if unit in UNITS else amount


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return _listed(items, "numbers.and")


def either(items: Sequence[str]) -> str:
    """`a, b or c`."""
    return _listed(items, "numbers.or")


def _listed(items: Sequence[str], key: str) -> str:
    if not items:
        return ""
    *others, last = items
    return words(key, first=reduce(_beside, others), last=last) if others else last


def _beside(first: str, last: str) -> str:
    return words("numbers.beside", first=first, last=last)


def upper_first(label: str) -> str:
    """`No partner` of `no partner`."""
    return f"{label[:1].upper()}{label[1:]}"
