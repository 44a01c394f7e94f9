"""The order of levels that a reader expects: known words, numbers, sizes with their signs, stages; else the alphabet."""

from __future__ import annotations

import re

from equipoise.start.vocabulary import folded, orders

BELOW, ABOVE = ("<=", "≤", "=<", "<", "under", "below", "up to", "미만", "이하", "以下", "未満", "bis"), (
    ">=", "≥", "=>", ">", "over", "above", "at least", "이상", "초과", "以上", "超", "ab",
)  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_ROMAN = {r: k for k, r in enumerate(("0", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"))}
_STAGE = re.compile(r"(.*?)\b(viii|vii|vi|iv|ix|v|x|iii|ii|i|0)\s*-?\s*([a-d]?\d?)$")
LAST = (
    "unknown", "other", "others", "missing", "nx", "tx", "mx", "gx", "x", "unk", "not done", "미상", "기타", "不明", "其他",
    "その他", "unbekannt", "inconnu", "desconocido", "desconhecido", "sconosciuto", "andere", "autre", "otro", "outro", "altro",
)  # fmt: skip
FIRST = ("none", "no", "0", "never", "normal", "없음", "无", "なし", "keine", "aucun", "ninguno", "nenhum", "nessuno")


def ordered(values: list[str], number: bool) -> list[str]:
    """Numbers ascending; words in a known order (no, yes; I, II, III); by the first number with its sign (<10, 10-20, >20);
    everything else by the alphabet. What says unknown or other stands last."""
    if number:
        return sorted(values, key=float)
    plain = {v: folded(v).strip() for v in values}
    last = [v for v in values if plain[v] in LAST]
    rest = [v for v in values if v not in last]
    for way in (_known, _known_first_word, _stages, _sizes):
        keys = way([plain[v] for v in rest])
        if keys is not None:
            place = dict(zip(rest, keys, strict=True))
            return [*sorted(rest, key=lambda v: (place[v], v)), *sorted(last)]
    return [*sorted(rest, key=lambda v: (plain[v] not in FIRST, _chunks(plain[v]), v)), *sorted(last)]


def _known(values: list[str]) -> list[tuple] | None:
    small = set(values)
    if len(small) < 2:
        return None
    order = next((known for known in orders() if small <= set(known)), None)
    return None if order is None else [(order.index(v),) for v in values]


def _known_first_word(values: list[str]) -> list[tuple] | None:
    """By the first word: 'well differentiated', 'poorly differentiated'; 'no ascites', 'mild ascites'."""
    words = [re.split(r"[\s,;(:/]+", v)[0] for v in values]
    return _known(words) if len(set(words)) == len(words) else None


def _stages(values: list[str]) -> list[tuple] | None:
    """Roman numbers behind one and the same text: Stage I, Stage IIA, Stage IV."""
    found = [_STAGE.fullmatch(v) for v in values]
    if any(m is None for m in found) or len({m[1].strip() for m in found if m}) != 1:
        return None
    return [(_ROMAN[m[2]], m[3]) for m in found if m]


def _sizes(values: list[str]) -> list[tuple] | None:
    """By the first number; at one number 'below' stands before 'between' and 'above'."""
    if sum(bool(_NUMBER.search(v)) for v in values) < max(2, len(values) - 1):
        return None
    bare = {
        re.sub(r"[\s\d.,–-]+|" + "|".join(re.escape(s) for s in (*BELOW, *ABOVE)) + r"|[+]|to|~|and|a", "", v) for v in values
    }
    signs = any(s in v for v in values for s in ("<", ">", "≤", "≥", "+", "-", "~"))
    return [_bound(v) for v in values] if len(bare) == 1 or signs else None


def _bound(value: str) -> tuple:
    found = _NUMBER.search(value)
    if found is None:
        return (float("-inf") if value in FIRST else float("inf"), 0.0, value)
    number = float(found[0].replace(",", "."))
    before, after = value[: found.start()], value[found.end() :]
    if any(s in before for s in BELOW[:4]) or any(s in value for s in BELOW[4:]):
        return number, -0.5 if any(s in value for s in ("≤", "<=", "=<", "이하", "以下")) else -1.0, value
    if any(s in before for s in ABOVE[:4]) or after.strip().startswith("+") or any(s in value for s in ABOVE[4:]):
        return number, 0.5 if any(s in value for s in ("≥", ">=", "=>", "이상", "以上")) else 1.0, value
    return number, 0.0, value


def _chunks(value: str) -> tuple:
    """Text and numbers by turns, so that 'Stage 2' stands before 'Stage 10'."""
    parts = re.split(r"(\d+)", value)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p)
