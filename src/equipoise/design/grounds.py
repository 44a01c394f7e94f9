"""What a match looks at in each patient, as arrays, and the match that follows from them and a score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.design.distances import coordinates
from equipoise.design.full_matching import full_match
from equipoise.design.greedy import Bounds, nearest_neighbours, variable_ratios
from equipoise.design.matched_sets import MatchedSets, spread
from equipoise.design.optimal import optimal_pairs
from equipoise.design.plan import Plan
from equipoise.design.propensity import score_sd
from equipoise.design.tie_rank import tie_rank
from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.match_options import VariableRatio, in_sd

TARGETS = {"att": "focal", "atc": "other", "ate": "all"}
DECIMALS = 10  # scores that agree to 1e-10 are ties


@dataclass(frozen=True, slots=True)
class Grounds:
    """One row per patient. focal: bool. rank: decides ties, lowest first. cells, apart (n, q): codes that a pair must share, and
    may not share, -1 where unknown. near: float, shape (n, c), the covariates with a caliper, in their order. columns:
    float, shape (n, p), the covariates of a distance of their own, of a factor one per level, marked in `factor`; None where the
    distance is that of the score."""

    spec: MatchSpec
    focal: np.ndarray
    rank: np.ndarray
    cells: np.ndarray
    apart: np.ndarray
    near: np.ndarray
    columns: np.ndarray | None
    factor: tuple[bool, ...] = ()

    def at(self, rows: np.ndarray) -> Grounds:
        """The patients at these positions, as often as they are named."""
        columns = None if self.columns is None else self.columns[rows]
        parts = (part[rows] for part in (self.focal, self.rank, self.cells, self.apart, self.near))
        return Grounds(self.spec, *parts, columns, self.factor)

    def known(self, score: np.ndarray) -> np.ndarray:
        """Positions of the patients with a score and a value of whatever is asked to agree, to differ or to be near."""
        told = (self.apart >= 0).all(axis=1) & ~np.isnan(self.near).any(axis=1)
        return np.flatnonzero(~np.isnan(score) & (self.cells >= 0) & told)

    def caliper(self, score: np.ndarray) -> float:
        """Of the score, in its units; inf where there is none."""
        spec = self.spec
        return np.inf if spec.caliper is None else spec.caliper * score_sd(score, self.focal, spec.caliper_sd)

    def widths(self) -> dict[str, float]:
        """The largest difference within a pair of each covariate that has a caliper, in its unit. A standard deviation is that of
        all patients with a value, or pooled over the arms, as for the caliper of the score."""
        found = {}
        for k, (name, width) in enumerate(self.spec.calipers.items()):
            share = in_sd(width)
            sd = 1.0 if share is None else score_sd(self.near[:, k], self.focal, self.spec.caliper_sd)
            found[name] = (float(width) if share is None else share) * sd
        return found

    def match(self, score: np.ndarray) -> MatchedSets:
        """The match of any method but cem. score: float per patient on the scale of the match, nan where there is none. Raises
        ValueError where there are more pairs than memory holds."""
        known = self.known(score)
        part, bounds = self.at(known), self._bounds(score, known)
        spec, focal, line = self.spec, part.focal, score[known]
        rank = np.argsort(np.argsort(part.rank, kind="stable"))
        at = None if part.columns is None else coordinates(part.columns, focal, spec.distance, part.factor)
        if spec.method == "full":
            found = full_match(line, focal, bounds, TARGETS[spec.target], coordinates=at, rank=rank)
        elif spec.method == "optimal":
            found = optimal_pairs(line, focal, bounds, spec.most, at, rank)
        else:
            reuse, matchit = np.inf if spec.replace else 1, spec.ties == "matchit"
            ratio = _ratio(spec, line, focal, rank)
            found = nearest_neighbours(line, focal, bounds, spec.order, ratio, reuse, at, rank, matchit, spec.seed)
        return spread(found, known, len(score))

    def _bounds(self, score: np.ndarray, known: np.ndarray) -> Bounds:
        narrow = tuple((self.near[known, k], width) for k, width in enumerate(self.widths().values()))
        apart = self.apart[known] if self.apart.shape[1] else None
        return Bounds(self.caliper(score), narrow, self.cells[known] if self.spec.exact else None, apart)


def grounds_of(plan: Plan) -> Grounds:
    """Of all analysed patients."""
    spec, covariates = plan.spec, plan.covariates
    assert isinstance(spec, MatchSpec)
    n = plan.cohort.n
    apart = [covariates.cells([name])[0] for name in spec.anti_exact]
    near = [covariates.values[name].astype(float) for name in spec.calipers]
    columns, factor = (None, ()) if spec.distance == "score" else _columns(plan, spec)
    return Grounds(
        spec,
        plan.focal,
        tie_rank(plan.cohort, spec.ties),
        covariates.cells(spec.exact)[0],
        np.column_stack(apart) if apart else np.zeros((n, 0), dtype=int),
        np.column_stack(near) if near else np.zeros((n, 0)),
        columns,
        factor,
    )


def _columns(plan: Plan, spec: MatchSpec) -> tuple[np.ndarray, tuple[bool, ...]]:
    """The covariates of the score as columns, of a factor one per level, and which are a factor's."""
    columns, factor = [], []
    for name in spec.propensity:
        declared, values = plan.protocol.covariates[name], plan.covariates.values[name]
        if declared.kind == "categorical":
            columns += [(values == level).astype(float) for level in declared.levels]
            factor += [True] * len(declared.levels)
        else:
            columns.append(values.astype(float))
            factor.append(False)
    return np.column_stack(columns), tuple(factor)


def _ratio(spec: MatchSpec, score: np.ndarray, focal: np.ndarray, rank: np.ndarray) -> int | np.ndarray:
    """Partners of each patient: one number, or one per patient."""
    if not isinstance(spec.ratio, VariableRatio):
        return spec.ratio
    turn = np.argsort(rank)
    line = score if spec.ties == "matchit" else np.round(score, DECIMALS)
    asked = np.zeros(len(focal), dtype=int)
    asked[turn] = variable_ratios(line[turn], focal[turn], spec.ratio.mean, spec.ratio.min, spec.ratio.max)
    return asked
