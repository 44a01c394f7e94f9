"""Run a study again and hold every number against the value that R gave for it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from equipoise.records import Study
from equipoise.study import run_study

TOLERANCE = 1e-8  # relative; R itself converges about that far
FIELDS = ("value", "low", "high")


@dataclass(frozen=True, slots=True)
class Witness:
    """A study whose numbers another program has computed. protocol, expected: files of the package."""

    name: str
    what: str
    program: str
    licence: str
    protocol: tuple[str, str]
    expected: tuple[str, str]


WITNESSES = (
    Witness(
        "gbsg2",
        "686 women of the GBSG-2 trial, hormonal therapy or none",
        "R 4.2.2, survival 3.5-3, by the script of `equipoise export --to r`",
        "data distributed with lifelines, MIT",
        ("equipoise.verify", "gbsg2/study.yaml"),
        ("equipoise.verify", "gbsg2/results_r.csv"),
    ),
    Witness(
        "founding",
        "194 synthetic patients from raw tables to estimates",
        "R 4.2.2, survival 3.5-3, cmprsk 2.2-11, by the script of `equipoise export --to r`",
        "synthetic data, our own",
        ("equipoise.founding", "study.yaml"),
        ("equipoise.verify", "founding/results_r.csv"),
    ),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One number: the witness's value and ours. passed: equal within TOLERANCE relative, or both missing."""

    witness: str
    key: str
    field: str
    expected: float
    obtained: float
    passed: bool


def run_witness(witness: Witness) -> list[Check]:
    """Every number of the stored file, in its order."""
    with resources.as_file(_file(witness.protocol)) as protocol:
        study = run_study(protocol)
    return list(_checks(witness, study))


def _checks(witness: Witness, study: Study) -> Iterator[Check]:
    with _file(witness.expected).open(encoding="utf-8") as file:
        for stored in csv.DictReader(file):
            row = study.estimates.get(stored["key"])
            for field in FIELDS:
                expected = float(stored[field]) if stored[field] not in ("", "NA", "NaN") else math.nan
                obtained = math.nan if row is None else float(getattr(row, field))
                if field == "value" or not math.isnan(expected):
                    yield Check(witness.name, stored["key"], field, expected, obtained, _equal(expected, obtained))


def _equal(expected: float, obtained: float) -> bool:
    if math.isinf(expected):  # no finite value: ours is infinite (a ratio against no event) or missing
        return not math.isfinite(obtained)
    if math.isnan(expected) or math.isnan(obtained):
        return math.isnan(expected) and math.isnan(obtained)
    return abs(expected - obtained) <= TOLERANCE * max(abs(expected), 1e-300)


def _file(place: tuple[str, str]) -> Path:
    return resources.files(place[0]).joinpath(*place[1].split("/"))
