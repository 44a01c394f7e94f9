"""Rows of weight zero are as good as absent, in every estimator that takes weights; rows in another order are the same rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from equipoise import stats

N, EXTRA = 80, 23


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    """Drawn times, causes, groups, covariates and weights; the last rows, some before or beyond all others, weigh nothing."""
    rng = np.random.default_rng(17)
    time = np.concatenate([rng.exponential(10, N) + 0.5, [0.05, 0.1, 400.0], rng.exponential(10, EXTRA - 3) + 0.01])
    entry = np.where(np.arange(N + EXTRA) % 3 == 0, 0.2 * time, 0.0)
    return {
        "time": time,
        "entry": entry,
        "event": (rng.random(N + EXTRA) < 0.7).astype(int),
        "cause": rng.integers(0, 3, N + EXTRA),
        "group": rng.integers(0, 2, N + EXTRA),
        "X": np.column_stack([rng.standard_normal(N + EXTRA), rng.integers(0, 2, N + EXTRA)]).astype(float),
        "weight": np.concatenate([rng.uniform(0.3, 2.5, N), np.zeros(EXTRA)]),
    }


ESTIMATORS = {
    "kaplan_meier": lambda d: _at_events(stats.kaplan_meier(d["time"], d["event"], weight=d["weight"])),
    "kaplan_meier, delayed entry": lambda d: _at_events(
        stats.kaplan_meier(d["time"], d["event"], weight=d["weight"], entry=d["entry"])
    ),
    "reverse_kaplan_meier": lambda d: _at_events(stats.reverse_kaplan_meier(d["time"], d["event"], weight=d["weight"])),
    "logrank": lambda d: _parts(stats.logrank(d["time"], d["event"], d["group"], weight=d["weight"]), "chi2", "df", "p"),
    "cox": lambda d: _cox(stats.cox(d["time"], d["event"], d["X"], weight=d["weight"])),
    "cox, breslow": lambda d: _cox(stats.cox(d["time"], d["event"], d["X"], weight=d["weight"], ties="breslow")),
    "cox, robust": lambda d: _cox(stats.cox(d["time"], d["event"], d["X"], weight=d["weight"], robust=True)),
    "cox, strata": lambda d: _cox(stats.cox(d["time"], d["event"], d["X"], weight=d["weight"], strata=d["group"])),
    "cox, delayed entry": lambda d: _cox(stats.cox(d["time"], d["event"], d["X"], weight=d["weight"], entry=d["entry"])),
    "proportional hazards": lambda d: _parts(
        stats.cox(d["time"], d["event"], d["X"], weight=d["weight"]).ph_test(transform="km"), "chi2", "p", "global_p"
    ),
    "concordance": lambda d: _numbers(stats.concordance(d["time"], d["event"], d["X"][:, 0], weight=d["weight"])),
    "logistic": lambda d: _parts(
        stats.logistic(d["event"], d["X"], weight=d["weight"]), "coefficients", "std_err", "c_statistic"
    ),
    "fine_gray": lambda d: _cox(stats.fine_gray(d["time"], d["cause"], d["X"], weight=d["weight"])),
    "smd_continuous": lambda d: _smd(stats.smd_continuous, d, d["X"][:, 0]),
    "smd_binary": lambda d: _smd(stats.smd_binary, d, d["X"][:, 1]),
    "smd_categorical": lambda d: _smd(stats.smd_categorical, d, d["cause"]),
    "variance_ratio": lambda d: _smd(stats.variance_ratio, d, d["X"][:, 0]),
    "rmst": lambda d: _numbers(stats.rmst(d["time"], d["event"], d["group"], tau=8.0, weight=d["weight"])),
}


def _at_events(curve) -> list[np.ndarray]:
    """Survival and its limits at the times of events (times without one may come and go with absent rows)."""
    at = curve.events > 0
    return [curve.time[at], curve.survival[at], curve.std_err[at], curve.low[at], curve.high[at]]


def _parts(result, *names: str) -> list[np.ndarray]:
    return [np.asarray(getattr(result, name), dtype=float) for name in names if hasattr(result, name)]


def _cox(fit) -> list[np.ndarray]:
    return _parts(fit, "coefficients", "coef", "std_err", "se", "p", "low", "high", "log_likelihood", "loglik")


def _numbers(result) -> list[np.ndarray]:
    """Every floating-point field; counts of rows may count those of weight zero."""
    found = []
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            found.append(np.asarray(value))
    return found


def _smd(function, d, x) -> list[np.ndarray]:
    one = d["group"] == 1
    return [np.asarray(function(x[one], x[~one], weight1=d["weight"][one], weight0=d["weight"][~one]))]


def rows(d: dict[str, np.ndarray], chosen) -> dict[str, np.ndarray]:
    return {name: values[chosen] for name, values in d.items()}


def held(first: list[np.ndarray], second: list[np.ndarray]) -> None:
    assert first and len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12, equal_nan=True)
        assert np.size(a) and np.isfinite(a).any()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_rows_of_weight_zero_are_absent(drawn, name):
    held(ESTIMATORS[name](rows(drawn, slice(0, N))), ESTIMATORS[name](drawn))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_rows_of_weight_zero_are_absent_without_other_weights(drawn, name):
    """Weights of one and zero: the same as the rows alone, unweighted where the estimator has no other variance for weights."""
    whole = dict(drawn, weight=(drawn["weight"] > 0).astype(float))
    held(ESTIMATORS[name](rows(whole, slice(0, N))), ESTIMATORS[name](whole))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_rows_in_another_order(drawn, name):
    order = np.random.default_rng(2).permutation(N)
    held(ESTIMATORS[name](rows(drawn, slice(0, N))), ESTIMATORS[name](rows(drawn, order)))
