"""Several arms: multinomial logistic regression and the weights of its scores."""

import numpy as np
import pytest
from witness import answers, assert_agrees, cohort

from equipoise import stats


def three_arms() -> np.ndarray:
    data = cohort()
    return np.where(data.treat == 1, "c", np.where((data.X[:, 5] == 1) & (data.X[:, 2] > -0.5), "b", "a"))


def test_agrees_with_multinom() -> None:
    X, known = cohort().X[:, :5], answers("multinomial")
    found = stats.multinomial(three_arms(), X)
    assert found.levels == ("a", "b", "c")
    assert_agrees(found.coef[:, 1:], known["slopes"])
    assert_agrees(found.se[:, 1:], known["slope_se"])
    assert_agrees((found.loglik, found.loglik), (known["loglik"], known["nnet_loglik"]))
    assert_agrees(found.probability[::50], known["probability"])


def test_two_arms_are_the_logistic_model() -> None:
    data = cohort()
    weight = 0.5 + np.arange(1000) % 3
    found, other = stats.multinomial(data.treat, data.X, weight=weight), stats.logistic(data.treat, data.X, weight=weight)
    assert_agrees(found.coef[0], other.coef)
    assert_agrees(found.se[0], other.se)
    assert_agrees(found.loglik, other.loglik)


def test_columns_that_others_determine() -> None:
    X = cohort().X[:, :3]
    more = np.column_stack((X, X[:, 0] + X[:, 1], np.full(1000, 5.0)))
    found = stats.multinomial(three_arms(), more)
    assert_agrees(found.probability, stats.multinomial(three_arms(), X).probability)
    assert np.isnan(found.se[:, 4:]).all() and (found.coef[:, 4:] == 0).all()


def test_separation_is_a_sentence() -> None:
    with pytest.raises(stats.ArrayError, match="tell an arm apart perfectly"):
        stats.multinomial(list("aabbcc") * 5, np.tile([0.0, 1, 0, 1, 7, 8], 5))
    with pytest.raises(stats.ArrayError, match="at least two levels"):
        stats.multinomial(["a", "a"], [0.0, 1.0])


def test_weights_by_hand() -> None:
    """Probabilities 1/2, 1/4, 1/4: 1/h is 2 + 4 + 4."""
    e = np.tile([0.5, 0.25, 0.25], (3, 1))
    arms = ["a", "b", "c"]
    assert stats.several_arm_weights(e, arms).tolist() == [2, 4, 4]
    np.testing.assert_allclose(stats.several_arm_weights(e, arms, "overlap"), [0.2, 0.4, 0.4])
    assert stats.several_arm_weights(e, arms, "matching").tolist() == [0.5, 1, 1]
    assert stats.several_arm_weights(e, arms, "att", reference="a").tolist() == [1, 2, 2]


def test_weights_of_two_arms_are_those_of_the_score() -> None:
    data = cohort()
    e = stats.logistic(data.treat, data.X).fitted
    both = np.column_stack((1 - e, e))
    found = stats.several_arm_weights(both, data.treat, "overlap")
    np.testing.assert_allclose(found, np.where(data.treat == 1, 1 - e, e))
    np.testing.assert_allclose(
        stats.several_arm_weights(both, data.treat, "att", reference=1.0), np.where(data.treat == 1, 1, e / (1 - e))
    )


def test_weights_bring_three_arms_together() -> None:
    """Largest pairwise SMD of the five covariates, with overlap weights: a fifth, although a threshold made two of the arms."""
    X, arms = cohort().X[:, :5], three_arms()
    score = stats.multinomial(arms, X).probability
    weight = stats.several_arm_weights(score, arms, "overlap")
    before, after = 0.0, 0.0
    for one, other in ((0, 1), (0, 2), (1, 2)):
        rows = np.isin(arms, np.array(list("abc"))[[one, other]])
        W = np.column_stack((np.ones(rows.sum()), weight[rows]))
        smd = np.abs(stats.column_balance(X[rows], arms[rows] == "abc"[one], W).smd)
        before, after = max(before, smd[:, 0].max()), max(after, smd[:, 1].max())
    assert after < 0.2 * before
    with pytest.raises(stats.ArrayError, match="reference must be one of the labels"):
        stats.several_arm_weights(score, arms, "att", reference="z")
