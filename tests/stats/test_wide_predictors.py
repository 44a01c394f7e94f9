"""Linear predictors far apart: the numbers of the definition, risk set by risk set, and of R where R has them.

A sum over a risk set may hold terms hundreds of powers of ten apart; with delayed entry those not yet at risk must not
be subtracted from it.  The definition below scales every risk set by its own largest member and adds it up alone.
"""

import math

import numpy as np
import pytest
from witness import answers, assert_agrees, data_set

from equipoise.stats import cox, cox_curves, cox_likelihood, fine_gray, fine_gray_likelihood
from equipoise.stats.cox_likelihood import PartialLikelihood
from equipoise.stats.cox_residuals import martingale
from equipoise.stats.cox_risk_sets import risk_sets
from equipoise.stats.cox_scores import score_matrix
from equipoise.stats.fine_gray_likelihood import prepare
from equipoise.stats.validation import observations

R = answers("wide")
SPREADS = [0.0, 20.0, 40.0, 100.0, 350.0, 700.0, 2000.0]


def waves(spread, n=60, seed=0):
    """Patients who enter in six waves, each wave's linear predictor above that of the wave before; tied times."""
    rng = np.random.default_rng(seed)
    wave = np.arange(n) * 6 // n
    entry = wave * 20 + rng.integers(0, 10, n)
    time = entry + rng.integers(5, 90, n)
    event = (rng.random(n) < 0.7).astype(float)
    return time, event, rng.normal(size=(n, 2)), entry, spread * wave / 5, rng.integers(1, 4, n) / 2, rng.integers(0, 2, n)


def by_definition(time, event, X, entry, offset, weight, strata, beta, efron):
    """Log-likelihood, gradient, information, score residuals (weighted) and expected events, one denominator at a time."""
    X = X - X.mean(axis=0)
    eta = X @ beta + offset
    loglik, gradient, information = [], np.zeros(beta.size), np.zeros((beta.size, beta.size))
    scores, expected = np.zeros(X.shape), np.zeros(time.size)
    for stratum in np.unique(strata):
        for t in np.unique(time[(event == 1) & (strata == stratum)]):
            at_risk = np.flatnonzero((strata == stratum) & (entry < t) & (t <= time))
            dead = (event[at_risk] == 1) & (time[at_risk] == t)
            d, top, x = int(dead.sum()), eta[at_risk].max(), X[at_risk]
            own, r = weight[at_risk][dead].mean(), np.exp(eta[at_risk] - top)
            loglik += [*(weight[at_risk] * eta[at_risk])[dead]]
            gradient += (weight[at_risk] * dead) @ x
            for rank in range(d):
                present = 1 - dead * (rank / d if efron else 0.0)
                share = weight[at_risk] * r * present
                total = math.fsum(share)
                mean = share @ x / total
                loglik.append(-own * (math.log(total) + top))
                gradient -= own * mean
                information += own * (x - mean).T @ ((share / total)[:, None] * (x - mean))
                hazard = own * r * present / total
                expected[at_risk] += hazard
                scores[at_risk] -= hazard[:, None] * (x - mean)
                scores[at_risk[dead]] += (x[dead] - mean) / d
    return math.fsum(loglik), gradient, information, scores * weight[:, None], expected


@pytest.mark.parametrize("efron", [True, False])
@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("n", [60, 700])
def test_every_sum_by_its_definition(n, spread, late, efron):
    time, event, X, entry, offset, weight, strata = waves(spread, n)
    entry = entry if late else np.full(n, -1)
    beta = np.array([0.7, -0.4])
    seen = observations(time, event, weight=weight, entry=entry if late else None)
    likelihood = PartialLikelihood(risk_sets(seen, X, strata, offset), efron)
    done = likelihood.at(beta)
    loglik, gradient, information, scores, expected = by_definition(time, event, X, entry, offset, weight, strata, beta, efron)
    assert done.loglik == pytest.approx(loglik, rel=1e-12)
    np.testing.assert_allclose(done.gradient, gradient, rtol=1e-9, atol=1e-10 * n)
    np.testing.assert_allclose(done.information, information, rtol=1e-9, atol=1e-10 * n)
    np.testing.assert_allclose(score_matrix(likelihood, done), scores, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(event - martingale(likelihood, done, event == 1), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("wide", R["wide"], ids=lambda w: str(w["spread"]))
def test_delayed_entry_against_risk_sets_of_their_own_in_r(wide):
    X = np.column_stack((R["x1"], R["x2"]))
    fit = cox(R["time"], R["event"], X, entry=R["entry"], offset=wide["offset"], robust=True)
    assert_agrees(fit.coef, wide["coef"], rel=1e-7)
    assert_agrees(fit.se, wide["se"], rel=1e-7)
    assert_agrees(fit.robust_se, wide["robust_se"], rel=1e-7)


@pytest.mark.parametrize("spread", [40.0, 350.0, 700.0, 2000.0])
def test_the_unit_and_the_origin_of_a_covariate_never_matter(spread):
    # The covariate itself puts patients apart, hazard ratio near e per unit; nobody stands alone by 30 or more.
    rng = np.random.default_rng(5)
    n = 900
    x = rng.random(n) * spread
    time = np.argsort(np.argsort(np.log(rng.exponential(size=n)) - x)) + 1.0
    entry, z = np.floor(time * rng.random(n) * 0.9), rng.normal(size=n)
    fit = cox(time, np.ones(n), np.column_stack((x, z)), entry=entry, robust=True)
    assert fit.estimable.all() and abs(fit.coef[0] - 1) < 0.2
    for unit, origin in ((1e6, 0.0), (1e-6, 0.0), (1.0, 1e4)):
        other = cox(time, np.ones(n), np.column_stack((x * unit + origin, z)), entry=entry, robust=True)
        assert_agrees(other.coef * (unit, 1), fit.coef, rel=1e-6)
        assert_agrees(other.se * (unit, 1), fit.se, rel=1e-6)
        assert_agrees(other.robust_se * (unit, 1), fit.robust_se, rel=1e-6)
        assert_agrees(other.ph_test().chi2, fit.ph_test().chi2, rel=1e-5)


@pytest.mark.parametrize("spread", [700.0, 3000.0])
@pytest.mark.parametrize("late", [True, False])
def test_a_large_sample_is_held_or_not_estimable(spread, late):
    rng = np.random.default_rng(6)
    n = 20_000
    x, z = rng.random(n) * spread, rng.normal(size=n)
    time = np.argsort(np.argsort(np.log(rng.exponential(size=n)) - x - z / 2)) + 1.0
    entry = np.floor(time * rng.random(n) * 0.9) if late else None
    fit = cox(time, rng.random(n) < 0.7, np.column_stack((x, z)), entry=entry, robust=True)
    assert fit.estimable.all() and fit.converged
    assert (np.abs(fit.coef - (1, 0.5)) < 4 * fit.robust_se).all()
    assert np.isfinite(fit.martingale()).all() and np.isfinite(fit.ph_test().chi2).all()
    curve = fit.survival([0.0, 0.0])
    assert np.isfinite(curve.survival).all() and (np.diff(curve.survival) <= 0).all()


@pytest.mark.parametrize("spread", [0.0, 40.0, 350.0, 700.0])
def test_predicted_curves_by_their_definition(spread):
    time, event, X, entry, offset, weight, _ = waves(spread, 120, 3)
    fit = cox(time, event, X, entry=entry, offset=offset, ties="breslow", weight=weight)
    eta = (X - X.mean(axis=0)) @ fit.coef + offset - offset.mean()
    for place in (offset[0], offset[70], offset[-1]):
        x = np.array([0.3, -0.2])
        # The offset of a prediction is that of the mean; the coefficients take the place of the wave.
        far = X.mean(axis=0) + fit.coef * (place - offset.mean()) / (fit.coef @ fit.coef) + x
        times = np.unique(time[event == 1])
        lines = (far - X.mean(axis=0)) @ fit.coef
        steps = [
            math.fsum(weight[(event == 1) & (time == t)])
            / math.fsum((weight * np.exp(np.minimum(eta - lines, 600)))[(entry < t) & (t <= time)])
            for t in times
        ]
        curve = fit.survival(far)
        assert_agrees(curve.cumulative_hazard, np.cumsum(steps), rel=1e-9, floor=1e-200)
        assert_agrees(fit.average_survival(far[None, :], times), np.exp(-np.cumsum(steps)), rel=1e-8)


class TestScaledSumsOnOrdinaryData:
    """Forced upon ordinary data, the scaled sums give what the plain ones give, which R witnesses elsewhere."""

    @pytest.fixture
    def scaled(self, monkeypatch):
        def fitted(function):
            plain = function()
            with monkeypatch.context() as patch:
                for module in (cox_likelihood, fine_gray_likelihood, cox_curves):
                    patch.setattr(module, "REACH", -1.0 if module is not cox_curves else 300.0)
                patch.setattr("equipoise.stats.cox_dense.REACH", -1.0)
                return plain, function()

        return fitted

    @pytest.mark.parametrize("ties", ["efron", "breslow"])
    @pytest.mark.parametrize("name", ["lung", "pbc"])
    def test_cox(self, scaled, name, ties):
        d = data_set(name)
        options = {"ties": ties, "weight": d.weight, "strata": d.stratum, "entry": d.entry, "cluster": d.cluster}

        def everything():
            fit = cox(d.time, d.event, d.X[:, :2], **options)
            penalised = cox(d.time, d.event, d.X[:, :2], ties=ties, entry=d.entry, firth=True)
            curve = fit.survival(stratum=d.stratum[0])
            residuals = np.concatenate((fit.martingale(), fit.dfbeta().ravel(), fit.schoenfeld()[2].ravel()))
            numbers = [fit.coef, fit.se, fit.robust_se, fit.ph_test().chi2, penalised.coef, penalised.loglik, residuals]
            return *numbers, curve.survival, curve.std_err, fit.average_survival(d.X[:9, :2], [100, 500], stratum=d.stratum[0])

        for plain, other in zip(*scaled(everything), strict=True):
            assert_agrees(other, plain, rel=1e-9, floor=1e-11)

    @pytest.mark.parametrize("name", ["lung", "pbc"])
    def test_fine_gray(self, scaled, name):
        d = data_set(name)

        def everything():
            fit = fine_gray(d.time, d.cause, d.X[:, :2], weight=d.weight, cluster=d.cluster)
            return fit.coef, fit.se, fit.loglik, fit.incidence(d.X[0, :2], [100, 500])

        for plain, other in zip(*scaled(everything), strict=True):
            assert_agrees(other, plain, rel=1e-9)


class TestFineGray:
    def test_against_crr(self):
        r = R["crr"]
        fit = fine_gray(r["time"], r["cause"], np.column_stack((r["z1"], r["z2"])))
        assert np.ptp(np.array(r["z1"]) * fit.coef[0]) > 40
        assert_agrees(fit.coef, r["coef"], rel=1e-6)
        assert_agrees(fit.se, r["se"], rel=1e-6)

    @pytest.mark.parametrize("spread", [0.0, 40.0, 350.0, 1000.0])
    def test_every_sum_by_its_definition(self, spread):
        rng = np.random.default_rng(9)
        n = 80
        time, cause, weight = rng.integers(1, 40, n).astype(float), rng.integers(0, 3, n), rng.integers(1, 4, n) / 2
        X = np.column_stack((rng.random(n), rng.normal(size=n)))
        beta = np.array([spread, 0.5])
        done = prepare(time, cause, X, 1, weight).at(beta)
        censored_before = {t: _uncensored(time, cause, t) for t in np.unique(time)}
        x = X - X.mean(axis=0)
        eta = x @ beta
        loglik, gradient, information = [], np.zeros(2), np.zeros((2, 2))
        for t in np.unique(time[cause == 1]):
            share = np.array(
                [
                    1.0 if own >= t else censored_before[t] / censored_before[own] if c == 2 else 0.0
                    for own, c in zip(time, cause, strict=True)
                ]
            )
            dead, top = (time == t) & (cause == 1), eta[share > 0].max()
            share = share * weight * np.exp(np.minimum(eta - top, 0))
            total, d = math.fsum(share), math.fsum(weight[dead])
            mean = share @ x / total
            loglik += [*(weight * eta)[dead], -d * (math.log(total) + top)]
            gradient += (weight * dead) @ x - d * mean
            information += d * (x - mean).T @ ((share / total)[:, None] * (x - mean))
        assert done.loglik == pytest.approx(math.fsum(loglik), rel=1e-12)
        np.testing.assert_allclose(done.gradient, gradient, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(done.information, information, rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize("spread", [100.0, 500.0, 1000.0])
    def test_the_unit_and_the_origin_of_a_covariate_never_matter(self, spread):
        rng = np.random.default_rng(12)
        n = 1800
        x, z = rng.random(n) * spread, rng.normal(size=n)
        time = np.argsort(np.argsort(np.log(rng.exponential(size=n)) - x)) + 1.0
        cause = np.where(x < 5, rng.integers(0, 3, n), np.where(rng.random(n) < 0.1, 0, 1))
        fit = fine_gray(time, cause, np.column_stack((x, z)))
        assert fit.estimable.all() and np.ptp(fit.coef[0] * x) > spread / 2
        for unit, origin in ((1e6, 0.0), (1e-6, 0.0), (1.0, 1e4)):
            other = fine_gray(time, cause, np.column_stack((x * unit + origin, z)))
            assert_agrees(other.coef * (unit, 1), fit.coef, rel=1e-6)
            assert_agrees(other.se * (unit, 1), fit.se, rel=1e-6)
        assert np.isfinite(fit.incidence([0.0, 0.0], time)).all()

    @pytest.mark.parametrize("reference", [0, 1, 3])
    @pytest.mark.parametrize("name", ["lung", "pbc", "gbsg"])
    def test_a_level_without_events_against_crr(self, name, reference):
        d, r = data_set(name), R["limit"][name]
        level = (np.arange(1, d.time.size + 1) * 7) % 4
        cause = np.where((level == 0) & (d.cause == 1), 0, d.cause)
        time = d.time + np.arange(1, d.time.size + 1) / (10 * d.time.size)
        X = np.column_stack((d.x1, *(level == k for k in range(4) if k != reference)))
        fit = fine_gray(time, cause, X)
        assert_agrees([fit.coef[0], fit.se[0]], [r["coef"][0], r["se"][0]], rel=1e-6)
        if reference == 1:
            assert_agrees(fit.coef[2:], r["coef"][1:], rel=1e-6)
            assert_agrees(fit.se[2:], r["se"][1:], rel=1e-6)

    def test_more_levels_fall_behind_than_exponentials_can_hold_apart(self):
        # Along x every event is the highest at risk: each level of x is a model of its own, and z keeps its estimate.
        rng = np.random.default_rng(13)
        x, z = np.repeat(np.arange(40.0, 0, -1), 8), rng.normal(size=320)
        time = np.repeat(np.arange(1.0, 41), 8)
        cause = np.tile([1, 1, 0, 0, 0, 0, 0, 0], 40)
        fit, left = fine_gray(time, cause, np.column_stack((x, z))), cox(time, cause, z, strata=x, ties="breslow")
        assert fit.estimable.tolist() == [False, True] and fit.coef[0] == np.inf
        assert_agrees(fit.coef[1], left.coef[0], rel=1e-7)


def _uncensored(time, cause, t):
    """Kaplan-Meier estimate of being uncensored just before t."""
    curve = 1.0
    for s in np.unique(time[(cause == 0) & (time < t)]):
        curve *= 1 - np.sum((time == s) & (cause == 0)) / np.sum(time >= s)
    return curve
