"""Patients behind a published survival curve, from files of its digitised points and numbers at risk."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from equipoise import stats
from equipoise.csv_text import csv_text
from equipoise.errors import DataError, Fault
from equipoise.stats.published_curve import ReconstructedCurve

PERCENT = 1.5  # a height above this is one of a curve in percent
HEADING = ("time", "event")
LARGEST = 1_000_000  # bytes of a file of points


def reconstruct(points: Path, at_risk: Path, total_events: int | None = None) -> ReconstructedCurve:
    """The patients behind a published curve.

    points: csv of time and survival (0 to 1, or percent where a value is above 1.5), with or without a heading. at_risk: csv of
    time and number at risk, from time 0, times in the same unit. Raises DataError with every faulty row."""
    faults: list[Fault] = []
    curve, numbers = _pairs(points, faults), _pairs(at_risk, faults)
    if not faults and len(curve) < 2:
        faults.append(Fault(points.name, "points", "a curve needs at least two points, each a row of time and survival."))
    if not faults:
        faults += _of_numbers(at_risk.name, numbers)
        if total_events is not None and not 0 <= total_events <= (numbers[0, 1] if len(numbers) else 0):
            faults.append(Fault("--events", "events", "the total of events lies between 0 and the number at risk at time 0."))
        if not (curve[:, 0] > 0).any() or curve[:, 1].max() > 150:
            faults.append(Fault(points.name, "points", "times must go beyond 0, and survival is at most 100 percent."))
    if faults:
        raise DataError(faults)
    scale = 100 if curve[:, 1].max() > PERCENT else 1
    return stats.reconstruct_curve(curve[:, 0], curve[:, 1] / scale, numbers[:, 0], numbers[:, 1], total_events=total_events)


def patients_csv(curve: ReconstructedCurve) -> str:
    """A row per reconstructed patient: time in the unit of the curve, event 1, censored 0."""
    return csv_text(HEADING, ((f"{t:.6g}", int(e)) for t, e in zip(curve.time, curve.event, strict=True)))


def _pairs(file: Path, faults: list[Fault]) -> np.ndarray:
    if file.stat().st_size > LARGEST:
        faults.append(Fault(file.name, "size", "the file is larger than 1 MB: this is no file of points read off a figure."))
        return np.empty((0, 2))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        faults.append(Fault(file.name, "encoding", "the file is not UTF-8 text; save it as csv (UTF-8)."))
        return np.empty((0, 2))
    first = text.split("\n", 1)[0]
    delimiter = next((d for d in ("\t", ";") if d in first), ",")
    found = []
    for row, cells in _rows(text, delimiter):
        pair = [_number(c, delimiter) for c in cells]
        if len(pair) == 2 and all(map(math.isfinite, pair)):
            found.append(pair)
        elif row > 1 or any(map(math.isfinite, pair)):
            faults.append(
                Fault(f"{file.name}, row {row}", "numbers", "a row has two numbers: time, then survival or number at risk.")
            )
    return np.array(found, dtype=float).reshape(-1, 2)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    for row, cells in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1):
        if any(c.strip() for c in cells):
            yield row, cells


def _number(cell: str, delimiter: str) -> float:
    text = cell.strip()
    try:
        return float(text if delimiter == "," else text.replace(",", "."))
    except ValueError:
        return math.nan


def _of_numbers(name: str, numbers: np.ndarray) -> Iterator[Fault]:
    if len(numbers) == 0 or numbers[0, 0] != 0 or numbers[0, 1] < 1:
        yield Fault(name, "at risk", "the first row gives the number at risk at time 0.")
    if (np.diff(numbers[:, 0]) <= 0).any():
        yield Fault(name, "at risk", "times must rise from row to row.")
    if (numbers[:, 1] < 0).any() or (numbers[:, 1] != np.floor(numbers[:, 1])).any() or (np.diff(numbers[:, 1]) > 0).any():
        yield Fault(name, "at risk", "numbers at risk are whole and do not rise.")
