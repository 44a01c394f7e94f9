"""A number that may not be shown."""

from __future__ import annotations

import math
from typing import Any


class Masked(float):
    """Not a number for whoever computes, and words for whoever prints. shown: `<5`, or `masked`. What is computed from it is
    masked too. counted: whether it is a count, which is above zero and in no other order to anything."""

    shown: str
    counted: bool

    def __new__(cls, shown: str = "masked", counted: bool = False) -> Masked:
        made = super().__new__(cls, math.nan)
        made.shown, made.counted = shown, counted
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Masked, (self.shown, self.counted)

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"Masked({self.shown!r})"

    def __format__(self, spec: str) -> str:
        return self.shown

    def __gt__(self, other: Any) -> bool:
        return self.counted and not isinstance(other, Masked) and float(other) == 0

    def __round__(self, ndigits: Any = None) -> Any:
        return self

    def _derived(self, other: Any = None) -> Masked:
        return Masked()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _derived

    def __neg__(self) -> Masked:
        return self

    def __abs__(self) -> Masked:
        return self
