"""A number as its digits, with the signs of the theme: what `format` and `words` both ask for."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from equipoise.records import Masked
from equipoise.report.themes import current

NOT_REACHED = "NA"
MINUS = "\u2212"


def rounded(value: float, decimals: int, half_even: bool = False) -> Decimal:
    """The decimal that is printed; half away from zero unless half_even."""
    mode = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=mode)


def absent(value: float, otherwise: str = NOT_REACHED) -> str:
    """What stands for a number that is not there: `<5` or `masked` of one that may not be shown."""
    return value.shown if isinstance(value, Masked) else otherwise


def number(value: float, decimals: int = 0) -> str:
    if math.isnan(value) or math.isinf(value):
        return absent(value)
    return signed(rounded(value, decimals))


def signed(value: Decimal) -> str:
    text = digits(abs(value))
    return MINUS + text if value < 0 else text


def digits(value: Decimal) -> str:
    style = current().numbers
    text = f"{value:,f}" if value >= style.thousands else f"{value:f}"
    return text.replace(".", style.mark)


def count(value: float) -> str:
    return absent(value) if math.isnan(value) else signed(Decimal(round(value)))
