"""The one place where arrays are checked: every public function calls in here, and only here errors arise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np

from .arrays import AnyArray, Array, ArrayLike, BoolArray, IntArray


class ArrayError(ValueError):
    """Arrays or options that no statistic can be computed from."""


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Checked follow-up: one row per subject or, with `entry`, per interval at risk.

    Attributes
    ----------
    time : float ndarray, shape (n,)
        End of follow-up; a row is at risk on (entry, time].
    event : bool ndarray, shape (n,)
        True for an event at `time`, False for censoring.
    weight, entry : float ndarray, shape (n,), or None
    """

    time: Array
    event: BoolArray
    weight: Array | None
    entry: Array | None

    def rows(self, chosen: BoolArray | IntArray | slice) -> Observations:
        """The chosen rows (bool, positions or a slice) alone."""
        weight = None if self.weight is None else self.weight[chosen]
        entry = None if self.entry is None else self.entry[chosen]
        return Observations(self.time[chosen], self.event[chosen], weight, entry)


def observations(
    time: ArrayLike, event: ArrayLike, *, weight: ArrayLike | None = None, entry: ArrayLike | None = None
) -> Observations:
    """Check follow-up times, event codes, case weights and delayed entries together."""
    checked = non_negative(time, "time")
    n = checked.size
    if n == 0:
        raise ArrayError("time is empty: at least one subject is needed.")
    return Observations(
        checked,
        indicator(event, "event", n),
        None if weight is None else weights(weight, n),
        None if entry is None else entries(entry, checked),
    )


def vector(values: ArrayLike, name: str, n: int | None = None) -> Array:
    """A finite float vector, of length `n` where that is given."""
    array = _numeric(values, name)
    if array.ndim != 1:
        raise ArrayError(f"{name} must be one-dimensional, not of shape {array.shape}.")
    _same_length(array, name, n)
    _finite(array, name)
    return array


def sample(values: ArrayLike, name: str, minimum: int = 1) -> Array:
    """A finite float vector with at least `minimum` values."""
    array = vector(values, name)
    if array.size < minimum:
        raise ArrayError(f"{name} has {array.size} values, at least {minimum} are needed.")
    return array


def non_negative(values: ArrayLike, name: str, n: int | None = None) -> Array:
    """A finite float vector without negative values."""
    array = vector(values, name, n)
    if array.size and array.min() < 0:
        raise ArrayError(f"{name} is negative in {_count(array < 0)}.")
    return array


def weights(values: ArrayLike, n: int) -> Array:
    """Finite case weights, none negative, not all zero."""
    array = non_negative(values, "weight", n)
    if not array.any():
        raise ArrayError("weight is zero in every row.")
    return array


def entries(values: ArrayLike, time: Array) -> Array:
    """Finite entry times, each before the end of its row's follow-up."""
    array = vector(values, "entry", time.size)
    refuse_late(array >= time)
    return array


def refuse_late(late: BoolArray) -> None:
    """Refuse rows that end where they begin, or before."""
    if late.any():
        raise ArrayError(f"entry is not before time in {_count(late)}.")


def indicator(values: ArrayLike, name: str, n: int | None = None) -> BoolArray:
    """A boolean vector from booleans or from the numbers 0 and 1."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ArrayError(f"{name} must be one-dimensional, not of shape {array.shape}.")
    _same_length(array, name, n)
    if array.dtype == bool:
        return array
    array = _numeric(array, name)
    truth = array == 1
    wrong = ~truth & (array != 0)
    if wrong.any():
        raise ArrayError(f"{name} must be 0 or 1 (or boolean) and is something else in {_count(wrong)}.")
    return truth


def causes(values: ArrayLike, n: int) -> tuple[IntArray, IntArray]:
    """Cause of the event as whole numbers, 0 for censoring, and the sorted causes that occur."""
    array = non_negative(values, "cause", n)
    require(bool((array == np.floor(array)).all()), "cause must hold whole numbers, 0 for censoring.")
    code = array.astype(np.intp)
    require(code.size == 0 or int(code.max()) < 10_000, "cause must hold small whole numbers, 0 for censoring.")
    present = np.flatnonzero(np.bincount(code))
    return code, present[present > 0]


def matrix(values: ArrayLike, n: int, name: str = "X") -> Array:
    """A finite float matrix of `n` rows; a vector becomes one column."""
    array = _numeric(values, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ArrayError(f"{name} must be a matrix, not of shape {array.shape}.")
    _same_length(array, name, n)
    _finite(array, name)
    return array


def labels(values: ArrayLike, name: str, n: int | None = None) -> tuple[IntArray, AnyArray]:
    """Integer codes 0..k-1 and the sorted distinct labels behind them.

    Returns
    -------
    codes : intp ndarray, shape (n,)
    levels : ndarray, shape (k,)
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise ArrayError(f"{name} must be one-dimensional, not of shape {array.shape}.")
    _same_length(array, name, n)
    if array.dtype.kind == "f":
        _finite(array, name)
    if array.dtype.kind == "O" and any(value is None or value != value for value in array):
        raise ArrayError(f"{name} has missing labels.")
    if array.dtype.kind in "biu" and array.size:
        small = _small_integer_codes(array)
        if small is not None:
            return small
    levels, codes = np.unique(array, return_inverse=True)
    return codes.reshape(-1), levels


def _small_integer_codes(array: AnyArray) -> tuple[IntArray, AnyArray] | None:
    # Counting is several times faster than sorting; it pays while the range of codes is small.
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > max(65_535, 4 * array.size):
        return None
    codes = array.astype(np.intp)
    present = np.bincount(codes) > 0
    levels = present.nonzero()[0]
    if levels.size == present.size:
        return codes, levels.astype(array.dtype)
    return (np.cumsum(present) - 1)[codes], levels.astype(array.dtype)


def counts_table(values: ArrayLike, minimum: tuple[int, int] = (2, 2)) -> Array:
    """A table of whole, non-negative counts with at least `minimum` rows and columns."""
    array = _numeric(values, "table")
    if array.ndim != 2 or array.shape[0] < minimum[0] or array.shape[1] < minimum[1]:
        raise ArrayError(f"table must have at least {minimum[0]} rows and {minimum[1]} columns, not shape {array.shape}.")
    _finite(array, "table")
    if array.min() < 0 or (array != np.floor(array)).any():
        raise ArrayError("table must hold whole counts, none negative.")
    if array.sum() == 0:
        raise ArrayError("table is empty: all its counts are zero.")
    return array


def whole(value: SupportsFloat, name: str, low: int = 0, high: int | None = None) -> int:
    """A whole number, not below `low` nor above `high`."""
    number = fraction_free(value, name)
    if number < low or (high is not None and number > high):
        bound = f"at least {low}" if high is None else f"between {low} and {high}"
        raise ArrayError(f"{name} must be {bound}, not {number}.")
    return number


def fraction_free(value: SupportsFloat, name: str) -> int:
    """An integer, also when it arrives as a float without a fraction."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ArrayError(f"{name} must be a whole number, not {value!r}.") from None
    if number != number or number in (np.inf, -np.inf) or number != int(number):
        raise ArrayError(f"{name} must be a whole number, not {value!r}.")
    return int(number)


def probability(value: SupportsFloat, name: str) -> float:
    """A number strictly between 0 and 1."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not 0 < number < 1:
        raise ArrayError(f"{name} must lie strictly between 0 and 1, not {value!r}.")
    return number


def one_of(value: int | str, allowed: tuple[int | str, ...], name: str) -> int | str:
    """One of the named options."""
    if value not in allowed:
        raise ArrayError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}.")
    return value


def require(condition: bool, sentence: str) -> None:
    """Raise `sentence` as an ArrayError unless `condition` holds."""
    if not condition:
        raise ArrayError(sentence)


def _numeric(values: ArrayLike, name: str) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArrayError(f"{name} must hold numbers.") from None


def _same_length(array: Array, name: str, n: int | None) -> None:
    if n is not None and array.shape[0] != n:
        raise ArrayError(f"{name} has {array.shape[0]} rows where {n} are expected.")


def _finite(array: Array, name: str) -> None:
    # The sum is finite whenever all values are, and costs one pass without a temporary array.
    if array.size and not np.isfinite(array.sum()):
        wrong = ~np.isfinite(array)
        if wrong.any():
            raise ArrayError(f"{name} is missing or infinite in {_count(wrong)}.")


def _count(mask: BoolArray) -> str:
    n = int(np.count_nonzero(mask))
    return f"{n} row" if n == 1 else f"{n} rows"
