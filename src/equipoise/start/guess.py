"""Which column is what, each guess with its reason. Guesses come from names and from what cells look like; no model."""

from __future__ import annotations

from dataclasses import dataclass, field

from equipoise.errors import DataError, Fault
from equipoise.start.columns import EMPTY_WORDS, Seen, see
from equipoise.start.dates import DateGuess, guess_dates
from equipoise.start.event_values import is_status
from equipoise.start.roles import (
    EVENT_WORDS,
    ArmGuess,
    EndpointGuess,
    Given,
    guess_arms,
    guess_endpoints,
    guess_patient,
    identifying,
    known_later,
    used_by,
)

SITE_WORDS = ("inst", "institution", "site", "center", "centre", "hospital")
MANY_LEVELS = 8
FEW_NUMBERS = 6
SPARSE = 5
MISSING_LIMIT = 0.2
MOSTLY_MISSING = 0.5


@dataclass(frozen=True, slots=True)
class CovariateGuess:
    """kind: continuous, binary or categorical. one: the value that is 1 of a binary variable. propensity: False where it
    is described but not matched on."""

    column: str
    kind: str
    levels: tuple[str, ...]
    reason: str
    one: str = ""
    propensity: bool = True


@dataclass(frozen=True, slots=True)
class Guess:
    """Everything guessed of one spreadsheet. left_out: column -> reason. arms, endpoints: the first is used, the others
    are written as comments; without arms all patients are one arm."""

    patient: str | None
    patient_reason: str
    arms: tuple[ArmGuess, ...]
    endpoints: tuple[EndpointGuess, ...]
    covariates: tuple[CovariateGuess, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    dates: DateGuess | None = None

    @property
    def single(self) -> bool:
        return not self.arms or len(self.arms[0].values) == 1


def guess_rows(file: str, cells: dict[str, list[str | None]], given: Given) -> Guess:
    """The roles of the columns of a file with one row per patient: column -> cells. Covariates are judged on the rows of
    the arms. Raises DataError where a study cannot be begun."""
    seen = {name: see(name, column) for name, column in cells.items()}
    faults = given.faults(file, seen)
    if faults:
        raise DataError(faults)
    patient, reason = guess_patient(file, seen, given)
    endpoints = guess_endpoints(seen, given, patient)
    dates = None if endpoints else guess_dates(seen, cells, given, [c for c in seen.values() if _says_event(c)])
    dated = {dates.start, dates.flag, *dates.columns.values()} if dates else set()
    arms = [a for a in guess_arms(seen, given, patient, endpoints) if a.column not in dated]
    _refuse_unusable(file, bool(endpoints or dates), [c.name for c in seen.values() if c.date and not identifying(c)])
    left_out: dict[str, str] = {}
    covariates: list[CovariateGuess] = []
    column_of_arms = arms[0].column if arms else None
    roles = {patient, column_of_arms, *used_by(endpoints), *dated}
    kept = [i for i in range(len(next(iter(cells.values())))) if not arms or cells[arms[0].column][i] in arms[0].values]
    models = "Cox models" if not arms or len(arms[0].values) == 1 else "propensity score"
    for name in seen:
        if name in roles:
            continue
        column = see(name, [cells[name][i] for i in kept])
        why_not = _why_not(column)
        if why_not:
            left_out[name] = why_not
        else:
            covariates.append(_covariate(column, models))
    if not covariates:
        message = "no column is left that could be a covariate; a study needs at least one that was known at baseline"
        raise DataError(Fault(file, "covariates", message))
    return Guess(patient, reason, tuple(arms), tuple(endpoints), tuple(covariates), left_out, dates)


def _says_event(column: Seen) -> bool:
    return not column.date and is_status(column) and column.has_word(*EVENT_WORDS)


def _refuse_unusable(file: str, timed: bool, dates: list[str]) -> None:
    if not timed:
        message = (
            "no pair of a time and an event column was found; name them with --time COLUMN and --event COLUMN "
            "(a time in days, months or years; an event as 0/1 or in two words)"
        )
        if len(dates) > 1:
            message += f". The file holds dates ({', '.join(dates)}), but their names do not say which is the start, the last "
            message += "contact and the death; rename them so, or add a column with the days between two of them"
        raise DataError(Fault(file, "endpoint", message))


def _why_not(column: Seen) -> str:
    """Why a column is no covariate, or ''."""
    if identifying(column):
        return "looks like it identifies patients; remove it from the file before sharing"
    if column.filled == 0:
        return "empty"
    if column.date:
        return "a date; only what was known at baseline may be adjusted for, as a number or a category"
    if len(column.counts) == 1:
        return "constant: every row says the same"
    if column.has_word(*SITE_WORDS):
        return "a site; patients of one site are alike in what no covariate says"
    if known_later(column):
        return "its name suggests that it became known after the index date"
    if column.empty > MOSTLY_MISSING * column.n:
        return f"empty in {column.empty} of {column.n} rows"
    if column.words_among_numbers:
        return f"numbers, but {_cells(column.words_among_numbers)} hold words{_na(column)}; empty these cells, then use it"
    if not column.number and len(column.counts) > MANY_LEVELS:
        return f"text with {len(column.counts)} different values: free text or an identifier"
    if column.number and column.whole and column.has_word("id", "no", "nr", "number") and len(column.counts) == column.filled:
        return "a different whole number in every row: an identifier"
    return ""


def _na(column: Seen) -> str:
    found = sorted({v for v in column.counts if v.lower() in EMPTY_WORDS})
    return f" ({', '.join(found)})" if found else ""


def _cells(n: int) -> str:
    return "1 cell" if n == 1 else f"{n} cells"


def _covariate(column: Seen, models: str) -> CovariateGuess:
    """models: what the variables that are complete enough enter."""
    kind, levels, one, reason = _kind(column)
    propensity, more = True, ""
    if column.empty > MISSING_LIMIT * column.n:
        propensity, more = False, f"; not in the {models}: {100 * column.empty / column.n:.0f} % are empty"
    elif kind == "categorical" and min(column.counts.values()) < SPARSE:
        propensity, more = False, f"; not in the {models}: a level has fewer than {SPARSE} patients"
    elif column.empty:
        lost = "are not matched" if models == "propensity score" else "are left out of models with it"
        more = f"; {_cells(column.empty)} empty: these patients {lost}"
    return CovariateGuess(column.name, kind, levels, reason + more, one, propensity)


def _kind(column: Seen) -> tuple[str, tuple[str, ...], str, str]:
    values = column.values
    if column.number and len(values) == 2 and values == ["0", "1"]:
        return "binary", (), "1", "0 and 1"
    if not column.number and len(values) == 2 and _says_yes(values[1]):
        return "binary", (), values[1], f"two values; 1 means '{values[1]}'"
    if column.number and len(values) == 2:
        return "categorical", tuple(values), "", "two numbers: codes of a category"
    if column.number and column.whole and len(values) <= FEW_NUMBERS:
        if min(column.counts.values()) < SPARSE:
            return "continuous", (), "", f"{len(values)} whole numbers, one of them in fewer than {SPARSE} patients: one slope"
        return "categorical", tuple(values), "", f"{len(values)} whole numbers: ordered levels"
    if column.number:
        return "continuous", (), "", "numbers"
    return "categorical", tuple(values), "", f"{len(values)} words"


def _says_yes(value: str) -> bool:
    return value.lower() in ("yes", "true", "y", "positive", "present")
