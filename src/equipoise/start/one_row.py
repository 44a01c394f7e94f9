"""Several rows of one patient in a spreadsheet: what repeats, and the row that counts, which somebody must say."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from equipoise.data.date_forms import date_form
from equipoise.protocol.open_questions import OPEN
from equipoise.start.columns import Seen, as_number
from equipoise.start.given import KEPT, Given
from equipoise.start.patient import repeated_column
from equipoise.start.questions import Ask, Question
from equipoise.start.scalars import text

Columns = dict[str, list[str | None]]
LISTED = 8


@dataclass(frozen=True, slots=True)
class Repeat:
    """column: that names the patients. differ: columns in which the rows of a patient differ; by: the one of them that orders
    these rows, '' where none does. counts_rows: a column that differs in every row, as a number of visits does."""

    column: str
    rows: int
    patients: int
    several: int
    most: int
    differ: tuple[str, ...]
    by: str
    counts_rows: str

    @property
    def sentence(self) -> str:
        listed = ", ".join(self.differ[:LISTED]) + (f" and {len(self.differ) - LISTED} more" if len(self.differ) > LISTED else "")
        what = f" ('{self.counts_rows}' differs in every row: it counts the rows, not the patients)" if self.counts_rows else ""
        return (
            f"{self.rows} rows hold {self.patients} different values of '{self.column}', {self.several} of them in several rows, "
            f"up to {self.most}, that differ in {listed or 'nothing'}: several rows per patient{what}"
        )


def repeat_of(columns: Columns, seen: dict[str, Seen], given: Given) -> Repeat | None:
    """What repeats; None where each row is a patient."""
    column = repeated_column(seen, given)
    if column is None:
        return None
    rows: dict[str, list[int]] = defaultdict(list)
    for i, patient in enumerate(columns[column.name]):
        if patient is not None:
            rows[patient].append(i)
    several = [found for found in rows.values() if len(found) > 1]
    differ = [
        n for n, cells in columns.items() if n != column.name and any(len({cells[i] for i in found}) > 1 for found in several)
    ]
    orders = [n for n in differ if _orders(columns[n], several)]
    orders.sort(key=lambda n: (not seen[n].date, not seen[n].says("row"), not seen[n].says("day", "time")))
    by = next((n for n in orders if seen[n].date or seen[n].says("row", "day", "time", "month", "year")), "")
    counts = next((c.name for c in seen.values() if c.says("row") and c.empty == 0 and len(c.counts) == c.n), "")
    most = max(len(found) for found in several)
    return Repeat(column.name, column.n, len(rows), len(several), most, tuple(differ), by, counts)


def _orders(cells: list[str | None], several: list[list[int]]) -> bool:
    """Numbers or dates with the year in front, none empty, none twice in a patient."""
    if any(cells[i] is None for found in several for i in found):
        return False
    if any(len({cells[i] for i in found}) < len(found) for found in several):
        return False
    if all(as_number(c) is not None for c in cells if c is not None):
        return True
    form = date_form(Counter(c for c in cells if c is not None))
    return form is not None and form.order == "ymd" and not form.two_digit


def asked_row(repeat: Repeat, given: Given, ask: Ask | None) -> tuple[str, str]:
    """Which row counts ('' where nobody says it), and by which column."""
    by = given.by if given.by is not None else repeat.by
    if given.one_row or ask is None:
        return given.one_row or "", by
    how = f" by '{by}'" if by else " in the order of the file"
    answers = {kept: f"the {kept} row of each patient{how}" for kept in KEPT}
    return ask(Question(f"1 {repeat.sentence}. Which row of a patient counts?", answers))[0], by


def reduced_columns(columns: Columns, repeat: Repeat, keep: str, by: str) -> Columns:
    """One row of each patient, as a run takes it."""
    names, order = columns[repeat.column], columns[by] if by else []
    numbers = bool(by) and all(as_number(c) is not None for c in order if c is not None)

    def key(i: int) -> tuple:
        cell = order[i] if by else None
        return (cell is None, as_number(cell or "") if numbers else cell or "", i) if by else (i,)

    best: dict[str, int] = {}
    for i in sorted((i for i, p in enumerate(names) if p is not None), key=key, reverse=keep == "last"):
        best.setdefault(str(names[i]), i)
    kept = sorted(best.values())
    return {n: [cells[i] for i in kept] for n, cells in columns.items()}


def one_row_lines(repeat: Repeat, keep: str, by: str) -> list[str]:
    """Under `data:`; open where nobody said which row counts."""
    ordered = f", by: {text(by)}" if by else ""
    said = f"  # {repeat.sentence}."
    if keep:
        return [said, f"  one_row: {{keep: {keep}{ordered}}}    # CONFIRM: the others are left out, and counted"]
    offered = " or ".join(f"{{keep: {kept}{ordered}}}" for kept in KEPT)
    return [said, f"  one_row: {OPEN}    # {offered}; or bring one row per patient, or name the column of patients above"]


def one_row_question(repeat: Repeat, by: str) -> str:
    """The open question, with the options that answer it."""
    ordered = f" --by {by!r}" if by else ""
    return (
        f"one row per patient: {repeat.sentence}. Say which row counts with --one-row first{ordered} (or last), bring one row "
        "per patient or a folder with one file per table (`equipoise codebook` lists them), or name another column of patients "
        "with --patient"
    )
