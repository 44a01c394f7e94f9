"""Pointwise confidence limits of a probability that varies over time, on each customary scale."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .tails import two_sided_z
from .validation import one_of

CONF_TYPES = ("log", "log-log", "plain", "logit", "arcsin")


def confidence_limits(survival: Array, std_err: Array, conf_type: str, conf_level: float) -> tuple[Array, Array]:
    """Limits of a survival curve as ``survfit`` of R survival draws them.

    Parameters
    ----------
    survival, std_err : ndarray, shape (k,)
        Estimate and its standard error on the probability scale.
    conf_type : {"log", "log-log", "plain", "logit", "arcsin"}
        Scale on which the limits are symmetric.  SAS uses "log-log" by default, R "log".
    conf_level : float
        Two-sided level.

    Returns
    -------
    low, high : ndarray, shape (k,)
        Within [0, 1].  nan where the scale has no value: at survival 0 (unless "plain" with a standard error of 0),
        and for "log-log", "logit" and "arcsin" also at survival 1.
    """
    one_of(conf_type, CONF_TYPES, "conf_type")
    reach = two_sided_z(conf_level) * std_err
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # a shift without end leaves a limit of 0 or 1
        low, high = _SCALES[conf_type](survival, reach)
    return low, high


def _plain(s: Array, reach: Array) -> tuple[Array, Array]:
    return np.maximum(s - reach, 0.0), np.minimum(s + reach, 1.0)


def _log(s: Array, reach: Array) -> tuple[Array, Array]:
    relative = reach / s
    return s * np.exp(-relative), np.minimum(s * np.exp(relative), 1.0)


def _log_log(s: Array, reach: Array) -> tuple[Array, Array]:
    log_s = np.where(s < 1, np.log(s), np.nan)
    shift = np.abs(reach / (s * log_s))
    return np.exp(log_s * np.exp(shift)), np.exp(log_s * np.exp(-shift))


def _logit(s: Array, reach: Array) -> tuple[Array, Array]:
    odds = s / (1 - s)
    shift = np.exp(reach / (s * (1 - s)))
    low, high = odds / shift, odds * shift
    return low / (1 + low), high / (1 + high)


def _arcsin(s: Array, reach: Array) -> tuple[Array, Array]:
    angle = np.arcsin(np.sqrt(s))
    shift = 0.5 * reach / np.sqrt(s * (1 - s))
    return np.sin(np.maximum(0, angle - shift)) ** 2, np.sin(np.minimum(np.pi / 2, angle + shift)) ** 2


_SCALES = {"plain": _plain, "log": _log, "log-log": _log_log, "logit": _logit, "arcsin": _arcsin}
