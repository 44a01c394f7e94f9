import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness import answers, assert_agrees, data_set

from equipoise.stats import ArrayError, kaplan_meier, turnbull


def test_right_censored_data_give_kaplan_meier():
    d = data_set("lung")
    found = turnbull(d.time, np.where(d.event == 1, d.time, np.inf))
    km = kaplan_meier(d.time, d.event)
    steps = km.events > 0
    assert_agrees(found.at(km.time[steps]), km.survival[steps], rel=1e-7, floor=1e-9)


def test_by_hand():
    # (0, 1], (1, 3], (0, 3]: the third adds nothing, half the mass lies in each of the first two.
    found = turnbull([0, 1, 0], [1, 3, 3])
    assert_agrees(found.mass, [0.5, 0.5], rel=1e-8)
    assert_agrees(found.loglik, 2 * np.log(0.5))
    # (0, 2], (1, 3], (2, 4]: all mass in (1, 2] and (2, 3] fits everyone best when p(1 - p) is largest.
    found = turnbull([0, 1, 2], [2, 3, 4])
    assert found.left.tolist() == [1, 2] and found.right.tolist() == [2, 3]
    assert_agrees(found.mass, [0.5, 0.5], rel=1e-8)


def test_near_r():
    # R's self-consistency stops early: its survival is a few 1e-4 from the maximum, which ours proves by its gap.
    r = answers("incidence")["turnbull"]
    right = np.array([np.inf if value is None else value for value in r["right"]])
    found = turnbull(r["left"], right)
    assert found.gap < 1e-9
    inside = np.array(r["time"]) < found.right[-1] if np.isfinite(found.right[-1]) else np.array(r["time"]) >= 0
    low, high = found.at(r["time"], within="low"), found.at(r["time"], within="high")
    survival = np.array(r["survival"])
    assert (survival[inside] >= low[inside] - 5e-3).all() and (survival[inside] <= high[inside] + 5e-3).all()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_gradient_proves_the_maximum(seed):
    rng = np.random.default_rng(seed)
    n = 60
    truth = rng.exponential(10, n)
    left = np.maximum(0, truth - rng.integers(0, 6, n))
    right = np.where(rng.random(n) < 0.2, np.inf, truth + rng.integers(0, 6, n))
    found = turnbull(left, right)
    assert found.gap < 1e-7
    assert_agrees(found.mass.sum(), 1.0)
    assert (np.diff(found.survival) <= 0).all()
    order = rng.permutation(n)
    assert_agrees(turnbull(left[order], right[order]).loglik, found.loglik)
    assert_agrees(turnbull(np.tile(left, 2), np.tile(right, 2)).loglik, 2 * found.loglik)
    assert_agrees(turnbull(left, right, weight=np.full(n, 2)).loglik, 2 * found.loglik)


def test_bad_arrays():
    with pytest.raises(ArrayError, match="left is beyond right"):
        turnbull([3], [2])
    with pytest.raises(ArrayError, match="use inf for right censoring"):
        turnbull([3], [np.nan])


def test_median_interval():
    assert turnbull([0, 1, 0], [1, 3, 3]).quantile(0.7) == (1.0, 3.0)
    assert "median in" in str(turnbull([0, 1, 0], [1, 3, 3]))


def test_against_npsurv():
    r = answers("logrank_family")["npsurv"]
    right = np.array([np.inf if value is None else value for value in r["right"]])
    found = turnbull(r["left"], right)
    assert_agrees(found.loglik, r["loglik"], rel=1e-9)
    heavy = np.array(r["mass"]) > 1e-4
    assert_agrees(found.mass[found.mass > 1e-4], np.array(r["mass"])[heavy], rel=1e-3)
