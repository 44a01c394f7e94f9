"""How wide words are on paper, and where a line of them may break.

Widths are those of Helvetica (Adobe Font Metrics), which Arial has too, in em: the size of the type. The sans of a Word table is
as wide; the serif of a PDF is narrower.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

BOLD = 1.07  # of the width upright
RAISED = 0.6
ELSE = 0.556
WIDTHS = {
    0.191: "'",
    0.222: "ijl\u2018\u2019",
    0.26: "|",
    0.278: " \u00a0!,./:;I[\\]ft\u00b7",
    0.333: "()-`r\u201c\u201d",
    0.334: "{}",
    0.355: '"',
    0.389: "*",
    0.469: "^",
    0.5: "Jckvsxyz",
    0.549: "\u2264\u2265",
    0.556: "#$0123456789?L_abdeghnopqu\u2013",
    0.584: "+<=>~\u2212\u00b1\u00d7",
    0.611: "FTZ",
    0.667: "&ABEKPSVXY",
    0.722: "CDHNRUw",
    0.778: "GOQ",
    0.833: "Mm",
    0.889: "%",
    0.944: "W",
    1.0: "\u2014",
    1.015: "@",
}
_WIDTH = {sign: width for width, signs in WIDTHS.items() for sign in signs}
JOINER = "\u2060"
HARD = "\u00a0"
DASHED = re.compile(r"(?:(?<=[0-9%])|(?<=NA))[\u2013\u2014](?=[-+\u2212\u00b7]?[0-9N])|^\u2013$")
HYPHENED = re.compile(r"(?<![\w./-])\d[\d.]*-(?=\d[\d.]*(?![\w/-]))")  # 35-44, and neither a date nor an address
SPACED = re.compile(
    r"(?:(?<=[0-9%])|(?<=NA)) (?:to|\u2013) (?=[-+\u2212\u00b7]?(?:\d|N[AE]\b))"
    r"|(?<=\bn) (?==)|(?<=\bn =) (?=[<0-9])|(?<=[0-9]%) (?=CI\b)|(?<=CI) (?=[-+\u2212\u00b7]?[0-9])"
)
PER = re.compile(r"(?<![\w./:])[A-Za-z%]{1,8}/(?=[\w%]{1,8}(?![\w./]))")  # fmol/mg, events/n, and no address
NUMERIC = re.compile(r"[(\[<>\u2265\u2264=]?\s?[-+\u2212]?(?:\d|NA\b|NE\b)[^A-Za-z]*(?:NA|NE)?[)\],;]?")
FROM_TO = ("to", "\u2013")
KEPT = 12.0  # em beyond which numbers of one cell may stand on two lines


def em(words: str, bold: bool = False) -> float:
    """Width on one line; signs of East Asia are square, marks above and below others take none."""
    return sum(map(_sign, words)) * (BOLD if bold else 1.0)


@lru_cache(maxsize=1 << 16)  # the same words stand in many cells, and a table is asked for its widths by every format
def widths(words: str, bold: bool = False) -> tuple[float, float]:
    """Of the words on one line, and of the widest piece that no line break parts."""
    return em(words, bold), max(em(piece, bold) for piece in pieces(words))


@cache
def _sign(sign: str) -> float:
    if sign in _WIDTH:
        return _WIDTH[sign]
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.0
    return 0.0 if unicodedata.category(sign) in ("Mn", "Cf") else ELSE


def pieces(words: str) -> list[str]:
    """What a line break never parts: words; an estimate with its limits, a count with its per cent, a word with the number behind
    it (`Grade 3-4`), as far as they are short."""
    made: list[str] = []
    words_of = words.split(" ")
    for i, word in enumerate(words_of):
        joined = f"{made[-1]} {word}" if made else word
        if made and em(joined) <= KEPT and (NUMERIC.fullmatch(word) or _between(words_of, i)):
            made[-1] = joined
        else:
            made.append(word)
    return made


def _between(words: list[str], i: int) -> bool:
    """Whether a word stands between two numbers: 0.4 to 0.9."""
    around = 0 < i < len(words) - 1 and words[i] in FROM_TO
    return around and all(NUMERIC.fullmatch(words[j]) is not None for j in (i - 1, i + 1))


def unbroken(words: str) -> str:
    """A range such as 3.0-4.2, with whatever dash or `to`, and an interval with its name (95% CI 3.0-4.2) never break: a joiner
    follows the dash, also one between two links, and spaces within are such as do not break."""
    whole = words
    for parted in (DASHED, HYPHENED, PER):
        whole = parted.sub(rf"\g<0>{JOINER}", whole)
    return SPACED.sub(lambda found: found[0].replace(" ", HARD), whole)
