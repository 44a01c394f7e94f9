"""A study made again and again under a known truth, and how its designs did."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

MARGINAL, ADJUSTED = "marginal", "adjusted"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a simulation is asked for.

    hazard_ratios: true ones, marginal in the target of the primary design (conditional: within levels of the covariates instead);
    where none is given 1, and the planned one. endpoint: '' for the first. kept: everybody keeps his arm; else it is drawn from
    the score. n: patients drawn from the study's, with replacement; 0 for each once. outcomes: times are drawn as the study's own
    were; else from median (of the reference arm), follow_up (shortest, longest) and lost_per_year, where they are given, in place
    of those of the protocol, in its unit of time. prognosis: hazard ratio per SD of the logit of the score, where the protocol
    does not say how the covariates act. unmeasured: share, odds ratio with the focal arm, hazard ratio.
    """

    replicates: int = 500
    seed: int = 1
    hazard_ratios: tuple[float, ...] = ()
    endpoint: str = ""
    conditional: bool = False
    kept: bool = False
    n: int = 0
    outcomes: bool = False
    median: float | None = None
    follow_up: tuple[float, float] | None = None
    lost_per_year: float | None = None
    prognosis: float = 1.5
    unmeasured: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a replicate, on the log scale. rejects: whether P lies below alpha. why: the reason that there is none, '' where there
    is."""

    log_hr: float = math.nan
    se: float = math.nan
    low: float = math.nan
    high: float = math.nan
    rejects: bool = False
    events: float = math.nan
    why: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a design kept of a replicate. effective_n: of both arms together; compared: of the compared arm. pairs: nan where it
    has none. worst_smd: largest |SMD| of a covariate of the score, nan where none is known."""

    n: float
    effective_n: float
    compared: float
    pairs: float
    worst_smd: float


@dataclass(frozen=True, slots=True)
class Replicate:
    """estimates: by place of the truth, design and kind. kept: by design that could be made."""

    estimates: Mapping[tuple[int, str, str], Estimate]
    kept: Mapping[str, Kept]


@dataclass(frozen=True, slots=True)
class Result:
    """How one estimator of one design did under one truth. kind: marginal, the hazard ratio of the design; adjusted, conditional
    on the covariates of the score. asked: the true hazard ratio that was asked for; truth: what it is in `target`, of an adjusted
    one the conditional one. made: replicates with an estimate; figures are of those. bias: of the log hazard ratio. rejected:
    share with P below alpha. *_se: Monte-Carlo standard errors; nan where there is no figure."""

    design: str
    label: str
    kind: str
    target: str
    asked: float
    truth: float
    made: int
    bias: float
    bias_se: float
    empirical_se: float
    empirical_se_se: float
    model_se: float
    model_se_se: float
    coverage: float
    coverage_se: float
    rejected: float
    rejected_se: float
    events: float


@dataclass(frozen=True, slots=True)
class Size:
    """What a design kept, over the replicates in which it could be made: means, and of pairs (nan where it has none) the 5th and
    95th percentile. effective_n: of both arms together. worst_smd: mean of the largest |SMD| of a covariate of the score. below,
    above: the hazard ratios that a log-rank test of the mean effective sizes detects with the asked power (Schoenfeld); nan
    without events."""

    design: str
    label: str
    made: int
    n: float
    effective_n: float
    pairs: float
    pairs_low: float
    pairs_high: float
    worst_smd: float
    below: float
    above: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """results: by truth, design and kind, in this order. lost: (design, kind, reason) -> replicates without an estimate. n:
    patients of a replicate. share: of the patients with an observed event, had nobody the compared treatment. power: with which
    an effect is to be detected. course: where the times come from, a clause. conditional: the conditional hazard ratio by the one
    that was asked for."""

    asked: Asked
    endpoint: str
    n: int
    share: float
    power: float
    course: str
    conditional: Mapping[float, float]
    results: tuple[Result, ...]
    sizes: tuple[Size, ...]
    lost: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
