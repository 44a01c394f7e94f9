"""Which column names the patients, and whether a row is a patient at all."""

from __future__ import annotations

from equipoise.data.identifying import is_hospital_number
from equipoise.start.columns import Seen
from equipoise.start.given import Given
from equipoise.start.vocabulary import named_wholly

FEW = 10  # different values, and their share of the rows, above which a repeated identifier means several rows per patient
SHARE = 0.05
MOST = 0.5  # share of different values from which a column headed 'name' names persons


def identifying(column: Seen) -> bool:
    """Names, numbers and dates that point at a person."""
    if is_hospital_number(column.name) or column.says("identifying"):
        return True
    many = len(column.counts) > max(FEW, MOST * column.filled)
    return column.says("perhaps_identifying") and (many or column.date) and not column.number


def repeated_column(seen: dict[str, Seen], given: Given) -> Seen | None:
    """A column that names patients and repeats: its rows are visits, samples or treatments."""
    if given.patient:
        named = seen.get(given.patient)
        return named if named is not None and len(named.counts) < named.filled else None
    headed = _headed(seen)
    own = any(_different(c) and named_wholly(c.name, "patient", "filler") and not c.says("row") for c in headed)
    rows = any(_different(c) and c.says("row") for c in seen.values())  # samples, visits: then patients may have several
    numbers = [c for c in seen.values() if is_hospital_number(c.name)]
    repeated = [c for c in (*headed, *numbers) if _repeats(c, rows and not own and not c.says("row"))]
    return next((c for c in repeated if not own or len(c.words) > 1 or not c.says("any_case")), None)


def _headed(seen: dict[str, Seen]) -> list[Seen]:
    return [c for c in seen.values() if c.says("patient") and not c.date]


def guess_patient(seen: dict[str, Seen], given: Given) -> tuple[str | None, str]:
    """The column whose values name the patients, and why; None: the rows are counted."""
    if given.patient:
        return given.patient, "named with --patient"
    headed = _headed(seen)
    named = [c for c in headed if not identifying(c) and _different(c)]
    named.sort(key=lambda c: (c.says("row"), not named_wholly(c.name, "patient", "filler")))
    if named:
        row = named[0].says("row")
        more = "; each row is taken as one patient: CONFIRM" if row else ""
        return named[0].name, f"its name says so, and no value stands twice{more}"
    return None, "no column names the patients without repeating, so each row is one patient"


def _different(column: Seen) -> bool:
    return column.empty == 0 and len(column.counts) == column.n


def _repeats(column: Seen, beside_rows: bool) -> bool:
    """Whether the column is headed as an identifier of patients, and many of its many values stand in several rows. beside_rows:
    another column names each row, as that of a sample, so that any heading of patients will do."""
    named = named_wholly(column.name, "patient", "filler") or is_hospital_number(column.name)
    if column.date or column.number and not column.whole or not (named or beside_rows):
        return False
    return FEW < len(column.counts) < column.filled and len(column.counts) > SHARE * column.n
