"""A population whose truth is known: who is treated with which probability, who has the event when; and draws from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equipoise.simulate.marginal import conditional_log_hr, event_share, marginal_log_hr
from equipoise.simulate.times import Baseline, FollowUp

WHOLE = (0.0, 1.0)  # limits of a score that leave nobody out
EVERYBODY = "everybody"  # as they were treated, with a score or without


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A confounder that nobody recorded: share of the patients who have it, its odds ratio with the focal treatment and its
    hazard ratio with the event, given everything that was recorded."""

    share: float
    odds_ratio: float
    hazard_ratio: float


@dataclass(frozen=True, slots=True)
class World:
    """logit: of the probability of the focal arm, shape (n,); nan where a patient keeps the arm that he has. focal: bool, the arm
    that he has. risk: log hazard ratio from covariates. compared_is_focal: whether the focal arm is the numerator of hazard
    ratios. kept: everybody keeps his arm in every replicate."""

    logit: np.ndarray
    focal: np.ndarray
    risk: np.ndarray
    baseline: Baseline
    follow_up: FollowUp
    unmeasured: Unmeasured | None = None
    compared_is_focal: bool = True
    kept: bool = False

    @property
    def n(self) -> int:
        return len(self.risk)

    def rows(self, chosen: np.ndarray) -> World:
        """The same world, of these patients, who may be there several times."""
        return replace(self, logit=self.logit[chosen], focal=self.focal[chosen], risk=self.risk[chosen])


@dataclass(frozen=True, slots=True)
class Draw:
    """One replicate: the arms, and everything that decides the outcomes under any effect. focal: bool. treated: 1 in the compared
    arm. hazard: cumulative baseline hazard at which an untreated patient has the event. until: end of follow-up, days."""

    focal: np.ndarray
    treated: np.ndarray
    hazard: np.ndarray
    until: np.ndarray
    baseline: Baseline

    def outcome(self, effect: float) -> tuple[np.ndarray, np.ndarray]:
        """Time in days, and 1 at an event or 0 where follow-up ended first. effect: conditional log hazard ratio."""
        time = self.baseline.time_at(self.hazard * np.exp(-effect * self.treated))
        return np.minimum(time, self.until), (time <= self.until).astype(int)


def drawn(world: World, rng: np.random.Generator) -> Draw:
    """Arms and outcomes of the patients of a world."""
    n = world.n
    carrier, arm, hazard = rng.random(n), rng.random(n), rng.exponential(size=n)
    until = world.follow_up.draw(rng, n)
    logit, risk = world.logit, world.risk
    if world.unmeasured is not None:
        u = world.unmeasured
        has = carrier < u.share
        logit = logit + np.log(u.odds_ratio) * (has - u.share)
        risk = risk + np.log(u.hazard_ratio) * (has - u.share)
    focal = world.focal if world.kept else np.where(np.isnan(logit), world.focal, arm < _expit(logit))
    treated = (focal == world.compared_is_focal).astype(float)
    return Draw(focal, treated, hazard * np.exp(-risk), until, world.baseline)


@dataclass(frozen=True, slots=True)
class Population:
    """The patients of a world with every value of what was not recorded. score: probability of the focal arm, nan where nothing
    gives one. mass: how many patients a row stands for."""

    risk: np.ndarray
    score: np.ndarray
    focal: np.ndarray
    mass: np.ndarray

    def weight(self, target: str, kept: bool = False, within: tuple[float, float] = WHOLE) -> np.ndarray:
        """How much each row counts in a target: everybody, ate, att, atc, overlap or matching. kept: the arms are those that the
        patients have, so that who is treated needs no probability. within: limits of the score of those who count."""
        known = ~np.isnan(self.score)
        if within != WHOLE:
            with np.errstate(invalid="ignore"):
                known &= (self.score >= within[0]) & (self.score <= within[1])
        e = np.where(known, self.score, 0.5)
        treated = self.focal.astype(float) if kept else e
        counts = {
            "everybody": np.ones(len(e)),
            "ate": known.astype(float),
            "att": known * treated,
            "atc": known * (1 - treated),
            "overlap": known * e * (1 - e),
            "matching": known * np.minimum(e, 1 - e),
        }
        return self.mass * counts[target]


def population(world: World) -> Population:
    """Each patient once, or with and without the unmeasured confounder by its share."""
    if world.unmeasured is None:
        return Population(world.risk, _expit(world.logit), world.focal, np.ones(world.n))
    u = world.unmeasured
    parts = [(u.share, 1 - u.share), (1 - u.share, -u.share)]  # mass, and what is added per unit of log ratio
    risk = np.concatenate([world.risk + np.log(u.hazard_ratio) * has for _, has in parts])
    score = np.concatenate([_expit(world.logit + np.log(u.odds_ratio) * has) for _, has in parts])
    mass = np.concatenate([np.full(world.n, share) for share, _ in parts])
    return Population(risk, score, np.tile(world.focal, 2), mass)


def marginal_truth(world: World, effect: float, target: str, within: tuple[float, float] = WHOLE) -> float:
    """Log marginal hazard ratio in a target population; nan where nobody is in it."""
    people = population(world)
    weight = people.weight(target, world.kept, within)
    if not weight.any():
        return float("nan")
    return marginal_log_hr(effect, *_counting(people.risk, weight), world.baseline, world.follow_up)


def effect_for(world: World, marginal: float, target: str, within: tuple[float, float] = WHOLE) -> float:
    """The conditional log hazard ratio that is this marginal one in a target population."""
    people = population(world)
    weight = people.weight(target, world.kept, within)
    return conditional_log_hr(marginal, *_counting(people.risk, weight), world.baseline, world.follow_up)


def observed_share(world: World) -> float:
    """Share of the patients in whom the event is observed, had nobody the compared treatment."""
    people = population(world)
    return event_share(0.0, people.risk, people.mass, world.baseline, world.follow_up)


def _counting(risk: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return risk[weight > 0], weight[weight > 0]


def _expit(logit: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-logit))
