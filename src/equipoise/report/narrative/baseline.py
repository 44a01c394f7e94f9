"""The patients at the index date in sentences: age and sex, the main features of the disease, what differed between the arms."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from equipoise.records import Masked, Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.phrases import counted, counted_patients, with_arm
from equipoise.report.tables.baseline import PHASE, balanced_variables, is_year, recorded_decimals
from equipoise.report.words import words

MOST_NAMED, MOST_DIFFERENT = 8, 4
AGE, SEX = re.compile(r"age( at .*)?", re.I), re.compile(r"(fe)?male( sex)?|(wo)?men", re.I)
UNITLESS = ("number", "n", "")
EVERYONE = "total"


def characteristics(numbers: Numbers) -> list[str]:
    """What a paper names of its patients: age and sex, then variables of the score, then the first ones of the table."""
    first, told = _age_and_sex(numbers)
    rest = [v for v in _named(numbers) if v not in told]
    levels = [said for v in rest if (said := _levels(numbers, v))]
    said = [first] if first else []
    said += [words("baseline.features", features=fmt.upper_first(fmt.listed(levels)))] if levels else []
    return [*said, *_medians(numbers, rest)]


def _medians(numbers: Numbers, names: list[str]) -> list[str]:
    """One sentence on the continuous covariates among these."""
    known = [(v, said) for v in names if (said := _middle(numbers, v))]
    if len(known) == 1:
        name = known[0][0]
        return [words("baseline.median_alone", label=numbers.covariate_words(name), value=_value(numbers, name))]
    return [words("baseline.medians", medians="; ".join(said for _, said in known))] if known else []


def _named(numbers: Numbers) -> list[str]:
    shown = list(numbers.protocol.shown_covariates)
    scored = [v for v in (numbers.protocol.designs[numbers.primary].propensity if numbers.primary else ()) if v in shown]
    first = [v for v in shown if _is(numbers, v, AGE) or _is(numbers, v, SEX)]
    return list(dict.fromkeys([*first, *scored, *shown]))[:MOST_NAMED]


def _is(numbers: Numbers, name: str, what: re.Pattern[str]) -> bool:
    return what.fullmatch(numbers.covariate_label(name).split(", ")[0]) is not None


def _age_and_sex(numbers: Numbers) -> tuple[str, list[str]]:
    """The first sentence, and the covariates that it names; '' where age is not among them."""
    names = _named(numbers)
    age = next((v for v in names if _is(numbers, v, AGE) and numbers.covariate(v).kind == "continuous"), "")
    sex = next((v for v in names if _is(numbers, v, SEX) and numbers.covariate(v).kind == "binary"), "")
    middle, row = _value(numbers, age) if age else "", _share(numbers, sex, "") if sex else None
    if not middle:
        return "", []
    if row is None:
        return words("baseline.age", age=middle), [age]
    part = {"age": middle, "patients": counted_patients(numbers, row), "sex": numbers.covariate_words(sex).removesuffix(" sex")}
    return words("baseline.age_and_sex", **part), [age, sex]


def _group(numbers: Numbers) -> str:
    return numbers.arms[0] if numbers.single else EVERYONE


def _share(numbers: Numbers, name: str, level: str, group: str = "") -> Row | None:
    part = {"design": "unadjusted", "variable": name, "level": level, "group": group or _group(numbers)}
    row = numbers.row(PHASE, "percent", **part)
    return None if row is None or not row.n or math.isnan(row.n) else row


def _levels(numbers: Numbers, name: str) -> str:
    """`Child-Pugh class A in 91 of 126 (72.2%)`: a binary variable, or the most frequent level of a factor."""
    info = numbers.covariate(name)
    if info.kind == "continuous":
        return ""
    rows = [(level, row) for level in (info.levels or {"": ""}) if (row := _share(numbers, name, level)) is not None]
    known = [(level, row) for level, row in rows if not math.isnan(row.events)]
    if not known:
        return ""
    level, row = max(known, key=lambda found: found[1].events)
    part = {"label": numbers.covariate_words(name), "share": _of_all(numbers, row)}
    return words("baseline.level", level=fmt.lower_first(info.levels[level]), **part) if level else words("baseline.yes", **part)


def _of_all(numbers: Numbers, row: Row) -> str:
    """`91 (72.2%)`; with the number of patients where some have no value."""
    if row.n != numbers.total_n("unadjusted"):
        return counted(numbers, row)
    percent = fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)
    return bound(words("phrases.count", events=fmt.count(row.events), percent=percent), row)


def _middle(numbers: Numbers, name: str) -> str:
    value = _value(numbers, name) if numbers.covariate(name).kind == "continuous" else ""
    return words("baseline.median", label=numbers.covariate_words(name), value=value) if value else ""


def _value(numbers: Numbers, name: str, group: str = "") -> str:
    """`63 years (interquartile range 55-70)`; '' where nobody has a value or it may not be shown."""
    found = [
        numbers.row(PHASE, s, design="unadjusted", variable=name, group=group or _group(numbers)) for s in ("median", "q1", "q3")
    ]
    values = [r.value for r in found if r is not None]
    if len(values) < len(found) or any(isinstance(v, Masked) or math.isnan(v) for v in values):
        return ""
    middle, _, ends = fmt.summary(*values, recorded_decimals(numbers, name), is_year(numbers, name)).partition(" (")
    unit = _unit(numbers, name)
    said = bound(words("baseline.with_unit", value=middle, unit=unit) if unit else middle, found[0])
    return said if group else words("baseline.quartiles", value=said, quartiles=bound(ends.removesuffix(")"), found[1]))


def _unit(numbers: Numbers, name: str) -> str:
    unit = numbers.covariate_label(name).rpartition(", ")[2] if ", " in numbers.covariate_label(name) else ""
    return "" if unit in UNITLESS else unit


def differences(numbers: Numbers) -> list[str]:
    """The variables that differ most between the arms as they are, above the larger threshold, with their values by arm."""
    if numbers.single:
        return []
    threshold = numbers.protocol.balance_thresholds[1]
    sizes = {v: abs(numbers.value(PHASE, "smd", design="unadjusted", variable=v)) for v in balanced_variables(numbers)}
    over = sorted((v for v, size in sizes.items() if size > threshold), key=lambda v: -sizes[v])
    if not over:
        return [words("baseline.none_differs", threshold=fmt.short(threshold))]
    told = fmt.listed([_by_arm(numbers, v, sizes[v]) for v in over[:MOST_DIFFERENT]])
    key = "baseline.differ" if len(over) <= MOST_DIFFERENT else "baseline.differ_most"
    return [words(key, count=len(over), variables=told, threshold=fmt.short(threshold))]


def _by_arm(numbers: Numbers, name: str, smd: float) -> str:
    """`Child-Pugh class (A in 92.5% with lenvatinib and 62.8% with sorafenib; SMD 1.13)`."""
    values, part = (
        list(_values_by_arm(numbers, name)),
        {
            "label": numbers.covariate_words(name),
            "smd": bound(fmt.number(smd, 2), numbers.row(PHASE, "smd", design="unadjusted", variable=name)),
        },
    )
    return words("baseline.differs", values=fmt.listed(values), **part) if values else words("baseline.differs_alone", **part)


def _values_by_arm(numbers: Numbers, name: str) -> Iterator[str]:
    info = numbers.covariate(name)
    level = "" if info.kind != "categorical" else _furthest(numbers, name)
    for i, each in enumerate(numbers.arms):
        if info.kind == "continuous":
            value = _value(numbers, name, each)
            told = words("baseline.median_of", value=value) if value and not i else value
        else:
            row = _share(numbers, name, level, each)
            known = row is not None and not math.isnan(row.events)
            share = f"{fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)}%" if known else ""
            share = bound(share, row)
            first = known and level and not i
            told = words("baseline.level_in", level=fmt.lower_first(info.levels[level]), share=share) if first else share
        if told:
            yield with_arm(numbers, told, each)


def _furthest(numbers: Numbers, name: str) -> str:
    """The level of a factor whose share differs most between the arms."""

    def spread(level: str) -> float:
        rows = [_share(numbers, name, level, a) for a in numbers.arms]
        found = [r.value for r in rows if r is not None and not math.isnan(r.value)]
        return max(found) - min(found) if found else 0.0

    return max(numbers.covariate(name).levels, key=spread)
