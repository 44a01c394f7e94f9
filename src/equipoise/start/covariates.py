"""Which columns are covariates, of which kind, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from equipoise.start.columns import Seen, empty_word
from equipoise.start.copies import Cells, Truth, copy_of, identifier
from equipoise.start.headings import coded
from equipoise.start.later import known_later
from equipoise.start.patient import identifying
from equipoise.start.times import words_in
from equipoise.start.vocabulary import means, named_wholly

MANY_LEVELS = 8
BULK = 100  # columns of one kind that a clinic records; more were measured by a machine
MOST_STAGES = 15  # I, IA, IB ... are a few classes, finely written
FEW_NUMBERS = 6
SPARSE = 5
COMPARATORS = {"<", ">", "<=", ">=", "≤", "≥"}
MISSING_LIMIT = 0.2
MOSTLY_MISSING = 0.5


@dataclass(frozen=True, slots=True)
class CovariateGuess:
    """kind: continuous, binary or categorical. levels: value -> label, the reference first. one: the value that is 1 of a binary
    variable. propensity: False where it is described but not matched on. label: as the file or its definition calls it, ''."""

    column: str
    kind: str
    levels: dict[str, str]
    reason: str
    one: str = ""
    propensity: bool = True
    label: str = ""


def why_not(column: Seen, cells: Cells, truth: Truth) -> str:
    """Why a column is no covariate, or ''."""
    if identifying(column):
        return "looks like it identifies patients; remove it from the file before sharing"
    if column.filled == 0:
        return "empty"
    if column.date:
        return "a date; only what was known at baseline may be adjusted for, as a number or a category"
    if set(column.counts) <= COMPARATORS:
        return "comparators alone: they say which values of another column lie at a limit of measurement"
    if len(column.counts) == 1:
        return "constant: every row says the same"
    if column.says("site"):
        return "a site; patients of one site are alike in what no covariate says"
    if column.number and column.says("perhaps_identifying") and column.high <= 0:
        return "days before birth: the age again"
    if known_later(column):
        return "its name suggests that it became known after the index date"
    if column.number and len(column.counts) > MANY_LEVELS and named_wholly(column.name, "patient", "row", "filler"):
        return "its name says a number of patients or rows: an identifier"
    return identifier(column) or copy_of(cells, column, truth) or _unfit(column)


def _unfit(column: Seen) -> str:
    if column.empty > MOSTLY_MISSING * column.n:
        return f"empty in {column.empty} of {column.n} rows"
    if column.words_among_numbers:
        return _worded(column)
    most = MOST_STAGES if column.says("stage") else MANY_LEVELS
    if not column.number and len(column.counts) > most:
        return f"text with {len(column.counts)} different values: free text or an identifier"
    return ""


def _worded(column: Seen) -> str:
    words, other = words_in(column)
    if other:
        return f"numbers, but {_cells(other)} hold a sign or more than a number: say under data what they mean, then use it"
    listed = ", ".join(sorted(v for v in words if empty_word(v) or words[v] >= SPARSE))
    named = f" ({listed})" if listed else ""
    return f"numbers, but {_cells(sum(words.values()))} hold words{named}: where they mean missing, list them under data, missing"


def _cells(n: int) -> str:
    return "1 cell" if n == 1 else f"{n} cells"


def covariate(column: Seen, models: str) -> CovariateGuess:
    """models: what the variables that are complete enough enter."""
    kind, levels, one, reason = _kind(column)
    propensity, more = True, ""
    if column.empty > MISSING_LIMIT * column.n:
        propensity, more = False, f"; not in the {models}: {100 * column.empty / column.n:.0f} % are empty"
    elif kind == "categorical" and column.least < SPARSE:
        propensity, more = False, f"; not in the {models}: a level has fewer than {SPARSE} patients"
    elif kind == "binary" and column.least < SPARSE:
        propensity, more = False, f"; not in the {models}: fewer than {SPARSE} patients differ"
    elif column.empty:
        lost = "are not matched" if models == "propensity score" else "are left out of models with it"
        more = f"; {_cells(column.empty)} empty: these patients {lost}"
    return CovariateGuess(column.name, kind, levels, reason + more, one, propensity)


def in_bulk(found: Iterable[tuple[Seen, CovariateGuess]]) -> dict[str, str]:
    """Columns of a kind of which there are more than BULK, each with the reason that it is left out; an age is none of them."""
    kinds: dict[str, list[str]] = {}
    for column, guess in found:
        if not column.says("age"):
            kinds.setdefault(guess.kind, []).append(guess.column)
    return {
        name: f"one of {len(names):,} {kind} columns, of which more than {BULK} are not taken unasked: measured in bulk, such as "
        "genes; write those to adjust for under covariates"
        for kind, names in kinds.items()
        if len(names) > BULK
        for name in names
    }


def _kind(column: Seen) -> tuple[str, dict[str, str], str, str]:
    values = column.values
    said = coded(column.name, values) if column.number else {}
    levels = {v: said.get(v, v) for v in values}
    if said:
        return "categorical", levels, "", f"codes that the heading explains; the reference is '{levels[values[0]]}'"
    if column.number and values == ["0", "1"]:
        return "binary", {}, "1", "0 and 1"
    if not column.number and len(values) == 2 and means(values[1], "yes"):
        return "binary", {}, values[1], f"two values; 1 means '{values[1]}'"
    if column.number and len(values) == 2:
        return "categorical", levels, "", f"two numbers: codes of a category; the reference is {values[0]}"
    if column.number and column.whole and len(values) <= FEW_NUMBERS:
        if column.least < SPARSE:
            return "continuous", {}, "", f"{len(values)} whole numbers, one of them in fewer than {SPARSE} patients: one slope"
        return "categorical", levels, "", f"{len(values)} whole numbers: ordered levels; the reference is {values[0]}"
    if column.number:
        return "continuous", {}, "", "numbers"
    return "categorical", levels, "", f"{len(values)} words; their order is a guess, the reference is '{values[0]}'"
