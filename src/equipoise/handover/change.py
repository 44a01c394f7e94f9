"""The treated columns as SQL: one statement per file, over the keys of the patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from equipoise.data.date_forms import date_sql
from equipoise.data.placeholder_dates import EARLIEST_YEAR, LATEST_YEAR
from equipoise.engine import Engine, as_number
from equipoise.engine.files import text_array
from equipoise.handover.keys import Key
from equipoise.handover.treatment import (
    AGE,
    BIRTH,
    CODE,
    COMPACT,
    DATED,
    MONTH_END,
    OLDEST,
    PERSON,
    RECORD,
    SECONDS,
    SERIAL,
    Handed,
    Treatment,
)

PARTS_OF = {"split_from": "lesion_id"}  # keys that name another record of the same kind
SECONDS_OF_DAY = 86_400
KEYS, RECORDS = "handed_keys", "handed_records"


def put_keys(engine: Engine, keys: Mapping[str, Key]) -> None:
    """The relation handed_keys: old, code, shift."""
    texts = {"old": text_array(list(keys)), "code": text_array([k.code for k in keys.values()])}
    engine.take(KEYS, {**texts, "shift": np.array([k.shift for k in keys.values()], dtype=int)})


def put_records(engine: Engine, files: Sequence[Handed]) -> None:
    """The relation handed_records: kind, patient, old, new; numbered within the patient in the order of the old keys."""
    parts = [
        f"select '{_kind(t)}' as kind, {f.patient} as patient, {f.cells[t.column]} as old from {f.relation} "
        f"where {f.cells[t.column]} is not null"
        for f in files
        for t in f.of(RECORD)
    ]
    if not parts:
        return
    number = "row_number() over (partition by kind, patient order by old)"
    new = f"upper(left(kind, 1)) || lpad(cast({number} as varchar), 4, '0')"
    engine.create(RECORDS, f"select *, {new} as new from (select distinct * from ({' union all '.join(parts)}))")


def rows_sql(file: Handed) -> str:
    """The SELECT of the written columns c0, c1 ... as text, in the order of the file."""
    read = ", ".join(f"{file.cells[t.column]} as x{i}" for i, t in enumerate(file.written))
    joins = [f"left join {KEYS} as k on k.old = t.who"]
    fields = []
    for i, done in enumerate(file.written):
        if done.what == PERSON:
            joins.append(f"left join {KEYS} as p{i} on p{i}.old = t.x{i}")
        if done.what == RECORD:
            joins.append(
                f"left join {RECORDS} as r{i} on r{i}.kind = '{_kind(done)}' and r{i}.patient = t.who and r{i}.old = t.x{i}"
            )
        fields.append(f"{_changed(file, done, i)} as c{i}")
    given = f"(select {read}, {file.patient} as who, source_row from {file.relation}) as t"
    return f"select {', '.join(fields)} from {given} {' '.join(joins)} order by t.source_row"


def _kind(done: Treatment) -> str:
    """Names of keys are the contract's own and plain, or those of SDTM, whose first two letters are the domain."""
    linked = done.column[2:] if done.column[2:].startswith("LNK") else done.column
    return PARTS_OF.get(done.column, linked)


def _changed(file: Handed, done: Treatment, i: int) -> str:
    cell = f"t.x{i}"
    if done.what == CODE:
        return "k.code"
    if done.what == PERSON:
        return f"p{i}.code"
    if done.what == RECORD:
        return f"r{i}.new"
    if done.what == SERIAL:
        shift = f"k.shift * {SECONDS_OF_DAY}" if done.order == SECONDS else "k.shift"
        moved = f"cast(cast({as_number(cell)} as bigint) + {shift} as varchar)"
        return f"coalesce({moved}, {_word(cell)})"
    if done.what in DATED:
        date = as_date(cell, done.order, done.century)
        moved = f"cast({date} + cast(k.shift as integer) as varchar)"
        return f"case when {_believable(date)} then {moved} when {date} is not null then {cell} else {_word(cell)} end"
    if done.what == AGE:
        years = f"try_cast(regexp_extract({cell}, '[0-9]+([.][0-9]+)?') as double)"
        return f"case when {years} > {OLDEST} then '{OLDEST + 1}' else {cell} end"
    if done.what == BIRTH:
        born = year_of_birth(cell, done)
        return f"case when {born} is not null then cast(greatest({born}, {done.earliest}) as varchar) else {_word(cell)} end"
    return cell


def _word(cell: str) -> str:
    """A cell that is no date stays where it is a word, such as NA."""
    return f"case when not regexp_matches({cell}, '[0-9]') then {cell} end"


def year_of_birth(cell: str, done: Treatment) -> str:
    date = as_date(cell, done.order, done.century)
    return f"coalesce(year({date}), try_cast(regexp_extract({cell}, '^[0-9]{{4}}$') as integer))"


def as_date(cell: str, order: str, century: int | None = None) -> str:
    """A cell of text in SQL as a date, null where it holds none; also 20190312."""
    if order == MONTH_END:
        whole = f"when regexp_matches({cell}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') then try_cast(left({cell}, 10) as date)"
        month = f"when regexp_full_match({cell}, '[0-9]{{4}}-[0-9]{{2}}') then last_day(try_cast({cell} || '-01' as date))"
        return f"(case {whole} {month} end)"
    if order != COMPACT:
        return date_sql(cell, order, century)
    return f"try_cast(left({cell}, 4) || '-' || substr({cell}, 5, 2) || '-' || substr({cell}, 7, 2) as date)"


def _believable(date: str) -> str:
    """What stands for 'none', such as 9999-12-31, stays."""
    return f"year({date}) between {EARLIEST_YEAR} and {LATEST_YEAR - 1}"
