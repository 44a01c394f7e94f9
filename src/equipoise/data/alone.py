"""How a statement that runs alone reads a file: by DuckDB's readers as it is written, or, where none of their options says its
form, from a copy of what was read, all columns as text, which a run with rows of patients writes beside the statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from equipoise.data.parts import parts_in_sql
from equipoise.data.read import TEXT, kind_of, read_table, stem_of
from equipoise.engine import Engine, comment, listed, literal, named_file, open_engine
from equipoise.engine.files import text_array
from equipoise.protocol.file_form import PLAIN, FileForm


@dataclass(frozen=True, slots=True)
class Alone:
    """function: the table function. said: a line of comment on the file to give, with its line break; '' where it is the file
    itself. copy: the name of that file, ''. text: whether every column of it is text."""

    function: str
    said: str = ""
    copy: str = ""
    text: bool = False


def alone(
    file: str, form: FileForm = PLAIN, missing: Sequence[str] = (), typed: bool = False, texts: Sequence[str] = ()
) -> Alone:
    """typed: columns of csv have the kind that their cells have; else all are text. texts: those that are text all the same."""
    options, plain = _options(file, form), not (missing or form.declared or typed)
    if plain and file.endswith("/"):
        return Alone(parts_in_sql(file))
    if plain and kind_of(Path(file)) == ".parquet":
        return Alone(f"read_parquet({named_file(file)})")
    if options is None:
        copy = f"{stem_of(Path(file))}_as_read.parquet"
        said = f"{copy} is the table of {file} as it was read: a run with --with-patient-rows writes it into sql/; "
        said += "put it beside the data"
        return Alone(f"read_parquet({named_file(copy)})", comment(said) + "\n", copy, True)
    if not typed:
        options = f", all_varchar = true{options}"
    if missing:
        options += f", nullstr = [{listed(('', *missing))}]"
    kinds = ", ".join(f"{literal(c)}: {literal('VARCHAR')}" for c in dict.fromkeys(texts))
    return Alone(f"read_csv({named_file(file)}{options}{f', types = {{{kinds}}}' if kinds and typed else ''})", text=not typed)


def _options(file: str, form: FileForm) -> str | None:
    """The options of read_csv that say the form of the file; None where it has another kind or form than they can say."""
    kind = kind_of(Path(file))
    named = kind.removesuffix(".gz") in TEXT and form.encoding in ("utf-8", "utf-16") and len(form.comment) < 2
    if not named or form.header_rows > 1 or form.rows_below:
        return None
    options = "" if not form.declared and kind == ".csv" else ", header = true"
    if form.sign:
        options += f", delim = {literal(form.sign)}"
    if form.encoding != "utf-8":
        options += f", encoding = {literal(form.encoding)}"
    if form.header_row:
        options += f", skip = {form.header_row - 1}"
    if form.comment:
        options += f", comment = {literal(form.comment)}"
    return options


def keep_copy(
    engine: Engine,
    path: Path,
    given: Alone,
    form: FileForm = PLAIN,
    sheet: str | None = None,
    missing: Sequence[str] = (),
) -> None:
    """Have the copy made that a statement reads, when it is written: of the file as it then is."""
    if given.copy:
        engine.copies[given.copy] = partial(_copied, path, form, sheet, tuple(missing))


def _copied(path: Path, form: FileForm, sheet: str | None, missing: tuple[str, ...]) -> Mapping[str, object]:
    raw = read_table(path, sheet, missing, open_engine(), form=form)
    return {name: text_array(raw.cells(name)) for name in raw.names}
