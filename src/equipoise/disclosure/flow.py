"""The flow of patients and the findings of data quality with their small counts masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from equipoise.disclosure.sentences import without_small_counts
from equipoise.records import AttritionStep, Cohort, Designs, Estimates, Exclusion, Masked, Row, SourceTable


class MaskedCohort(Cohort):
    """A cohort whose flow is not added up again, for some of its counts are masked."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Nothing to check: the cohort that it is made of was checked."""

    @property
    def n(self) -> int:
        """As the last step of the flow tells it; the patients themselves are as many as they are."""
        return self.attrition[-1].n_left if self.attrition else self.n_start


def masked_cohort(cohort: Cohort, estimates: Estimates, least: int) -> Cohort:
    """The flow as the rows of the results tell it."""
    steps = []
    for i, step in enumerate(cohort.attrition, 1):
        excluded = tuple(
            Exclusion(e.reason, _count(estimates.find("attrition", "n", variable=f"step_{i}", level=f"reason_{j}"), e.n))
            for j, e in enumerate(step.excluded, 1)
        )
        steps.append(
            AttritionStep(step.label, excluded, _count(estimates.find("attrition", "n", variable=f"step_{i}"), step.n_left))
        )
    start = _count(estimates.find("attrition", "n", variable="start"), cohort.n_start)
    given = tuple(Exclusion(e.reason, small(e.n, least)) for e in cohort.other_treatments)
    remarks = tuple(without_small_counts(r, least) for r in cohort.remarks)
    return MaskedCohort(
        cohort.patient, cohort.arm, cohort.index_date, cohort.site, start, tuple(steps), given, cohort.row, remarks
    )


def masked_designs(designs: Designs, estimates: Estimates, least: int) -> Designs:
    """The designs of a masked cohort, and those of the populations within."""
    restricted = {name: masked_designs(part, estimates.among(name), least) for name, part in designs.restricted.items()}
    return replace(designs, cohort=masked_cohort(designs.cohort, estimates, least), restricted=restricted)


def _count(row: Row | None, otherwise: int) -> int:
    return row.value if row is not None and isinstance(row.value, Masked) else otherwise  # type: ignore[return-value]


def small(n: float, least: int) -> int:
    return Masked(f"<{least}") if 0 < n < least else n  # type: ignore[return-value]


def masked_tables(tables: Mapping[str, SourceTable], n: int, start: int, least: int) -> dict[str, SourceTable]:
    """The tables without the number of their rows where it is small, or, where the number of those who were screened is masked,
    is that of the n analyzed patients or a few more."""
    few_more = range(n, n + least) if isinstance(start, Masked) else ()
    hidden = {name: Masked() for name, t in tables.items() if t.n_rows in few_more}
    return {name: replace(t, n_rows=hidden.get(name, small(t.n_rows, least))) for name, t in tables.items()}  # type: ignore[arg-type]


def hidden_total(n: int, arms: Iterable[int], least: int) -> int:
    """The patients of all arms; masked where one of these is small, which would follow from the others."""
    return Masked() if any(0 < arm < least for arm in arms) else small(n, least)  # type: ignore[return-value]
