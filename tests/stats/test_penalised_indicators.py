"""Many sparse indicators behind the dense columns: the same fit as when they are written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from equipoise import stats


def drawn(n: int, p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    indicators = (rng.random((n, p)) < rng.uniform(0.02, 0.3, p)).astype(float)
    x = rng.normal(size=(n, 2))
    eta = x @ [0.5, 0.0] + indicators[:, :4] @ [1.0, -1.0, 0.8, 0.6] - 0.3
    return rng.random(n) < 1 / (1 + np.exp(-eta)), x, indicators


@pytest.mark.parametrize("p", [10, 60])
def test_as_written_out(p: int):
    y, x, indicators = drawn(400, p)
    whole = stats.penalised_logistic(y, np.column_stack([x, indicators]))
    found = stats.penalised_logistic(y, x, indicators=sparse.csc_matrix(indicators))
    assert found.penalty.size == whole.penalty.size
    np.testing.assert_allclose(found.coef, whole.coef, atol=1e-9)


def test_a_wide_path_ends_behind_its_best_penalty():
    y, x, indicators = drawn(400, 60)
    found = stats.penalised_logistic(y, x, indicators=sparse.csc_matrix(indicators))
    assert found.best < found.penalty.size <= 100
    every = stats.penalised_logistic(y, x, indicators=sparse.csc_matrix(indicators), penalties=found.penalty[: found.best + 1])
    np.testing.assert_allclose(every.coef, found.coef, atol=1e-9)


def test_conditions_of_the_minimum():
    """At the chosen penalty no column without a coefficient has a steeper slope than it, and each with one has just it."""
    y, x, indicators = drawn(400, 60)
    found = stats.penalised_logistic(y, x, indicators=sparse.csc_matrix(indicators))
    X = np.column_stack([x, indicators])
    slope = X.T @ (y - stats.penalised_logistic(y, X, penalties=found.penalty).predict(X)) / len(y) / X.std(axis=0)
    penalty = found.penalty[found.chosen]
    used = found.coef[1:] != 0
    np.testing.assert_allclose(np.abs(slope[used]), penalty, rtol=1e-6)
    assert (np.abs(slope[~used]) <= penalty * (1 + 1e-6)).all()


def test_ridge_takes_none():
    y, x, indicators = drawn(100, 5)
    with pytest.raises(stats.ArrayError, match="indicators are for LASSO alone"):
        stats.penalised_logistic(y, x, "ridge", indicators=sparse.csc_matrix(indicators))


def test_concepts_and_all_above_them():
    """Columns that are nearly others (a group of which one member is rare) and one that is just the sum of two: along the whole
    path each slope is the penalty where there is a coefficient, and no larger elsewhere."""
    y, x, indicators = drawn(400, 8)
    rng = np.random.default_rng(11)
    rare = (rng.random((400, 3)) < 0.005).astype(float)
    above = np.maximum(indicators[:, :3], rare)
    either = (indicators[:, 4] * (1 - indicators[:, 5]))[:, None]
    both = either + (indicators[:, 5:6] * (1 - either))
    X = np.column_stack([x, indicators, above, either, both, (indicators[:, 5:6] * (1 - either))])
    found = stats.penalised_logistic(y, x, indicators=sparse.csc_matrix(X[:, 2:]), folds=3)
    for penalty, coef in zip(found.penalty, found.path, strict=True):
        slope = (X - X.mean(axis=0)).T @ (y - 1 / (1 + np.exp(-coef[0] - X @ coef[1:]))) / len(y) / X.std(axis=0)
        used = coef[1:] != 0
        np.testing.assert_allclose(slope[used], penalty * np.sign(coef[1:][used]), rtol=1e-6)
        assert (np.abs(slope[~used]) <= penalty * (1 + 1e-6)).all()
