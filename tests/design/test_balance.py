"""Standardized differences: one rule however a variable is declared, and what cannot be estimated counts as an imbalance."""

import math

import numpy as np
import pytest

from equipoise.design.balance import balance_rows
from equipoise.design.plan import everybody
from equipoise.protocol.load import load_protocol
from equipoise.protocol.measures import Covariate
from equipoise.records import FOCAL_CONSTANT, FOCAL_SD, MAHALANOBIS

KINDS = {
    "binary": {"kind": "binary"},
    "two": {"kind": "categorical", "levels": {"1": "Yes", "0": "No"}},
    "turned": {"kind": "categorical", "levels": {"0": "No", "1": "Yes"}},
    "three": {"kind": "categorical", "levels": {"0": "No", "1": "Yes", "2": "Perhaps"}},
    "continuous": {"kind": "continuous"},
}


class Arms:
    """Stands for a cohort of two arms."""

    def __init__(self, focal: np.ndarray):
        self.n = len(focal)
        self.focal = focal

    def in_arm(self, name: str) -> np.ndarray:
        return self.focal if name == "alfa" else ~self.focal


class Values:
    """Stands for the covariates, of which there is one."""

    def __init__(self, x):
        self.values = {"x": np.asarray(x)}

    def missing(self, name: str) -> np.ndarray:
        x = self.values[name]
        return np.isnan(x) if x.dtype.kind == "f" else x == ""


@pytest.fixture
def balance(tiny):
    loaded = load_protocol(tiny.write())

    def rows(kind: str, focal, other):
        spec = Covariate.model_validate({"label": "X", "from": "x", **KINDS[kind]})
        protocol = loaded.model_copy(update={"covariates": {"x": spec}})
        x = np.concatenate([np.asarray(focal), np.asarray(other)])
        if spec.kind == "categorical" and x.dtype.kind != "U":
            x = x.astype(int).astype(str)
        elif x.dtype.kind != "U":
            x = x.astype(float)
        arm = np.arange(len(x)) < len(focal)
        return {
            r.level: r
            for r in balance_rows(protocol, Arms(arm), Values(x), everybody(Arms(arm)), {"x"}, protocol.smd_denominator)
        }

    return rows


FOCAL, OTHER = [1] * 6 + [0] * 14, [1] * 15 + [0] * 15


def test_two_levels_are_one_binary_variable_however_they_are_declared(balance):
    # focal 6 of 20, other 15 of 30: -0.2 / sqrt(0.3 * 0.7)
    binary = balance("binary", FOCAL, OTHER)[""]
    assert binary.smd == pytest.approx(-0.2 / math.sqrt(0.21), rel=1e-12)
    assert binary.smd_within == pytest.approx(-0.2 / math.sqrt((0.21 + 0.25) / 2), rel=1e-12)
    for kind in ("two", "turned", "three"):
        found = balance(kind, FOCAL, OTHER)[""]
        assert (found.smd, found.smd_within) == pytest.approx((abs(binary.smd), abs(binary.smd_within)), rel=1e-12)
        assert found.scale == FOCAL_SD


def test_three_levels_that_occur_are_a_distance(balance):
    found = balance("three", FOCAL + [2], [*OTHER, 2, 2])
    assert found[""].scale == MAHALANOBIS and found["1"].scale == FOCAL_SD


@pytest.mark.parametrize("kind", ["binary", "two", "turned"])
def test_a_constant_focal_arm_takes_the_pooled_sd_and_says_so(balance, kind):
    found = balance(kind, [1] * 20, OTHER)[""]
    assert abs(found.smd) == pytest.approx(0.5 / math.sqrt(0.25 / 2), rel=1e-12)
    assert found.scale == FOCAL_CONSTANT and not found.apart


@pytest.mark.parametrize("kind", ["binary", "two", "turned", "continuous"])
def test_arms_that_are_constant_and_differ_are_apart(balance, kind):
    found = balance(kind, [1] * 20, [0] * 30)[""]
    assert math.isnan(found.smd) and math.isnan(found.smd_within) and found.apart and found.apart_within


def test_arms_that_share_no_level_are_apart(balance):
    found = balance("three", [0] * 20, [1] * 10 + [2] * 12)
    assert found[""].apart and math.isnan(found[""].smd)


@pytest.mark.parametrize("kind", ["binary", "two", "three", "continuous"])
@pytest.mark.parametrize("known", [0, 1])
def test_an_arm_with_one_known_value_or_none_has_no_difference_and_is_no_imbalance(balance, kind, known):
    missing = "" if kind in ("two", "three") else math.nan
    focal = np.array([1] * known + [missing] * (20 - known), dtype=str if missing == "" else float)
    other = np.array([0, 1, 2] * 8 if kind == "three" else OTHER).astype(focal.dtype)
    found = balance(kind, focal, other)[""]
    assert math.isnan(found.smd) and not found.apart and math.isnan(found.variance_ratio)
