"""What the cells of a column give away: dates, identifiers, addresses, free text. Looked at by content, for a heading may lie."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from equipoise.data.identifying import CERTAIN, EMAIL, is_hospital_number
from equipoise.start.columns import NO_DATE, Seen, empty_word

_MONTH = (
    r"(jan|january|januar|janvier|enero|gennaio|feb|february|februar|février|fév|fev|febrero|febbraio|mar|march|märz|mär|mars|marzo|"
    r"apr|april|avril|avr|abril|abr|aprile|may|mai|mayo|maggio|mag|jun|june|juni|juin|junio|giugno|giu|jul|july|juli|juillet|juil|"
    r"julio|luglio|lug|aug|august|août|agosto|ago|sep|sept|september|septembre|septiembre|settembre|oct|october|okt|oktober|octobre|"
    r"octubre|ottobre|ott|nov|november|novembre|noviembre|dec|december|dez|dezember|décembre|déc|diciembre|dic|dicembre)\.?"
)
_HELD_DATES = re.compile(
    r"(?<!\d)(\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|(19|20)\d{2}[-./](0?[1-9]|1[0-2])|"
    r"\d{4}\s?年|\d{4}\s?년)(?!\d)"
    rf"|(?<!\d)\d{{1,2}}(st|nd|rd|th)?[-./ ]*{_MONTH}[-./ ,]*\d{{2,4}}|\b{_MONTH}[-./ ]*(\d{{1,2}},? +)?(19|20)\d{{2}}",
    re.IGNORECASE,
)
_NUMBERED = [re.compile(rf"(?<![0-9A-Za-z])({form})(?![0-9A-Za-z])") for form in CERTAIN]
_NUMBERED += [re.compile(EMAIL), re.compile(r"(?<!\d)(\+\d{1,3}[ -]?)?\(?0\d{1,4}\)?[ /-]\d{3,4}[ -]?\d{3,6}(?!\d)")]
_TITLED = re.compile(r"(dr|drs|prof|mr|mrs|ms|herr|frau|mme|sr|sra|dott|dott\.ssa)\.? +[^\W\d_]{2}", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;:()\[\]/]+")
LONG, WORDY, MANY, SOME, DIGITS = 60, 8, 20, 10, 5
_PLACES = (
    "city",
    "town",
    "village",
    "county",
    "district",
    "street",
    "plz",
    "cap",
    "residence",
    "occupation",
    "employer",
    "ip",
    "url",
)
_FREE = ("comment", "comments", "remark", "remarks", "note", "notes", "freetext", "narrative", "report", "history", "bemerkung")


def is_empty(cell: str) -> bool:
    """Whether a cell stands for no value: a word, or a placeholder of a date."""
    return empty_word(cell) or NO_DATE.match(cell) is not None


def telling_heading(column: Seen) -> str:
    """Why a column is left out by its heading; empty where nothing speaks against it."""
    if is_hospital_number(column.name) or column.says("identifying", "perhaps_identifying"):
        return "its heading says that it identifies a person"
    if column.has_word(*_PLACES):
        return "its heading says where or how a person lives"
    return "its heading says free text" if column.has_word(*_FREE) and not column.number else ""


def telling_cells(cells: Collection[str], filled: int, patients: Collection[str]) -> str:
    """Why a column is left out by its cells; empty where nothing speaks against it. cells: the distinct ones; filled: how many
    rows have one. patients: the old identifiers."""
    words = [c for c in cells if not is_empty(c) and not _is_number(c)]
    if any(_HELD_DATES.search(c) for c in words):
        return "it holds dates among other text"
    if any(form.search(c) for c in words for form in _NUMBERED):
        return "it holds what looks like an address or a national number"
    if any(_TITLED.match(c) for c in words):
        return "it holds names of persons"
    if holds_patients(cells, patients):
        return "it holds identifiers of patients within other text"
    free = any(len(c) > LONG or len(c.split()) > WORDY for c in words)
    free = free or len(words) > max(MANY, filled / 2) or len(words) == filled >= SOME
    return "free text" if free else ""


def holds_patients(cells: Iterable[str], patients: Collection[str]) -> bool:
    """Whether a cell holds an identifier that can be told from a number of any kind."""
    told = {p.casefold() for p in patients if not p.isdecimal() and len(p) > 2 or len(p) >= DIGITS}
    if not told:
        return False
    return any(part in told for cell in cells for word in (cell, *_WORD.findall(cell)) for part in _parts(word.casefold()))


def _parts(word: str) -> Iterable[str]:
    """The word, and every beginning and end of it at a sign: of 'p001-a01' p001, a01 and the whole."""
    borders = [m.start() for m in re.finditer(r"[-_.]", word)]
    yield word
    yield from (word[:i] for i in borders)
    yield from (word[i + 1 :] for i in borders)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[<>=≤≥ ]*[-+]?\d{1,3}([.,]\d+)?|[<>=≤≥ ]*[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?", cell) is not None
