import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from witness import NAMES, answers, assert_agrees, cohort, data_set

from equipoise.stats import ArrayError, rmst

R = answers("incidence")["rmst"]


@pytest.mark.parametrize("name", NAMES)
def test_against_survfit(name):
    d, r = data_set(name), R[name]
    found = rmst(d.time, d.event, d.group, r["tau"])
    assert_agrees(found.mean, r["mean"])
    assert_agrees(found.se, r["se"])


def test_by_hand():
    # Events at 1 and 3, a censoring at 2, of four; tau = 3.5: 1 + 3/4 * 2 + 3/8 * 0.5.
    found = rmst([1, 2, 3, 4], [1, 0, 1, 0], tau=3.5)
    assert_agrees(found.mean, [1 + 3 / 4 * 2 + 3 / 8 * 0.5])
    after_1, after_3 = 3 / 4 * 2 + 3 / 8 * 0.5, 3 / 8 * 0.5
    assert_agrees(found.se, [np.sqrt(after_1**2 / (4 * 3) + after_3**2 / (2 * 1))])
    assert_agrees(found.lost, [3.5 - found.mean[0]])


def test_without_censoring_it_is_the_mean():
    time = np.array([1.0, 4, 4, 6, 9])
    assert_agrees(rmst(time, np.ones(5), tau=7).mean, [np.minimum(time, 7).mean()])


def test_contrast():
    d = data_set("lung")
    found = rmst(d.time, d.event, d.group, 400)
    contrast = found.contrasts[0]
    assert_agrees(contrast.difference, found.mean[1] - found.mean[0])
    assert_agrees(contrast.difference_se, np.hypot(*found.se))
    turned = rmst(d.time, d.event, d.group, 400, reference=2).contrasts[0]
    assert_agrees([turned.difference, turned.difference_low], [-contrast.difference, -contrast.difference_high])
    assert_agrees(
        [turned.ratio, turned.ratio_low, turned.ratio_p], [1 / contrast.ratio, 1 / contrast.ratio_high, contrast.ratio_p]
    )


class TestAdjusted:
    def test_without_covariates_it_is_the_area(self):
        # Weighting each arm by its own censoring curve reproduces the Kaplan-Meier area exactly.
        d = cohort()
        found = rmst(d.time, d.event, d.treat, 1095, X=np.empty((d.time.size, 0)))
        assert_agrees(found.adjusted.difference, [found.contrasts[0].difference])
        # Greenwood's variance and the sandwich are different estimates of one variance.
        assert_agrees(found.adjusted.se, [found.contrasts[0].difference_se], rel=0.01)

    def test_without_censoring_it_is_least_squares(self):
        rng = np.random.default_rng(4)
        group, x = rng.integers(0, 2, 80), rng.normal(size=80)
        time = rng.exponential(10 * np.exp(0.3 * x), 80)
        found = rmst(time, np.ones(80), group, time.max(), X=x).adjusted
        Z = np.column_stack((np.ones(80), group, x))
        coef = np.linalg.lstsq(Z, time, rcond=None)[0]
        assert_agrees(found.coef, coef)
        bread, residual = np.linalg.inv(Z.T @ Z), time - Z @ coef
        assert_agrees(found.covariance, bread @ (Z.T * residual**2) @ Z @ bread)

    @pytest.mark.slow
    def test_limits_cover(self):
        """Coverage of 95 % limits of the adjusted difference under censoring that differs between arms."""
        rng = np.random.default_rng(8)
        n, runs, tau, hits = 300, 400, 8.0, 0
        grid = rng.normal(size=200_000)
        truth = np.mean(np.minimum(rng.exponential(6 * np.exp(0.4 * grid)), tau)) - np.mean(
            np.minimum(rng.exponential(4 * np.exp(0.4 * grid)), tau)
        )
        for _ in range(runs):
            x, arm = rng.normal(size=n), rng.integers(0, 2, n)
            event_time = rng.exponential(np.where(arm == 1, 6, 4) * np.exp(0.4 * x))
            censored_at = rng.exponential(np.where(arm == 1, 25, 15)) + 2
            time = np.minimum(event_time, censored_at)
            found = rmst(
                np.append(time, [30, 30]),
                np.append(event_time <= censored_at, [0, 0]),
                np.append(arm, [0, 1]),
                tau,
                X=np.append(x, [0, 0]),
            ).adjusted
            hits += found.low[0] <= truth <= found.high[0]
        assert abs(hits / runs - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / runs)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
@settings(max_examples=30)
def test_unit_of_time(seed, factor):
    rng = np.random.default_rng(seed)
    time, event, group = rng.integers(1, 20, 40).astype(float), rng.random(40) < 0.6, np.arange(40) % 2
    a = rmst(time, event, group)
    b = rmst(time * factor, event, group, a.tau * factor)
    assert_agrees(a.mean * factor, b.mean)
    assert_agrees(a.se * factor, b.se)


def test_horizon_beyond_follow_up_is_refused():
    with pytest.raises(ArrayError, match="tau is beyond the last observation"):
        rmst([1, 2, 3], [1, 0, 0], tau=4)
    assert rmst([1, 2, 3], [1, 1, 1], tau=4).mean == pytest.approx([2.0])


def test_prints_itself():
    d = data_set("lung")
    assert "difference" in str(rmst(d.time, d.event, d.group, 400, X=d.x2))


class TestWeights:
    def test_influence_is_the_slope_in_each_weight(self):
        d = data_set("aml")
        w, tau, step = d.weight, 40.0, 1e-6

        def area(weight):
            return rmst(d.time, d.event, tau=tau, weight=weight).mean[0]

        slopes = []
        for i in range(d.time.size):
            up, down = w.copy(), w.copy()
            up[i], down[i] = w[i] + step, w[i] - step
            slopes.append((area(up) - area(down)) / (2 * step))
        expected = np.sqrt(np.sum((w * np.array(slopes)) ** 2))
        assert_agrees(rmst(d.time, d.event, tau=tau, weight=w).se, [expected], rel=1e-6)

    def test_frequencies_are_rows(self):
        d = data_set("lung")
        count = d.frequency.astype(int)
        once = rmst(d.time, d.event, d.group, 400, weight=count)
        many = rmst(np.repeat(d.time, count), np.repeat(d.event, count), np.repeat(d.group, count), 400)
        assert_agrees(once.mean, many.mean)
        assert_agrees(once.se, many.se)

    def test_a_common_factor_is_nothing(self):
        d = data_set("pbc")
        a = rmst(d.time, d.event, d.group, 3000, weight=d.weight)
        b = rmst(d.time, d.event, d.group, 3000, weight=d.weight * 7)
        assert_agrees(a.mean, b.mean)
        assert_agrees(a.se, b.se)
