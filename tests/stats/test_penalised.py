"""Natural splines; ridge and LASSO logistic regression."""

import numpy as np
import pytest
from witness import answers, assert_agrees, cohort

from equipoise import stats


def many_columns() -> np.ndarray:
    """Covariates of the cohort, squares of the continuous ones, products of pairs: the columns of the R script."""
    X = cohort().X
    more, pairs = stats.squares_and_products(X)
    order = [k for k, (a, b) in enumerate(pairs) if a == b]
    order += sorted((k for k, (a, b) in enumerate(pairs) if a != b), key=lambda k: pairs[k])
    return np.column_stack((X, more[:, order]))


def folds() -> np.ndarray:
    return (np.arange(1, 1001) * 7) % 10


def test_splines_agree_column_by_column() -> None:
    X, known = cohort().X, answers("penalised")["spline"]
    made = {"df4": stats.natural_spline(X[:, 0], 4), "df1": stats.natural_spline(X[:, 0], 1)}
    made["df3"] = stats.natural_spline(X[:, 4], 3)
    made["named"] = stats.natural_spline(X[:, 0], knots=[55, 60, 72], boundary=(45, 80))
    for name, found in made.items():
        assert_agrees(found.basis[::50], known[name]["basis"], floor=1e-13)
        assert_agrees(found.boundary, known[name]["boundary"])
    assert_agrees(made["df4"].knots, known["df4"]["knots"])
    assert_agrees(made["df4"].at(known["elsewhere"]["x"]), known["elsewhere"]["basis"])


def test_splines_are_straight_beyond_their_boundary() -> None:
    spline = stats.natural_spline(np.linspace(0, 1, 50), 5)
    bend = np.diff(spline.at([1.0, 2, 3, 4]), 2, axis=0)
    np.testing.assert_allclose(bend, 0, atol=1e-12)
    assert np.linalg.matrix_rank(np.column_stack((np.ones(50), spline.basis))) == 6


def test_splines_of_too_few_values() -> None:
    with pytest.raises(stats.ArrayError, match="knots coincide: x has too few distinct values"):
        stats.natural_spline([0] * 20 + [1, 2], 4)
    with pytest.raises(stats.ArrayError, match="x is constant"):
        stats.natural_spline([3, 3, 3])


@pytest.mark.parametrize("kind", [pytest.param("lasso", marks=pytest.mark.slow), "ridge"])
def test_paths_agree_with_glmnet(kind: str) -> None:
    known = answers("penalised")[kind]
    found = stats.penalised_logistic(cohort().treat, many_columns(), kind, penalties=known["lambda"], fold=folds())
    theirs = np.array(known["coef"])
    unit = many_columns().std(axis=0)  # where glmnet stops: 1e-6 of a standard deviation
    np.testing.assert_allclose(found.path[:, 1:] * unit, theirs[:, 1:] * unit, atol=2e-6)
    if kind == "lasso":
        assert ((found.path[:, 1:] != 0) == (np.abs(theirs[:, 1:] * unit) > 2e-6)).mean() > 0.99
    assert_agrees(found.cv_deviance, known["cvm"], rel=1e-6)
    assert_agrees(found.cv_se, known["cvsd"], rel=1e-5)
    assert found.penalty[found.best] == pytest.approx(known["min"])
    assert found.penalty[found.sparser] == pytest.approx(known["se1"])


def test_the_first_penalty_leaves_nothing() -> None:
    found = stats.penalised_logistic(cohort().treat, many_columns()[:, :14], folds=3)
    assert (found.path[0, 1:] == 0).all() and (found.path[1, 1:] != 0).any()
    whole = stats.penalised_logistic(cohort().treat, many_columns(), penalties=[0.2, 0.1], folds=3)
    assert (whole.path[:, 1:] == 0).all()
    np.testing.assert_allclose(whole.predict(many_columns()), cohort().treat.mean())


def test_no_penalty_is_maximum_likelihood() -> None:
    data = cohort()
    for kind in ("lasso", "ridge"):
        found = stats.penalised_logistic(data.treat, data.X, kind, penalties=[1e-12], folds=3)
        assert_agrees(found.coef, stats.logistic(data.treat, data.X).coef, rel=1e-6)


def test_same_seed_same_fit_and_the_sparser_rule() -> None:
    data = cohort()
    first, again = (stats.penalised_logistic(data.treat, data.X, seed=4, rule="1se") for _ in range(2))
    assert (first.path == again.path).all() and (first.fold == again.fold).all()
    assert first.chosen == first.sparser <= first.best
    assert np.ptp(np.bincount(first.fold)) <= 1


def test_units_change_nothing() -> None:
    data = cohort()
    scale = 10.0 ** np.arange(-5, 5)
    penalties = [0.05, 0.01]
    once = stats.penalised_logistic(data.treat, data.X, penalties=penalties, folds=3)
    told = stats.penalised_logistic(data.treat, data.X * scale + scale, penalties=penalties, folds=3)
    np.testing.assert_allclose(told.path[:, 1:] * scale, once.path[:, 1:], atol=1e-9)


def test_sentences() -> None:
    with pytest.raises(stats.ArrayError, match="y must hold both outcomes"):
        stats.penalised_logistic([1, 1, 1], [1.0, 2, 3])
    with pytest.raises(stats.ArrayError, match="without one of the folds there is none left"):
        stats.penalised_logistic([1, 0, 0, 0, 0], [1.0, 2, 3, 4, 5], folds=3)
