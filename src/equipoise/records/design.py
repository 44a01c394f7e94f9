"""The designs of a study: how the arms are made comparable, and how far that came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from equipoise.records.cohort import Cohort
from equipoise.records.sample import Sample, Words

FOCAL_SD, OTHER_SD, POOLED_SD, MAHALANOBIS = "focal", "other", "pooled", "mahalanobis"
ALL_ARMS_SD, MAHALANOBIS_OF_ARMS = "all_arms", "mahalanobis_of_arms"  # of several arms: the largest difference of two, no sign
FOCAL_CONSTANT, OTHER_CONSTANT = "pooled, the focal arm is constant", "pooled, the other arm is constant"


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Standardized mean difference (focal minus other arm, in SD) and variance ratio of one variable or level, signed.

    smd: denominator as the protocol says (`scale`), of the whole sample, so the same before and after; over the levels of a
    factor of three or more: Mahalanobis distance with the mean of both arms' covariances (Yang & Dalton), of two: as of a
    binary variable, without sign. smd_within: SDs of both arms among the patients shown (tableone). Both are nan where an arm
    has fewer than two known values, or where the arms differ without a scale to say by how much: then `apart` (of the whole
    sample) or `apart_within` is set, and that counts as an imbalance. variance_ratio: continuous variables only, else nan.
    """

    variable: str
    level: str
    smd: float
    smd_within: float
    variance_ratio: float
    in_propensity: bool
    scale: str = FOCAL_SD
    apart: bool = False
    apart_within: bool = False


MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN = "missing_covariate", "no_counterpart", "no_partner", "not_chosen"
TRIMMED = "trimmed"  # beyond the limits of the score that the design sets
LEFT = (MISSING, NO_COUNTERPART, NO_PARTNER, NOT_CHOSEN)  # reasons of a match


@dataclass(frozen=True, slots=True)
class Gap:
    """Patients of `arm` without a counterpart in the other arm: nobody there has this level ('1' or '0' of a binary covariate),
    or, where level is empty, these covariates together tell them apart for certain. n: patients counted here first."""

    variables: tuple[str, ...]
    level: str
    arm: str
    n: int


@dataclass(frozen=True, slots=True)
class Design:
    """How the arms are made comparable: a sample, its words (`sample.words`) and its facts.

    The unadjusted comparison is a Design too, with weights of one. facts: numbers of the design by name (pairs, caliper,
    caliper_austin, unmatched ...; of weights effective_n, largest_weight, smallest_score, largest_score), a mapping where they
    are by arm. propensity, logit: per patient, empty where the design has none. left: per patient, the reason for which the
    design lost the patient, '' where it did not; empty where nobody can leave. reasons: those that this kind of design can have
    (of a match LEFT). gaps: the levels behind NO_COUNTERPART. tie_orders: the pairs again with ties decided by ten drawn orders,
    where any pair hangs on a tie.
    """

    name: str
    label: str
    sample: Sample
    balance: tuple[BalanceRow, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    propensity: np.ndarray = field(default_factory=lambda: np.empty(0))
    logit: np.ndarray = field(default_factory=lambda: np.empty(0))
    model: Any = None
    remarks: tuple[str, ...] = ()
    left: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=object))
    reasons: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    tie_orders: tuple[np.ndarray, ...] = ()

    @property
    def words(self) -> Words:
        return self.sample.words

    @property
    def include(self) -> np.ndarray:
        return self.sample.include

    @property
    def weight(self) -> np.ndarray:
        return self.sample.weight

    @property
    def pair(self) -> np.ndarray:
        return self.sample.pair

    @property
    def paired(self) -> bool:
        return self.sample.paired


@dataclass(frozen=True, slots=True)
class Again:
    """The primary design made again for the sensitivity bundle: of its `member`, called `name`. keep: bool per patient of the
    cohort, who could be in it; `cohort` are they, and `design` is of them; None where it could not be made: why says so."""

    member: str
    name: str
    keep: np.ndarray
    cohort: Cohort
    design: Design | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rematched:
    """The primary match made again in resamples of the patients. matches: of each resample in which one could be made the
    positions of its patients in the cohort, as often as they are in it, and their weights. why: why there are none."""

    draws: int
    seed: int
    matches: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Designs:
    """The cohort and the designs made of it, in order; iterates over the designs. unmade: name of a design that
    could not be made -> why, in a sentence. restricted: population of `restrict` -> its patients and the designs made among
    them; one in which nothing can be estimated has no design, and says why under `unadjusted`.
    again, rematched: of the sensitivity bundle."""

    cohort: Cohort
    designs: tuple[Design, ...]
    unmade: Mapping[str, str] = field(default_factory=dict)
    restricted: Mapping[str, Designs] = field(default_factory=dict)
    again: tuple[Again, ...] = ()
    rematched: Rematched | None = None

    def __iter__(self) -> Iterator[Design]:
        return iter(self.designs)

    def __len__(self) -> int:
        return len(self.designs)

    def __getitem__(self, name: str) -> Design:
        return next(d for d in self.designs if d.name == name)
