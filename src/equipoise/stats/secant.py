"""The curvature of a penalised log-likelihood where its passes give the information of the unpenalised one alone."""

from __future__ import annotations

import numpy as np

from .arrays import Array


class Curvature:
    """What the information leaves out, learned from the gradients before and after each step.

    The penalty's second derivative would cost a pass per column.  Without it the iteration gains a constant share of the
    way in each step, and next to none with few events per column; with what each step shows, the steps soon are Newton's.

    References
    ----------
    Dennis JE, Gay DM, Welsch RE. ACM Trans Math Softw 1981;7:348-368, section 3.
    """

    def __init__(self, size: int) -> None:
        self.rest = np.zeros((size, size))

    def whole(self, information: Array) -> Array:
        """Information, shape (size, size), with the rest added; as it is where the sum is not positive definite."""
        whole: Array = information + self.rest
        try:
            np.linalg.cholesky(whole)
        except np.linalg.LinAlgError:
            return information
        return whole

    def learn(self, step: Array, before: Array, after: Array, information: Array) -> None:
        """Take in a step, shape (size,), with the gradients before and after it and the information after it."""
        fall = before - after
        along = float(step @ fall)
        if not (along > 0 and np.isfinite(along)):
            return
        left = fall - information @ step - self.rest @ step
        cross = np.outer(left, fall) / along
        update = cross + cross.T - float(step @ left) / along**2 * np.outer(fall, fall)
        if np.isfinite(update).all():
            self.rest += update
