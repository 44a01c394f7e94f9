"""What a study found, as plain numbers that can be held against those of the same study told differently."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from equipoise.records import Row, Study

PARTS = ("phase", "analysis", "design", "endpoint", "population", "contrast", "variable", "level", "group", "statistic")
NUMBERS = ("value", "low", "high", "n", "events")
Place = tuple[str, ...]


def numbers(study: Study, rename: Callable[[str, str], str] = lambda part, text: text) -> dict[Place, Row]:
    """Rows by their parts (not by their key, which is spelt from words). rename: (part, word) -> the word of the other study."""
    found: dict[Place, Row] = {}
    for row in study.estimates.rows.values():
        place = tuple(rename(part, getattr(row, part)) for part in PARTS)
        assert place not in found, place
        found[place] = row
    return found


def words(**by_part: Mapping[str, str]) -> Callable[[str, str], str]:
    """A renaming of words, part by part; words that are not named stay. Of squares and products each side is renamed."""

    def new(part: str, text: str) -> str:
        known = by_part.get(part, {})
        if text in known or part not in ("variable", "level"):
            return known.get(text, text)
        square = "^2" if text.endswith("^2") else ""
        sides = [known.get(side, side) for side in text.removesuffix(square).split(" * ")]
        return " * ".join(sorted(sides) if part == "variable" else sides) + square

    return new


def assert_same(
    first: Mapping[Place, Row], second: Mapping[Place, Row], rel: float = 0.0, but: Callable[[Place], bool] | None = None
) -> None:
    """The same rows with the same numbers. rel: relative tolerance for sums in another order, 0 = to the last bit.
    but: rows that may differ."""
    kept = [place for place in first if but is None or not but(place)]
    others = [place for place in second if but is None or not but(place)]
    assert kept, "nothing is compared"
    lost, new = sorted(set(kept) - set(others)), sorted(set(others) - set(kept))
    assert not lost and not new, f"rows that went: {lost[:5]}, rows that came: {new[:5]}"
    moved = [
        (place, name, getattr(first[place], name), getattr(second[place], name))
        for place in kept
        for name in NUMBERS
        if not close(getattr(first[place], name), getattr(second[place], name), rel)
    ]
    assert not moved, f"{len(moved)} numbers moved: {moved[:5]}"


def close(a: float, b: float, rel: float) -> bool:
    """Equal, both blank, or within the relative tolerance (absolute below one)."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= rel * max(1.0, abs(a), abs(b))


def pairs(study: Study, design: str = "matched") -> set[frozenset[str]]:
    """The matched pairs by identifier."""
    pair = study.design(design).pair
    return {frozenset(study.cohort.patient[pair == k].tolist()) for k in np.unique(pair[pair > 0])}


def assert_same_curves(first: Study, second: Study, group: Callable[[str], str] = lambda key: key) -> None:
    """Times and survival of every curve, to the last bit."""
    for curve in first.estimates.curves.values():
        others = [
            c
            for c in second.estimates.curves.values()
            if (c.endpoint, c.design, c.population, c.group)
            == (curve.endpoint, curve.design, curve.population, group(curve.group))
        ]
        assert len(others) == 1, curve.group
        assert np.array_equal(curve.fit.time, others[0].fit.time)
        part = "survival" if hasattr(curve.fit, "survival") else "incidence"
        assert np.array_equal(getattr(curve.fit, part), getattr(others[0].fit, part), equal_nan=True)
