"""The marginal hazard ratio that a conditional one means in a population, by integration over its patients and over time.

Austin PC. Stat Med 2013;32:2837-2849 finds it by drawing large populations; here the limit of the Cox estimate of both potential
outcomes is integrated. Struthers CA, Kalbfleisch JD. Biometrika 1986;73:363-369 (what a Cox estimate converges to).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from equipoise.simulate.times import Baseline, FollowUp, Grid, grid

WIDEST = 8.0  # log hazard ratios that are searched
GROUPS = 2_000  # of patients of like risk, beyond which no integral over them gains a digit


def marginal_log_hr(
    effect: float, risk: np.ndarray, weight: np.ndarray, baseline: Baseline, follow_up: FollowUp, share: float = 0.5
) -> float:
    """Log hazard ratio that a Cox model of the treatment alone tends to, where every patient is seen under either treatment.

    effect: conditional log hazard ratio, the same for everybody. risk: log hazard ratios from covariates, shape (n,). weight: of
    the patients in the population that is asked about, shape (n,), not negative. share: of the sample that is treated: where
    hazards are not proportional marginally, the limit hangs on it a little. Follow-up is the same in both arms.
    """
    if effect == 0:
        return 0.0
    times = grid(baseline, follow_up, float(risk.min()) + min(effect, 0.0))
    treated, control = _free(risk + effect, weight, times), _free(risk, weight, times)
    return _limit(treated, control, times.observed, share)


def conditional_log_hr(
    marginal: float, risk: np.ndarray, weight: np.ndarray, baseline: Baseline, follow_up: FollowUp, share: float = 0.5
) -> float:
    """The conditional log hazard ratio whose marginal one is this. Raises ValueError where no conditional one reaches it."""
    if marginal == 0:
        return 0.0

    def off(effect: float) -> float:
        return marginal_log_hr(effect, risk, weight, baseline, follow_up, share) - marginal

    far = WIDEST if marginal > 0 else -WIDEST
    if off(far) * np.sign(marginal) < 0:
        raise ValueError("no conditional hazard ratio gives this marginal one")
    return float(brentq(off, min(0.0, far), max(0.0, far), xtol=1e-10))


def event_share(effect: float, risk: np.ndarray, weight: np.ndarray, baseline: Baseline, follow_up: FollowUp) -> float:
    """The share of a population in whom the event is observed, all treated alike."""
    times = grid(baseline, follow_up, float(risk.min()) + min(effect, 0.0))
    return float(-np.diff(_free(risk + effect, weight, times)) @ times.observed)


def _free(risk: np.ndarray, weight: np.ndarray, times: Grid) -> np.ndarray:
    """Share of the population free of the event at the ends of the intervals."""
    risk, weight = _grouped(risk, weight)
    rate, w = np.exp(risk), weight / weight.sum()
    return np.array([w @ np.exp(-h * rate) for h in times.hazard])


def _limit(treated: np.ndarray, control: np.ndarray, observed: np.ndarray, share: float) -> float:
    """Where the expected score of Cox's partial likelihood is zero. treated, control: free of the event at the ends of the
    intervals; those at risk are taken in the middle of each."""
    one, other = share * -np.diff(treated), (1 - share) * -np.diff(control)
    risk_one, risk_other = share * _middle(treated), (1 - share) * _middle(control)

    def score(theta: float) -> float:
        ratio = np.exp(theta) * risk_one
        return float(observed @ (one - ratio / (risk_other + ratio) * (one + other)))

    return float(brentq(score, -2 * WIDEST, 2 * WIDEST, xtol=1e-12))


def _middle(free: np.ndarray) -> np.ndarray:
    return (free[1:] + free[:-1]) / 2


def _grouped(risk: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Many patients as GROUPS of neighbours in risk, each at its mean."""
    if len(risk) <= 2 * GROUPS:
        return risk, weight
    order = np.argsort(risk, kind="stable")
    starts = np.linspace(0, len(risk), GROUPS, endpoint=False).astype(int)
    mass = np.add.reduceat(weight[order], starts)
    total = np.add.reduceat((weight * risk)[order], starts)
    there = mass > 0
    return total[there] / mass[there], mass[there]
