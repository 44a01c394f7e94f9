"""Responses at the scans of all patients: a column per fact, as there are ten scans and more of each patient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, overload

import numpy as np


def _none(kind: type) -> Any:
    return field(default_factory=lambda: np.empty(0, dtype=kind))


@dataclass(frozen=True, slots=True, eq=False)
class VisitResponses(Sequence[dict[str, Any]]):
    """A row per criterion and scan, by criterion, patient and date. patients: the identifiers of the cohort; patient: int, place
    of each row's among them. day: int, from the index date. overall: text, None where there is none. change: float, per cent of
    the baseline sum, nan without a whole sum. Read as a sequence it gives a dict per row."""

    patients: np.ndarray = _none(object)
    patient: np.ndarray = _none(int)
    criterion: np.ndarray = _none(object)
    visit: np.ndarray = _none(int)
    day: np.ndarray = _none(int)
    overall: np.ndarray = _none(object)
    change: np.ndarray = _none(float)
    new_lesion: np.ndarray = _none(bool)

    def among(self, keep: np.ndarray) -> VisitResponses:
        """Of some of the patients. keep: bool per patient."""
        mine = self.rows(keep[self.patient])
        return replace(mine, patients=self.patients[keep], patient=(np.cumsum(keep) - 1)[mine.patient])

    def rows(self, chosen: np.ndarray) -> VisitResponses:
        """Some of the rows. chosen: bool per row."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self) if f.name != "patients"})

    @property
    def answered(self) -> np.ndarray:
        """bool per row, a response other than NE."""
        return (self.overall != np.array(None)) & (self.overall != "NE")

    def __len__(self) -> int:
        return len(self.patient)

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        return list(self)[at] if isinstance(at, slice) else self._row(at)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self._row, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VisitResponses) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # arrays have none

    def _row(self, i: int) -> dict[str, Any]:
        change = float(self.change[i])
        return {
            "patient_id": self.patients[self.patient[i]],
            "criterion": self.criterion[i],
            "visit": int(self.visit[i]),
            "day": int(self.day[i]),
            "overall": self.overall[i],
            "change_from_baseline_pct": None if np.isnan(change) else change,
            "new_lesion": bool(self.new_lesion[i]),
        }
