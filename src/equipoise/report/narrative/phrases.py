"""What sentences of the Results are made of: an arm, counts and shares by arm, medians with their limits, which arm had more."""

from __future__ import annotations

import math

from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.digits import NOT_REACHED
from equipoise.report.lookup import Numbers
from equipoise.report.words import words


def arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))


def with_arm(numbers: Numbers, said: str, key: str) -> str:
    """Words of an arm; a single arm is not named."""
    return said if numbers.single else words("phrases.with_arm", said=said, arm=arm(numbers, key))


def counted(numbers: Numbers, row: Row) -> str:
    """`81 of 126 (64.3%)`, from a row of a percentage or of events; of weights the percentage alone."""
    return _counted(numbers, row, "phrases.counted", "phrases.counted_masked")


def counted_patients(numbers: Numbers, row: Row) -> str:
    """`81 of 126 patients (64.3%)`."""
    return _counted(numbers, row, "phrases.counted_patients", "phrases.counted_patients_masked")


def _counted(numbers: Numbers, row: Row, key: str, masked: str) -> str:
    if numbers.weighted(row.design) and row.statistic == "percent" and not isinstance(row.value, Masked):
        return bound(words("phrases.weighted", percent=fmt.percentage(row.value)), row)
    n = fmt.count(row.n)
    if math.isnan(row.events):
        return words(masked, shown=fmt.absent(row.events), n=n)
    percent = fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)
    return bound(words(key, events=fmt.count(row.events), n=n, percent=percent), row)


def share(numbers: Numbers, row: Row, key: str = "phrases.share") -> str:
    """`7.5% (3/40)`, inside brackets `7.5%, 3/40`; of weights the weighted percentage alone; of a masked count `<5 of 40`."""
    if isinstance(row.events, Masked):
        return words("phrases.counted_masked", shown=fmt.absent(row.events), n=fmt.count(row.n))
    if numbers.weighted(row.design) and not isinstance(row.value, Masked):
        return bound(words("phrases.weighted", percent=fmt.percentage(row.value)), row)
    percent = fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)
    return bound(words(key, percent=percent, events=fmt.count(row.events), n=fmt.count(row.n)), row)


def shares(numbers: Numbers, rows: list[Row]) -> str:
    """`7.5% (3/40) with lenvatinib and 5.8% (5/86) with sorafenib`, from rows that name their arm in `group`."""
    return fmt.listed([with_arm(numbers, share(numbers, row), row.group) for row in rows])


def limits(numbers: Numbers, row: Row) -> str:
    """The interval of a share."""
    return bound(words("phrases.limits", ci=numbers.protocol.ci, interval=fmt.percentage_interval(row.low, row.high)), row)


def compared(numbers: Numbers, what: str, rows: list[Row], p: Row) -> str:
    """A share in every arm, in words that follow P: which arm had more where it is below alpha; otherwise that a difference was
    not shown."""
    test = bound(fmt.p_sentence(p.value), p)
    if isinstance(p.value, Masked):
        return words("phrases.shares", what=what, shares=shares(numbers, rows))
    if math.isnan(p.value):
        return words("phrases.shares_untested", what=what, shares=shares(numbers, rows))
    if p.value >= numbers.protocol.conventions.alpha:
        return words("phrases.not_shown", what=what, shares=shares(numbers, rows), p=test)
    if numbers.several:
        return words("phrases.differed", what=what, shares=shares(numbers, rows), p=test)
    more, less = sorted(rows, key=lambda r: -r.value)
    said = {"more": share(numbers, more, "phrases.share_inside"), "less": share(numbers, less, "phrases.share_inside")}
    return words("phrases.higher", what=what, arm=arm(numbers, more.group), other=arm(numbers, less.group), p=test, **said)


def clauses(said: list[str]) -> str:
    """Clauses that hold lists themselves: `a, b and c with lenvatinib, and d with sorafenib`."""
    return words("phrases.two_clauses", first=said[0], last=said[1]) if len(said) == 2 else "; ".join(said)


def time_words(numbers: Numbers, row: Row, more: str = "") -> str:
    """`10.3 months (95% CI 6.8 to not reached)`; more: what else stands in the brackets."""
    if isinstance(row.value, Masked):
        return words("phrases.masked")
    protocol = numbers.protocol
    days, unit = protocol.days_per_unit, protocol.time_unit
    low, high = (fmt.time_value(x, days, unit) for x in (row.low, row.high))
    ends = fmt.interval(row.low / days, row.high / days, fmt.time_decimals(unit))
    if high == NOT_REACHED:
        key = "phrases.limits_not_reached" if low == NOT_REACHED else "phrases.limit_not_reached"
        ends = words(key) if low == NOT_REACHED else words(key, low=low)
    said = {"median": time_alone(numbers, row), "ci": fmt.before_limits(protocol.ci), "limits": ends}
    told = words("phrases.median_more", more=more, **said) if more else words("phrases.median", **said)
    return bound(told, row)


def nowhere_reached(numbers: Numbers, rows: list[Row]) -> str:
    """`not reached in either arm`; '' where a median, or a limit of one, was reached."""
    if any(isinstance(x, Masked) or math.isfinite(x) for row in rows for x in (row.value, row.low, row.high)):
        return ""
    several = "in_any" if numbers.several else "in_either"
    return words("phrases.not_reached" if numbers.single else f"phrases.not_reached_{several}")


def time_alone(numbers: Numbers, row: Row) -> str:
    """`10.3 months`, without its limits."""
    if isinstance(row.value, Masked):
        return words("phrases.masked")
    unit = numbers.protocol.time_unit
    middle = fmt.time_value(row.value, numbers.protocol.days_per_unit, unit)
    told = words("phrases.not_reached") if middle == NOT_REACHED else words("phrases.time", time=middle, unit=unit)
    return bound(told, row)
