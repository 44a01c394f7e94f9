"""Exact ties, Firth, profile limits, predicted curves, residuals and concordance of Cox models."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc
from witness import NAMES, answers, assert_agrees, cohort, data_set, numbers

from equipoise.stats import ArrayError, concordance, cox, logrank

R, FIRTH = answers("cox_more"), answers("cox_firth")


def read(name):
    d = data_set(name)
    if d.X.shape[1] == 1:
        d.X = np.column_stack((d.X, np.arange(1, d.time.size + 1) % 5))
    return d


class TestExactTies:
    @pytest.mark.parametrize("name", [name for name in NAMES if "exact" in R[name]])
    def test_against_r(self, name):
        d = read(name)
        for key, strata in (("plain", None), ("strata", d.stratum)):
            r, fit = R[name]["exact"][key], cox(d.time, d.event, d.X, ties="exact", strata=strata)
            assert_agrees(fit.coef, r["coef"], floor=1e-9)
            assert_agrees(fit.se[fit.estimable], np.array(r["se"])[fit.estimable])
            assert_agrees([fit.loglik_null, fit.loglik], r["loglik"])
            assert_agrees(fit.score_chi2, r["score"])

    def test_score_test_is_the_logrank(self):
        d = data_set("lung_months")
        assert_agrees(cox(d.time, d.event, d.group, ties="exact").score_chi2, logrank(d.time, d.event, d.group).chi2)

    def test_by_hand(self):
        # Events 1 and 0 at time 1 among x = 1, 1, 0, 0: of the six pairs one has sum 2, four 1, one 0.
        fit = cox([1, 1, 2, 2], [1, 1, 0, 0], [1.0, 0, 1, 0], ties="exact")
        assert_agrees(fit.loglik_null, -np.log(6))
        assert_agrees(fit.coef, [0.0], floor=1e-9)
        # Information at zero: variance of the sum over the six pairs, (4 * 1 + 1 * 4)/6 - 1.
        assert_agrees(fit.se, [np.sqrt(3)])

    def test_what_it_lacks_is_said(self):
        with pytest.raises(ArrayError, match="weight cannot be combined with exact ties"):
            cox([1, 2], [1, 1], [0, 1], ties="exact", weight=[1, 2])
        with pytest.raises(ArrayError, match="not offered with exact ties"):
            cox([1, 2, 3], [1, 1, 1], [0, 1, 0], ties="exact").martingale()


def penalised(time, event, X, beta, ties):
    """Log-likelihood of an offset-only Cox model plus half the log determinant of its information, by other means."""
    fit = cox(time, event, X, ties=ties, offset=X @ beta)
    null = fit._maximum.null
    return null.loglik + 0.5 * np.linalg.slogdet(null.information)[1]


class TestFirth:
    @pytest.mark.parametrize("ties", ["efron", "breslow"])
    @pytest.mark.parametrize("name", ["ovarian", "aml", "lung_months"])
    def test_maximises_the_penalised_likelihood(self, name, ties):
        d = read(name)
        fit = cox(d.time, d.event, d.X, ties=ties, firth=True)
        best = penalised(d.time, d.event, d.X, fit.coef, ties)
        assert_agrees(fit.loglik, best)
        for j in range(d.X.shape[1]):
            step = np.zeros(d.X.shape[1])
            step[j] = 1e-3 * fit.se[j]
            up, down = (penalised(d.time, d.event, d.X, fit.coef + s, ties) for s in (step, -step))
            assert up < best and down < best
            # The slope between both sides vanishes at the maximum.
            assert abs(up - down) < 1e-8

    def test_separation_has_a_finite_estimate(self):
        # Nobody with x = 1 has an event: the plain likelihood is monotone.
        time, event, x = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 1, 1, 0, 1]
        assert not cox(time, event, x).estimable[0]
        fit = cox(time, event, x, firth=True)
        assert fit.estimable[0] and -5 < fit.coef[0] < 0
        low, high = fit.profile_limits()
        assert low[0] < fit.hr[0] < high[0]

    def test_two_subjects_by_hand(self):
        # One event of two, x = 1 with the event: penalised likelihood p * sqrt(p (1 - p)), largest at p = 3/4.
        fit = cox([1, 2], [1, 0], [1.0, 0.0], firth=True)
        assert_agrees(np.exp(fit.coef), [3.0])
        assert_agrees(fit.loglik, np.log(0.75) + 0.5 * np.log(0.75 * 0.25))

    def test_large_samples_hardly_change(self):
        d = cohort()
        plain, firth = cox(d.time, d.event, d.X), cox(d.time, d.event, d.X, firth=True)
        assert np.abs((plain.coef - firth.coef) / plain.se).max() < 0.05

    def test_aliased_column(self):
        d = read("ovarian")
        fit = cox(d.time, d.event, np.column_stack((d.X[:, 0], 2 * d.X[:, 0], d.X[:, 1])), firth=True)
        assert fit.aliased.tolist() == [False, True, False]
        assert_agrees(fit.coef[[0, 2]], cox(d.time, d.event, d.X[:, :2], firth=True).coef)

    @pytest.mark.parametrize("ties", ["efron", "breslow"])
    @pytest.mark.parametrize("name", ["lung", "veteran"])
    def test_residuals_and_curve_against_r(self, name, ties):
        # R's maximum comes from numerical slopes, to about 1e-9 standard errors.
        d, r = data_set(name), FIRTH[name][ties]
        fit, rows = cox(d.time, d.event, d.X, ties=ties, firth=True), np.array(r["row"]) - 1
        assert_agrees(fit.coef, r["coef"], rel=1e-6)
        assert_agrees(fit.martingale()[rows], r["martingale"], rel=1e-7, floor=1e-9)
        assert_agrees(fit.score_residuals()[rows], r["score"], rel=1e-6, floor=1e-7)
        assert_agrees(fit.dfbeta()[rows], r["dfbeta"], rel=1e-6, floor=1e-9)
        assert_agrees(np.abs(fit.schoenfeld()[2]).sum(axis=0), r["schoenfeld"], rel=1e-7)
        curve, at = fit.survival(d.X[0]), r["at"]
        assert_agrees(curve.at(at["time"]), at["survival"], rel=1e-7)
        place = np.searchsorted(curve.time, at["time"])
        assert_agrees(curve.std_err[place], at["std_err"], rel=1e-7)


class TestProfileLimits:
    @pytest.mark.parametrize("options", [{}, {"ties": "exact"}, {"firth": True}])
    def test_likelihood_has_fallen_by_the_quantile(self, options):
        d = read("ovarian")
        fit = cox(d.time, d.event, d.X, **options)
        for j, ends in enumerate(np.log(np.array(fit.profile_limits())).T):
            for end in ends:
                others = np.delete(d.X, j, axis=1)
                if options.get("firth"):
                    continue
                fixed = cox(d.time, d.event, others, offset=d.X[:, j] * end, **options)
                assert_agrees(fixed.loglik, fit.loglik - 1.959963984540054**2 / 2)

    def test_near_wald_in_large_samples(self):
        d = cohort()
        fit = cox(d.time, d.event, d.X[:, :3])
        low, high = fit.profile_limits()
        assert_agrees(np.log(low), np.log(fit.low), rel=0.02)
        assert_agrees(np.log(high), np.log(fit.high), rel=0.02)

    def test_p_agrees_with_the_limits(self):
        d = read("ovarian")
        for options in ({}, {"firth": True}):
            fit = cox(d.time, d.event, d.X, **options)
            for j, p in enumerate(fit.profile_p()):
                low, high = fit.profile_limits(conf_level=1 - p, columns=[j])
                # At the level of its own P one limit is a hazard ratio of 1.
                assert_agrees(min(abs(np.log(low[j])), abs(np.log(high[j]))), 0.0, floor=1e-7)
                assert np.isnan(np.delete(low, j)).all()

    def test_p_by_hand(self):
        # One event of two: penalised likelihood p sqrt(p (1 - p)), largest at 3/4; at a coefficient of zero p = 1/2.
        fit = cox([1, 2], [1, 0], [1.0, 0.0], firth=True)
        drop = 1.5 * np.log(0.75) + 0.5 * np.log(0.25) - 2 * np.log(0.5)
        assert_agrees(fit.profile_p(), [chdtrc(1, 2 * drop)])

    def test_many_terms_are_quick(self):
        rng = np.random.default_rng(1)
        X = np.column_stack((np.arange(1000) < 6, rng.normal(size=(1000, 29))))
        fit = cox(np.ceil(rng.exponential(300, 1000)), rng.random(1000) < 0.6, X, firth=True)
        begun = time.process_time()
        fit.profile_limits(columns=[0])
        assert time.process_time() - begun < 1.0

    def test_monotone_likelihood(self):
        time, event, x = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 1, 1, 0, 1]
        low, high = cox(time, event, x).profile_limits()
        assert low[0] == 0 and 0 < high[0] < np.inf

    def test_by_hand(self):
        # One event of two: likelihood p; log p falls by half of 3.8415 below its supremum 0 at p = exp(-1.9207).
        low, high = cox([1, 2], [1, 0], [1.0, 0.0]).profile_limits()
        p = np.exp(-(1.959963984540054**2) / 2)
        assert_agrees(low, [p / (1 - p)], rel=1e-7)
        assert high[0] == np.inf


def curve_agrees(curve, r):
    place = np.searchsorted(curve.time, np.array(r["time"]) - 1e-9)
    assert_agrees(curve.time[place], r["time"])
    assert_agrees(curve.cumulative_hazard[place], r["cumhaz"])
    assert_agrees(curve.survival[place], r["survival"])
    assert_agrees(curve.std_err[place], r["se"])
    assert_agrees(curve.low[place], r["low"])
    assert_agrees(curve.high[place], r["high"])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("name", NAMES)
class TestAgainstR:
    def test_curves(self, name, ties):
        d, r = read(name), R[name][ties]
        x = R[name]["x0"]
        fit = cox(d.time, d.event, d.X, ties=ties)
        curve_agrees(fit.survival(), r["at_mean"])
        curve_agrees(fit.survival(x), r["at_x"])
        curve_agrees(fit.survival(x, conf_type="log-log"), r["loglog"])
        curve_agrees(cox(d.time, d.event, d.X, ties=ties, weight=d.weight).survival(x), r["weight_at_x"])
        curve_agrees(cox(d.time, d.event, d.X, ties=ties, entry=d.entry).survival(x), r["entry_at_x"])
        base = fit.baseline_hazard()
        hazard = np.concatenate(([0.0], base.cumulative_hazard))
        assert_agrees(hazard[np.searchsorted(base.time, r["base_time"], side="right")], r["base"])

    def test_residuals(self, name, ties):
        d = read(name)
        for key, options in (
            ("residuals", {}),
            ("weight_residuals", {"weight": d.weight}),
            ("entry_residuals", {"entry": d.entry}),
        ):
            r, fit = R[name][ties][key], cox(d.time, d.event, d.X, ties=ties, **options)
            row = np.array(r["row"]) - 1
            assert_agrees(fit.martingale()[row], r["martingale"], floor=1e-10)
            assert_agrees(fit.deviance()[row], r["deviance"], rel=1e-7, floor=1e-7)
            assert_agrees(fit.score_residuals()[row], r["score"], rel=1e-7, floor=1e-7)
            assert_agrees(fit.dfbeta()[row], r["dfbeta"], rel=1e-7, floor=1e-9)
            time, rows, ours = fit.schoenfeld()
            order = np.lexsort((rows, time))
            theirs = numbers(r["schoenfeld"])
            assert_agrees(ours[order][: len(theirs)], theirs, rel=1e-7, floor=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_concordance_against_r(name):
    d, r = read(name), R[name]["concordance"]
    for key, options in (("plain", {}), ("weight", {"weight": d.weight}), ("strata", {"strata": d.stratum})):
        found = cox(d.time, d.event, d.X, **options).concordance()
        assert_agrees([found.concordant, found.discordant, found.tied], r[key]["count"])
        assert_agrees([found.c, found.se], [r[key]["c"], r[key]["se"]])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_concordance_by_listing_the_pairs(seed):
    rng = np.random.default_rng(seed)
    time, event, score = rng.integers(1, 8, 25), rng.random(25) < 0.6, rng.integers(0, 5, 25)
    event[time.argmin()] = True
    good = bad = tied = 0
    for i in range(25):
        for j in range(25):
            if event[i] and (time[j] > time[i] or (time[j] == time[i] and not event[j])):
                good += score[i] > score[j]
                bad += score[i] < score[j]
                tied += score[i] == score[j]
    if good + bad + tied == 0:
        return
    found = concordance(time, event, score)
    assert_agrees([found.concordant, found.discordant, found.tied], [good, bad, tied])
    assert_agrees(found.c, (good + tied / 2) / (good + bad + tied))


class TestAverageSurvival:
    def test_one_row_is_its_curve(self):
        d = data_set("lung")
        fit = cox(d.time, d.event, d.X)
        times = [100, 300, 2000]
        assert_agrees(fit.average_survival(d.X[:1], times), fit.survival(d.X[0]).at(times))

    def test_weights_and_blocks(self):
        d = data_set("lung")
        fit = cox(d.time, d.event, d.X)
        many = np.tile(d.X, (30, 1))
        assert_agrees(fit.average_survival(many, [200]), fit.average_survival(d.X, [200]))
        halves = fit.average_survival(d.X[:2], [200], weight=[1, 3])
        assert_agrees(halves, (fit.survival(d.X[0]).at(200) + 3 * fit.survival(d.X[1]).at(200)) / 4)

    def test_stratified(self):
        d = data_set("lung")
        fit = cox(d.time, d.event, d.X[:, :2], strata=d.stratum)
        with pytest.raises(ArrayError, match="stratum is needed"):
            fit.survival()
        with pytest.raises(ArrayError, match="no event in stratum 7"):
            fit.survival(stratum=7)
        alone = d.stratum == 1
        curve = fit.survival(stratum=1)
        assert set(curve.time) == set(d.time[alone & (d.event == 1)])


def test_residuals_sum_to_zero():
    d = read("pbc")
    fit = cox(d.time, d.event, d.X)
    assert abs(fit.martingale().sum()) < 1e-8
    assert np.abs(fit.score_residuals().sum(axis=0)).max() < 1e-6
    assert np.abs(fit.schoenfeld()[2].sum(axis=0)).max() < 1e-6


def test_robust_variance_is_made_of_dfbeta():
    d = read("pbc")
    fit = cox(d.time, d.event, d.X, weight=d.weight, robust=True)
    assert_agrees(fit.dfbeta().T @ fit.dfbeta(), fit.covariance, floor=1e-12)
