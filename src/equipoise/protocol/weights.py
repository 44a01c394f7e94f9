"""Designs that weigh patients by the propensity score, or by classes of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from equipoise.protocol.part import Denominator, Part
from equipoise.protocol.score import Scored

TARGETS = {"ate": "ATE", "att": "ATT", "atc": "ATC", "overlap": "overlap weights", "matching": "matching weights"}
BALANCED = ("ate", "att", "atc")  # targets whose means can be asked for
METHODS = {"logistic": "", "entropy": "entropy balance", "cbps": "balancing score"}  # in words of a label
Probability = Annotated[float, Field(ge=0, le=1)]


def _quantile(given: Any) -> Any:
    try:
        fits = given is None or 0.5 < float(given) < 1
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError("the quantile that larger weights are brought down to, above 0.5 and below 1, as 0.99")
    return given


def _limits(given: Any) -> Any:
    pair = given.get("score", []) if isinstance(given, dict) else given
    if given is not None and not (isinstance(given, dict) and isinstance(pair, list | tuple)):
        raise ValueError("limits of the score, as {score: [0.1, 0.9]}")
    return given


Quantile = Annotated[float | None, BeforeValidator(_quantile)]


class Trim(Part):
    """score: limits of the propensity score, both inclusive; patients beyond them leave, and the effect is that among the
    others. The score is not fitted again."""

    score: tuple[Probability, Probability]

    @model_validator(mode="after")
    def _narrow(self) -> Trim:
        low, high = self.score
        if low >= high:
            raise ValueError("score: two probabilities, the smaller one first, as [0.1, 0.9]")
        if low == 0 and high == 1:
            raise ValueError("score: limits of 0 and 1 leave nobody out; give narrower ones, or delete 'trim'")
        return self

    @property
    def words(self) -> str:
        """`0.1 to 0.9`."""
        return f"{self.score[0]:g} to {self.score[1]:g}"


class WeightsSpec(Scored):
    """Weights from the propensity score e, the probability of the focal arm (definitions of WeightIt): ate 1/e and 1/(1 - e);
    att 1 and e/(1 - e); atc (1 - e)/e and 1; overlap 1 - e and e; matching min(e, 1 - e) over the probability of the own arm;
    focal and other arm in turn. stabilised: times the share of the own arm.

    method: logistic (e by logistic regression), cbps (e by the covariate balancing score), entropy (the weights nearest to equal
    ones under which the means of the score's columns are those of the target); the last two of ate, att and atc. trim: who
    leaves, before. truncate: the quantile of the weights (definition 3) that larger ones are brought down to, after; of att and
    atc among the arm that is weighted, else among all.
    """

    kind: Literal["weights"]
    label: str = ""
    target: Literal["ate", "att", "atc", "overlap", "matching"]
    method: Literal["logistic", "entropy", "cbps"] = "logistic"
    stabilised: bool = False
    truncate: Quantile = None
    trim: Annotated[Trim | None, BeforeValidator(_limits)] = None
    smd_denominator: Denominator | None = None
    why: dict[str, str] = {}

    @property
    def words(self) -> str:
        """`ATT`, `ATE, entropy balance, score 0.1\u20130.9, truncated 99%`."""
        said = [TARGETS[self.target], METHODS[self.method]]
        said += [f"score {self.trim.score[0]:g}\u2013{self.trim.score[1]:g}"] if self.trim is not None else []
        said += [f"truncated {100 * self.truncate:g}%"] if self.truncate is not None else []
        return ", ".join(part for part in said if part)


class StrataSpec(Scored):
    """Classes of the propensity score by quantiles of the arm that the effect is meant for (att: the focal arm, atc: the other,
    ate: everybody; R's type 7), as MatchIt 4.7.2 makes them: a class that lacks an arm takes its nearest patients from the class
    beside it. Patients are weighted so that in each arm the classes have the shares of the target."""

    kind: Literal["strata"]
    label: str = ""
    target: Literal["att", "atc", "ate"] = "att"
    classes: int = Field(5, ge=2, le=100)
    smd_denominator: Denominator | None = None
    why: dict[str, str] = {}

    @property
    def words(self) -> str:
        """`ATT, 5 classes`."""
        return f"{TARGETS[self.target]}, {self.classes} classes"
