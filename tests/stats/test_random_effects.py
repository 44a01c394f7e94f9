"""Random-effects summary against metafor (reference/random_effects.R)."""

import csv
from pathlib import Path

import numpy as np
import pytest

from equipoise.stats import ArrayError, random_effects

CASES = {
    "mixed": (np.log([0.45, 0.83, 0.61, 1.10, 0.72]), np.square([0.32, 0.21, 0.15, 0.25, 0.18])),
    "alike": (np.log([0.80, 0.82, 0.79]), np.square([0.2, 0.3, 0.25])),
}
NAMES = ("estimate", "se", "low", "high", "p", "prediction_low", "prediction_high", "tau2", "i2", "q", "q_p")
ROWS = list(csv.reader((Path(__file__).parent / "reference" / "random_effects_r.csv").open()))


def test_every_case_has_its_values():
    assert len(ROWS) == 4


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_agrees_with_metafor(row):
    found = random_effects(*CASES[row[0]], method=row[1])
    for name, value in zip(NAMES, row[2:], strict=True):
        assert getattr(found, name) == pytest.approx(float(value), rel=1e-8, abs=1e-12), name


def test_weights_sum_to_one_and_the_order_does_not_matter():
    y, v = CASES["mixed"]
    one, other = random_effects(y, v), random_effects(y[::-1], v[::-1])
    assert one.weight.sum() == pytest.approx(1)
    assert other.estimate == pytest.approx(one.estimate, rel=1e-10)


@pytest.mark.parametrize(("y", "v"), [([0.1], [0.2]), ([0.1, 0.2], [0.1, 0.0]), ([0.1, 0.2], [0.1])])
def test_what_cannot_be_pooled(y, v):
    with pytest.raises(ArrayError):
        random_effects(y, v)
