"""Codes that a heading explains: 'Sex (1=male, 2=female)', 'male/female = 1/2', 'Status 0: alive 1: dead'."""

from __future__ import annotations

import re

_LISTS = re.compile(
    r"([^\W\d][^=()/]*(?:/[^=()/]+)+?)\s*[=:]\s*(-?\d+(?:/-?\d+)+)|(-?\d+(?:/-?\d+)+)\s*[=:]\s*([^\W\d][^=()/]*(?:/[^=()/]+)+)"
)
_CODE_FIRST = re.compile(r"(?<![\w.])(-?\d+)\s*[=:]\s*([^\W\d][^=:,;/()\d]*)")
_WORD_FIRST = re.compile(r"([^\W\d][^=:,;/()\d]*?)\s*[=:]\s*(-?\d+)(?![\w.])")


def coded(heading: str, values: list[str]) -> dict[str, str]:
    """Code -> word, where the heading explains every value of the column; else nothing."""
    pairs: dict[str, str] = {}
    lists = _LISTS.search(heading)
    if lists:
        words, codes = (lists[1], lists[2]) if lists[1] else (lists[4], lists[3])
        split = [w.strip() for w in words.split("/")], codes.split("/")
        if len(split[0]) == len(split[1]):
            split[0][0] = split[0][0].split()[-1]
            pairs = dict(zip(split[1], split[0], strict=True))
    else:
        inner = re.search(r"[(\[]([^)\]]*[=:][^)\]]*)[)\]]", heading)
        text = inner[1] if inner else heading
        pairs = {code: word.strip() for code, word in _CODE_FIRST.findall(text)}
        if len(pairs) < 2:
            pairs = {code: word.strip() for word, code in _WORD_FIRST.findall(text)}
    return pairs if values and set(values) <= set(pairs) and all(pairs.values()) else {}
