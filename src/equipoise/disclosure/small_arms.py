"""An arm below the minimum: its size would follow from the size of all arms together and of the others, which are shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from equipoise.disclosure.cells import COUNTS, OF_A_MATCH, blank, is_size
from equipoise.disclosure.sums import UNADJUSTED
from equipoise.records import Masked, Row

WHY = "a count below the minimum would follow from it"
Sample = tuple[str, str]  # design and population


@dataclass(frozen=True, slots=True)
class SmallArms:
    """arms: by name. sizes: samples with an arm below the minimum -> the patients of all their arms."""

    arms: Collection[str]
    sizes: Mapping[Sample, float]

    def masked(self, row: Row, new: Row) -> Row:
        """The row as it stands; of all arms of such a sample without what tells how many they are."""
        size = self.sizes.get(_sample(row))
        if size is None:
            return new
        if row.phase == "attrition":
            return _of_flow(row, new, size)
        if _left_out(row):
            return new if row.value == 0 else blank(new, Masked(), WHY, whole=True)
        if row.group in self.arms:
            return new
        if row.statistic in (*COUNTS, "percent", "effective_n"):
            return _without_counts(new) if row.value == 0 else blank(new, Masked(), WHY, whole=True)
        return _without_counts(new)


def small_arms(rows: Iterable[Row], arms: Collection[str], least: int) -> SmallArms:
    """Every sample, a subgroup too, of which an arm counts from 1 to least - 1 patients: the most of whom a row of it tells."""
    sizes: dict[Sample, dict[str, float]] = {}
    for row in rows:
        if row.group in arms:
            told = row.value if is_size(row) else math.nan if row.phase in ("attrition", "lost") else row.n
            here = sizes.setdefault(_sample(row), {})
            here[row.group] = max(here.get(row.group, 0.0), 0.0 if math.isnan(told) else told)
    small = {s: sum(n.values()) for s, n in sizes.items() if any(0 < count < least for count in n.values())}
    return SmallArms(arms, small)


def _sample(row: Row) -> Sample:
    return row.design or UNADJUSTED, row.population


def _left_out(row: Row) -> bool:
    """Whether a row tells how many a design left out, of an arm or of all (the others are those it kept), or the smaller arm by
    its share of a coefficient."""
    if row.phase == "lost":
        return is_size(row)
    return row.phase == "design" and (row.variable in (*OF_A_MATCH, "events_per_coefficient") or row.analysis == "left_out")


def _of_flow(row: Row, new: Row, size: float) -> Row:
    """Who left and who remained, but who came where that were the same; an arm without all arms."""
    if row.variable == "arm":
        return _without_counts(new) if row.statistic != "n" else replace(new, n=_masked(new.n))
    kept = row.value == 0 or (row.variable == "start" and row.value != size)
    return new if kept else blank(new, Masked(), WHY, whole=True)


def _without_counts(row: Row) -> Row:
    return replace(row, n=_masked(row.n), events=_masked(row.events))


def _masked(count: float) -> float:
    return count if isinstance(count, Masked) or count != count else Masked()
