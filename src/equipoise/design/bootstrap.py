"""The primary match made again in resamples of the patients, from the score on. Outcomes are not an argument."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from equipoise import stats
from equipoise.design.grounds import Grounds, grounds_of
from equipoise.design.plan import Plan
from equipoise.design.score_fit import FAR
from equipoise.errors import DataError
from equipoise.protocol.bundle import BOOTSTRAP, BootstrapMatch
from equipoise.protocol.designs import MatchSpec, label_of
from equipoise.protocol.score import ML
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Rematched, covariates_among

MOST = 20_000  # patients, unless the number of draws is declared


def rematched(protocol: Protocol, cohort: Cohort, covariates: Covariates) -> Rematched | None:
    """Matches of resamples of as many patients as were analysed, drawn with replacement; a patient drawn twice is two patients.
    None where nobody asks for them; where they cannot be made, without matches and with the reason.

    In each the score is fitted, SDs and calipers are taken and the patients are matched again. Patients are drawn in the order
    that decides ties, so that the order of rows decides nothing. A resample in which no match can be made has none.
    """
    if BOOTSTRAP not in protocol.sensitivity.members or protocol.primary_design is None:
        return None
    asked, spec = protocol.sensitivity.bootstrap_match or BootstrapMatch(), protocol.primary_design
    if not isinstance(spec, MatchSpec) or spec.method == "cem":
        return Rematched(asked.draws, asked.seed, why="the primary design is no match on a score")
    if spec.replace:
        why = "the bootstrap is not valid for a match with replacement (Abadie and Imbens 2008)"
        return Rematched(asked.draws, asked.seed, why=why)
    if cohort.n > MOST and protocol.sensitivity.bootstrap_match is None:
        why = f"there are more than {MOST:,} patients; give the number of draws under 'bootstrap_match' to have it all the same"
        return Rematched(asked.draws, asked.seed, why=why)
    place = protocol.place(*protocol.design_path(protocol.primary, "propensity"))
    plan = Plan(protocol, cohort, covariates, protocol.primary, label_of(spec), spec, place, variant=True, copy=True)
    try:
        again = _Again(plan)
    except DataError:
        return Rematched(asked.draws, asked.seed, why="the primary design cannot be made")
    draw = np.random.default_rng(asked.seed)
    found = (again.match(draw.integers(0, cohort.n, cohort.n)) for _ in range(asked.draws))
    return Rematched(asked.draws, asked.seed, tuple(one for one in found if one is not None))


class _Again:
    """The primary match, to be made again among drawn patients."""

    def __init__(self, plan: Plan):
        self.plan, self.fitted = plan, plan.fitted()
        grounds = grounds_of(plan)
        self.order = np.argsort(grounds.rank)
        self.grounds: Grounds = replace(grounds.at(self.order), rank=np.arange(plan.cohort.n))
        matrix = self.fitted.matrix
        self.X, self.complete = matrix.X[self.order], matrix.complete[self.order]
        self.whole = bool((self.fitted.missing | matrix.complete).all())  # nobody left for want of a counterpart

    def match(self, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Positions of the matched patients in the cohort, as often as they are matched, and their weights. drawn: places in the
        order that decides ties."""
        times = np.bincount(drawn, minlength=len(self.order))
        rows = np.repeat(np.arange(len(times)), times)
        quick = self._score(times)
        score = quick[rows] if quick is not None else self._score_of(self.drawn(rows))
        grounds = self.grounds.at(rows)
        if score is None or self._too_few(grounds, score):
            return None
        try:
            found = grounds.match(score)
        except ValueError:
            return None
        inside = np.flatnonzero(found.weight > 0)
        return (self.order[rows[inside]], found.weight[inside]) if len(inside) else None

    def _score(self, times: np.ndarray) -> np.ndarray | None:
        """The score of the drawn patients, who weigh as often as they were drawn; None where not all of them have one, so that
        those without a counterpart must be found."""
        use = (times > 0) & self.complete
        focal = self.grounds.focal[use]
        if not self.whole or not self._plain or focal.all() or not focal.any():
            return None
        with np.errstate(all="ignore"):
            fit = stats.logistic(focal.astype(float), self.X[use], weight=times[use].astype(float))
        if fit.separated or not fit.converged or np.abs(fit.linear_predictor).max() > FAR:
            return None
        score = np.full(len(times), np.nan)
        score[use] = fit.linear_predictor if self.grounds.spec.scale == "logit" else fit.fitted
        return score

    @property
    def _plain(self) -> bool:
        """Whether the score is a logistic regression by maximum likelihood on the covariates as they are."""
        score = self.grounds.spec.score
        return score.fit == ML and not score.terms

    def _too_few(self, grounds: Grounds, score: np.ndarray) -> bool:
        others = int((~grounds.focal[grounds.known(score)]).sum())
        return grounds.spec.method != "full" and grounds.spec.most > others

    def drawn(self, rows: np.ndarray) -> Plan:
        """The same design to be made of patients at these places, as often as they are named."""
        cohort, at = self.plan.cohort, self.order[rows]
        drawn = replace(
            cohort,
            patient=cohort.patient[at],
            arm=cohort.arm[at],
            index_date=cohort.index_date[at],
            site=None if cohort.site is None else cohort.site[at],
            row=cohort.row[at] if len(cohort.row) else cohort.row,
            attrition=(),
        )
        return replace(self.plan, cohort=drawn, covariates=covariates_among(self.plan.covariates, at), scores=None)

    def _score_of(self, plan: Plan) -> np.ndarray | None:
        """The score by the whole way of a design, which finds who has no counterpart; None where there is none."""
        if not all(mine.any() for _, mine in plan.arms):
            return None
        try:
            fitted = plan.fitted()
        except DataError:
            return None
        return fitted.logit if self.grounds.spec.scale == "logit" else fitted.propensity
