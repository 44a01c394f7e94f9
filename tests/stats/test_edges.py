"""Degenerate data at which estimators used to give a wrong number or none: against R, or by algebra."""

import math

import numpy as np
import pytest
from witness import answers, assert_agrees, data_set

from equipoise.stats import (
    ArrayError,
    concordance,
    cox,
    cumulative_incidence,
    fine_gray,
    fine_gray_rows,
    kaplan_meier,
    logrank,
    mann_whitney,
    maxcombo,
    rate_ratio,
    rmst,
    signed_rank,
    t_test,
)
from equipoise.stats.curve_limits import confidence_limits

R = answers("edges")


class TestDegreesOfFreedom:
    @pytest.mark.parametrize(("column", "answer"), [("g", "two_and_two"), ("h", "three_and_two")])
    def test_groups_nested_in_strata(self, column, answer):
        d, r = R["nested"]["data"], R["nested"][answer]
        found = logrank(d["time"], d["event"], d[column], strata=d["s"])
        assert_agrees([found.chi2, found.df, found.p], [r["chi2"], r["df"], r["p"]])

    @pytest.mark.parametrize("weighting", ["fleming-harrington", "gehan", "tarone-ware", "peto"])
    def test_weighted_tests_of_nested_groups(self, weighting):
        d = {k: np.array(v) for k, v in R["nested"]["data"].items()}
        found = logrank(d["time"], d["event"], d["g"], strata=d["s"], weighting=weighting)
        parts = [logrank(d["time"][s], d["event"][s], d["g"][s], weighting=weighting) for s in (d["s"] == 0, d["s"] == 1)]
        assert found.df == 2
        assert_agrees(found.chi2, sum(part.chi2 for part in parts))

    def test_a_group_that_leaves_before_the_first_event(self):
        d = data_set("pbc")
        early = np.full(4, 1e-3)
        time, cause = np.concatenate([d.time, early]), np.concatenate([d.cause, np.zeros(4)])
        group = np.concatenate([d.group, np.full(4, 99)])
        plain, more = cumulative_incidence(d.time, d.cause, d.group), cumulative_incidence(time, cause, group)
        for a, b in zip(plain.gray, more.gray, strict=True):
            assert_agrees([b.chi2, b.df, b.p], [a.chi2, a.df, a.p])
        a = logrank(d.time, d.event, d.group)
        b = logrank(time, np.concatenate([d.event, np.zeros(4)]), group)
        assert_agrees([b.chi2, b.df, b.p], [a.chi2, a.df, a.p])

    def test_nobody_at_risk_together(self):
        found = logrank([1, 2, 5, 6], [1, 1, 1, 1], [0, 0, 1, 1], entry=[0, 0, 3, 3])
        assert found.df == 0 and math.isnan(found.p)

    def test_maxcombo_passes_over_a_weight_without_variance(self):
        # All events at one time: late weights are zero there.
        time, event, group = [3, 3, 3, 4, 5, 3, 4, 6, 7], [1, 1, 1, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1, 1, 1]
        found, one = maxcombo(time, event, group), logrank(time, event, group)
        assert np.isnan(found.z[1]) and np.isnan(found.z[3])
        assert_agrees([found.statistic**2, found.p], [one.chi2, one.p], rel=1e-5)

    def test_maxcombo_far_out_is_not_zero(self):
        time = np.concatenate([np.arange(1, 301), np.arange(301, 601)])
        found = maxcombo(time, np.ones(600), np.repeat([0, 1], 300))
        assert found.p > 0


class TestExactRankTests:
    @pytest.mark.parametrize("r", R["apart"], ids=lambda r: "-".join(map(str, r["n"])))
    def test_samples_apart(self, r):
        m, n = r["n"]
        x, y = np.arange(m) + 1000.0, np.arange(n) * 1.0
        assert_agrees(mann_whitney(x, y, exact=True).p, 2 / math.comb(m + n, m), rel=1e-12, floor=0)
        assert_agrees(mann_whitney(y, x, exact=True).p, r["p"], rel=1e-10, floor=0)

    def test_either_order(self):
        r = R["ranks"]
        assert_agrees(mann_whitney(r["x"], r["y"], exact=True).p, r["p"], rel=1e-10, floor=0)
        assert_agrees(mann_whitney(r["y"], r["x"], exact=True).p, r["swapped"], rel=1e-10, floor=0)

    def test_all_signs_alike(self):
        r = R["signs"]
        assert_agrees(signed_rank(r["x"]).p, r["p"], rel=1e-12, floor=0)
        assert_agrees(signed_rank(-np.array(r["x"])).p, 2 / 2**45, rel=1e-12, floor=0)

    def test_large_samples_do_not_overflow(self):
        x = np.arange(1200.0) * 2
        exact = mann_whitney(x[:600], x[:600] + 3, exact=True).p
        assert exact == pytest.approx(mann_whitney(x[:600], x[:600] + 3, exact=False).p, rel=1e-2)
        steps = np.arange(1, 1201) * np.where(np.arange(1200) % 2, -1.0, 1.0)
        assert signed_rank(steps, exact=True).p == pytest.approx(signed_rank(steps, exact=False).p, rel=1e-2)


@pytest.mark.parametrize("r", R["finegray"], ids=["one_at_0", "three_at_0", "event_at_0"])
def test_fine_gray_rows_at_time_zero(r):
    found = fine_gray_rows(r["t"], r["c"])
    assert (found.row + 1).tolist() == r["id"]
    for ours, theirs in ((found.entry, "start"), (found.time, "stop"), (found.event, "status"), (found.weight, "weight")):
        assert_agrees(ours, r[theirs])


class TestRmstHorizon:
    time = np.array([0.1, 0.4, 0.7, 0.1 + 0.2, 0.7000000000000001, 0.1 * 7])

    @pytest.mark.parametrize("shift", [0, 1])
    def test_times_that_differ_by_rounding_are_one(self, shift):
        group = (np.array([0, 1, 0, 1, 1, 0]) + shift) % 2
        found, whole = rmst(self.time, [1, 0, 1, 1, 0, 0], group), rmst(np.array([1, 4, 7, 3, 7, 7]), [1, 0, 1, 1, 0, 0], group)
        assert_agrees([found.tau, *found.mean, *found.se], [0.7, *whole.mean / 10, *whole.se / 10])

    def test_a_horizon_given_is_tied_too(self):
        found = rmst([0.1, 0.3, 0.3], [1, 0, 1], tau=0.1 + 0.2)
        assert found.tau == 0.3

    def test_a_horizon_beyond_the_data_is_still_refused(self):
        with pytest.raises(ArrayError, match="beyond the last observation"):
            rmst([0.1, 0.3, 0.3], [1, 0, 0], tau=0.31)


class TestOneValueOrNone:
    def test_pooled_t_with_one_value(self):
        found, r = t_test([5.25], [1, 2.5, 3, 4.75, 2], equal_variance=True), R["pooled"]
        assert_agrees([found.statistic, found.df, found.p], [r["t"], r["df"], r["p"]])
        assert_agrees(t_test([1, 2.5, 3, 4.75, 2], [5.25], equal_variance=True).p, r["p"])
        with pytest.raises(ArrayError, match="at least three"):
            t_test([1.0], [2.0], equal_variance=True)
        with pytest.raises(ArrayError, match="at least 2"):
            t_test([1.0], [2.0, 3.0])

    def test_no_events_in_either_arm(self):
        found, r = rate_ratio([0, 0], [14, 33]), R["no_events"]
        assert math.isnan(found.ratio)
        assert [found.low, found.high, found.p] == [r["low"], r["high"], r["p"]] == [0, math.inf, 1]


@pytest.mark.parametrize("name", R["zero"])
def test_weighted_curve_that_reaches_zero(name):
    r = R["zero"][name]
    curve = kaplan_meier(
        [1, 2, 2, 3, 5, 6], [1, 1, 0, 1, 1, 1], weight=[0.3, 0.7, 0.2, 0.45, 0.6, 0.25],
        conf_type={"loglog": "log-log"}.get(name, name),
    )  # fmt: skip
    assert_agrees(curve.survival, r["survival"])
    assert_agrees(curve.std_err, r["se"])
    assert_agrees([curve.low, curve.high], [r["low"], r["high"]])
    median = curve.quantile(0.5)
    assert_agrees([median.value, median.low, median.high], [r["median"], r["median_low"], r["median_high"]])


def test_log_log_limits_beside_one_are_the_whole_range():
    """Of a probability that rounding keeps below 1; the shift of the scale has no end there."""
    low, high = confidence_limits(np.array([np.nextafter(1.0, 0.0)]), np.array([0.1]), "log-log", 0.95)
    assert (low[0], high[0]) == (0.0, 1.0)


@pytest.mark.parametrize("estimate", [kaplan_meier, logrank, cumulative_incidence, rmst, cox, concordance])
def test_an_entry_that_differs_from_its_time_by_rounding_is_refused(estimate):
    """As ``survfit`` and ``coxph`` of R, "an interval has effective length 0"."""
    rows = [1.5, 2.5, 3.0, 4.0], [1, 1, 1, 0]
    more = {kaplan_meier: (), logrank: ([0, 1, 0, 1],), cumulative_incidence: (), rmst: ()}.get(estimate, ([1.0, 2.0, 0.0, 1.0],))
    with pytest.raises(ArrayError, match=r"entry is not before time in 1 row\."):
        estimate(*rows, *more, entry=[0, 0, 3 - 1e-10, 0])


@pytest.mark.parametrize("entry", [None, [0.0, 0.0, 0.0, 0.0]])
def test_incidence_where_the_last_rows_weigh_nothing(entry):
    # survfit(Surv(c(1, 2, 3, 4), factor(c(1, 2, 0, 1))) ~ 1, weights = c(.5, 1, .7, 0))
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1], weight=[0.5, 1, 0.7, 0], entry=entry)
    at = [found.curve(cause).at([1, 2, 3, 4]) for cause in (1, 2)]
    assert_agrees([a.incidence for a in at], [[5 / 22] * 4, [0, 5 / 11, 5 / 11, 5 / 11]])
    assert [a.std_err.round(7).tolist() for a in at] == [[0.2162030] * 4, [0, 0.3050583, 0.3050583, 0.3050583]]
    assert [(c.n, c.n_events) for c in found.curves] == [(4, 2), (4, 1)]


def test_incidence_where_nobody_who_weighs_is_at_risk_at_first():
    whole, late = {"weight": [0, 1, 1]}, {"entry": [0, 1, 1]}
    found = cumulative_incidence([1, 2, 3], [1, 1, 2], **whole, **late)
    alone = cumulative_incidence([2, 3], [1, 2], entry=[1, 1])
    assert [c.incidence.tolist() for c in found.curves] == [c.incidence.tolist() for c in alone.curves] == [[0.5, 0.5], [0, 0.5]]
    assert [c.std_err.tolist() for c in found.curves] == [c.std_err.tolist() for c in alone.curves]


@pytest.mark.parametrize("estimate", [rmst, cumulative_incidence])
def test_a_group_without_weight_has_no_curve(estimate):
    with pytest.raises(ArrayError, match="weight is zero in every row of group 'b'"):
        estimate([1, 2, 3, 4], [1, 0, 1, 0], group=["a", "a", "b", "b"], weight=[1, 1, 0, 0])


@pytest.mark.parametrize("model", [cox, fine_gray])
def test_a_model_without_covariates_is_refused(model):
    with pytest.raises(ArrayError, match="X has no columns"):
        model([1, 2, 3, 4], [1, 0, 1, 0], np.empty((4, 0)))
