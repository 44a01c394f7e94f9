"""Weights that balance the means of the score's columns exactly: entropy balancing, the covariate balancing score."""

from __future__ import annotations

import numpy as np

from equipoise import stats
from equipoise.design.plan import Plan
from equipoise.design.propensity import Propensity
from equipoise.errors import DataError, Fault
from equipoise.protocol.weights import WeightsSpec

NO_BALANCE = "no balance"  # rule of a fault
WHOSE = {"att": "of the arm {focal}", "atc": "of the arm {other}", "ate": "of all patients"}


def balancing_weights(plan: Plan, fitted: Propensity, include: np.ndarray) -> np.ndarray:
    """Weights of the included patients, nan for the others; the columns are those of the score. entropy: mean 1 in each arm that
    is weighted. Raises DataError where no weights balance them."""
    spec = plan.spec
    assert isinstance(spec, WeightsSpec)
    make = stats.entropy_balance if spec.method == "entropy" else stats.covariate_balancing
    try:
        found = make(plan.focal[include], fitted.matrix.X[include], spec.target)
    except stats.Unreachable as error:
        raise DataError(_fault(plan, spec, fitted, include, error)) from error
    weight = np.full(plan.cohort.n, np.nan)
    weight[include] = found.weight
    return weight


def _fault(plan: Plan, spec: WeightsSpec, fitted: Propensity, include: np.ndarray, error: stats.Unreachable) -> Fault:
    """Which arm cannot be given the means of which covariates, and what to do."""
    arms = plan.protocol.arms
    named = dict.fromkeys(fitted.matrix.terms[k][0] for k in error.columns) or dict.fromkeys(fitted.covariates)
    known = plan.protocol.covariates
    listed = ", ".join(f"'{v}' ({known[v].label})" if v in known else f"'{v}'" for v in named)  # a term has no label
    whose = WHOSE[spec.target].format(focal=arms.label(arms.focal), other=arms.label(arms.other))
    if spec.method == "entropy" and error.columns:
        what = f"an arm has nobody on one side of the mean {whose} of {listed}, so that no weights of its patients reach it"
    elif spec.method == "entropy":
        together = " all together" if len(named) > 1 else ""
        what = f"no weights reach the means {whose} of {listed}{together}"
    else:
        they = "together they tell" if len(named) > 1 else "it tells"
        what = f"no score balances {listed}: {they} the arm of some patients for certain"
    advice = "leave a covariate out of the score that did not decide on treatment, take 'target: overlap' with 'method: logistic'"
    message = (
        f"{what}, and this design cannot be made; {advice}, or restrict the study to patients who could have received either"
    )
    return Fault(plan.place, NO_BALANCE, message)
