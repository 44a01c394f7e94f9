"""The likelihood of few rows against its definition, written out, and against the likelihood of many rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.stats import cox
from equipoise.stats.cox_dense import DenseLikelihood, dense_or_same
from equipoise.stats.cox_likelihood import PartialLikelihood
from equipoise.stats.cox_risk_sets import risk_sets
from equipoise.stats.validation import observations


def drawn(seed, n=40):
    """Follow-up in few distinct times, with entry, weights, strata and offset."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 4, n).astype(float)
    time = entry + rng.integers(1, 8, n)
    event = rng.random(n) < 0.6
    event[0] = True
    return time, event, rng.normal(size=(n, 3)), entry, rng.integers(1, 4, n) / 2, rng.integers(0, 3, n), rng.normal(size=n)


def by_definition(time, event, X, entry, weight, strata, offset, beta, efron):
    """Log partial likelihood by Efron's or Breslow's formula, one tied event after the other."""
    eta = X @ beta + offset
    total = 0.0
    for stratum in np.unique(strata):
        for t in np.unique(time[event & (strata == stratum)]):
            at_risk = (strata == stratum) & (entry < t) & (t <= time)
            tied = np.flatnonzero(at_risk & event & (time == t))
            whole = np.sum(weight[at_risk] * np.exp(eta[at_risk]))
            own = np.sum(weight[tied] * np.exp(eta[tied]))
            total += np.sum(weight[tied] * eta[tied])
            for rank in range(tied.size):
                total -= weight[tied].mean() * np.log(whole - (rank / tied.size if efron else 0.0) * own)
    return total


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=40)
def test_few_rows_by_definition(seed, efron):
    time, event, X, entry, weight, strata, offset = drawn(seed)
    likelihood = PartialLikelihood(risk_sets(observations(time, event, weight=weight, entry=entry), X, strata, offset), efron)
    beta = np.array([0.5, -0.3, 0.1])
    dense, sparse = DenseLikelihood(likelihood).at(beta), likelihood.at(beta)
    expected = by_definition(time, event, X - X.mean(axis=0), entry, weight, strata, offset, beta, efron)
    assert dense.loglik == pytest.approx(expected, rel=1e-12)
    assert dense.loglik == pytest.approx(sparse.loglik, rel=1e-12)
    np.testing.assert_allclose(dense.gradient, sparse.gradient, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(dense.information, sparse.information, rtol=1e-9, atol=1e-11)


def test_matrix_of_few_rows_only():
    time, event, X, *_ = drawn(1, 30)
    few = PartialLikelihood(risk_sets(observations(time, event), X), True)
    assert isinstance(dense_or_same(few), DenseLikelihood)
    time, event, X, *_ = drawn(1, 400)
    many = PartialLikelihood(risk_sets(observations(time, event), X), True)
    assert dense_or_same(many) is many


def test_what_is_asked_after_a_fit_does_not_depend_on_the_number_of_rows():
    """The same rows twenty times over with weights of a twentieth give the same baseline hazard and residuals."""
    time, event, X, *_ = drawn(7, 60)
    once = cox(time, event, X, ties="breslow")
    often = cox(np.tile(time, 20), np.tile(event, 20), np.tile(X, (20, 1)), ties="breslow", weight=np.full(1200, 0.05))
    np.testing.assert_allclose(once.coef, often.coef, rtol=1e-9)
    np.testing.assert_allclose(once.se, often.se, rtol=1e-9)
    np.testing.assert_allclose(once.martingale(), often.martingale()[:60], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(once.survival().survival, often.survival().survival, rtol=1e-9)
