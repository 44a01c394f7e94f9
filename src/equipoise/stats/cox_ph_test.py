"""Score test of proportional hazards (``cox.zph`` of R survival 3.0 and later)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array, IntArray
from .cox_likelihood import PartialLikelihood, Pass
from .cox_risk_sets import RiskSets
from .tails import chi2_upper
from .timeline import Timeline, lay_out, tail_sums
from .validation import Observations, one_of, require

TRANSFORMS = ("km", "rank", "identity", "log")


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalHazardsTest:
    """Score tests that each coefficient is constant in (transformed) time.

    Attributes
    ----------
    chi2, p : float ndarray, shape (p,)
        One degree of freedom per column; nan for columns that are not estimable.
    global_chi2, global_df, global_p : float, int, float
        All columns together.
    transform, method : str
    """

    chi2: Array
    p: Array
    global_chi2: float
    global_df: int
    global_p: float
    transform: str
    method: str

    def __str__(self) -> str:
        rows = "\n".join(
            f"  x{j}: chi-square = {c:.6g}, P = {q:.4g}" for j, (c, q) in enumerate(zip(self.chi2, self.p, strict=True))
        )
        total = f"global: chi-square = {self.global_chi2:.6g} on {self.global_df} df, P = {self.global_p:.4g}"
        return f"{self.method}\n{rows}\n  {total}"


def ph_test(
    likelihood: PartialLikelihood, done: Pass, used: IntArray, seen: Observations, transform: str
) -> ProportionalHazardsTest:
    """Test each used column for a slope of its coefficient over transformed event times.

    Parameters
    ----------
    likelihood : PartialLikelihood
    done : Pass
        Sums at the fitted coefficients.
    used : intp ndarray
        Estimable columns.
    seen : Observations
    transform : {"km", "rank", "identity", "log"}
        "km" is 1 - S(t-) with S the unweighted Kaplan-Meier curve of the rows with a weight, "rank" the rank of their
        follow-up times.  Times are centred by their mean over events.

    Returns
    -------
    ProportionalHazardsTest

    References
    ----------
    Grambsch PM, Therneau TM. Biometrika 1994;81:515-526.
    """
    one_of(transform, TRANSFORMS, "transform")
    g = _centred_times(likelihood.sets, seen, transform)
    p = done.gradient.size
    chi2 = np.full(p, np.nan)
    if used.size == 0:
        return _result(chi2, np.nan, 0, transform)
    score = _time_score(likelihood, done, g)[used]
    box = np.ix_(used, used)
    same = done.information[box]
    cross = likelihood.information(done, done.hazard.scaled(g))[box]
    slope = likelihood.information(done, done.hazard.scaled(g * g))[box]
    # The coefficients' own score is zero at the maximum but for its last step, which is carried over.
    score = score - cross @ np.linalg.solve(same, done.gradient[used])
    together = slope - cross @ np.linalg.solve(same, cross)
    single = np.diag(together)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2[used] = score**2 / single
    return _result(chi2, float(score @ np.linalg.lstsq(together, score, rcond=None)[0]), used.size, transform)


def _result(chi2: Array, global_chi2: float, df: int, transform: str) -> ProportionalHazardsTest:
    method = f"Score test of proportional hazards, {transform} transform of time"
    return ProportionalHazardsTest(chi2, chi2_upper(chi2, 1), global_chi2, df, chi2_upper(global_chi2, df), transform, method)


def _time_score(likelihood: PartialLikelihood, done: Pass, g: Array) -> Array:
    sets = likelihood.sets
    at_event = np.where(sets.event, np.repeat(g[sets.seg_slot], sets.seg_length), 0.0)
    if sets.weight is not None:
        at_event *= sets.weight
    return sets.columns @ at_event - likelihood.gradient_of_slots(done, done.hazard.scaled(g))


def _centred_times(sets: RiskSets, seen: Observations, transform: str) -> Array:
    seen = _with_weight(seen)
    line = lay_out(seen.time, seen.entry)
    values = _TRANSFORM[transform](line, seen)
    count = np.bincount(line.code[seen.event], minlength=line.values.size)
    centre = float(values @ count / count.sum()) if count.any() else 0.0
    return values[np.searchsorted(line.values, sets.slot_time)] - centre


def _with_weight(seen: Observations) -> Observations:
    """Rows of weight 0 are as good as absent, from the curve and the ranks as well."""
    if seen.weight is None or seen.weight.all():
        return seen
    return seen.rows(seen.weight > 0)


def _km(line: Timeline, seen: Observations) -> Array:
    size = line.values.size
    at_risk = tail_sums(np.bincount(line.code, minlength=size))
    if line.entry is not None:
        at_risk = at_risk - tail_sums(np.bincount(line.entry, minlength=size))
    events = np.bincount(line.code[seen.event], minlength=size)
    survival = np.cumprod(1 - events / np.maximum(at_risk, 1))
    return 1 - np.concatenate(([1.0], survival[:-1]))


def _rank(line: Timeline, seen: Observations) -> Array:
    count = np.bincount(line.code, minlength=line.values.size)
    return np.cumsum(count) - (count - 1) / 2


def _log(line: Timeline, seen: Observations) -> Array:
    # A time of zero that no event has may stay without a finite logarithm.
    at_event = np.bincount(line.code[seen.event], minlength=line.values.size) > 0
    require(not bool((at_event & (line.values == 0)).any()), "an event at time 0 has no logarithm: use another transform.")
    return np.log(np.where(at_event, line.values, 1.0))


_TRANSFORM = {"km": _km, "rank": _rank, "identity": lambda line, seen: line.values, "log": _log}
