"""How each file of a folder is written, where it differs from the plain form: proposed for `data: forms`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from equipoise.data.detect import Detected, detect
from equipoise.data.number_marks import number_marks
from equipoise.data.read import RawTable, read_table
from equipoise.errors import DataError
from equipoise.protocol.file_form import FileForm, TableForm
from equipoise.start.write_form import form_text


@dataclass(frozen=True, slots=True)
class Files:
    """tables: read. forms: of those that differ from the plain form. said: why, by table."""

    tables: dict[str, RawTable]
    forms: dict[str, TableForm]
    said: dict[str, str]

    @property
    def lines(self) -> list[str]:
        """What stands under `data:`."""
        if not self.forms:
            return []
        return [
            "  forms:",
            *(f"    {name}: {form_text(form.declared)}    # {self.said[name]}" for name, form in self.forms.items()),
        ]


def files_of(paths: Mapping[str, Path], patient: str) -> Files:
    """patient: the column that every file has, in any case; a file that has it in its first row is in the plain form but for its
    numbers. Raises DataError with the faults of every file."""
    found = Files({}, {}, {})
    faults = []
    for name, path in paths.items():
        try:
            seen, raw = _detected(path, patient)
        except DataError as error:
            faults += error.faults
            continue
        found.tables[name] = raw
        form = TableForm(sheet=seen.sheet, **seen.form.declared)
        if form.declared:
            found.forms[name] = form
            found.said[name] = "; ".join(dict.fromkeys((*seen.said, *seen.asked)))
    if faults:
        raise DataError(faults)
    return found


def _detected(path: Path, patient: str) -> tuple[Detected, RawTable]:
    try:
        raw = read_table(path)
        plain = patient in (name.lower() for name in raw.names)
    except DataError:
        plain = False
    if not plain:
        return detect(path)
    marks = number_marks(raw)
    form = FileForm(decimal_comma=marks.decimal_comma, thousands=marks.thousands)
    return Detected(form, None, marks.said, marks.asked), read_table(path, form=form) if form.declared else raw
