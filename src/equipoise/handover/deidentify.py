"""`equipoise deidentify`: a folder of raw tables, or one spreadsheet, made ready for other hands."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from equipoise.csv_text import csv_text, guarded
from equipoise.data.read import SUFFIXES
from equipoise.engine import open_engine
from equipoise.engine.files import text_array, write_parquet
from equipoise.errors import DataError, EquipoiseError, Fault
from equipoise.folders import replaced, write
from equipoise.handover.calendar import (
    TWICE,
    WIDER,
    calendar_remarks,
    cut_followup,
    moved_protocol,
    require_same,
    sides,
    trial_sides,
    window_of,
)
from equipoise.handover.change import as_date, put_keys, put_records, rows_sql
from equipoise.handover.codebook import codebook_text, left_out
from equipoise.handover.keys import SHORT_SEED, Key, drawn_seed, new_keys
from equipoise.handover.reading import Asked, Given, read
from equipoise.handover.tables import DATA_CUTOFF, FOLLOWUP
from equipoise.handover.treatment import AGE, CODE, CUTOFF, DATED, KEEP, SERIAL, Handed, Treatment
from equipoise.packs import SHIPPED
from equipoise.protocol.load import load_protocol
from equipoise.protocol.spec import Protocol

Say = Callable[[str], None]
CODEBOOK, PROTOCOL, TABLES = "codebook.md", "study.yaml", "data"
LONE_SIGNS = frozenset("=+-@")  # no formula, and codes of comparators
COMPLETENESS = (
    "the completeness of follow-up and the days from the last contact to the data cut-off are measured against calendar time: a "
    "study of these data gives 100 % and 0"
)
CALENDAR_TIME = (
    "the completeness of follow-up and the days from the last contact to the data cut-off are measured against calendar time, "
    "and differ in a study of these data"
)
SHARED, FEW = 0.2, 5  # of the patients, on one day


@dataclass(frozen=True, slots=True)
class Done:
    """Where the data and the key lie, and what was left out."""

    out: Path
    key: Path
    left: tuple[str, ...]


def deidentify(source: Path, asked: Asked, say: Say = lambda line: None) -> Done:
    """Write the data without what identifies patients, the codebook, the protocol where one is given, and the key in a folder
    of its own. Nothing that exists is overwritten. Raises EquipoiseError with every fault."""
    out, key = _places(source, asked)
    protocol = load_protocol(asked.protocol) if asked.protocol is not None else None
    engine = open_engine()
    given = read(engine, source, asked, protocol)
    files = given.files
    outside: dict[str, int] = {}
    if given.trial and protocol is not None:
        outside = trial_sides(protocol)
    elif source.is_dir() and not given.trial:
        outside = sides(engine, protocol, files) if protocol is not None else {}
        cut_followup(engine, files, window_of(protocol).cutoff, asked.chosen.keeps(FOLLOWUP, DATA_CUTOFF))
    seed = drawn_seed() if asked.seed is None else asked.seed
    keys = new_keys(given.persons, outside, seed, not asked.keep_order)
    put_keys(engine, keys)
    put_records(engine, files)
    remarks = _remarks(files, given) + (calendar_remarks(protocol, asked.protocol) if protocol is not None else [])
    with replaced(out) as folder:
        contents = [_written(f, folder / TABLES if source.is_dir() else folder, not asked.keep_order, remarks) for f in files]
        if protocol is not None:
            names = {f.file: name for f, name in zip(files, contents, strict=True)}
            later = TWICE if given.trial else WIDER
            text = moved_protocol(asked.protocol, TABLES if source.is_dir() else contents[0], names, later)
            _write_protocol(protocol, text, folder)
            require_same(protocol, folder / PROTOCOL, later)
        write(folder / CODEBOOK, codebook_text(files, len(keys), not asked.keep_order, bool(outside), remarks))
        _write_key(key, keys, seed)
    left = left_out(files)
    for line in left:
        say(f"left out    {line}")
    for line in [*remarks, *_warnings(files, asked, len(keys))]:
        say(f"remark      {line}")
    return Done(out, key, tuple(left))


def _places(source: Path, asked: Asked) -> tuple[Path, Path]:
    """The folders to write, neither of which holds anything, nor lies within the other or within the data."""
    if not source.exists():
        raise DataError(Fault(source.name, "file", f"there is no file or folder {source.name}"))
    there = source.resolve()
    out = (asked.out or there.parent / f"{there.stem}-deidentified").absolute().resolve()
    key = (asked.key or out.parent / f"{out.name}-key").absolute().resolve()
    faults = [
        Fault(
            p.name, "folder exists", f"{p.name} is there already, and nothing is overwritten; name another folder with {option}"
        )
        for p, option in ((out, "--out"), (key, "--key"))
        if p.exists() and not (p.is_dir() and not any(p.iterdir()))
    ]
    apart = [("--key", key, out), ("--out", out, key), ("--out", out, there), ("--key", key, there), ("--out", there, out)]
    faults += [
        Fault(option, "folder", f"{inner.name} lies within {outer.name}; the data, what is handed over and the key lie apart")
        for option, inner, outer in apart
        if inner == outer or outer in inner.parents
    ]
    if faults:
        raise EquipoiseError(faults)
    return out, key


def _remarks(files: Sequence[Handed], given: Given) -> list[str]:
    """For the codebook and the user."""
    why = "without subjects, or comments and links between records" if given.trial else "being no table of the contract"
    found = [f"files that stay behind, {why}: {len(given.others)}"] if given.others else []
    domains = given.trial and any(f.name.upper() == "DM" for f in files)
    found += [COMPLETENESS for f in files for t in f.of(CUTOFF)] or ([CALENDAR_TIME] if domains else [])
    for f in files:
        kept = [t.column for t in f.of(KEEP) if "--drop" in t.why]
        if kept:
            found.append(
                f"{f.name}: {', '.join(kept)} may name a hospital or a person who treats, and stay; --drop leaves them out"
            )
    return found


def _warnings(files: Sequence[Handed], asked: Asked, n: int) -> list[str]:
    """For the user alone: what would help whoever wants to undo it."""
    found = [
        _shared(f, t.column, most) for f in files for t in f.of(*DATED) if (most := _on_one_day(f, t)) >= max(FEW, SHARED * n)
    ]
    if asked.seed is not None and asked.seed < SHORT_SEED:
        found.append(
            "the seed is short enough to be tried out by whoever has the old identifiers; without --seed a long one is drawn"
        )
    return found


def _shared(file: Handed, column: str, most: int) -> str:
    return (
        f"{file.name}.{column}: {most} patients share one day before the shift; whoever knows that day, such as that of a data "
        "cut-off, can undo their shifts"
    )


def _on_one_day(file: Handed, done: Treatment) -> int:
    """Patients with the commonest day of a column; 0 of a cut-off that is not handed over."""
    if done.what == CUTOFF:
        return 0
    cell = file.cells[done.column]
    day = cell if done.what == SERIAL else as_date(cell, done.order, done.century)
    counted = f"select count(distinct {file.patient}) as n from {file.relation} where {day} is not null group by {day}"
    return int(file.engine.rows(f"select coalesce(max(n), 0) from ({counted})")[0][0])


def _written(file: Handed, folder: Path, shuffle: bool, remarks: list[str]) -> str:
    """Writes one file; its name."""
    rows = file.engine.rows(rows_sql(file))
    if shuffle:
        patient = next((i for i, t in enumerate(file.written) if t.what == CODE), None)
        rows = sorted(rows, key=(lambda r: r[patient]) if patient is not None else (lambda r: tuple(c or "" for c in r)))
    names = [t.column for t in file.written]
    run = any(guarded(c) != c and c not in LONE_SIGNS for row in (names, *rows) for c in row if c is not None)
    if run and not file.parquet:
        remarks.append(f"{file.name}: written as parquet, for in a csv a spreadsheet would run some of its cells as formulas")
    if run or file.parquet:
        name = f"{file.name}.parquet"
        folder.mkdir(parents=True, exist_ok=True)
        cells = {t.column: _array(file, t, [r[i] for r in rows]) for i, t in enumerate(file.written)}
        write_parquet(folder / name, cells)
        return name
    name = f"{file.name}.csv"
    write(folder / name, csv_text(names, rows, plain=LONE_SIGNS))
    return name


def _array(file: Handed, done: Treatment, cells: list[str | None]) -> np.ndarray:
    if done.column in file.numbers and done.what in (KEEP, AGE, SERIAL):
        return np.array([float("nan") if c is None else float(c) for c in cells], dtype=float)
    return text_array(cells)


def _write_protocol(protocol: Protocol, text: str, folder: Path) -> None:
    """The protocol, and what it names beside itself: published numbers and packs of its own."""
    write(folder / PROTOCOL, text)
    named = [protocol.comparison.printed] if protocol.comparison is not None else []
    if protocol.published is not None:
        named += [protocol.published.studies] if isinstance(protocol.published.studies, str) else []
        named += [name for curve in protocol.published.curves for name in (curve.points, curve.at_risk)]
    named += [pack.place for pack in protocol.loaded_packs if pack.name not in SHIPPED]
    for name in dict.fromkeys(named):
        origin, target = Path(protocol.folder) / name, (folder / name).resolve()
        if folder.resolve() not in target.parents or origin.suffix.lower() not in (*SUFFIXES, ".yaml") or not origin.is_file():
            message = f"the protocol names '{name}', which cannot be put beside it; put it into the protocol's folder"
            raise EquipoiseError(Fault(protocol.file, "file beside the protocol", message))
        write(target, origin.read_bytes())


def _write_key(folder: Path, keys: dict[str, Key], seed: int) -> None:
    """Readable by the user alone. Taken away again where it cannot be written whole."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    rows = csv_text(("identifier", "code", "shift_days"), ((old, k.code, k.shift) for old, k in keys.items()))
    texts = {"key.csv": rows, "seed.txt": f"{seed}\n"}
    try:
        for name, text in texts.items():
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8"))
    except BaseException:
        for name in texts:
            (folder / name).unlink(missing_ok=True)
        raise
