"""Positivity: limits on weights and on scores, effective sample size, equipoise of the arms."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .quantiles import quantile
from .validation import indicator, one_of, probability, require, vector, weights

TARGETS = ("ate", "att", "atc", "overlap", "matching")


def truncate_weights(
    weight: ArrayLike, treated: ArrayLike, target: str = "ate", *, at: float = 0.99, lower: bool = False
) -> NDArray[np.float64]:
    """Weights with the largest brought down to a quantile; nobody leaves, the target stays.

    Parameters
    ----------
    weight, treated : array_like, shape (n,)
    target : str
        Population that the weights stand for, one of TARGETS.  For "att" and "atc" only the arm that is weighted is
        looked at and changed; else both arms together.
    at : float, default 0.99
        Quantile (definition 3, as WeightIt's `trim`), above 0.5 and below 1.
    lower : bool, default False
        Also bring the smallest up to the quantile 1 - at.

    Returns
    -------
    float ndarray, shape (n,)

    References
    ----------
    Lee BK, Lessler J, Stuart EA. PLoS One 2011;6:e18174.
    """
    one_of(target, TARGETS, "target")
    arm = indicator(treated, "treated")
    found = weights(weight, arm.size).copy()
    require(probability(at, "at") > 0.5, f"at must lie above 0.5, not {at!r}.")
    looked_at = {"att": ~arm, "atc": arm}.get(target, np.ones_like(arm))
    require(bool(looked_at.any()), "the weighted arm is empty.")
    part = found[looked_at]
    low = quantile(part, 1 - at, 3) if lower else part.min()
    found[looked_at] = np.clip(part, low, quantile(part, at, 3))
    return found


def within_scores(score: ArrayLike, low: float = 0.1, high: float = 0.9) -> NDArray[np.bool_]:
    """Who stays when patients outside the limits of the score are dropped (limits inclusive), shape (n,).

    The population that remains is no longer the target's: the estimand is that of patients with scores in [low, high].

    References
    ----------
    Crump RK, Hotz VJ, Imbens GW, Mitnik OA. Biometrika 2009;96:187-199.
    """
    e = vector(score, "score")
    require(0 <= low < high <= 1, f"low and high must be probabilities with low below high, not {low!r} and {high!r}.")
    return (e >= low) & (e <= high)


def common_support(score: ArrayLike, treated: ArrayLike, *, trimmed_share: float = 0.0) -> NDArray[np.bool_]:
    """Who has a score inside the range of both arms, shape (n,).

    trimmed_share: share cut off beyond the common range too: below that quantile of the treated, above the
    complement of the controls (definition 7).

    References
    ----------
    Dehejia RH, Wahba S. J Am Stat Assoc 1999;94:1053-1062.
    Sturmer T et al. Am J Epidemiol 2010;172:843-854 (asymmetric trimming).
    """
    arm = indicator(treated, "treated")
    e = vector(score, "score", arm.size)
    require(bool(arm.any() and not arm.all()), "both arms must hold at least one patient.")
    require(0 <= trimmed_share < 0.5, f"trimmed_share must be at least 0 and below 0.5, not {trimmed_share!r}.")
    low, high = max(e[arm].min(), e[~arm].min()), min(e[arm].max(), e[~arm].max())
    if trimmed_share > 0:
        low = max(low, quantile(e[arm], trimmed_share))
        high = min(high, quantile(e[~arm], 1 - trimmed_share))
    return (e >= low) & (e <= high)


def effective_size(weight: ArrayLike) -> float:
    """Effective sample size of Kish, (sum w)^2 / sum w^2: that of equal weights with the same variance of a mean."""
    w = vector(weight, "weight")
    w = weights(w, w.size)
    w = w / w.max()
    return float(w.sum() ** 2 / (w @ w))


def preference_score(score: ArrayLike, share: float) -> NDArray[np.float64]:
    """The propensity score with the sizes of the arms taken out, shape (n,): logit(F) = logit(e) - logit(share).

    share: proportion treated.  Between 0.3 and 0.7 patients are in empirical equipoise.

    References
    ----------
    Walker AM et al. Comp Eff Res 2013;3:11-20.
    """
    e = vector(score, "score")
    require(bool(((e > 0) & (e < 1)).all()), "score must lie strictly between 0 and 1.")
    odds = e / (1 - e) * (1 - share) / probability(share, "share")
    return odds / (1 + odds)


def equipoise_share(score: ArrayLike, treated: ArrayLike, low: float = 0.3, high: float = 0.7) -> tuple[float, float]:
    """Share of the (treated, controls) whose preference score lies in [low, high]; the smaller one is what is judged."""
    arm = indicator(treated, "treated")
    require(bool(arm.any() and not arm.all()), "both arms must hold at least one patient.")
    inside = within_scores(preference_score(score, float(arm.mean())), low, high)
    return float(inside[arm].mean()), float(inside[~arm].mean())
