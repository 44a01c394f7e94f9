"""Deterministic synthetic cohorts: 10 covariates, whole-day times, competing causes."""

import numpy as np

SEED = 20260101
_GAMMA = np.array([-0.40, 0.10, 0.30, -0.20, 0.25, 0.20, -0.35, 0.50, 0.15, -0.45])
_BETA = np.array([0.25, -0.05, 0.20, 0.10, 0.35, 0.10, 0.30, -0.15, 0.20, 0.45])


def cohort(n, continuous=False):
    """Arrays of one cohort: treat, X (n, 10), time, event, cause, and an IPTW weight.

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
    return {
        "treat": treat,
        "X": X,
        "C": np.column_stack([treat, X[:, :9]]),
        "time": time,
        "event": event.astype(np.int64),
        "cause": cause,
        "weight": np.where(treat == 1, 1 / propensity, 1 / (1 - propensity)),
    }
