"""Rows of one estimate in several imputed data sets, as one row: Rubin's rules on the scale on which the estimate is normal.

Rubin DB. Multiple Imputation for Nonresponse in Surveys. New York: Wiley, 1987. Marshall A, Altman DG, Holder RL, Royston P. BMC
Med Res Methodol 2009;9:57 (which scale for which statistic).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from equipoise import stats
from equipoise.records import Row
from equipoise.records.reasons import not_estimable, reason

Numeric = Callable[[float], float]
SUFFIX = "_imputed"


@dataclass(frozen=True, slots=True)
class Scale:
    """forth: to the scale on which the limits are symmetric; back: from it."""

    words: str
    forth: Numeric
    back: Numeric


LOG, PLAIN = Scale(" on the log scale", math.log, math.exp), Scale("", float, float)
SCALES = {"hr": LOG, "ratio": LOG, "odds_ratio": LOG, "difference": PLAIN}
TESTS = {"hr": ("p", "fmi"), "difference": ("p", "fmi"), "ratio": ("p_ratio", "fmi_ratio"), "odds_ratio": ("p_odds", "fmi_odds")}


def pooled_rows(copies: Sequence[Sequence[Row]], level: float, of: int) -> Iterator[Row]:
    """Of every estimate its pooled value with limits, P and fraction of missing information, under its analysis and `_imputed`.

    copies: the rows of each data set in which there are any; of: all data sets. level: of the limits of the rows, which are
    normal on the scale of SCALES, so that they tell the variance. What one data set lacks has no pooled value; n and events are
    means. Degrees of freedom are those of Rubin, 1987.
    """
    found = [{_name(row): row for row in rows if row.statistic in SCALES} for rows in copies]
    names = dict.fromkeys(name for one in found for name in one)
    for name in names:
        rows = [one[name] for one in found if name in one]
        yield from _pooled(rows, level, of)


def _name(row: Row) -> tuple[str, ...]:
    where = (row.phase, row.analysis, row.design, row.endpoint, row.population)
    return (*where, row.contrast, row.variable, row.level, row.group, row.statistic)


def _pooled(rows: list[Row], level: float, of: int) -> Iterator[Row]:
    first, (p_name, fmi_name) = rows[0], TESTS[rows[0].statistic]
    scale = SCALES[first.statistic]
    parts = {"phase": first.phase, "design": first.design, "endpoint": first.endpoint, "population": first.population}
    parts |= {"analysis": f"{first.analysis}{SUFFIX}", "contrast": first.contrast}
    parts |= {"variable": first.variable, "level": first.level, "group": first.group}
    how = _method(rows)
    method = f"{how}{'; ' if how else ''}pooled over {of} imputed data sets{scale.words} by Rubin's rules"
    known = [pair for row in rows if (pair := _estimate(row, scale, level)) is not None]
    if len(known) < of:
        why = _why(rows, of - len(known), of)
        for statistic in (first.statistic, p_name):
            yield Row(**parts, statistic=statistic, value=math.nan, method=not_estimable(why, method))
        return
    pooled = stats.rubin(*np.transpose(known), conf_level=level)
    sizes = {"n": float(np.mean([r.n for r in rows])), "events": float(np.mean([r.events for r in rows]))}
    value, low, high = (scale.back(x) for x in (pooled.estimate, pooled.low, pooled.high))
    one = Row(**parts, statistic=first.statistic, value=value, low=low, high=high, method=method, **sizes)
    yield one
    test = replace(one, low=math.nan, high=math.nan)
    endless = not math.isfinite(pooled.df)
    yield replace(test, statistic=p_name, value=pooled.p, method="normal distribution" if endless else "Student's t")
    yield replace(test, statistic=fmi_name, value=pooled.fmi, method="fraction of missing information, Rubin's rules")
    if first.statistic == "hr":
        told = "degrees of freedom of Rubin, 1987"
        if endless:
            told = not_estimable("the imputed data sets give one estimate, and its limits are normal")
        yield replace(test, statistic="df", value=math.nan if endless else pooled.df, method=told)


def _estimate(row: Row, scale: Scale, level: float) -> tuple[float, float] | None:
    """The estimate and its variance on the scale; None where the row has none."""
    try:
        value, low, high = (scale.forth(x) for x in (row.value, row.low, row.high))
    except (ValueError, ZeroDivisionError):
        return None
    reach = (high - low) / 2
    if not (math.isfinite(value) and math.isfinite(reach) and reach > 0):
        return None
    return value, (reach / stats.two_sided_z(level)) ** 2


def _why(rows: list[Row], lost: int, of: int) -> str:
    """In how many data sets there is nothing to pool, and why, where they say one reason."""
    told = {reason(r.method) for r in rows if math.isnan(r.value)} - {""}
    more = f" ({told.pop()})" if len(told) == 1 else ""
    return f"in {lost} of {of} imputed data sets the design or this estimate could not be made{more}"


def _method(rows: list[Row]) -> str:
    """What the methods of all data sets share: counts differ between them."""
    made = [r.method for r in rows if not reason(r.method)] or [_after_reason(r.method) for r in rows]
    others = [set(m.split("; ")) for m in made[1:]]
    return "; ".join(p for p in made[0].split("; ") if all(p in other for other in others))


def _after_reason(method: str) -> str:
    return method.removeprefix(not_estimable(reason(method))).removeprefix("; ")
