"""One spreadsheet with a row per patient: what is done to each column, by its cells first and its heading second."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from equipoise.data.read import RawTable
from equipoise.errors import DataError, Fault
from equipoise.handover.change import as_date
from equipoise.handover.look import holds_patients, is_empty, telling_cells, telling_heading
from equipoise.handover.treatment import (
    AGE,
    BIRTH,
    CODE,
    COMPACT,
    KEEP,
    LEAVE,
    OLDEST,
    PERSON,
    SERIAL,
    SHIFT,
    Chosen,
    Handed,
    Treatment,
)
from equipoise.protocol.population import SheetDates
from equipoise.start.columns import Seen, see
from equipoise.start.copies import identifier
from equipoise.start.dates import order_of
from equipoise.start.times import named_time

NAME, ROWS = "patients", "cast(source_row as varchar)"
BIRTH_WORDS = ("birth", "birthdate", "birthday", "dob", "born", "geburtsdatum", "geburt", "geburtsjahr", "naissance",
               "nacimiento", "nascita", "nascimento", "yob", "birthyear")  # fmt: skip
BIRTH_PARTS = ("생년", "출생", "生年", "出生")
AGE_WORDS = ("age", "alter", "edad", "età", "eta", "idade", "ages", "agey")
AGE_PARTS = ("나이", "연령", "年齢", "年龄", "年齡")
DATE_WORDS = ("date", "datum", "fecha", "data", "day", "dt", "start", "death", "contact", "admission", "discharge", "diagnosis")
YEAR_WORDS = ("year", "yr", "jahr", "année", "annee", "año", "anno", "ano")
SITE_WORDS = (
    "site",
    "center",
    "centre",
    "hospital",
    "institution",
    "inst",
    "reader",
    "physician",
    "surgeon",
    "doctor",
    "dr",
    "operator",
)
PERSON_WORDS = ("id", "mother", "father", "parent", "sibling", "twin", "sister", "brother", "partner", "donor", "matched", "pair",
                "relative", "proband", "family", "patient", "subject")  # fmt: skip
SERIALS = (20_000, 60_000)  # days since 1900 of 1954 to 2064
YEARS = (1900, 2100)
LONG_NUMBER, NEARLY_ALL = 6, 0.9


@dataclass(frozen=True, slots=True)
class Sheet:
    """A spreadsheet untreated, with what is seen of its columns. patient: the column that names the patient; None: each row is
    one."""

    file: Handed
    seen: Mapping[str, Seen]
    patient: str | None
    first_row: int


def sheet_of(raw: RawTable, patient: str | None) -> Sheet:
    cells = {n: raw.text(n) for n in raw.names}
    seen = {n: see(n, [None if c is None or is_empty(c) else c for c in raw.cells(n)]) for n in raw.names}
    numbers = frozenset(n for n in raw.names if raw.kinds[n] != "VARCHAR")
    who = cells[patient] if patient else ROWS
    parquet = raw.file.lower().endswith(".parquet")
    file = Handed(NAME, raw.file, raw.engine, raw.relation, who, cells, numbers, parquet=parquet)
    return Sheet(file, seen, patient, raw.first_row)


def treated_sheet(
    sheet: Sheet, patients: Collection[str], chosen: Chosen, asked: Collection[str], dates: SheetDates | None
) -> Handed:
    """What is done to each column. asked: the columns that the protocol needs. dates: how it says that dates are written; None:
    told by the numbers. Raises DataError where a needed column would give a patient away."""
    dated = {n: _written_order(sheet, c, dates) for n, c in sheet.seen.items()}
    latest = _latest_year(sheet, dated, dates.century_from if dates is not None else None)
    done = [by_content(sheet, c, patients, chosen, asked, dated[n], latest) for n, c in sheet.seen.items()]
    if dates is not None and dates.century_from is not None:
        done = [replace(t, century=dates.century_from) if t.column in dates.columns else t for t in done]
    faults = [
        Fault(
            f"{sheet.file.file}, column {t.column}",
            "needed column",
            f"the protocol asks for this column, and it is left out: {t.why}; correct it, or hand it over as it is with "
            f"--keep {t.column}",
        )
        for t in done
        if t.what == LEAVE and t.column in asked
    ]
    faults += [
        Fault(f"{sheet.file.file}, column {t.column}", "birth date", "the protocol counts days to a date of birth; take the age")
        for t in done
        if t.what == BIRTH and t.column in asked and not sheet.seen[t.column].whole
    ]
    if faults:
        raise DataError(faults)
    return replace(sheet.file, treatments=tuple(done))


def by_content(
    sheet: Sheet, column: Seen, patients: Collection[str], chosen: Chosen, asked: Collection[str], order: str, latest: int
) -> Treatment:
    name = column.name
    if name == sheet.patient:
        return Treatment(name, CODE)
    if chosen.drops(NAME, name):
        return Treatment(name, LEAVE, "named with --drop")
    return (
        _born(column, order, latest)
        or (None if chosen.keeps(NAME, name) else _left(telling_heading(column), name))
        or _day(column, order)
        or _person(column, patients)
        or _aged(column)
        or (Treatment(name, KEEP, "named with --keep") if chosen.keeps(NAME, name) else None)
        or _calendar(column, asked)
        or _left(_telling(column, patients, asked), name)
        or Treatment(name, KEEP, _kept(column))
    )


def _left(why: str, name: str) -> Treatment | None:
    return Treatment(name, LEAVE, why) if why else None


def _born(column: Seen, order: str, latest: int) -> Treatment | None:
    if not (column.has_word(*BIRTH_WORDS) or any(part in column.name for part in BIRTH_PARTS)):
        return None
    years = column.whole and YEARS[0] - 50 <= column.low and column.high <= YEARS[1]
    if not (order or years):
        return None
    if not latest:
        return Treatment(column.name, LEAVE, "a date of birth, and no other date tells how old the patients are")
    return Treatment(column.name, BIRTH, "a date of birth", order or "ymd", latest - OLDEST - 1)


def _day(column: Seen, order: str) -> Treatment | None:
    """Dates in any form; day counts of a spreadsheet under a heading that says date."""
    if order:
        return Treatment(column.name, SHIFT, "dates", order)
    serial = column.whole and SERIALS[0] <= column.low and column.high <= SERIALS[1]
    return Treatment(column.name, SERIAL, "day counts under a heading that says date") if serial and _says_date(column) else None


def _says_date(column: Seen) -> bool:
    return (
        column.has_word(*DATE_WORDS)
        or any(word in "".join(column.words) for word in ("date", "datum"))
        or column.name[-1:] in "日일"
    )


def _person(column: Seen, patients: Collection[str]) -> Treatment | None:
    """A column that names patients: its cells are identifiers of this study, and its heading or their form says that this is no
    chance."""
    own = sum(n for cell, n in column.counts.items() if cell in patients)
    if not own:
        return None
    named = column.has_word(*PERSON_WORDS) and own > column.filled / 2
    told = own == column.filled and holds_patients(column.counts, patients)
    return Treatment(column.name, PERSON, f"{own} of its cells are identifiers of patients") if named or told else None


def _aged(column: Seen) -> Treatment | None:
    named = column.has_word(*AGE_WORDS) or any(part in column.name for part in AGE_PARTS)
    return Treatment(column.name, AGE) if named else None


def _calendar(column: Seen, asked: Collection[str]) -> Treatment | None:
    """Calendar years, and one day or year for nearly all, narrow down a shift."""
    years = column.whole and YEARS[0] <= column.low and column.high <= YEARS[1] and len(column.counts) > 1
    if not (years and (column.has_word(*YEAR_WORDS) or any(w in column.name for w in ("年", "년", "연도")))):
        return None
    if column.name in asked:
        return Treatment(column.name, KEEP, "calendar years, which the protocol asks for; they narrow the shift of dates down")
    return Treatment(column.name, LEAVE, "calendar years narrow the shift of dates down")


def _telling(column: Seen, patients: Collection[str], asked: Collection[str]) -> str:
    why = telling_cells(column.counts, column.filled, patients)
    if why or column.name in asked or not column.whole or not column.filled:
        return why
    lengths = {len(c) for c in column.counts}
    alone = len(column.counts) > NEARLY_ALL * column.filled and column.filled > 1
    if (
        identifier(column)
        and not named_time(column)
        or alone
        and (max(lengths) >= LONG_NUMBER and len(lengths) == 1 or column.words[-1:] == ("id",))
    ):
        return "whole numbers that differ in nearly every row, as identifiers do"
    return ""


def _kept(column: Seen) -> str:
    if column.has_word(*SITE_WORDS) or column.says("site"):
        return "names a hospital or a person who treats; --drop leaves it out"
    return "numbers" if column.number else "short words that repeat" if column.filled else "empty"


def _written_order(sheet: Sheet, column: Seen, dates: SheetDates | None) -> str:
    """How the cells of a column are written as dates; '' where they are none. Raises DataError where the order of day and month
    cannot be told."""
    if not column.filled:
        return ""
    if dates is not None and column.name in dates.columns:
        return dates.order_of(column.name)
    cells = list(column.counts)
    order = dates.order if dates is not None else None
    eight = column.whole and all(re.fullmatch(r"(19|20)\d{6}", c) for c in cells)
    tried = COMPACT if eight else (order or _told(sheet, column)) if column.date else ""
    if not tried:
        return ""
    cell = sheet.file.cells[column.name]
    wrong = f"{cell} is not null and regexp_matches({cell}, '[0-9]') and {as_date(cell, tried)} is null"
    return "" if sheet.file.engine.rows(f"select 1 from {sheet.file.relation} where {wrong} limit 1") else tried


def _told(sheet: Sheet, column: Seen) -> str:
    found, reason = order_of([list(c.counts) for c in sheet.seen.values() if c.date])
    if "CONFIRM" in reason and any(not re.match(r"\d{4}", c) for c in column.counts):
        message = "no number tells whether the day or the month stands first; name a protocol with data: {dates: {order: ...}}"
        raise DataError(Fault(f"{sheet.file.file}, column {column.name}", "order of a date", message))
    return found


def _latest_year(sheet: Sheet, dated: Mapping[str, str], century: int | None) -> int:
    """Of any date that is believable; 0 where there is none beside births."""
    latest = 0
    for name, order in dated.items():
        if order and not _born(sheet.seen[name], order, 1):
            cell = sheet.file.cells[name]
            year = f"year({as_date(cell, order, century)})"
            found = sheet.file.engine.rows(f"select max({year}) from {sheet.file.relation} where {year} < 2090")[0][0]
            latest = max(latest, found or 0)
    return latest
