"""A zero for 'not recorded' is a finding; a count, a grade, an amount that may be none, is not."""

from __future__ import annotations

import random

import pytest

from equipoise.cohort.build import build_cohort
from equipoise.data.quality import find_quality
from equipoise.data.sources import examine_sources
from equipoise.protocol.load import load_protocol
from sheet import Sheet

LIVING = {
    "respiration": lambda d: d.randint(10, 38),
    "systolic pressure": lambda d: d.randint(70, 210),
    "albumin": lambda d: round(d.gauss(3.6, 0.5), 1),
    "Hb": lambda d: round(d.gauss(12, 2), 1),
    "weight_kg": lambda d: d.randint(42, 110),
    "ldh": lambda d: d.randint(140, 300),
}
MAY_BE_ZERO = {
    "nodes": lambda d: min(20, int(d.expovariate(0.3))),
    "ecog": lambda d: d.choice((0, 1, 1, 2)),
    "afp": lambda d: int(10 ** d.uniform(0, 4)),
    "pack_years": lambda d: d.choice((0, 0, d.randint(5, 60))),
    "weight loss": lambda d: d.randint(5, 20),
    "bilirubin": lambda d: round(10 ** d.uniform(-1, 1), 1),
    "radiation_gy": lambda d: d.choice((0, 50, 60)),
    "pain score": lambda d: d.randint(0, 10),
}


def zeros_of(folder, heading: str, values: list) -> list[int]:
    """Rows of the finding about zeros."""
    sheet = Sheet(folder)
    sheet.columns[heading] = values
    sheet.protocol["covariates"]["measured"] = {"label": "M", "kind": "continuous", "from": f'"{heading}"'}
    protocol = load_protocol(sheet.write())
    sources, _ = examine_sources(protocol)
    found = find_quality(protocol, sources, build_cohort(protocol, sources)).findings
    return [row for f in found if f.rule.startswith("zero_") for _, row in f.rows]


@pytest.mark.parametrize("heading", LIVING)
@pytest.mark.parametrize("rows", [(4,), (4, 17, 40)])
def test_zero_for_not_recorded(tmp_path, heading, rows):
    draw = random.Random(3)
    values = [LIVING[heading](draw) for _ in range(60)]
    assert zeros_of(tmp_path, heading, values) == []
    for row in rows:
        values[row - 1] = 0
    assert zeros_of(tmp_path, heading, values) == list(rows)


def test_many_zeros_of_a_vital_sign(tmp_path):
    values = [0 if i % 5 == 0 else 12 + i % 20 for i in range(60)]
    assert len(zeros_of(tmp_path, "resp", values)) == 12


@pytest.mark.parametrize("heading", MAY_BE_ZERO)
def test_zero_that_may_be(tmp_path, heading):
    draw = random.Random(4)
    values = [MAY_BE_ZERO[heading](draw) for _ in range(60)]
    values[10] = values[20] = values[30] = values[40] = 0
    assert zeros_of(tmp_path, heading, values) == []
