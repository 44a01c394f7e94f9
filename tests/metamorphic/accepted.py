"""The only outcomes that are accepted of any input: sentences, or a finished study with finite or blank numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from same import NUMBERS

from equipoise.errors import EquipoiseError
from equipoise.records import Study
from equipoise.study import check_study, run_study


def outcome(path: Path, planted: Sequence[str] = ()) -> Study | None:
    """The study, or None where it was refused. planted: values of patients, which no message may hold. What `check` lets through
    runs, and what it says holds no patient's value either."""
    said: list[str] = []
    passes = True
    try:
        check_study(path, said.append)
    except EquipoiseError as error:
        passes = False
        sentences(error, planted)
    nothing_of_a_patient("\n".join(said), planted)
    said.clear()
    try:
        study = run_study(path, said.append)
    except EquipoiseError as error:
        assert not passes, f"check said that the study can run, and run refused: {error}"
        sentences(error, planted)
        return None
    finally:
        nothing_of_a_patient("\n".join(said), planted)
    for finding in study.sources.findings:
        nothing_of_a_patient(finding.sentence(), planted)
    finite_or_blank(study)
    return study


def sentences(error: EquipoiseError, planted: Sequence[str] = ()) -> None:
    """Every fault names its place and says something; nothing of a patient, of Python or of the engine is in it."""
    assert error.faults
    for fault in error.faults:
        text = fault.sentence()
        assert fault.place and len(fault.message.split()) >= 3, text
        assert len(text) < 20_000, f"a message of {len(text)} signs: {text[:200]}"
        for word in ("Traceback", "Error:", "duckdb", "pydantic", "site-packages", "NoneType", "object at 0x"):
            assert word not in text, text
    nothing_of_a_patient(str(error), planted)


def nothing_of_a_patient(text: str, planted: Sequence[str]) -> None:
    for value in planted:
        assert value not in text, text


def finite_or_blank(study: Study) -> None:
    odd = [
        (row.key, name, getattr(row, name))
        for row in study.estimates.rows.values()
        for name in NUMBERS
        if math.isinf(getattr(row, name)) and row.statistic not in UNBOUNDED
    ]
    assert not odd, odd[:5]
    wrong = [
        r.key
        for r in study.estimates.rows.values()
        if r.statistic.split("_")[0] == "p" and not (0 <= r.value <= 1 or math.isnan(r.value))
    ]
    assert not wrong, wrong[:5]


UNBOUNDED = ("odds_ratio", "rate_ratio")  # infinite where nobody of the reference had the event
