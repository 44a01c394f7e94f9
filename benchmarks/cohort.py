"""Deterministic synthetic cohorts: 10 covariates, whole-day times, competing causes."""

import numpy as np

SEED = 20260101
_GAMMA = np.array([-0.40, 0.10, 0.30, -0.20, 0.25, 0.20, -0.35, 0.50, 0.15, -0.45])
_BETA = np.array([0.25, -0.05, 0.20, 0.10, 0.35, 0.10, 0.30, -0.15, 0.20, 0.45])


def cohort(n, continuous=False):
    """Arrays of one cohort: treat, X (n, 10), time, event, cause, and an IPTW weight; C are treat and nine of X, wide 40 more
    columns; strata of eight levels; the true risk score and the true logit of treatment.

    With `continuous` the days get a random fraction, so that no times are tied.
    """
    rng = np.random.default_rng([SEED, n])
    age = np.round(np.clip(rng.normal(64, 10, n), 18, 95), 1)
    bmi = np.round(np.clip(rng.normal(26, 4.5, n), 14, 55), 1)
    x3 = np.round(rng.normal(0, 1, n), 3)
    x4 = np.round(0.5 * x3 + np.sqrt(0.75) * rng.normal(0, 1, n), 3)
    ldh = np.round(np.exp(rng.normal(5.4, 0.35, n)), 0)
    binary = [(rng.random(n) < p).astype(float) for p in (0.5, 0.3, 0.2, 0.4, 0.1)]
    X = np.column_stack([age, bmi, x3, x4, ldh, *binary])
    Z = np.column_stack([(age - 64) / 10, (bmi - 26) / 4.5, x3, x4, (np.log(ldh) - 5.4) / 0.35, *binary])
    propensity = 1 / (1 + np.exp(1.02 - Z @ _GAMMA))
    treat = (rng.random(n) < propensity).astype(np.int64)
    risk = Z @ _BETA + np.log(0.75) * treat
    event_time = 900.0 * (-np.log(rng.random(n)) * np.exp(-risk)) ** (1 / 1.2)
    censored_at = rng.uniform(180, 1830, n)
    time = np.maximum(1.0, np.ceil(np.minimum(event_time, censored_at)))
    event = event_time <= censored_at
    cause = event * np.where(rng.random(n) < 2 / 3, 1, 2)
    if continuous:
        time = time - rng.random(n)
    more = np.random.default_rng([SEED, n, 1])
    C = np.column_stack([treat, X[:, :9]])
    return {
        "treat": treat,
        "X": X,
        "C": C,
        "wide": np.column_stack([C, more.normal(0, 1, (n, 40))]),
        "strata": more.integers(0, 8, n),
        "score": risk,
        "logit": np.log(propensity / (1 - propensity)),
        "time": time,
        "event": event.astype(np.int64),
        "cause": cause,
        "weight": np.where(treat == 1, 1 / propensity, 1 / (1 - propensity)),
    }


def intervals(d, continuous):
    """Counting process rows, about as many as subjects: start, stop, event, covariates.

    Half of the subjects have two intervals, of which the second has another value of one covariate.
    """
    n = d["time"].size
    half = n // 2
    time, event, C = d["time"][:half], d["event"][:half], d["C"][:half]
    cut = time / 2 if continuous else np.floor(time / 2)
    second = cut < time
    first = (cut > 0) & second
    later = C.copy()
    later[:, 3] += 0.5
    start = np.concatenate((np.zeros(half), cut[first]))
    stop = np.concatenate((np.where(first, cut, time), time[first]))
    died = np.concatenate((np.where(first, 0, event), event[first]))
    return start, stop, died, np.vstack((C, later[first]))


def sparse_sample():
    """206 patients with 28 covariates, most of them levels that a handful of patients have: time, event, X."""
    rng = np.random.default_rng([SEED, 206])
    common, rare = np.array([0.5, 0.4, 0.3, 0.25, 0.2, 0.15]), np.linspace(0.015, 0.1, 20)
    X = np.column_stack([rng.normal(size=(206, 2)), rng.random((206, 26)) < np.concatenate((common, rare))])
    time, censored_at = np.ceil(rng.exponential(600, 206)), np.ceil(rng.uniform(100, 900, 206))
    return np.minimum(time, censored_at), (time <= censored_at).astype(np.int64), X.astype(float)
