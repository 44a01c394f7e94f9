"""Text of another encoding than UTF-8: read where it is declared, recognized where a first protocol is written.

A short clinical file has too few letters for a general detector, so each of six encodings is judged by how well its letters are
those of patient lists in the languages that are written with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from equipoise.data.letters import CHINESE, EUROPEAN, JAPANESE, KOREAN
from equipoise.errors import DataError, Fault
from equipoise.protocol.file_form import PLAIN, FileForm

CODECS = {"utf-8": "utf-8", "cp1252": "cp1252", "cp949": "cp949", "gbk": "gbk", "shift-jis": "cp932"}
_HIGH = re.compile(rb"[\x80-\xff]")
_CELL = re.compile(rb"[,;\t|\r\n\"]+")
_LOOKED_AT, _ENOUGH = 8 << 20, 4000  # bytes, and different cells of them
_LEAST, _CLEAR = 0.3, 0.12  # the score of a reading, and how far it is above the next


@dataclass(frozen=True, slots=True)
class Readings:
    """best: the encoding that reads the bytes best; '' where none reads them well. rivals: others that read them as well."""

    best: str
    rivals: tuple[str, ...] = ()


def as_utf8(file: str, data: bytes, encoding: str, form: FileForm = PLAIN) -> bytes:
    """The text as UTF-8 without a byte-order mark. Raises DataError for bytes that are not of the encoding, naming what they
    look like."""
    other = _unicode_kind(data)
    codec = (other or "utf-16-le") if encoding == "utf-16" else CODECS[encoding]
    if encoding == "utf-8" and not other and b"\0" not in data:
        data = data.removeprefix(b"\xef\xbb\xbf")
    elif encoding != "utf-16" and other:
        raise DataError(Fault(file, "encoding", _said(encoding, Readings("utf-16"), form)))
    if b"\0" in data and encoding != "utf-16":
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise DataError(Fault(f"{file}, line {line}", "encoding", "a NUL character stands in the file; save it as 'CSV UTF-8'"))
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(Fault(f"{file}, line {line}", "encoding", _said(encoding, readings(data), form))) from None
    if encoding == "utf-8":
        return data
    if encoding != "utf-16" and _HIGH.search(data) and _decodes(data, "utf-8"):
        raise DataError(Fault(file, "encoding", _said(encoding, Readings("utf-8"), form)))
    return text.removeprefix("\ufeff").encode("utf-8")


def _said(declared: str, found: Readings, form: FileForm) -> str:
    start = f"the encoding is not {'UTF-8' if declared == 'utf-8' else declared}"
    if not found.best:
        return f"{start}; save the file as 'CSV UTF-8'"
    if found.rivals:
        return f"{start}; it may be {' or '.join((found.best, *found.rivals))}: save the file as 'CSV UTF-8'"
    if found.best == "utf-8":
        return f"{start}, but UTF-8; take 'encoding' under data: form: away"
    remedy = f"write {form.line(f'encoding: {found.best}')} under data, or save the file as 'CSV UTF-8'"
    return f"{start}; this looks like {found.best}: {remedy}"


def _unicode_kind(data: bytes) -> str:
    """utf-16 where a byte-order mark or the place of the NULs says so, else ''."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > 0.3 * len(sample) / 2 and min(even, odd) < 0.05 * len(sample) / 2:
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def readings(data: bytes) -> Readings:
    """The encoding of a text file, by trial."""
    if _unicode_kind(data):
        return Readings("utf-16")
    if _decodes(data, "utf-8"):
        return Readings("utf-8")
    cells = list(dict.fromkeys(c for c in _CELL.split(data[:_LOOKED_AT]) if _HIGH.search(c)))[:_ENOUGH]
    scores = {name: _score(cells, name) for name in _JUDGES if _decodes(data, CODECS[name])}
    ranked = sorted((name for name, score in scores.items() if score >= _LEAST), key=lambda name: -scores[name])
    if not ranked:
        return Readings("")
    best = ranked[0]
    rivals = [n for n in ranked[1:] if scores[best] - scores[n] < _CLEAR and not _same(cells, best, n)]
    return Readings(best, tuple(rivals))


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _same(cells: list[bytes], first: str, second: str) -> bool:
    return all(c.decode(CODECS[first], "replace") == c.decode(CODECS[second], "replace") for c in cells)


def _score(cells: list[bytes], encoding: str) -> float:
    """Mean judgment of the letters beyond ASCII, 1 = all are as in a patient list."""
    points, n = 0.0, 0
    for cell in cells:
        text = cell.decode(CODECS[encoding], "replace")
        for i, letter in enumerate(text):
            if ord(letter) >= 128:
                points += _JUDGES[encoding](text, i)
                n += 1
    return points / max(n, 1)


def _symbol(letter: str) -> float:
    return 0.2 if unicodedata.category(letter)[0] in "PSZ" or letter in "℃㎎㎖㎍㎏㎝㎜㎡" else -1.0


def _korean(text: str, i: int) -> float:
    letter = text[i]
    if "가" <= letter <= "힣":
        return 1.0 if letter in KOREAN else 0.5 if letter.encode("cp949")[1] >= 0xA1 else -0.5
    return -0.3 if "一" <= letter <= "鿿" else _symbol(letter)


def _chinese(text: str, i: int) -> float:
    letter = text[i]
    if "一" <= letter <= "鿿":
        lead, trail = letter.encode("gbk")
        return 1.0 if letter in CHINESE else 0.4 if 0xB0 <= lead <= 0xD7 and trail >= 0xA1 else -0.5
    return _symbol(letter)


def _japanese(text: str, i: int) -> float:
    letter = text[i]
    if "\u3041" <= letter <= "\u30fe":
        return 0.8
    if "一" <= letter <= "鿿":
        return 1.0 if letter in JAPANESE else 0.4 if letter.encode("cp932")[:1] <= b"\x98" else -0.2
    return -0.3 if "｡" <= letter <= "ﾟ" else _symbol(letter)


def _european(text: str, i: int) -> float:
    """Accented letters stand one or two at a time among plain ones; signs stand alone."""
    letter = text[i]
    beside = text[max(i - 1, 0) : i] + text[i + 1 : i + 2]
    foreign = sum(ord(c) >= 128 for c in text[max(i - 2, 0) : i + 3]) - 1
    if letter.isalpha() and letter not in "ªº":
        good = 1.0 if letter in EUROPEAN else 0.3
        return good if foreign < 2 and any(c.isascii() and c.isalpha() for c in beside) else -0.5
    return 0.6 if foreign == 0 and unicodedata.category(letter) != "Cc" else -0.7


_JUDGES: dict[str, Callable[[str, int], float]] = {
    "cp1252": _european,
    "cp949": _korean,
    "gbk": _chinese,
    "shift-jis": _japanese,
}
