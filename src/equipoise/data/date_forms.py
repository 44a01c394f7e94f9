"""How a spreadsheet writes its dates: the same reading in SQL, for a run, and in Python, for a first protocol that proposes it.

Of a declared order are dates in figures with - / . or the characters for year, month and day between them, with the name of the
month, and eight figures without a sign; a time of day behind the date is left out. Two figures are a year only where a century is
declared. Four figures in front with signs between are year, month and day in every order, and among counts of days.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from equipoise.engine import listed, literal
from equipoise.engine.files import MOMENT

ORDERS = ("ymd", "dmy", "mdy")
START_OF = {  # the day that is number 0 of a count of days
    "excel": dt.date(1899, 12, 30),  # of numbers above 59: 29 February 1900 is counted there and never was
    "excel_1904": dt.date(1904, 1, 1),
    "sas": dt.date(1960, 1, 1),  # and Stata
    "number": dt.date(1970, 1, 1),
}
EXCEL_RANGE = (18_264, 73_050)  # 1950 to 2099
_LETTER = "[A-Za-zÀ-ɏ]"  # the class of all letters takes the engine ten times as long to compile
_TIME = r"(?:[ T:]+[0-9]{1,2}[:.][0-9]{2}.*)?"
_FIGURES = (
    rf"([0-9]{{4}}|[0-9]{{1,2}})\s?[-./년年]\s?([0-9]{{1,2}})\s?[-./월月]\s?([0-9]{{4}}|[0-9]{{1,2}})\s?[.일日]?{_TIME}",
    ("first", "second", "third"),
)
_COMPACT = (rf"([0-9]{{8}}){_TIME}", ("whole",))
_NAMED = {
    "dmy": (rf"([0-9]{{1,2}})[-./ ]*({_LETTER}{{3,10}})[-./, ']*([0-9]{{4}}|[0-9]{{2}}){_TIME}", ("d", "m", "y")),
    "mdy": (rf"({_LETTER}{{3,10}})[-./ ]*([0-9]{{1,2}})(?:st|nd|rd|th)?[-./, ']+([0-9]{{4}}|[0-9]{{2}}){_TIME}", ("m", "d", "y")),
    "ymd": (rf"([0-9]{{4}}|[0-9]{{2}})[-./ ]*({_LETTER}{{3,10}})[-./ ]*([0-9]{{1,2}}){_TIME}", ("y", "m", "d")),
}
_SERIAL = r"-?[0-9]{1,6}(?:\.[0-9]+)?"
MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
    "mär": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "fev": 2, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "déc": 12,
    "ene": 1, "abr": 4, "ago": 8, "dic": 12, "set": 9, "out": 10, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "ott": 10,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateForm:
    """order: as `data.dates.order` says it. two_digit: years of two figures. decided: False where another order reads every cell
    too. reason: for the user."""

    order: str
    two_digit: bool
    decided: bool
    reason: str


def date_sql(text: str, order: str, century_from: int | None = None) -> str:
    """A cell of text in SQL as a date, null where it is not so written."""
    a, b, c = (_group(text, _FIGURES, name) for name in _FIGURES[1])
    if order in START_OF:
        days = f"cast(floor(cast({text} as double)) as integer)"
        counted = f"when {_matches(text, _SERIAL)} then cast({literal(START_OF[order])} as date) + {days}"
        return f"(case {counted} when {_matches(text, _FIGURES[0])} then {_day(a, b, c, None)} end)"
    whole = _group(text, _COMPACT, "whole")
    cut = {"ymd": ((1, 4), (5, 2), (7, 2)), "dmy": ((5, 4), (3, 2), (1, 2)), "mdy": ((5, 4), (1, 2), (3, 2))}[order]
    compact = _day(*(f"substr({whole}, {start}, {n})" for start, n in cut), None)
    in_order = {"ymd": (a, b, c), "dmy": (c, b, a), "mdy": (c, a, b)}[order]
    named = _NAMED[order]
    y, m, d = (_group(text, named, name) for name in "ymd")
    return (
        f"(case when {_matches(text, _FIGURES[0])} then case when length({a}) = 4 then {_day(a, b, c, None)} "
        f"else {_day(*in_order, century_from)} end "
        f"when {_matches(text, _COMPACT[0])} then {compact} "
        f"when {_matches(text, named[0])} then {_day(y, _month(m), d, century_from)} end)"
    )


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match(trim({text}), {literal(pattern)})"


def _group(text: str, pattern: tuple[str, tuple[str, ...]], name: str) -> str:
    return f"regexp_extract(trim({text}), {literal('^' + pattern[0] + '$')}, {pattern[1].index(name) + 1})"


def _day(year: str, month: str, day: str, century_from: int | None) -> str:
    """Year, month and day of text as a date, null where there is none."""
    four = f"case when length({year}) = 4 then {year} end"
    if century_from is not None:
        two = f"cast({century_from} + (cast({year} as integer) - {century_from} % 100 + 100) % 100 as varchar)"
        four = f"case length({year}) when 4 then {year} when 2 then {two} end"
    return f"try_cast(({four}) || '-' || {month} || '-' || {day} as date)"


def _month(name: str) -> str:
    numbers: dict[int, list[str]] = {}
    for month, number in MONTHS.items():
        numbers.setdefault(number, []).append(month)

    def of(letters: int) -> str:
        start = f"left(lower({name}), {letters})"
        return f"case {' '.join(f'when {start} in ({listed(m)}) then {literal(str(n))}' for n, m in numbers.items())} end"

    return f"coalesce({of(4)}, {of(3)})"


_PYTHON = {p: re.compile(p) for p in (_FIGURES[0], _COMPACT[0], *(n[0] for n in _NAMED.values()))}
_CENTURIES = re.compile("^(?:19|20)|(?:19|20)..$")  # of eight figures that are a date and no number of a patient
CENTURY_FROM = 1970  # proposed for years of two figures: 1970 to 2069


def read_date(cell: str, order: str, century_from: int | None = None) -> dt.date | None:
    """The same in Python."""
    cell = cell.strip(" ")
    if order in START_OF:
        if re.fullmatch(_SERIAL, cell):
            return START_OF[order] + dt.timedelta(days=float(cell) // 1)
        found = _PYTHON[_FIGURES[0]].fullmatch(cell)
        return _made(*found.groups(), None) if found else None
    if found := _PYTHON[_FIGURES[0]].fullmatch(cell):
        a, b, c = found.groups()
        if len(a) == 4:
            return _made(a, b, c, None)
        return _made(*{"ymd": (a, b, c), "dmy": (c, b, a), "mdy": (c, a, b)}[order], century_from)
    if found := _PYTHON[_COMPACT[0]].fullmatch(cell):
        w = found[1]
        return _made(*{"ymd": (w[:4], w[4:6], w[6:]), "dmy": (w[4:], w[2:4], w[:2]), "mdy": (w[4:], w[:2], w[2:4])}[order], None)
    pattern, names = _NAMED[order]
    if found := _PYTHON[pattern].fullmatch(cell):
        part = dict(zip(names, found.groups(), strict=True))
        small = part["m"].lower()
        month = MONTHS.get(small[:4]) or MONTHS.get(small[:3])
        return _made(part["y"], str(month), part["d"], century_from) if month else None
    return None


def _made(year: str, month: str, day: str, century_from: int | None) -> dt.date | None:
    if len(year) == 2 and century_from is not None:
        year = str(century_from + (int(year) - century_from) % 100)
    try:
        return dt.date(int(year), int(month), int(day)) if len(year) == 4 else None
    except ValueError:
        return None


def date_form(cells: Iterable[str | None], serial: bool = False) -> DateForm | None:
    """How a column writes its dates; None where its cells are no dates. serial: whole numbers may be the day numbers of Excel."""
    given = list(dict.fromkeys(c for c in cells if c is not None))
    if not given or any(re.fullmatch("[0-9]{8}", c) and not _CENTURIES.search(c) for c in given):
        return None
    for two_digit, century in ((False, None), (True, CENTURY_FROM)):
        read = _read_by(given, century)
        if two_digit and len(read) > 1:  # a year of two figures in front is believed only where it can be no day
            read = [order for order in read if order != "ymd"]
        if read:
            return _form(given, read, two_digit)
    low, high = EXCEL_RANGE
    if serial and all(re.fullmatch(_SERIAL, c) and low <= float(c) <= high for c in given):
        return DateForm("excel", False, False, "whole numbers that look like day numbers of Excel (43831 is 2020-01-01); CONFIRM")
    return None


def _read_by(given: list[str], century: int | None) -> list[str]:
    """The orders that read most cells, and nearly all; the others are written like dates too."""
    wrong = {order: [c for c in given if read_date(c, order, century) is None] for order in ORDERS}
    fewest = min(map(len, wrong.values()))
    if fewest > 0.1 * len(given) or not all(any(p.fullmatch(c) for p in _PYTHON.values()) for w in wrong.values() for c in w):
        return []
    return [order for order in ORDERS if len(wrong[order]) == fewest]


def _form(given: list[str], read: list[str], two_digit: bool) -> DateForm:
    """read: the orders that read every cell, the likeliest first."""
    years = f"; years of two figures are {CENTURY_FROM} to {CENTURY_FROM + 99}: CONFIRM" if two_digit else ""
    order = read[0]
    decided = len(read) == 1 or (order == "ymd" and not two_digit)
    if order == "ymd" and not two_digit:
        reason = "every date has the year in front"
    elif not decided:
        reason = "no number decides whether the day or the month stands first; CONFIRM"
    elif any(re.search(r"[^\W\d_]{3}", c) for c in given):
        reason = "the month is written by its name"
    else:
        which = {"dmy": "first numbers are above 12, so the day", "mdy": "second numbers are above 12, so the month"}
        reason = f"some {which[order]} stands first" if order in which else "the year stands first"
    return DateForm(order, two_digit, decided, reason + years)


def forms_seen(cells: Iterable[str]) -> str:
    """What cells that are not written as declared look like, and what to write; '' where they look like no date."""
    given = list(cells)
    if given and all(c.startswith(f"{MOMENT} ") for c in given):
        return "moments of a time zone, and whose day a moment is depends on where one is: write days into the file, not moments"
    found = date_form(given, serial=True)
    if found is None:
        return ""
    if found.order == "excel":
        return "whole numbers that look like day numbers of Excel (43831 is 2020-01-01): write excel as their order"
    if found.two_digit:
        years = f"{CENTURY_FROM} to {CENTURY_FROM + 99}"
        return f"dates with years of two figures: write century_from: {CENTURY_FROM} where they are {years}"
    if not found.decided:
        return "dates in which no number decides whether the day or the month stands first: write dmy or mdy as their order"
    return f"dates in the order {found.order}: write {found.order} as their order"
