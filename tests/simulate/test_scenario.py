"""Invented cohorts: what was asked for is what they are."""

import numpy as np
import pytest

from equipoise import stats
from equipoise.simulate.scenario import MissingAtRandom, Scenario, Variable
from equipoise.simulate.times import Planned, Weibull
from equipoise.simulate.world import drawn

SCENARIO = Scenario(
    variables=(Variable(log_odds=0.8, log_hazard=0.5), Variable(share=0.3, log_odds=0.5, log_hazard=-0.4)),
    treated=0.3,
    baseline=Weibull(300),
    follow_up=Planned(180, 900),
    correlation=0.4,
)


def test_shares_spread_and_correlation():
    X, world = SCENARIO.cohort(200_000, np.random.default_rng(4))
    assert X[:, 0].mean() == pytest.approx(0, abs=0.01) and X[:, 0].std() == pytest.approx(1, abs=0.01)
    assert set(X[:, 1]) == {0.0, 1.0} and X[:, 1].mean() == pytest.approx(0.3, abs=0.005)
    above = X[:, 0] > 0
    assert X[above, 1].mean() > X[~above, 1].mean() + 0.15
    draw = drawn(world, np.random.default_rng(5))
    assert draw.focal.mean() == pytest.approx(0.3, abs=0.01)
    assert np.log(draw.hazard).std() > np.pi / 6**0.5  # a Gumbel's, and the risk on top


def test_the_hazard_and_the_odds_are_those_asked_for():
    """By the models that they come from, in R's words glm and coxph; three standard errors."""
    X, world = SCENARIO.cohort(20_000, np.random.default_rng(6))
    draw = drawn(world, np.random.default_rng(7))
    score = stats.logistic(draw.focal.astype(float), X)
    assert np.abs((score.coef[1:] - [0.8, 0.5]) / score.se[1:]).max() < 3
    time, event = draw.outcome(np.log(0.6))
    fit = stats.cox(time, event, np.column_stack([draw.treated, X]))
    assert np.abs((fit.coef - [np.log(0.6), 0.5, -0.4]) / fit.se).max() < 3


def test_the_population_is_the_same_at_every_call():
    assert (SCENARIO.population.risk == SCENARIO.population.risk).all()


def test_values_are_lost_by_what_is_known():
    n = 40_000
    focal, event = np.arange(n) % 2 == 0, np.arange(n) % 4 < 2
    time = np.where(np.arange(n) % 8 < 4, 100.0, 500.0)
    lost = MissingAtRandom(300, 0.7, 0.1).lost(focal, time, event.astype(int), np.random.default_rng(1))
    early = focal & event & (time < 300)
    assert lost[early].mean() == pytest.approx(0.7, abs=0.03) and lost[~early].mean() == pytest.approx(0.1, abs=0.01)
