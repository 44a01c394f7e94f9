"""The data as read, who is analysed, and what is known of them at baseline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from equipoise.engine import Engine
from equipoise.errors import Fault


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as it was read: n_rows data rows from `file` (name only), sha256 of the file's bytes. first_row: row number of the
    first of them as a user sees it in the file (2 under a header line)."""

    name: str
    file: str
    n_rows: int
    sha256: str
    first_row: int = 2

    def row(self, source_row: int) -> int:
        """Where a data row, counted from 1, stands in the file."""
        return int(source_row) + self.first_row - 1


@dataclass(frozen=True, slots=True)
class AtLimit:
    """Values of a spreadsheet's column that lie beyond a limit of measurement, counted. rule: at_limit, half, root_two. signs:
    patient -> <, <=, > or >= of those that have one."""

    column: str
    rule: str
    below: int
    above: int
    signs: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reduced:
    """Rows that were left out because another row of their patient counts. keep: first or last; by: column, '' for the file."""

    keep: str
    by: str
    rows: int
    patients: int


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept that a set of an OMOP study names. descendants: with all below it. excluded: taken out of the set. mapped: with
    source concepts that map to it. total: concepts that the whole set holds."""

    set_label: str
    concept: int
    name: str
    descendants: bool
    excluded: bool
    mapped: bool
    total: int


@dataclass(frozen=True, slots=True)
class Sources:
    """The data, read and checked. findings: rows that are suspicious but not refused."""

    engine: Engine
    tables: Mapping[str, SourceTable]
    findings: tuple[Fault, ...] = ()
    limits: tuple[AtLimit, ...] = ()
    reduced: Reduced | None = None
    concepts: tuple[Concept, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Patients lost for one reason; each patient is counted under the first reason that applies."""

    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class AttritionStep:
    """A box of the flow diagram: the exclusions above it and the patients left in it."""

    label: str
    excluded: tuple[Exclusion, ...]
    n_left: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """The analysed patients. arm: keys of protocol.arms.groups. index_date: datetime.date or None (day-number data). row: where
    each stands in the file that names the arms. remarks: whom an exclusion could not decide, counted."""

    patient: np.ndarray
    arm: np.ndarray
    index_date: np.ndarray
    site: np.ndarray | None
    n_start: int
    attrition: tuple[AttritionStep, ...]
    other_treatments: tuple[Exclusion, ...] = ()
    row: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=int))
    remarks: tuple[str, ...] = ()
    _in_arm: dict[str, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)
    _orders: list[np.ndarray] = field(default_factory=list, init=False, repr=False, compare=False)  # the last that was found

    def __post_init__(self) -> None:
        left = self.n_start
        for step in self.attrition:
            left -= sum(e.n for e in step.excluded)
            if left != step.n_left:
                raise AssertionError(f"the flow diagram does not add up at '{step.label}'")
        if self.attrition and left != len(self.patient):
            raise AssertionError("the flow diagram does not end at the analysed patients")

    @property
    def n(self) -> int:
        return len(self.patient)

    @property
    def sizes(self) -> dict[str, int]:
        """Patients of each arm that has any, by its key in code-point order."""
        return {arm: int(self.in_arm(arm).sum()) for arm in sorted({str(a) for a in self.arm.tolist()})}

    def in_arm(self, arm: str) -> np.ndarray:
        """bool per patient, which nobody may change: it is the same one each time."""
        if arm not in self._in_arm:
            mask = np.asarray(self.arm == arm)
            mask.setflags(write=False)
            self._in_arm[arm] = mask
        return self._in_arm[arm]

    def order_of(self, patients: np.ndarray) -> np.ndarray:
        """Where each patient of the cohort stands among `patients`, int per patient. KeyError where one is not there."""
        if len(patients) == self.n and bool((patients == self.patient).all()):
            return np.arange(self.n)
        for order in self._orders:
            if len(patients) == self.n and bool((patients[order] == self.patient).all()):
                return order
        row_of = dict(zip(patients.tolist(), range(len(patients)), strict=True))
        order = np.fromiter(map(row_of.__getitem__, self.patient.tolist()), dtype=int, count=self.n)
        self._orders[:] = [order]
        return order

    def places(self, patients: np.ndarray) -> np.ndarray:
        """Where each of these rows' patients stands in the cohort, int per row. KeyError where one is not there."""
        place = dict(zip(self.patient.tolist(), range(self.n), strict=True))
        return np.fromiter(map(place.__getitem__, patients.tolist()), dtype=int, count=len(patients))

    def are_among(self, patients: Collection[str]) -> np.ndarray:
        """Who of the cohort is one of these, bool per patient."""
        if not patients:
            return np.zeros(self.n, dtype=bool)
        return np.fromiter(map(frozenset(patients).__contains__, self.patient.tolist()), dtype=bool, count=self.n)


@dataclass(frozen=True, slots=True)
class CovariateGroup:
    """Many covariates of 0 and 1. labels: of each; row, column: int arrays, the patients and covariates that are 1."""

    label: str
    labels: tuple[str, ...]
    row: np.ndarray
    column: np.ndarray

    def among(self, keep: np.ndarray) -> CovariateGroup:
        """Of some patients. keep: bool per patient."""
        place = np.cumsum(keep) - 1
        mine = keep[self.row]
        return CovariateGroup(self.label, self.labels, place[self.row[mine]], self.column[mine])


@dataclass(frozen=True, slots=True)
class Covariates:
    """Baseline variables by name. Continuous and binary: float with nan for missing (binary 0/1). Categorical: object
    array of level keys with None for missing. populations: restriction -> 1 in it, 0 not, nan unknown. descriptors: columns that
    are no covariates and keep patients apart (site): text, None for missing. groups: of covariates that enter a score as a whole.
    """

    values: Mapping[str, np.ndarray]
    remarks: tuple[str, ...] = ()
    populations: Mapping[str, np.ndarray] = field(default_factory=dict)
    descriptors: Mapping[str, np.ndarray] = field(default_factory=dict)
    groups: Mapping[str, CovariateGroup] = field(default_factory=dict)

    def missing(self, name: str) -> np.ndarray:
        v = self.values[name] if name in self.values else self.descriptors[name]
        return np.isnan(v) if v.dtype.kind == "f" else np.asarray(v == np.array(None), dtype=bool)

    def cells(self, names: Sequence[str]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        """Who agrees in all of these covariates or descriptors: int per patient, -1 where one of them is missing, and the values
        that each int stands for. Nothing keeps patients apart where no name is given."""
        columns = [self.descriptors[n] if n in self.descriptors else _texts(self.values[n]) for n in names]
        if not columns:
            return np.zeros(len(next(iter(self.values.values()))), dtype=int), [()]
        held = [None if None in cell else cell for cell in zip(*columns, strict=True)]
        found = sorted({cell for cell in held if cell is not None})
        code = {cell: k for k, cell in enumerate(found)}
        return np.array([-1 if cell is None else code[cell] for cell in held], dtype=int), found


def _texts(values: np.ndarray) -> np.ndarray:
    """Values as text, None for missing."""
    if values.dtype.kind != "f":
        return values
    out = np.empty(len(values), dtype=object)
    out[:] = [None if np.isnan(v) else f"{v:.15g}" for v in values]
    return out
