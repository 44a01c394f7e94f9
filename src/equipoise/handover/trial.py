"""A folder of SDTM domains or ADaM data sets: what is done to each variable, by the rules of its name first and its cells second.

Names of variables are those of CDISC (SDTM 1.7 with its implementation guide 3.3, ADaM 2.1 with its guide 1.1): --DTC and *DT are
dates, --DY days of the study, --DECOD terms of a dictionary and --TERM what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from equipoise.data.adam import SUBJECT
from equipoise.data.read import KINDS, RawTable, read_table
from equipoise.data.sdtm.terms import DOMAINS
from equipoise.engine import Engine
from equipoise.errors import DataError, Fault
from equipoise.handover.change import as_date
from equipoise.handover.look import holds_patients, telling_cells
from equipoise.handover.sheet import Sheet, by_content, sheet_of
from equipoise.handover.treatment import (
    AGE,
    BIRTH,
    CODE,
    DAYS,
    KEEP,
    LEAVE,
    MONTH_END,
    OLDEST,
    RECORD,
    SECONDS,
    SERIAL,
    SHIFT,
    Chosen,
    Handed,
    Treatment,
)
from equipoise.protocol.file_form import TableForm
from equipoise.protocol.spec import Protocol
from equipoise.start.columns import Seen

# comments, links between records, and what fits in no variable
FREE_SETS = re.compile(r"CO|RELREC|RELSUB|RELSPEC|POOLDEF|(SUPP|SQ)\w*")
DATES = re.compile(r"\w*DTC?|\w+DTM")
MOMENT = re.compile(r"\w+DTM")
BORN = re.compile(r"BRTHDTC?|BRTHDTM")
AGES = re.compile(r"A?AGE(DTH|IC|AP)?")
LINKS = re.compile(r"[A-Z]{2}LNK(ID|GRP)")
TERMS = re.compile(
    r"\w*(DECOD|BODSYS|SOC|HLT|HLGT|LLT|PTCD|TEST|TESTCD|CAT|CAT\d|LOC|METHOD|STRESC|STRESU|ORRESU|VISIT|SEV|REL|ACN|OUT)|"
    r"PARAM(CD)?|AVISIT|(ACT)?ARM(CD)?|EXTRT|TRT\w*|TR\d\d\w*|STUDYID|DOMAIN|AVALC"
)
RESULTS = re.compile(r"\w+STRESC|AVALC")  # words of a list, or what somebody answered
LEFT = {
    "what somebody wrote, beside the term of a dictionary": r"(AE|MH|DS|CE|CM|PR)(TERM|MODIFY)|CMTRT|PRTRT",
    "free text": r"\w*(INDC|REASND|REASOC|ACNOTH|QVAL|COVAL)",
    "a number that the sponsor or a laboratory gave to a record or a specimen": r"\w+(SPID|REFID)",
    "names an investigator": r"INV(ID|NAM)",
    "a time of day": r"\w+TM",
}
SITES = re.compile(r"SITEID|SITEGR\d+N?|COUNTRY|REGION\d*")
SITE = "names a site or a country; --drop leaves it out"
WITHIN = "SUBJID"
AGE_UNIT, YEARS = "AGEU", "YEARS"


@dataclass(frozen=True, slots=True)
class Trial:
    """The data sets of a folder, untreated, and files that are none, or none that is handed over."""

    sheets: dict[str, Sheet]
    others: list[str]

    @property
    def subjects(self) -> set[str]:
        return {s for sheet in self.sheets.values() for s in sheet.seen[SUBJECT].counts}

    @property
    def identifiers(self) -> set[str]:
        """Of subjects, among all trials and within theirs."""
        within = {s for sheet in self.sheets.values() if WITHIN in sheet.seen for s in sheet.seen[WITHIN].counts}
        return self.subjects | within


def read_trial(folder: Path, engine: Engine, protocol: Protocol | None) -> Trial:
    """Every data set with subjects. Raises DataError with every fault of every file."""
    sheets: dict[str, Sheet] = {}
    missing = () if protocol is None else tuple(protocol.data.missing)
    others: list[str] = []
    faults: list[Fault] = []
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")):
        if path.suffix.lower() not in KINDS or is_free(path.stem):
            others.append(path.name)
            continue
        if path.stem in sheets:
            faults.append(Fault(folder.name, "file", f"{path.stem} is there twice, in files of two kinds; keep one"))
            continue
        try:
            form = _form(path, protocol)
            raw = read_table(path, form.sheet, missing, engine, f"trial_{len(sheets)}", form)
        except DataError as error:
            faults += error.faults
            continue
        named = _in_capitals(raw)
        if SUBJECT not in named.names:
            others.append(path.name)
            continue
        empty = named.rows_where(f"{named.cell(SUBJECT)} is null")
        if empty:
            place = f"{path.name}, row {empty[0][0]}, column {SUBJECT}"
            faults.append(Fault(place, "empty cell", f"the subject is missing, in {len(empty)} rows"))
            continue
        sheets[path.stem] = _sheet(named, path.stem)
    if faults:
        raise DataError(faults)
    return Trial(sheets, others)


def is_free(stem: str) -> bool:
    """Whether a data set of this name holds answers in free words, and is never handed over."""
    return FREE_SETS.fullmatch(stem.upper()) is not None


def _form(path: Path, protocol: Protocol | None) -> TableForm:
    """As the protocol says it of the domain, under the name that it gives the file or that the file has."""
    if protocol is None:
        return TableForm().of(path.stem)
    named = {file: domain for domain, file in protocol.data.domains.items()}
    return protocol.data.form_of(named.get(path.name, path.stem.upper().split("_")[0]))


def _in_capitals(raw: RawTable) -> RawTable:
    small = {n.upper(): n for n in raw.names}
    positions = {new: raw.positions[n] for new, n in small.items()}
    return replace(raw, positions=positions, kinds={new: raw.kinds[n] for new, n in small.items()})


def _sheet(raw: RawTable, name: str) -> Sheet:
    sheet = sheet_of(raw, SUBJECT)
    return replace(sheet, file=replace(sheet.file, name=name))


def treated_trial(trial: Trial, chosen: Chosen, asked: Collection[str]) -> list[Handed]:
    """What is done to each variable of each data set. asked: variables that the protocol needs. Raises DataError where one
    without which no study reads the data set would give a subject away."""
    subjects, handed = trial.subjects, []
    within = trial.identifiers - subjects
    faults: list[Fault] = []
    latest = max((_latest_year(sheet) for sheet in trial.sheets.values()), default=0)
    for name, sheet in trial.sheets.items():
        done = tuple(
            _of_subject(c, within, chosen.keeps(name, c.name)) or _treatment(sheet, c, subjects, chosen, asked, latest)
            for c in sheet.seen.values()
        )
        needed = DOMAINS.get(name.upper().split("_")[0], ((), ()))[0]
        faults += [
            Fault(
                f"{sheet.file.file}, column {t.column}",
                "needed column",
                f"the study needs this variable, and it is left out: {t.why}; correct its cells, or hand it over "
                f"as it is with --keep {name}.{t.column}",
            )
            for t in done
            if t.what == LEAVE and t.column in (*needed, *asked)
        ]
        handed.append(replace(sheet.file, treatments=done))
    if faults:
        raise DataError(faults)
    return handed


def _of_subject(column: Seen, within: Collection[str], kept: bool) -> Treatment | None:
    """Of a variable that holds what subjects are called within their trial; a number that is measured may happen to be one."""
    known = column.name in (SUBJECT, WITHIN) or any(p.fullmatch(column.name) for p in (DATES, LINKS, SITES))
    if kept or known or column.number and not column.name.endswith("ID") or not holds_patients(column.counts, within):
        return None
    return Treatment(column.name, LEAVE, "it holds what subjects are called within their trial")


def _treatment(
    sheet: Sheet, column: Seen, subjects: Collection[str], chosen: Chosen, asked: Collection[str], latest: int
) -> Treatment:
    name, file = column.name, sheet.file
    if name == SUBJECT:
        return Treatment(name, CODE)
    if chosen.drops(file.name, name):
        return Treatment(name, LEAVE, "named with --drop")
    if name == WITHIN:
        return Treatment(name, CODE, "the subject within the study")
    if BORN.fullmatch(name):
        return _born(sheet, column, latest)
    if DATES.fullmatch(name) and column.filled:
        return _dated(sheet, column)
    if chosen.keeps(file.name, name):
        return Treatment(name, KEEP, "named with --keep")
    if LINKS.fullmatch(name):
        return Treatment(name, RECORD, "an identifier of its own may hold that of the subject")
    return _by_name(sheet, column, subjects) or by_content(sheet, column, subjects, chosen, asked, "", 0)


def _by_name(sheet: Sheet, column: Seen, subjects: Collection[str]) -> Treatment | None:
    name = column.name
    if AGES.fullmatch(name):
        units = sheet.seen[AGE_UNIT].counts if AGE_UNIT in sheet.seen else {}
        other = [u for u in units if u.upper() != YEARS]
        return Treatment(name, LEAVE, "AGEU says other units than years") if other else Treatment(name, AGE)
    if SITES.fullmatch(name):
        return Treatment(name, KEEP, SITE)
    why = next((why for why, names in LEFT.items() if re.fullmatch(names, name)), "")
    dictionary = "dictionary" not in why or any(n.endswith("DECOD") for n in sheet.seen)
    if why and dictionary:
        return Treatment(name, LEAVE, why)
    if TERMS.fullmatch(name) and not column.number:
        why = telling_cells(column.counts, column.filled, subjects)
        words = "free text" if not RESULTS.fullmatch(name) else ""
        return Treatment(name, LEAVE, why) if why not in ("", words) else Treatment(name, KEEP, "controlled terms")
    return None


def _dated(sheet: Sheet, column: Seen) -> Treatment:
    """Dates of ISO 8601, of SAS in words (12MAR2020), or as SAS counts them, in days or in seconds."""
    name, file = column.name, sheet.file
    if column.number:
        order = SECONDS if MOMENT.fullmatch(name) else DAYS
        return Treatment(name, SERIAL, f"{order} as SAS counts them", order)
    for order in (MONTH_END, "dmy"):
        wrong = _other_cells(file, name, order)
        part = _partial(file, name) if order == MONTH_END else ""
        if not wrong:
            return Treatment(name, SHIFT, part or "dates", order)
    return Treatment(name, LEAVE, "some of its dates are neither of ISO 8601 nor written 12MAR2020")


def _other_cells(file: Handed, name: str, order: str) -> bool:
    cell = file.cells[name]
    iso = f" and not regexp_full_match({cell}, '[-0-9]*(T[-:.0-9Z+]*)?')" if order == MONTH_END else ""
    wrong = f"{cell} is not null and regexp_matches({cell}, '[0-9]') and {as_date(cell, order)} is null{iso}"
    return bool(file.engine.rows(f"select 1 from {file.relation} where {wrong} limit 1"))


def _partial(file: Handed, name: str) -> str:
    """How many dates lack their day or their month."""
    cell = file.cells[name]
    counts = f"count(*) filter (where length({cell}) = 7), count(*) filter (where {as_date(cell, MONTH_END)} is null)"
    no_day, no_month = file.engine.rows(f"select {counts} from {file.relation} where {cell} is not null")[0]
    if not no_day and not no_month:
        return ""
    return f"dates; {no_day} without a day are their month's end, as a study reads them, {no_month} without a month are empty"


def _born(sheet: Sheet, column: Seen, latest: int) -> Treatment:
    if not latest:
        return Treatment(column.name, LEAVE, "a date of birth, and no other date tells how old the subjects are")
    if column.number and not column.whole or column.number and column.high > 3000:
        return Treatment(column.name, LEAVE, "a date of birth as SAS counts days")
    order = MONTH_END if not _other_cells(sheet.file, column.name, MONTH_END) else "dmy"
    return Treatment(column.name, BIRTH, "a date of birth", order, latest - OLDEST - 1)


def _latest_year(sheet: Sheet) -> int:
    """Of the dates that are written as text."""
    latest = 0
    for name, column in sheet.seen.items():
        if DATES.fullmatch(name) and not BORN.fullmatch(name) and not column.number and column.filled:
            year = f"year({as_date(sheet.file.cells[name], MONTH_END)})"
            found = sheet.file.engine.rows(f"select max({year}) from {sheet.file.relation} where {year} < 2090")[0][0]
            latest = max(latest, found or 0)
    return latest
