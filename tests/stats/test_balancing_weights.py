"""Truncation of weights, entropy balancing and the covariate balancing score."""

import csv
from pathlib import Path

import numpy as np
import pytest
from witness import answers, assert_agrees, cohort

from equipoise import stats


def lalonde(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Treatment, covariates (race as two indicators against black) and earnings in 1978."""
    with open(folder / "matching" / "lalonde_matchit.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [[float(r["race"] == k) for r in rows] for k in ("hispan", "white")]
    columns += [[float(r[name]) for r in rows] for name in ("age", "educ", "married", "nodegree", "re74", "re75")]
    return np.array([r["treat"] == "1" for r in rows]), np.array(columns).T, np.array([float(r["re78"]) for r in rows])


def every_weight(treated: np.ndarray, X: np.ndarray) -> dict[str, np.ndarray]:
    score = stats.logistic(treated, X).fitted
    ate, att = np.where(treated, 1 / score, 1 / (1 - score)), np.where(treated, 1, score / (1 - score))
    found = {"glm_ATE": ate, "glm_ATT": att, "glm_ATE_trim_0.99": stats.truncate_weights(ate, treated)}
    found["glm_ATE_trim_0.99_lower"] = stats.truncate_weights(ate, treated, lower=True)
    found["glm_ATT_trim_0.99"] = stats.truncate_weights(att, treated, "att")
    found["glm_ATE_ps_within_0.1_0.9"] = np.where(stats.within_scores(score), ate, 0.0)
    found |= {f"ebal_{name}": stats.entropy_balance(treated, X, name.lower()).weight for name in ("ATT", "ATC", "ATE")}
    return found | {f"cbps_{name}": stats.covariate_balancing(treated, X, name.lower()).weight for name in ("ATT", "ATE")}


def agrees(found: dict[str, np.ndarray], treated: np.ndarray, known: dict[str, dict], outcome: np.ndarray | None) -> None:
    assert found.keys() <= known.keys()
    for name, w in found.items():
        arms, said = (w[treated], w[~treated]), known[name]
        assert_agrees([stats.effective_size(part) for part in arms], said["ess"])
        assert_agrees([[part.sum() for part in arms], [part.max() for part in arms]], [said["sum"], said["largest"]])
        assert_agrees([part.min() for part in arms], said["smallest"])
        if outcome is not None:
            difference = np.average(outcome[treated], weights=arms[0]) - np.average(outcome[~treated], weights=arms[1])
            assert_agrees(difference, said["difference"])
        else:
            assert_agrees(w[::20], said["every_20th"])


def test_every_weight_of_the_cohort() -> None:
    data = cohort()
    treated = data.treat == 1
    agrees(every_weight(treated, data.X), treated, answers("design_weights")["cohort"], None)


def test_every_weight_of_lalonde(third_party: Path) -> None:
    treated, X, outcome = lalonde(third_party)
    known = answers("design_weights")["lalonde"]
    agrees(every_weight(treated, X), treated, known, outcome)
    assert known["ebal_ATT"]["difference"] == pytest.approx(1273.26181391, abs=1e-8)
    assert known["glm_ATT"]["difference"] == pytest.approx(1214.071221, abs=1e-5)
    assert known["glm_ATO"]["difference"] == pytest.approx(1242.200631, abs=1e-5)


def test_entropy_balance_by_hand() -> None:
    """Controls at 0 and 1, target mean 3/4: the one at 1 weighs three times the other."""
    found = stats.entropy_balance([1, 1, 0, 0], [0.5, 1.0, 0.0, 1.0])
    np.testing.assert_allclose(found.weight, [1, 1, 0.5, 1.5], rtol=1e-12)
    assert found.ess_control == pytest.approx(1.6)
    assert found.imbalance < 1e-12


def test_entropy_balance_with_sampling_weights_is_repetition() -> None:
    rng = np.random.default_rng(3)
    X, treated = rng.normal(size=(60, 2)), np.arange(60) < 20
    times = rng.integers(1, 4, 60)
    X[treated] += 0.3
    for method in (stats.entropy_balance, stats.covariate_balancing):
        for target in ("att", "atc", "ate"):
            once = method(treated, X, target, weight=times)
            told = method(np.repeat(treated, times), np.repeat(X, times, axis=0), target)
            np.testing.assert_allclose(np.repeat(once.weight, times), told.weight, rtol=1e-10)
            assert once.ess_control == pytest.approx(stats.effective_size((once.weight * times)[~treated]))


def test_columns_that_others_determine_do_no_harm() -> None:
    data = cohort()
    twice = np.column_stack((data.X, data.X[:, 0] - 2 * data.X[:, 3], np.full(data.treat.size, 7.0)))
    for method in (stats.entropy_balance, stats.covariate_balancing):
        np.testing.assert_allclose(method(data.treat, twice).weight, method(data.treat, data.X).weight, rtol=1e-9)


def test_units_change_nothing() -> None:
    data = cohort()
    told = data.X * 10.0 ** np.arange(-5, 5) + 1000.0 * 10.0 ** np.arange(-5, 5)
    for method in (stats.entropy_balance, stats.covariate_balancing):
        np.testing.assert_allclose(method(data.treat, told, "ate").weight, method(data.treat, data.X, "ate").weight, rtol=1e-7)


def test_a_target_on_the_edge_gives_weight_zero() -> None:
    """All treated have the sign, some controls do not: they count nothing."""
    found = stats.entropy_balance([1, 1, 0, 0, 0], [1, 1, 1, 1, 0])
    np.testing.assert_allclose(found.weight, [1, 1, 1.5, 1.5, 0], atol=1e-10)


def test_out_of_reach_is_a_sentence() -> None:
    with pytest.raises(stats.Unreachable, match="beyond every one of theirs in column 1 of X") as caught:
        stats.entropy_balance([1, 1, 0, 0], [[0.5, 3.0], [0.5, 4.0], [0.0, 1.0], [1.0, 2.0]])
    assert caught.value.columns == (1,)
    corner = [[0.9, 0.9], [0.9, 0.9], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]  # outside the triangle, inside its box
    with pytest.raises(stats.Unreachable, match="in all columns of X together") as caught:
        stats.entropy_balance([1, 1, 0, 0, 0], corner)
    assert caught.value.columns == ()
    flat = [[0.5, 0.6], [0.4, 0.6], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]  # the controls lie on a line, the target does not
    with pytest.raises(stats.Unreachable, match="together"):
        stats.entropy_balance([1, 1, 0, 0, 0], flat)
    for target in ("att", "atc", "ate"):
        with pytest.raises(stats.Unreachable, match="tell the arm of some patients perfectly"):
            stats.covariate_balancing([1, 1, 0, 0], [3.0, 4.0, 1.0, 2.0], target)


def test_sentences() -> None:
    with pytest.raises(stats.ArrayError, match="target must be one of"):
        stats.entropy_balance([1, 0], [0.0, 1.0], "overlap")
    with pytest.raises(stats.ArrayError, match="both arms must hold"):
        stats.entropy_balance([1, 1], [0.0, 1.0])
    with pytest.raises(stats.ArrayError, match="at must lie above 0.5"):
        stats.truncate_weights([1.0, 2.0], [1, 0], at=0.01)


def test_preference_score_takes_the_sizes_out() -> None:
    np.testing.assert_allclose(stats.preference_score([0.2, 0.5], 0.2), [0.5, 0.8])
    assert stats.equipoise_share([0.5, 0.9, 0.5, 0.1], [1, 1, 0, 0]) == (0.5, 0.5)


def test_common_support() -> None:
    score, treated = [0.2, 0.5, 0.9, 0.1, 0.3, 0.6], [1, 1, 1, 0, 0, 0]
    assert stats.common_support(score, treated).tolist() == [True, True, False, False, True, True]
