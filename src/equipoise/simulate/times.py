"""When events and censorings happen: cumulative baseline hazards and follow-up, to draw from and to integrate over. In days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol as Shape

import numpy as np

INTERVALS = 400  # of the integrals over time


class Baseline(Shape):
    """The cumulative hazard of a patient whose covariates add nothing."""

    def time_at(self, hazard: np.ndarray) -> np.ndarray:
        """When the cumulative hazard reaches these values; inf where it never does."""

    def cumulative(self, time: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Weibull:
    """Cumulative hazard log(2) (t / median)**shape; shape 1 is exponential."""

    median: float
    shape: float = 1.0

    def time_at(self, hazard: np.ndarray) -> np.ndarray:
        return self.median * (np.asarray(hazard, dtype=float) / np.log(2)) ** (1 / self.shape)

    def cumulative(self, time: np.ndarray) -> np.ndarray:
        return np.log(2) * (np.asarray(time, dtype=float) / self.median) ** self.shape


@dataclass(frozen=True, slots=True)
class Estimated:
    """Straight lines between the points of an estimated cumulative hazard; nothing happens after the last one. time, hazard:
    rising, shape (k,), without the point (0, 0)."""

    time: np.ndarray
    hazard: np.ndarray

    def time_at(self, hazard: np.ndarray) -> np.ndarray:
        h = np.asarray(hazard, dtype=float)
        found = np.interp(h, np.r_[0.0, self.hazard], np.r_[0.0, self.time])
        return np.where(h > self.hazard[-1], np.inf, found)

    def cumulative(self, time: np.ndarray) -> np.ndarray:
        return np.interp(time, np.r_[0.0, self.time], np.r_[0.0, self.hazard])


class FollowUp(Shape):
    """Until when a patient would be observed, whatever happens to the patient before."""

    def remaining(self, time: np.ndarray) -> np.ndarray:
        """Share observed at least so long."""

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray: ...

    @property
    def longest(self) -> float:
        """inf where there is no end."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Patients enter evenly over the accrual, so that follow-up at the cut-off lies evenly between its shortest and longest; and
    are lost at a constant rate. lost_per_year: share of those observed a year ago, 0 for none."""

    shortest: float
    longest: float
    lost_per_year: float = 0.0

    @property
    def rate(self) -> float:
        return -float(np.log1p(-self.lost_per_year)) / 365.25

    def remaining(self, time: np.ndarray) -> np.ndarray:
        t = np.asarray(time, dtype=float)
        width = self.longest - self.shortest
        there = np.clip((self.longest - t) / width, 0.0, 1.0) if width > 0 else (t <= self.longest).astype(float)
        return there * np.exp(-self.rate * t)

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        cutoff = rng.uniform(self.shortest, self.longest, n)
        lost = rng.exponential(size=n)  # drawn whatever the rate, so that the other draws stay the same
        return np.minimum(cutoff, lost / self.rate if self.rate > 0 else np.inf)


@dataclass(frozen=True, slots=True)
class Observed:
    """Follow-up as it was: the reverse Kaplan-Meier curve. time: rising; share: observed longer than each time, its last value
    0."""

    time: np.ndarray
    share: np.ndarray

    @property
    def longest(self) -> float:
        return float(self.time[-1])

    def remaining(self, time: np.ndarray) -> np.ndarray:
        before = np.searchsorted(self.time, time, side="left")
        return np.r_[1.0, self.share][before]

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        u = rng.random(n)
        return self.time[np.searchsorted(-self.share, -u, side="right").clip(max=len(self.time) - 1)]


@dataclass(frozen=True, slots=True)
class Grid:
    """Intervals of time for an integral: the cumulative baseline hazard at their ends, and the share under observation in the
    middle of each."""

    hazard: np.ndarray
    observed: np.ndarray


def grid(baseline: Baseline, follow_up: FollowUp, smallest: float, intervals: int = INTERVALS) -> Grid:
    """Intervals up to the end of follow-up; where it has none, to where hardly anybody is free of the event. smallest: of the
    patients' log hazard ratios."""
    end = float(follow_up.longest)
    endless = np.isinf(end)
    top = 20.0 * np.exp(-smallest) if endless else float(baseline.cumulative(np.array([end]))[0])
    hazard = top * np.linspace(0.0, 1.0, intervals + 1) ** (4 if endless else 2)  # closer together where the events are
    middle = baseline.time_at((hazard[1:] + hazard[:-1]) / 2)
    return Grid(hazard, follow_up.remaining(middle))
