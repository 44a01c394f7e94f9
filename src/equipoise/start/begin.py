"""From files to a protocol: read, guess, write, and load what was written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from equipoise.contract import TABLES
from equipoise.data.adam import SUBJECTS, TIMES, Parameter
from equipoise.data.detect import detect
from equipoise.data.read import BOOKS, STATISTICAL, TEXT, RawTable, kind_of, stem_of
from equipoise.data.sources import read_sources
from equipoise.errors import DataError, Fault
from equipoise.packs import SHIPPED, shipped
from equipoise.protocol.load import load_protocol
from equipoise.start.adam import adam_endpoints, adam_lines, adam_source, is_adam, several_parameters
from equipoise.start.cells import own_rules
from equipoise.start.columns import see
from equipoise.start.folder_forms import files_of
from equipoise.start.given import Given
from equipoise.start.guess import Guess
from equipoise.start.labels import labels_of
from equipoise.start.mapping import mapping_csv
from equipoise.start.missing import emptied, missing_of
from equipoise.start.one_row import asked_row, one_row_lines, one_row_question, reduced_columns, repeat_of
from equipoise.start.profiles import profile_of
from equipoise.start.questions import Ask, Looked, answered, open_questions
from equipoise.start.scalars import text
from equipoise.start.tables import tables_protocol
from equipoise.start.times import unknown_times, with_dated
from equipoise.start.trial import is_sdtm, sdtm_protocol
from equipoise.start.write import ROW_NUMBER, Origin, protocol_text
from equipoise.start.write_form import form_lines

Say = Callable[[str], None]
NAME = "study.yaml"
FEW_ROWS = 20  # below which a table with many more columns lies on its side
ALWAYS = (*(k for k in TEXT if k != ".txt"), *BOOKS, ".parquet", *STATISTICAL)
ALSO = (".txt", ".json", ".ndjson", ".jsonl", *(f"{k}.gz" for k in TEXT), ".zip")  # other files too have these names
KNOWN = {*TABLES, *(table for name in SHIPPED for table in shipped(name).tables)}


@dataclass(frozen=True, slots=True)
class Begun:
    """path: of the protocol. open: the questions that it still asks, with what answers them."""

    path: Path
    open: tuple[str, ...] = ()


def start_study(
    files: list[Path], out: Path | None = None, sheet: str | None = None, given: Given | None = None, say: Say = lambda line: None
) -> Path:
    """Write a first protocol, load it and read its data once: begin_study for whoever asks nobody. Raises EquipoiseError, also
    for each question that is open; the protocol then holds EDIT in its place."""
    begun = begin_study(files, out, sheet, given, say)
    if begun.open:
        raise DataError([Fault(begun.path.name, "open question", question) for question in begun.open])
    try:
        read_sources(load_protocol(begun.path))
    except DataError as error:
        for fault in error.faults:
            say(f"to mend     {fault.sentence()}")
    return begun.path


def begin_study(
    files: list[Path],
    out: Path | None = None,
    sheet: str | None = None,
    given: Given | None = None,
    say: Say = lambda line: None,
    ask: Ask | None = None,
) -> Begun:
    """Write `study.yaml` (and `mapping.csv` of a spreadsheet) for a spreadsheet or a folder of tables.

    out: the folder of the protocol; default: beside a spreadsheet, beside a folder of tables. Nothing that exists is
    overwritten. ask: puts the five questions to somebody; None, what cannot be guessed stays open. Raises EquipoiseError.
    """
    source = _one_source(files)
    folder = out or source.parent
    target = folder / NAME
    tables = source.is_dir() and not is_adam(source)
    written = [target] if tables else [target, folder / "mapping.csv"]
    there = [p.name for p in written if p.exists()]
    if there:
        message = f"{' and '.join(there)} already in {folder.name or '.'}/; give another folder with --out"
        raise DataError(Fault(folder.name or ".", "file exists", message))
    shown = Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
    asked = given or Given()
    open_ones: list[str] = []
    if tables:
        texts = _from_folder(source, shown, asked, say, ask)
    elif source.is_dir():
        texts, open_ones = _from_adam(source, shown, None, asked, say, ask)
    else:
        texts, open_ones = _from_file(source, shown, sheet, asked, say, ask)
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in zip(written, texts, strict=True):
        path.write_text(content, encoding="utf-8", newline="\n")
        say(f"written     {path}")
    if not open_ones:
        load_protocol(target)
    return Begun(target, tuple(open_ones))


def _one_source(files: list[Path]) -> Path:
    """The file or folder to begin with: several files of one folder are that folder."""
    missing = [f for f in files if not f.exists()]
    if missing:
        raise DataError([Fault(f.name, "file", f"there is no file or folder {f.name}") for f in missing])
    if len(files) == 1 and files[0].is_file():
        return files[0]
    folders = {f.resolve() if f.is_dir() else f.resolve().parent for f in files}
    if len(folders) > 1:
        raise DataError(Fault("FILE...", "files", "the files lie in different folders; put them into one"))
    folder = folders.pop()
    tables = sorted(p for p in folder.iterdir() if kind_of(p) and p.is_file())
    if any(stem_of(p) in KNOWN for p in tables) or is_sdtm(folder) or is_adam(folder):
        return folder
    for kinds in (ALWAYS, ALSO):
        chosen = [p for p in tables if kind_of(p) in kinds]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            break
    names = ", ".join(p.name for p in tables) or "no csv, xlsx or parquet"
    message = f"the folder holds {names}, none of them named as a table of `equipoise codebook`; name the one spreadsheet"
    raise DataError(Fault(folder.name, "files", message))


def _from_file(path: Path, shown: str, sheet: str | None, given: Given, say: Say, ask: Ask | None) -> tuple[list[str], list[str]]:
    found, raw = detect(path, sheet)
    if several_parameters(raw):
        return _from_adam(path.parent, Path(shown).parent.as_posix(), path.name, given, say, ask)
    if raw.n_rows == 0:
        raise DataError(Fault(raw.file, "empty file", "the file holds column names and no rows"))
    if raw.n_rows < FEW_ROWS and len(raw.names) > max(FEW_ROWS, 3 * raw.n_rows):
        message = (
            f"the file has {raw.n_rows} rows and {len(raw.names)} columns, as where the patients stand in columns: turn the "
        )
        message += "table (paste special: transpose), so that each patient is a row"
        raise DataError(Fault(raw.file, "table on its side", message))
    for line in (*found.said, *found.asked):
        say(f"file        {line}")
    profile = profile_of(raw.names)
    if profile:
        say(f"origin      the columns are those of {profile}")
    origin = Origin(shown, [f"  rows: {text(shown)}", *form_lines(found)])
    return _from_rows(raw, origin, (), given, say, ask, labels_of(path))


def _from_adam(
    folder: Path, shown: str, times: str | None, given: Given, say: Say, ask: Ask | None
) -> tuple[list[str], list[str]]:
    """times: the file of ADTTE, where it is named."""
    found, files, read = adam_source(folder, times)
    said = "; ".join(f"{name}: {names[0]}" for name, names in files.items())
    for name, line in read.said.items():
        say(f"file        {files[name][0]}: {line}")
    say(f"origin      ADaM, {said}; parameters {', '.join(p.code for p in found.layout.parameters)}")
    labels: dict[str, str] = {}
    for name in (TIMES, SUBJECTS):
        labels |= labels_of(folder / files[name][0], name) if name in files else {}
    origin = Origin(shown, [*adam_lines(shown, files), *read.lines])
    return _from_rows(found.raw, origin, found.layout.parameters, given, say, ask, labels)


def _from_rows(
    raw: RawTable,
    origin: Origin,
    parameters: Sequence[Parameter],
    given: Given,
    say: Say,
    ask: Ask | None,
    labels: Mapping[str, str],
) -> tuple[list[str], list[str]]:
    """Protocol, mapping and open questions of one row per patient. parameters: of ADaM. labels: of columns in capitals."""
    columns = raw.columns
    missing, columns = missing_of(columns)
    rules, columns = own_rules(columns)
    called = {} if parameters else labels
    seen = {name: see(name, cells, called.get(name.upper(), "")) for name, cells in columns.items()}
    faults = given.faults(raw.file, seen)
    if faults:
        raise DataError(faults)
    open_ones: list[str] = []
    repeat = repeat_of(columns, seen, given)
    if repeat is not None:
        keep, by = asked_row(repeat, given, ask)
        say(f"rows        {repeat.sentence}")
        open_ones += [] if keep else [one_row_question(repeat, by)]
        columns = reduced_columns(columns, repeat, keep or "first", by)
        origin = replace(origin, lines=[*origin.lines, *one_row_lines(repeat, keep, by)])
        seen = {name: see(name, cells, called.get(name.upper(), "")) for name, cells in columns.items()}
    unknown = unknown_times(seen)
    if unknown:
        missing, columns = missing.with_words(unknown), emptied(columns, unknown)
        seen |= {name: see(name, columns[name], seen[name].label) for name in unknown}
    seen |= with_dated(raw, seen)
    file = Looked(raw.file, seen, columns, adam_endpoints(parameters, seen, given))
    guess = file.guess(given) if ask is None else answered(file, given, ask)
    named = tuple(replace(c, label=labels.get(c.column.upper(), "")) for c in guess.covariates)
    guess = replace(guess, covariates=named)
    _tell(guess, say)
    return [protocol_text(origin, missing, seen, guess, rules), mapping_csv(seen, guess)], [*open_ones, *open_questions(guess)]


def _from_folder(folder: Path, shown: str, given: Given, say: Say, ask: Ask | None) -> list[str]:
    faults = [
        Fault(f"--{option}", "option", f"--{option} names a column of a spreadsheet; of tables --arm-is names the treatments")
        for option in ("patient", "arm", "time", "event")
        if getattr(given, option) is not None
    ]
    if faults:
        raise DataError(faults)
    if is_sdtm(folder):
        return [sdtm_protocol(folder, shown, say, given, ask)]
    files = {stem_of(p): p for p in sorted(folder.iterdir()) if kind_of(p) and stem_of(p) in KNOWN}
    read = files_of(files, "patient_id")
    for name, line in read.said.items():
        say(f"file        {files[name].name}: {line}")
    data = "\n".join([f"  tables: {text(shown)}", *read.lines])
    return [tables_protocol(read.tables, shown, say, given, data, ask=ask)]


def _tell(guess: Guess, say: Say) -> None:
    say(f"patient     {guess.patient or ROW_NUMBER}: {guess.patient_reason}")
    if guess.arm is not None:
        say(f"arm         {guess.arm.listed}: {guess.arm.reason}")
        for arm in guess.choice.others[:3]:
            say(f"            or {arm.listed}: {arm.reason}")
    elif not guess.choice.open:
        say("arm         one arm, all patients: no column with two treatments was found or asked for (--arm COLUMN names one)")
    if guess.dates is not None:
        for column, why in guess.dates.why.items():
            say(f"date        {column}: {why}")
        if guess.dates.start:
            say(f"dates       {guess.dates.order}: {guess.dates.order_reason}")
    for endpoint in guess.used:
        say(f"time        {endpoint.time}, {endpoint.unit}: {endpoint.reason}; {endpoint.unit_reason}")
        say(f"event       {endpoint.event}: {endpoint.event_reason}")
    say(f"covariates  {', '.join(c.column for c in guess.covariates) or 'none; arms are compared as they are'}")
    for name, why in guess.told_left_out:
        say(f"left out    {name}: {why}")
