"""Firth's penalised fits and profile limits with few events per coefficient, by two searches and by the likelihood itself."""

import numpy as np
import pytest

from equipoise.stats import cox, logistic, profile

DROP = 1.959963984540054**2 / 2


def sparse(seed, n, p, events):
    """Invented patients: indicators of 1 to 6 patients each, most without an event, and a continuous column."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n, p))
    for column in X.T[:-1]:
        column[rng.choice(n, rng.integers(1, 7), replace=False)] = 1
    X[:, -1] = rng.normal(size=n)
    event = np.zeros(n, dtype=bool)
    event[rng.choice(n, events, replace=False)] = True
    return rng.exponential(size=n), event, X, rng.integers(0, 2, n), rng.integers(1, 4, n) / 2


def ways(likelihood, best, column):
    """Both limits of a column by the search that is used and by the nested one."""
    used = profile.profile_limits(likelihood, best, column, 0.95)
    return used, [profile._nested(likelihood, best, column, DROP, side) for side in (-1.0, 1.0)]


@pytest.mark.parametrize("case", ["plain", "ties", "strata", "weight", "entry", "aliased"])
def test_the_joint_search_of_a_cox_model_equals_the_nested_one(case):
    for seed in range(2):
        time, event, X, strata, weight = sparse(seed, 60, 6, 12)
        options = {"strata": {"strata": strata}, "weight": {"weight": weight}, "entry": {"entry": time / 3}}.get(case, {})
        if case == "aliased":
            X[:, 1] = X[:, 0]
        fit = cox(np.ceil(5 * time) if case == "ties" else time, event, X, firth=True, **options)
        assert fit.converged
        for column in np.flatnonzero(fit.estimable):
            used, nested = ways(fit._likelihood, fit._maximum, column)
            np.testing.assert_allclose(used, nested, rtol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_joint_search_of_a_logistic_model_equals_the_nested_one(weighted):
    for seed in range(3):
        _, event, X, _, weight = sparse(seed, 60, 6, 15)
        fit = logistic(event, X, weight=weight if weighted else None, firth=True)
        assert fit.converged
        for column in np.flatnonzero(fit.estimable)[1:]:
            used, nested = ways(fit._model, fit._maximum, column)
            np.testing.assert_allclose(used, nested, rtol=1e-9)


def test_few_events_per_coefficient_have_an_estimate_and_limits():
    # 20 events for 28 columns: the information alone, without the penalty's curvature, takes more than 60 passes.
    time, event, X, _, _ = sparse(0, 206, 28, 20)
    fit = cox(time, event, X, firth=True)
    assert fit.converged and fit.estimable.all()
    at = fit._likelihood.at
    for column in range(28):
        h = 1e-4 * fit.se[column] * np.eye(28)[column]
        assert abs(at(fit.coef + h).loglik - at(fit.coef - h).loglik) < 1e-10
        assert max(at(fit.coef + 1e3 * h).loglik, at(fit.coef - 1e3 * h).loglik) < fit.loglik
    low, high = np.log(fit.profile_limits(columns=[0, 27]))
    assert (low[[0, 27]] < fit.coef[[0, 27]]).all() and (fit.coef[[0, 27]] < high[[0, 27]]).all()
    for column in (0, 27):
        used, nested = ways(fit._likelihood, fit._maximum, column)
        np.testing.assert_allclose(used, nested, rtol=1e-9)


def test_a_joint_search_that_ends_aside_is_not_believed(monkeypatch):
    time, event, X, _, _ = sparse(0, 60, 6, 12)
    fit = cox(time, event, X, firth=True)
    right = profile.profile_limits(fit._likelihood, fit._maximum, 0, 0.95)
    monkeypatch.setattr(profile, "_joint", lambda likelihood, best, column, drop, side: best.beta[column] + side / 2)
    np.testing.assert_allclose(profile.profile_limits(fit._likelihood, fit._maximum, 0, 0.95), right, rtol=1e-9)
