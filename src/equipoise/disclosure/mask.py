"""The study with its small cells masked: rows, flow, curves and findings, between the estimates and the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from equipoise.disclosure.cells import COUNTS, OF_A_MATCH, TOTAL, Cell, Name, blank, cells_of, count_of, is_size, name_of
from equipoise.disclosure.curves import AT_RISK, WORTH, masked_at_risk, masked_curve
from equipoise.disclosure.flow import masked_designs, masked_tables
from equipoise.disclosure.follow import Follows
from equipoise.disclosure.sentences import without_small_counts
from equipoise.disclosure.small_arms import small_arms
from equipoise.disclosure.sums import GIVEN, sums
from equipoise.disclosure.suppress import System
from equipoise.records import Masked, Row, Study

SECONDARY = "masked"
PUBLISHED = "published"  # by others: no count of it is of a patient of this study


@dataclass(frozen=True, slots=True)
class Masks:
    """What is masked: names of cells. vague: those not said to be small. least: the smallest count that is shown."""

    cells: Mapping[Name, Cell]
    names: frozenset[Name]
    vague: frozenset[Name]
    least: int

    def sign(self, small: bool) -> Masked:
        return Masked(f"<{self.least}" if small else SECONDARY, counted=True)


def masked_study(study: Study) -> Study:
    """The study as it may be shown; the same study where its protocol names no `minimum_cell`. Raises AssertionError where the
    sums of its results contradict each other."""
    least = study.protocol.minimum_cell
    if least is None:
        return study
    own = [row for row in study.estimates.rows.values() if row.phase != PUBLISHED]
    rows = masked_rows(own, tuple(study.protocol.arms.groups), least, Follows.of(study, least))
    rows = [replace(row, method=without_small_counts(row.method, least)) for row in rows]
    rows += [row for row in study.estimates.rows.values() if row.phase == PUBLISHED]
    by_key = {row.key: row for row in rows}
    estimates = replace(
        study.estimates,
        rows=by_key,
        warnings=tuple(without_small_counts(w, least) for w in study.estimates.warnings),
        by_texts={row.texts: row for row in rows},
        curves={key: masked_curve(curve, least) for key, curve in study.estimates.curves.items()},
    )
    designs = masked_designs(study.designs, estimates, least)
    remarks = tuple(without_small_counts(r, least) for r in study.covariates.remarks)
    covariates = replace(study.covariates, remarks=remarks)
    tables = masked_tables(study.sources.tables, study.cohort.n, designs.cohort.n_start, least)
    sources = replace(study.sources, tables=tables)
    return replace(study, sources=sources, estimates=estimates, cohort=designs.cohort, covariates=covariates, designs=designs)


def masked_rows(rows: list[Row], arms: tuple[str, ...], least: int, follows: Follows) -> list[Row]:
    """The rows with what may not be shown masked, in the same order and with the same keys."""
    cells = cells_of(rows)
    known, found = sums(cells, arms)
    system = System(known, found, least)
    system.suppress()
    masks = Masks(known, frozenset(system.masked), frozenset(system.vague), least)
    small_denominators = {_scope(n): set() for n in system.masked}
    for name in system.masked:
        if known[name].published:
            small_denominators[_scope(name)].add(known[name].count)
    hidden = [_screened(row, _own(row, masks, small_denominators), masks) for row in rows]
    follows = follows.after(rows, hidden)
    few = small_arms(rows, arms, least)
    shown = [few.masked(row, follows.masked(row, new)) for row, new in zip(rows, hidden, strict=True)]
    return masked_at_risk(shown, least)


def _scope(name: Name) -> Name:
    """Endpoint, design, population and arm."""
    return name[1:5] if name[0] == "of endpoint" else (*name[3:6], name[8]) if len(name) == 9 else name


def _own(row: Row, masks: Masks, denominators: Mapping[Name, set[int]]) -> Row:
    """A row by its own counts: masked whole where it tells a masked cell, or is of a group that is too small."""
    least = masks.least
    scope = (row.endpoint, row.design, row.population, row.group or TOTAL)
    if is_size(row):
        events = row.events if math.isnan(row.events) else masks.sign(True)
        return replace(row, value=masks.sign(True), n=_size(row.n, least), events=events) if 0 < row.value < least else row
    if 0 < row.n < least:
        return blank(row, masks.sign(True), "a group below the minimum", whole=True)
    if row.endpoint and row.n in denominators.get(scope, ()):
        if row.statistic in COUNTS or row.statistic in ("percent", AT_RISK, WORTH):
            return blank(row, masks.sign(False), "a count below the minimum would follow from it", whole=True)
        row = replace(row, n=masks.sign(False))
    name = name_of(row)
    count = count_of(row)
    if name is None or name not in masks.names:
        return _stray(row, least)
    small = 0 < count < least
    said = small and name not in masks.vague
    sign = masks.sign(said)
    why = "a count below the minimum" if said else "a count below the minimum would follow from it"
    if row.statistic in COUNTS or row.statistic == "percent" or small or name[0] != "of endpoint":
        return blank(row, sign, why)
    return replace(row, events=sign)


def _screened(row: Row, new: Row, masks: Masks) -> Row:
    """A row of the flow without its denominator, where the number of those who were screened is masked."""
    start = ("n", "attrition", "", "", "", row.population, "start", "", TOTAL)
    if row.phase != "attrition" or start not in masks.names or row.variable not in ("step_1", GIVEN):
        return new
    if row.statistic == "percent":
        return blank(row, masks.sign(False), "a count below the minimum would follow from it", whole=True)
    return replace(new, n=masks.sign(False))


def _stray(row: Row, least: int) -> Row:
    """Counts that are no cell (events of weights that are no whole number; patients of a match) stay, unless small."""
    if row.variable in OF_A_MATCH and 0 < row.value < least:
        return blank(row, Masked(f"<{least}", counted=True), "a count below the minimum")
    return blank(row, Masked(f"<{least}", counted=True), "a count below the minimum") if 0 < row.events < least else row


def _size(n: float, least: int) -> float:
    return Masked(f"<{least}", counted=True) if 0 < n < least else n
