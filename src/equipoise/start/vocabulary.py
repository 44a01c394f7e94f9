"""Words of column names and of values in the languages that hospitals write, from words/*.toml; accents do not count."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from equipoise.protocol.death_words import says_dead

WORDS = Path(__file__).parent / "words"
_CJK = "가-힣\u3040-\u30ff\u3400-\u9fff々〆ヵヶ"
_EAST = re.compile(f"[{_CJK}]")
_SEAMS = re.compile(rf"(?<=[a-z])(?=[A-Z])|(?<=[{_CJK}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_CJK}])")
_WORD = re.compile(r"[^\W_]+")
_EXPLAINED = re.compile(r"[(\[][^)\]]*[=:][^)\]]*[)\]]")  # codes, as in 'Sex (1=male, 2=female)'


def folded(text: str) -> str:
    """Small letters without accents; full-width forms as plain ones."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c) or c in "\u3099\u309a"))


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a column name, folded: 'OS_time' -> os, time; 'birthDate' -> birth, date; 'Décès' -> deces."""
    apart = _SEAMS.sub(" ", _EXPLAINED.sub(" ", unicodedata.normalize("NFC", name)))
    return tuple(_WORD.findall(folded(apart)))


@lru_cache(maxsize=1)
def _everything() -> dict[str, dict[str, list]]:
    """Section -> key -> entries of all languages."""
    found: dict[str, dict[str, list]] = {}
    for path in sorted(WORDS.glob("*.toml")):
        for section, keys in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for key, entries in keys.items():
                found.setdefault(section, {}).setdefault(key, []).extend(entries)
    return found


@lru_cache(maxsize=128)
def _pattern(section: str, key: str) -> re.Pattern[str]:
    """What finds an entry in the words of a name, which stand between single blanks."""
    return re.compile("|".join(sorted({_one(folded(e)) for e in _everything()[section].get(key, ())})) or "(?!)")


def _one(entry: str) -> str:
    if entry.startswith("="):
        return f"(?<= ){re.escape(entry[1:])}(?= )"
    if _EAST.search(entry):
        return re.escape(entry)
    begins, ends = ("" if entry.startswith("*") else "(?<= )"), ("" if entry.endswith("*") else "(?= )")
    return begins + re.escape(entry.strip("*")) + ends


@lru_cache(maxsize=65536)
def names(name: str, *keys: str) -> bool:
    """Whether a column name tells one of these: names("Date of death", "death")."""
    words = name_words(name)
    shown = f" {' '.join(words)} {''.join(words)} "
    return any(_pattern("names", key).search(shown) is not None for key in keys)


def named_wholly(name: str, *keys: str) -> bool:
    """Whether nothing but these stands in a column name."""
    shown = f" {' '.join(name_words(name))} "
    for key in keys:
        shown = _pattern("names", key).sub("", shown)
    return not shown.strip() or all(w.isdigit() for w in shown.split())


def without(name: str, key: str) -> str:
    """A column name without the words that tell this."""
    return _pattern("names", key).sub(" ", f" {' '.join(name_words(name))} ").strip()


@lru_cache(maxsize=4096)
def endpoint_of(name: str) -> str:
    """The endpoint that a name begins with or spells out: 'os' of OStime and of 'Overall survival'; '' for none."""
    words = name_words(name)
    shown, joined = f" {' '.join(words)} ", "".join(words)
    endpoints = _everything()["endpoints"]
    spelled = [key for key in endpoints if _pattern("endpoints", key).search(shown)]
    if spelled:
        return min(spelled, key=lambda key: key == "os")
    return next((key for key in endpoints if key in words or joined.startswith(key)), "")


def value_words(value: str) -> str:
    """A value in small letters, its words between single blanks: '1:DECEASED' -> deceased."""
    words = [w for w in _WORD.findall(folded(value)) if not w.isdigit()]
    return " ".join(words) or folded(value).strip()


@lru_cache(maxsize=128)
def _values(key: str) -> frozenset[str]:
    return frozenset(folded(e) for e in _everything()["values"].get(key, ()))


def means(value: str, *keys: str) -> bool:
    """Whether the whole value is one of these: means("Yes", "yes")."""
    plain = value_words(value)
    return any(plain in _values(key) for key in keys)


def says_missing(cell: str) -> bool:
    """Whether a cell is a word for no value, with its signs: 'k.A.', 'N/A', '#NULL!'."""
    return folded(cell) in _values("missing")


def mentions(value: str, key: str) -> bool:
    """Whether a value holds one of these words."""
    shown = f" {value_words(value)} "
    return any((f" {w} " in shown) if not _EAST.search(w) else (w in shown) for w in _values(key))


def dead(value: str) -> bool:
    """Whether a value says that a patient died."""
    return not means(value, "none_happened") and says_dead(value)


@lru_cache(maxsize=4096)
def treats(value: str) -> str:
    """'drug' where a word of a value ends as names of drugs do (the stems of international nonproprietary names), 'operation'
    where it says how somebody was operated, else ''."""
    shown = f" {value_words(value)} "
    if re.search("|".join(sorted({_one(folded(e)) for e in _everything()["values"]["operations"]})), shown):
        return "operation"
    ends = [f"*{e}" if not _EAST.search(e) else e for e in _everything()["values"]["drug_stems"]]
    return "drug" if re.search("|".join(sorted({_one(folded(e)) for e in ends})), shown) else ""


def orders() -> list[list[str]]:
    """Known orders of levels, folded."""
    return [[folded(v) for v in order] for order in _everything()["values"]["orders"]]


def control(value: str) -> bool:
    """Whether an arm's value is that of a control."""
    shown = f" {' '.join(_WORD.findall(folded(value)))} "
    return means(value, "no") or _pattern("names", "control").search(shown) is not None
