"""Events, power and detectable hazard ratio of the log-rank test."""

import numpy as np
import pytest
from witness import answers

from equipoise import stats


def test_events_by_hand() -> None:
    """z 1.959964 and 1.281552 (90 %) or 0.841621 (80 %): 4 * 10.507424 / log(2)^2 = 87.48, 4 * 7.848880 / log(0.7)^2 = 246.8."""
    assert stats.events_needed(0.5, power=0.9) == pytest.approx(4 * 10.507424 / 0.480453014, rel=1e-5)
    assert stats.events_needed(0.7) == pytest.approx(4 * 7.848880 / 0.127217, rel=1e-5)
    assert stats.events_needed(2, 0.25) == pytest.approx(stats.events_needed(0.5) * 0.25 / (0.25 * 0.75), rel=1e-12)


def test_the_three_are_one_formula() -> None:
    low, high = stats.detectable_hazard_ratio(120, 0.3, power=0.9, alpha=0.01)
    assert low * high == pytest.approx(1)
    assert stats.events_needed(high, 0.3, power=0.9, alpha=0.01) == pytest.approx(120)
    assert stats.power_of(low, 120, 0.3, alpha=0.01) == pytest.approx(0.9, abs=1e-6)
    assert stats.power_of(1, 500) == pytest.approx(0.05)


def test_power_of_the_log_rank_test() -> None:
    """400 samples of 100 against 100, all followed to the event, hazard ratio 1.5."""
    found = 0
    for replicate in range(400):
        rng = np.random.default_rng([2, replicate])
        time = rng.exponential(size=200) / np.where(np.arange(200) < 100, 1.5, 1.0)
        found += stats.logrank(time, np.ones(200), np.arange(200) < 100).p < 0.05
    assert found / 400 == pytest.approx(stats.power_of(1.5, 200), abs=0.06)


def test_observed_share_in_closed_form() -> None:
    """Exponential with rate a, loss b, follow-up even on (u, v), c = a + b: a / c (1 - (exp(-c u) - exp(-c v)) / (c (v - u)))."""
    a, b, u, v = np.log(2) / 12, 0.02, 6, 30
    c = a + b
    known = a / c * (1 - (np.exp(-c * u) - np.exp(-c * v)) / (c * (v - u)))
    assert stats.observed_share(12, u, v, lost_rate=b) == pytest.approx(known, rel=1e-12)
    assert stats.observed_share(12, 12, 12) == pytest.approx(0.5, rel=1e-12)


def test_observed_share_in_r() -> None:
    known = answers("observed_share")
    for given, share in zip(known["given"], known["share"], strict=True):
        median, shortest, longest, rate, shape = given
        assert stats.observed_share(median, shortest, longest, lost_rate=rate, shape=shape) == pytest.approx(share, rel=1e-8)


def test_sentences() -> None:
    with pytest.raises(stats.ArrayError, match="shortest must not"):
        stats.observed_share(12, 30, 6)
    with pytest.raises(stats.ArrayError, match="no number of events"):
        stats.events_needed(1)
    with pytest.raises(stats.ArrayError, match="events must be positive"):
        stats.detectable_hazard_ratio(0)
