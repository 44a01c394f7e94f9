"""New identifiers and shifts of dates, drawn from a seed and the whole list of old identifiers: without both, neither can be made
again, and the same seed on other patients gives other ones."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

LONGEST = 182  # days in either direction
INSIDE, BEFORE, AFTER = 0, -1, 1  # of the accrual window: those outside stay outside
LETTERS = "23456789BCDFGHJKLMNPQRSTVWXYZ"  # in code-point order, without vowels and what is read as another sign
LENGTH = 8
SHORT_SEED = 2**64  # shorter ones can be tried out


@dataclass(frozen=True, slots=True)
class Key:
    """Of one patient: the new identifier, and the days by which every date moves."""

    code: str
    shift: int


def drawn_seed() -> int:
    return secrets.randbits(128)


def new_keys(patients: Collection[str], sides: Mapping[str, int], seed: int, shuffle: bool = False) -> dict[str, Key]:
    """Old identifier -> key. sides: INSIDE, BEFORE or AFTER; INSIDE where not given. The codes stand in the order of the old
    identifiers, on which sums and ties depend; shuffle: in no order."""
    old = sorted(patients)
    secret = _digest(str(seed).encode(), "\0".join(old))
    codes = sorted(_codes(secret, len(old), set(old)))
    ordered = sorted(old, key=lambda p: _digest(secret, f"place {p}")) if shuffle else old
    return {p: Key(code, _shift(secret, p, sides.get(p, INSIDE))) for p, code in zip(ordered, codes, strict=True)}


def _codes(secret: bytes, n: int, taken: set[str]) -> set[str]:
    found: set[str] = set()
    i = 0
    while len(found) < n:
        digest = _digest(secret, f"code {i}")
        code = "P" + "".join(LETTERS[b % len(LETTERS)] for b in digest[:LENGTH])
        if code not in taken:
            found.add(code)
        i += 1
    return found


def _shift(secret: bytes, patient: str, side: int) -> int:
    drawn = int.from_bytes(_digest(secret, f"shift {patient}"))
    if side != INSIDE:
        return side * (LONGEST + drawn % (LONGEST + 1))
    days = drawn % (2 * LONGEST) - LONGEST
    return days if days < 0 else days + 1  # never none


def _digest(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode("utf-8"), hashlib.sha256).digest()
