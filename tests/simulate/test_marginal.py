"""The marginal hazard ratio of a conditional one: algebra, R's integrate(), and a Cox model of a population drawn in R."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.simulate.marginal import conditional_log_hr, event_share, marginal_log_hr
from equipoise.simulate.times import Estimated, Observed, Planned, Weibull

KNOWN = json.loads((Path(__file__).parent / "reference" / "marginal.json").read_text())
RISK, WEIGHT = np.array([-1.0, 0.0, 1.5]), np.array([5.0, 3.0, 2.0])
NEVER = Planned(1e9, 1e9)


@pytest.mark.parametrize("follow_up", [Planned(180, 900), Planned(180, 900, 0.2), Planned(365, 365)])
@pytest.mark.parametrize("shape", [0.7, 1.0, 1.6])
def test_of_patients_alike_it_is_the_conditional_one(follow_up, shape):
    found = marginal_log_hr(np.log(0.6), np.full(5, 0.4), np.ones(5), Weibull(300, shape), follow_up)
    assert found == pytest.approx(np.log(0.6), abs=2e-5)


def test_no_effect_has_none():
    assert marginal_log_hr(0.0, RISK, WEIGHT, Weibull(300), Planned(180, 900)) == 0.0
    assert conditional_log_hr(0.0, RISK, WEIGHT, Weibull(300), Planned(180, 900)) == 0.0


@pytest.mark.parametrize(
    ("case", "effect", "shape", "from_", "to", "rate", "share"),
    [
        (0, 0.5, 1.0, 180, 900, 0.0, 0.5),
        (1, 2.0, 1.0, 180, 900, 0.0, 0.5),
        (2, 0.5, 1.4, 365, 1500, 0.0005, 0.5),
        (3, 0.7, 0.8, 180, 900, 0.0, 0.3),
    ],
)
def test_it_agrees_with_integrals_in_r(case, effect, shape, from_, to, rate, share):
    """Tolerance of the integral over 400 intervals of time."""
    follow_up = Planned(from_, to, -np.expm1(-rate * 365.25))
    found = marginal_log_hr(np.log(effect), RISK, WEIGHT, Weibull(300, shape), follow_up, share)
    assert found == pytest.approx(KNOWN["limits"][case], abs=3e-5)


def test_it_agrees_with_a_population_drawn_in_r():
    """Austin's way: everybody under both treatments, a Cox model of the treatment alone."""
    args = RISK, WEIGHT, Weibull(300), Planned(180, 900)
    assert marginal_log_hr(np.log(0.5), *args) == pytest.approx(KNOWN["drawn"], abs=3 * KNOWN["drawn_se"])
    assert event_share(0.0, *args) == pytest.approx(KNOWN["drawn_events"], abs=0.002)


def test_calibration_comes_back():
    args = RISK, WEIGHT, Weibull(300), Planned(180, 900)
    for marginal in (np.log(0.3), np.log(0.9), np.log(3)):
        effect = conditional_log_hr(marginal, *args)
        assert abs(effect) > abs(marginal)
        assert marginal_log_hr(effect, *args) == pytest.approx(marginal, abs=1e-9)


def test_what_cannot_be_reached_is_said():
    """Half of the patients have the event at once whatever is done: no effect makes the arms as different as that."""
    risk = np.array([-1.0, 12.0])
    with pytest.raises(ValueError, match="no conditional"):
        conditional_log_hr(np.log(0.01), risk, np.ones(2), Weibull(300), Planned(900, 900))


def test_without_an_end_of_follow_up():
    """Two groups, all followed to the event, hazards 1 and 9 times: the mean survival times are in the ratio of the effect."""
    found = marginal_log_hr(np.log(0.5), np.log([1.0, 9.0]), np.ones(2), Weibull(300), Planned(np.inf, np.inf))
    assert -np.log(2) < found < -0.3
    assert event_share(0.0, RISK, WEIGHT, Weibull(300), Planned(np.inf, np.inf)) == pytest.approx(1, abs=1e-6)


def test_an_estimated_hazard_is_the_one_that_it_estimates():
    """Straight lines through an exponential's cumulative hazard are that exponential, up to the last point."""
    t = np.array([100.0, 400.0, 2000.0])
    line = Estimated(t, np.log(2) * t / 300)
    plain = Weibull(300)
    h = np.array([0.1, 1.0, 4.0])
    assert line.time_at(h) == pytest.approx(plain.time_at(h))
    assert np.isinf(line.time_at(np.array([5.0]))).all()
    args = RISK, WEIGHT
    assert marginal_log_hr(-0.5, *args, line, Planned(180, 900)) == pytest.approx(
        marginal_log_hr(-0.5, *args, plain, Planned(180, 900)), abs=1e-12
    )


def test_follow_up_is_drawn_as_it_is_integrated():
    rng = np.random.default_rng(5)
    at = np.array([50.0, 200.0, 400.0, 800.0, 899.0])
    seen = Observed(np.array([100.0, 300.0, 850.0]), np.array([0.9, 0.4, 0.0]))
    kinds = [Planned(180, 900), Planned(180, 900, 0.3), Planned(700, 700, 0.5), seen]
    for kind in kinds:
        until = kind.draw(rng, 200_000)
        assert [(until >= t).mean() for t in at] == pytest.approx(list(kind.remaining(at)), abs=0.004)
        assert until.max() <= kind.longest


def test_many_patients_are_as_their_groups():
    risk = np.random.default_rng(2).standard_normal(9000)
    weight = np.exp(0.5 * risk)
    args = Weibull(300), Planned(180, 900)
    apart = [marginal_log_hr(-0.5, risk[k::3], weight[k::3], *args) for k in range(3)]
    assert marginal_log_hr(-0.5, risk, weight, *args) == pytest.approx(np.mean(apart), abs=5e-4)
