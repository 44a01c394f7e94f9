"""CDISC ADaM as one row per subject: ADSL, and of ADTTE a time, a censoring and a description of each parameter beside it.

A parameter PFS gives PFS_AVAL, PFS_CNSR (0 is the event, CDISC ADaM BDS for time-to-event analyses 1.0, section 4) and, where it
is given, PFS_EVNTDESC. Of several records of a subject and a parameter the one with ANL01FL = Y counts. Variables of ADTTE that
say the same in every record of a subject stand with those of ADSL, and in its place where there is no ADSL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from equipoise.data.alone import Alone, alone, keep_copy
from equipoise.data.check import row_faults
from equipoise.data.read import KINDS, RawTable, read_table, table_of
from equipoise.data.stored import connected, missing_table, stored_table, stored_tables
from equipoise.engine import Engine, as_number, literal, quote
from equipoise.errors import DataError, Fault
from equipoise.protocol.file_form import TableForm
from equipoise.protocol.locations import locate, locate_in
from equipoise.protocol.spec import Protocol

SUBJECTS, TIMES = "ADSL", "ADTTE"
SUBJECT, CODE, TIME, CENSOR, FLAG = "USUBJID", "PARAMCD", "AVAL", "CNSR", "ANL01FL"
NEEDED = {SUBJECTS: (SUBJECT,), TIMES: (SUBJECT, CODE, TIME, CENSOR)}
OF_A_RECORD = re.compile(
    r"STUDYID|ASEQ|PARAM(CD|N|TYP)?|PARCAT\d+N?|AVAL[CU]?|CNSR|EVNTDESC|CNSDTDSC|STARTDTF?|ADTF?|ADY|SRC(DOM|VAR|SEQ)|ANL\d+FL|AVISITN?"
)
UNITS = {"days": ("DAYS", "DAY", "D"), "weeks": ("WEEKS", "WEEK", "WK"), "months": ("MONTHS", "MONTH", "MO", "MTHS"),
         "years": ("YEARS", "YEAR", "YR", "Y")}  # fmt: skip

DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25}
LEAST_DAYS, NEARLY = 60, 0.95  # of a stretch that tells units apart; share of the times that must agree


@dataclass(frozen=True, slots=True)
class Parameter:
    """label: of PARAM. unit: days, weeks, months or years, as AVALU or the brackets of PARAM say, else as the times are beside
    STARTDT and ADT; '' where nothing says it."""

    code: str
    label: str
    unit: str

    @property
    def time(self) -> str:
        return f"{self.code}_{TIME}"

    @property
    def censor(self) -> str:
        return f"{self.code}_{CENSOR}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands in a row: variables of ADSL, those of ADTTE that are of subjects, the parameters. records: every variable of
    ADTTE."""

    subject: tuple[str, ...]
    constant: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    records: tuple[str, ...]

    @property
    def measured(self) -> tuple[str, ...]:
        return tuple(v for v in (TIME, CENSOR, "EVNTDESC") if v in self.records)

    @property
    def added(self) -> list[str]:
        """The columns beside those of ADSL."""
        return [*self.constant, *(f"{p.code}_{v}" for p in self.parameters for v in self.measured)]

    def wide(self, records: str, subjects: str) -> str:
        """One SELECT. records: a SELECT of the variables of ADTTE, times and censoring as numbers; subjects: of those of ADSL;
        both with source_row."""
        fields = [f"max({quote(v)}) as {quote(v)}" for v in self.constant]
        for p in self.parameters:
            of = f"filter (where {quote(CODE)} = {literal(p.code)})"
            fields += [f"max({quote(v)}) {of} as {quote(f'{p.code}_{v}')}" for v in self.measured]
        counted = f"({_counted(records, self.records)}) as counted"
        each = f"select {quote(SUBJECT)}, {', '.join(fields)}, min(source_row) as source_row from {counted} group by 1"
        if not self.subject:
            return each
        more = ", ".join(f"t.{quote(name)}" for name in self.added)
        on = f"t.{quote(SUBJECT)} = cast(s.{quote(SUBJECT)} as varchar)"
        return f"select s.*, {more} from ({subjects}) as s left join ({each}) as t on {on}"


@dataclass(frozen=True, slots=True)
class Adam:
    """raw: a row per subject. files: name of the data set -> name of its file."""

    raw: RawTable
    layout: Layout
    files: dict[str, str]
    forms: dict[str, TableForm]
    missing: tuple[str, ...] = ()

    def script(self, texts: Sequence[str]) -> str:
        """The same rows in a DuckDB shell in the folder of the files. texts: variables of ADSL that are read as text."""
        numbers = ", ".join(f"{as_number(quote(v))} as {quote(v)}" for v in (TIME, CENSOR))
        numbered = "row_number() over () as source_row"
        read = self._alone(texts)
        records = f"select * replace ({numbers}), {numbered} from {read[TIMES].function}"
        wide = self.layout.wide(records, f"select *, {numbered} from {read[SUBJECTS].function}" if SUBJECTS in read else "")
        return f"(select * exclude (source_row) from ({wide}) as wide order by wide.source_row) as file"

    def _alone(self, texts: Sequence[str] = ()) -> dict[str, Alone]:
        return {
            name: alone(file, self.forms[name], self.missing, typed=name == SUBJECTS, texts=texts)
            for name, file in self.files.items()
        }

    @property
    def said(self) -> str:
        """Lines of comment on the files to give."""
        return "".join(given.said for given in self._alone().values())

    @property
    def copied(self) -> bool:
        """Whether variables of ADSL are text there."""
        return any(given.copy for given in self._alone().values())


def _counted(records: str, variables: Sequence[str]) -> str:
    """Of several records of a subject and a parameter the flagged one."""
    if FLAG not in variables:
        return records
    alone = f"count(*) over (partition by {quote(SUBJECT)}, {quote(CODE)}) = 1"
    return f"select * from ({records}) as record qualify {alone} or {quote(FLAG)} = 'Y'"


def adam_files(folder: Path) -> dict[str, list[str]]:
    """ADSL and ADTTE -> the files that may hold it: adsl.csv, ADTTE_ONCO.xpt; the plainest name first."""
    files = sorted((p for p in folder.iterdir() if p.suffix.lower() in KINDS), key=lambda p: (len(p.stem), p.name))
    found = {}
    for name in NEEDED:
        mine = [
            p.name for p in files if p.stem.upper() == name or p.stem.upper().startswith(name if name == TIMES else f"{name}_")
        ]
        if mine:
            found[name] = mine
    return found


def adam_of(protocol: Protocol, engine: Engine) -> tuple[Adam, list[Fault]]:
    """The data sets that a protocol names; links among them as findings. Raises DataError."""
    data = protocol.data
    folder, findings = locate(protocol, str(data.path), "data", "path")
    place = protocol.place("data", "path")
    if not folder.is_dir():
        raise DataError(Fault(place, "folder", f"there is no folder '{data.path}' beside the protocol"))
    there = adam_files(folder) | {name: [file] for name, file in data.domains.items()}
    faults = [
        Fault(place, "file", f"{name} is there twice: {' and '.join(files)}; name one in data.domains")
        for name, files in there.items()
        if len(files) > 1
    ]
    if TIMES not in there:
        faults.append(
            Fault(place, "missing data set", f"there is no {TIMES} in {folder.name}/; name its file: domains: {{{TIMES}: FILE}}")
        )
    if faults:
        raise DataError(faults)
    paths = {}
    for name, files in there.items():
        paths[name], linked = locate_in(protocol, folder, files[0], "data", "domains")
        findings += linked
    found = read_adam(paths, engine, data.missing, {name: data.form_of(name) for name in paths})
    faults = list(_unit_faults(protocol, found.layout, found.files[TIMES]))
    if faults:
        raise DataError(faults)
    return found, findings


def stored_adam(protocol: Protocol) -> tuple[RawTable, list[Fault]]:
    """The same of the tables of a database, under names of any case: a row per subject. Raises DataError."""
    data = protocol.data
    engine, findings = connected(protocol)
    there = stored_tables(protocol, engine)
    named = {name: [table] for name, table in data.domains.items()}
    mine = {name: [t for t in there if t.upper() == name] for name in NEEDED if name not in named} | named
    faults = [missing_table(protocol, table, there, "domains") for (table,) in named.values() if table not in there]
    if not mine[TIMES]:
        faults.append(missing_table(protocol, TIMES, there))
    for name, tables in mine.items():
        if len(tables) > 1:
            message = f"{name} is there twice: {' and '.join(tables)}; name one in data.domains"
            faults.append(Fault(str(data.schema_), "table", message))
    if faults:
        raise DataError(faults)
    read = {n: _in_capitals(stored_table(protocol, engine, tables[0], n.lower())) for n, tables in mine.items() if tables}
    raw, layout = side_by_side(read)
    faults = list(_unit_faults(protocol, layout, read[TIMES].file))
    if faults:
        raise DataError(faults)
    return raw, findings


def _unit_faults(protocol: Protocol, layout: Layout, file: str) -> Iterator[Fault]:
    """Endpoints whose unit is another than that of their parameter."""
    units = {p.time: p.unit for p in layout.parameters}
    for name, endpoint in protocol.endpoints.items():
        unit = units.get(endpoint.time.column, "") if endpoint.time is not None else ""
        if endpoint.time is not None and unit and unit != endpoint.time.unit:
            message = f"{file} gives {endpoint.time.column} in {unit}, the protocol says {endpoint.time.unit}"
            yield Fault(protocol.place("endpoints", name, "time"), "unit", f"{message}; write unit: {unit}")


def read_adam(
    paths: Mapping[str, Path], engine: Engine, missing: Sequence[str] = (), forms: Mapping[str, TableForm] | None = None
) -> Adam:
    """paths: of ADTTE, and of ADSL where there is one; forms: how they are written. Raises DataError with every fault of both."""
    forms = forms or dict.fromkeys(paths, TableForm())
    read = {name: _table(path, name, engine, missing, forms[name]) for name, path in paths.items()}
    raw, layout = side_by_side(read)
    return Adam(raw, layout, {name: raw.file for name, raw in read.items()}, dict(forms), tuple(missing))


def side_by_side(read: Mapping[str, RawTable]) -> tuple[RawTable, Layout]:
    """A row per subject of ADTTE, and of ADSL where it was read; their relations are dropped. Raises DataError with every fault
    of both."""
    engine = read[TIMES].engine
    faults = [
        Fault(f"{raw.file}, row 1", "missing variable", f"the variable {v} of {name} is missing")
        for name, raw in read.items()
        for v in NEEDED[name]
        if v not in raw.names
    ]
    if faults:
        raise DataError(faults)
    times, subjects = read[TIMES], read.get(SUBJECTS)
    faults = [*_record_faults(times), *(_unknown_subjects(times, subjects) if subjects else [])]
    if faults:
        raise DataError(faults)
    records = f"select {_fields(times)}, source_row from {times.relation}"
    engine.create("raw_adam_record", _counted(records, times.names))
    faults = _repeated(times)
    parameters, more = _parameters(times)
    subject = tuple(subjects.names) if subjects else ()
    layout = Layout(subject, tuple(_of_subjects(times, subject)), tuple(parameters), tuple(times.names))
    more += [
        Fault(f"{subjects.file if subjects else ''}, row 1", "name taken", f"the variable {name} has the name of a parameter's")
        for name in layout.added
        if name in subject
    ]
    if faults or more:
        raise DataError([*faults, *more])
    own = f"select {_fields(subjects)}, source_row from {subjects.relation}" if subjects else ""
    names = [*subject, *([] if subjects else [SUBJECT]), *layout.added]
    fields = ", ".join(f"{quote(name)} as c{i}" for i, name in enumerate(names))
    engine.create("raw_file_adam", f"select {fields} from ({layout.wide(records, own)}) as wide order by wide.source_row")
    for relation in ("raw_adam_record", *(raw.relation for raw in read.values())):
        engine.drop(relation)
    both = [raw for raw in (subjects, times) if raw is not None]
    file, sha256 = " with ".join(raw.file for raw in both), "+".join(raw.sha256 for raw in both)
    return table_of(file, engine, "raw_file_adam", names, sha256, subjects.first_row if subjects else 1), layout


def _fields(raw: RawTable) -> str:
    """Every variable under its name: of ADTTE times and censoring as numbers, else as they are."""
    timed = CODE in raw.names
    cells = {v: raw.text(v) if timed or v == SUBJECT else raw.cell(v) for v in raw.names}
    cells |= {v: raw.number(v) for v in (TIME, CENSOR) if timed}
    return ", ".join(f"{sql} as {quote(v)}" for v, sql in cells.items())


def _table(path: Path, name: str, engine: Engine, missing: Sequence[str], form: TableForm) -> RawTable:
    """A data set, names of variables in capitals."""
    raw = read_table(path, form.sheet, missing, engine, name.lower(), form)
    keep_copy(engine, path, alone(path.name, form, missing, typed=name == SUBJECTS), form, form.sheet, missing)
    return _in_capitals(raw)


def _in_capitals(raw: RawTable) -> RawTable:
    named = {v: v.upper() for v in raw.names}
    if len(set(named.values())) < len(named):
        raise DataError(Fault(f"{raw.file}, row 1", "header", "two variables differ only in small and capital letters"))
    positions = {named[v]: c for v, c in raw.positions.items()}
    return replace(raw, positions=positions, kinds={named[v]: kind for v, kind in raw.kinds.items()})


def _record_faults(raw: RawTable) -> list[Fault]:
    faults = []
    for v in (SUBJECT, CODE):
        faults += row_faults(raw.rows_where(f"{raw.cell(v)} is null"), "empty cell", f"{v} is empty", raw.file, v)
    wrong = raw.rows_where(f"{raw.cell(TIME)} is not null and {raw.number(TIME)} is null")
    faults += row_faults(wrong, "type", "this is not a number", raw.file, TIME)
    number = raw.number(CENSOR)
    wrong = raw.rows_where(
        f"{raw.cell(CENSOR)} is not null and ({number} is null or {number} < 0 or {number} <> floor({number}))"
    )
    return faults + row_faults(wrong, "type", "CNSR is 0 at an event and a whole number above where censored", raw.file, CENSOR)


def _unknown_subjects(times: RawTable, subjects: RawTable) -> list[Fault]:
    there = f"select {subjects.text(SUBJECT)} from {subjects.relation} where {subjects.cell(SUBJECT)} is not null"
    rows = times.rows_where(f"{times.text(SUBJECT)} not in ({there})")
    return row_faults(rows, "unknown subject", f"this subject has no row in {subjects.file}", times.file, SUBJECT)


def _repeated(times: RawTable) -> list[Fault]:
    nth = f"row_number() over (partition by {quote(SUBJECT)}, {quote(CODE)} order by source_row)"
    rows = times.engine.rows(f"select source_row from raw_adam_record qualify {nth} > 1 order by source_row")
    found = [(row + times.first_row - 1, None) for (row,) in rows]
    message = f"the subject has a record of this parameter already; mark the one that counts with {FLAG} = Y"
    return row_faults(found, "duplicate record", message, times.file, CODE)


def _parameters(times: RawTable) -> tuple[list[Parameter], list[Fault]]:
    """The parameters in the order of the file, and a fault for each that stands there in several units, under several names, or
    in a unit that its dates contradict."""
    label, unit = (quote(v) if v in times.names else "null" for v in ("PARAM", "AVALU"))
    asked = f"count(distinct {label}), min({label}), count(distinct upper({unit})), min(upper({unit}))"
    found = times.engine.rows(f"select {quote(CODE)}, {asked} from raw_adam_record group by 1 order by min(source_row)")
    place, dated = f"{times.file}, column {CODE}", _dated_units(times)
    faults, parameters = [], []
    for code, names, name, units, given in found:
        if units > 1:
            faults.append(Fault(place, "units", f"the parameter {code} stands in {units} units of AVALU; give one"))
        if names > 1:
            faults.append(Fault(place, "parameters", f"the parameter {code} has {names} names in PARAM; give one"))
        said, seen = _unit(name or "", given or ""), dated.get(code, "")
        if said and seen and said != seen:
            message = (
                f"the times of {code} are in {said} by AVALU or PARAM, and in {seen} by STARTDT and ADT; correct one of them"
            )
            faults.append(Fault(place, "units", message))
        parameters.append(Parameter(code, _label(name or code), said or seen))
    return parameters, faults


def _dated_units(times: RawTable) -> dict[str, str]:
    """Parameter -> the unit in which nearly all times are the days from STARTDT to ADT, counted with the first day or without."""
    if "STARTDT" not in times.names or "ADT" not in times.names:
        return {}
    start, end = (f"try_cast(substr({quote(v)}, 1, 10) as date)" for v in ("STARTDT", "ADT"))
    days = f"select {quote(CODE)} as code, {quote(TIME)} as time, date_diff('day', {start}, {end}) as days from raw_adam_record"
    near = [
        f"avg(cast(abs(time * {per} - days - 0.5) <= 0.5 + {per} * 0.051 * ({per} > 1)::int as int))" for per in DAYS_IN.values()
    ]
    enough = f"days > {LEAST_DAYS} and time is not null"
    rows = times.engine.rows(f"select code, {', '.join(near)} from ({days}) as d where {enough} group by code")
    return {code: u for code, *shares in rows for u, share in zip(DAYS_IN, shares, strict=True) if share >= NEARLY}


def _label(name: str) -> str:
    return re.sub(r"\s*\([^)]*\)\s*$", "", name).strip() or name


def _unit(name: str, given: str) -> str:
    said = given.strip() or next(iter(re.findall(r"\(([^)]*)\)\s*$", name)), "").strip().upper()
    return next((unit for unit, words in UNITS.items() if said in words), "")


def _of_subjects(times: RawTable, subject: Sequence[str]) -> list[str]:
    """Variables of ADTTE alone that say one thing of each subject."""
    free = [v for v in times.names if v not in subject and v != SUBJECT and not OF_A_RECORD.fullmatch(v)]
    if not free:
        return []
    differ = ", ".join(f"count(distinct coalesce({quote(v)}, '')) as d{i}" for i, v in enumerate(free))
    most = ", ".join(f"max(d{i})" for i in range(len(free)))
    each = f"select {differ} from raw_adam_record group by {quote(SUBJECT)}"
    found = times.engine.rows(f"select {most} from ({each}) as subject")[0]
    return [v for v, n in zip(free, found, strict=True) if n == 1]
