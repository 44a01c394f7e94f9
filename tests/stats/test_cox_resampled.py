"""Hazard ratios of many resamples at once: those of a Cox model of each, which has R as its witness; by hand; nan where there is
none."""

import numpy as np
import pytest

from equipoise import stats
from equipoise.stats import ArrayError


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("days", [8, 400])
def test_each_is_the_cox_model_of_its_resample(ties, days):
    rng = np.random.default_rng(days)
    n = 80
    time, event, group = rng.integers(1, days, n).astype(float), rng.random(n) < 0.6, rng.random(n) < 0.4
    drawn = rng.integers(0, n, (12, n))
    counts = np.array([np.bincount(d, minlength=n) for d in drawn])
    ours = stats.cox_resampled(time, event, group, counts, ties=ties)
    for d, found in zip(drawn, ours, strict=True):
        fit = stats.cox(time[d], event[d], group[d].astype(float)[:, None], ties=ties)
        assert found == pytest.approx(fit.coef[0], rel=1e-9, abs=1e-12)


def test_two_and_two_by_hand():
    """Events of 1, 0, 1 at 1, 2, 3 and one of 0 after them: the score is 1 - 2b/(2 + 2b) - b/(2 + b) + 1 - b/(1 + b)."""
    found = stats.cox_resampled([1, 2, 3, 4], [1, 1, 1, 0], [1, 0, 1, 0], [[1, 1, 1, 1]])
    b = float(np.exp(found[0]))
    assert 2 - 2 * b / (2 + 2 * b) - b / (2 + b) - b / (1 + b) == pytest.approx(0, abs=1e-12)


def test_without_an_estimate_there_is_nan():
    counts = [[1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [3, 0, 0, 1]]
    found = stats.cox_resampled([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0], counts)
    assert np.isfinite(found).tolist() == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("counts", "ties", "said"), [([[1, 1]], "efron", "a row per resample"), ([[1, -1, 1]], "efron", "0 or more"),
                                 ([[1, 1, 1]], "exact", "efron")],
)  # fmt: skip
def test_what_is_given_wrongly_is_a_sentence(counts, ties, said):
    with pytest.raises(ArrayError, match=said):
        stats.cox_resampled([1, 2, 3], [1, 0, 1], [0, 1, 1], counts, ties=ties)
