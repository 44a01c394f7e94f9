"""How the arms are made comparable: named designs, each of a kind, one of them primary."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from equipoise.protocol.conventions import Conventions
from equipoise.protocol.match_options import Bins, Ratio, VariableRatio, Width
from equipoise.protocol.part import Denominator, Part
from equipoise.protocol.score import Scored, stands
from equipoise.protocol.weights import TARGETS, StrataSpec, WeightsSpec

UNADJUSTED, MATCHED = "unadjusted", "matched"
Threshold = Annotated[float, Field(gt=0, le=5)]  # of |SMD|
# Whose SD a standardized mean difference is divided by, where the design does not say.
OF_TARGET = {"att": "focal", "atc": "other", "ate": "pooled", "overlap": "pooled", "matching": "pooled"}


class MatchSpec(Scored):
    """The propensity score and the match.

    method: nearest (greedy, one patient after the other), optimal (the most pairs, then the least total distance), full
    (everybody, in sets of one with several), cem (cells of the coarsened covariates of `propensity`). order: of the focal arm;
    largest = largest propensity first, closest = nearest pair first, random = drawn with `seed`. ratio: partners of each patient
    of the focal arm. replace: a partner may serve several times. distance: of the score on its `scale` (logit: on the logit), or
    of its covariates within the caliper of the score. calipers: largest difference of a continuous covariate within a pair, in
    its unit or as `0.2 sd`, beside the caliper of the score. caliper_sd: the SD that both are multiples of. exact: names
    (covariates, or columns such as site) in which the two of a pair agree; the score is one of all patients. anti_exact: names in
    which they differ. target: whom full and cem represent. bins: of a continuous covariate in cem: sturges, q and a number of
    quantiles, a number of bins, or their limits. ties: what decides between equal scores and between partners at equal distance:
    identifier (code-point order), rows (of the file), or matchit (rows, with the choices of MatchIt 4.7.2). smd_denominator: SD
    of the focal arm, of the other, or of both pooled, in the whole sample; where it is not given both pooled for ate, the other
    arm's for atc, and for att as the conventions have it.
    """

    kind: Literal["match"] = "match"
    label: str = ""
    method: Literal["nearest", "optimal", "full", "cem"] = "nearest"
    ratio: Ratio = 1
    replace: bool = False
    order: Literal["largest", "smallest", "closest", "farthest", "random", "data"] = "largest"
    seed: int = Field(1, ge=0)
    distance: Literal["score", "mahalanobis", "robust_mahalanobis"] = "score"
    anti_exact: list[str] = []
    target: Literal["att", "atc", "ate"] = "att"
    bins: dict[str, Bins] = {}
    ties: Literal["identifier", "rows", "matchit"] = "identifier"
    scale: Literal["logit", "probability"] = "logit"
    exact: list[str] = []
    caliper: float | None = Field(0.2, gt=0, le=10)
    calipers: dict[str, Width] = {}
    caliper_sd: Literal["whole_sample", "pooled"] = "whole_sample"
    smd_denominator: Denominator = "focal"
    why: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _logit(cls, given: Any) -> Any:
        """`distance: logit` is the distance of the score on the logit."""
        if not isinstance(given, dict) or given.get("distance") != "logit":
            return given
        if given.get("scale", "logit") != "logit":
            raise ValueError(f"'distance: logit' and 'scale: {given['scale']}' contradict each other; keep one of the two")
        return {**given, "distance": "score", "scale": "logit"}

    @property
    def most(self) -> int:
        """The largest number of partners that a patient is given."""
        return self.ratio.max if isinstance(self.ratio, VariableRatio) else self.ratio

    @property
    def pairs(self) -> bool:
        """Whether the match gives pairs of one patient of each arm, nobody in two of them."""
        return self.method in ("nearest", "optimal") and self.ratio == 1 and not self.replace

    @property
    def plain(self) -> bool:
        """Pairs of nearest neighbours on the score, in an order that the scores or the identifiers give."""
        simple = self.order in ("largest", "smallest", "data") and self.distance == "score"
        return self.method == "nearest" and self.pairs and simple and not self.anti_exact and not self.calipers


class Shorthand(MatchSpec):
    """`design:`, one match named `matched`. The thresholds belong to the study; they may stand here where `balance` is not."""

    balance_thresholds: tuple[Threshold, Threshold] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Shorthand:
        _rising(self.balance_thresholds, "balance_thresholds")
        return self


DesignSpec = MatchSpec | WeightsSpec | StrataSpec
KINDS = {"match": "kind: match", "weights": "kind: weights", "strata": "kind: strata"}  # kind -> its tag in pydantic's path


def _tag(given: Any) -> str | None:
    kind = given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)
    return KINDS.get(kind) if isinstance(kind, str) else None


TaggedSpec = Annotated[
    Annotated[MatchSpec, Tag(KINDS["match"])]
    | Annotated[WeightsSpec, Tag(KINDS["weights"])]
    | Annotated[StrataSpec, Tag(KINDS["strata"])],
    Discriminator(_tag, "kind", f"a design says its kind, one of {', '.join(KINDS)}: {{kind: match, propensity: [...]}}"),
]


class Balance(Part):
    """How imbalance is judged, in every design of the study. smd_denominator: of the unadjusted table; where it is not given,
    that of the primary design, else of the conventions. squares_and_interactions: each of them in the results and in a table, not
    only how many there are above the thresholds and the largest."""

    thresholds: tuple[Threshold, Threshold] = (0.1, 0.25)
    smd_denominator: Denominator | None = None
    squares_and_interactions: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Balance:
        _rising(self.thresholds, "thresholds")
        return self


def _rising(pair: tuple[float, float] | None, name: str) -> None:
    if pair is not None and pair[0] > pair[1]:
        raise ValueError(f"{name}: the smaller one stands first")


def label_of(spec: DesignSpec) -> str:
    """What a page calls the design: `Propensity score-matched`, `Weighted (ATT)`, `Stratified (ATT, 5 classes)`."""
    if spec.label:
        return spec.label
    if isinstance(spec, MatchSpec):
        return _match_label(spec)
    return f"{'Weighted' if isinstance(spec, WeightsSpec) else 'Stratified'} ({spec.words})"


def _match_label(spec: MatchSpec) -> str:
    """`Propensity score-matched`, `Optimally matched 1:2`, `Full matching (ATE)`."""
    if spec.method in ("full", "cem"):
        return f"{'Full matching' if spec.method == 'full' else 'Coarsened exact matching'} ({TARGETS[spec.target]})"
    if spec.plain:
        return "Propensity score-matched"
    said = "Optimally matched" if spec.method == "optimal" else "Matched"
    if isinstance(spec.ratio, VariableRatio):
        said += f" to {spec.ratio.min} to {spec.ratio.max} partners"
    elif spec.ratio > 1:
        said += f" 1:{spec.ratio}"
    said += " with replacement" if spec.replace else ""
    if spec.distance != "score":
        said += f" on {'the robust ' if spec.distance.startswith('robust') else 'the '}Mahalanobis distance"
    said += f" within calipers on {' and '.join(spec.calipers)}" if spec.calipers else ""
    said += f" with partners who differ in {' and '.join(spec.anti_exact)}" if spec.anti_exact else ""
    if spec.method == "nearest" and spec.order != "largest" and not spec.replace:
        said += f", in {spec.order} order" if spec.order in ("random", "data") else f", {spec.order} first"
    return said


def denominator_of(spec: DesignSpec) -> str:
    """Whose SD the differences of a design are divided by."""
    return spec.smd_denominator if isinstance(spec, MatchSpec) else spec.smd_denominator or OF_TARGET[spec.target]


def target_of(spec: DesignSpec) -> str:
    """Whom the effect of a design is meant for; of a match with partners the focal arm, att."""
    return spec.target if not isinstance(spec, MatchSpec) or spec.method in ("full", "cem") else "att"


def pairwise(spec: DesignSpec) -> bool:
    """Whether a design is made of two arms at a time, where there are more: everything but weights of a plain multinomial score
    that stand for all arms alike."""
    if not isinstance(spec, WeightsSpec) or spec.target in ("att", "atc"):
        return True
    return spec.method != "logistic" or spec.trim is not None or bool(spec.score.decides)


def completed(given: dict[str, Any], conventions: Conventions) -> dict[str, Any]:
    """A protocol's plain data, with what the designs leave open: the covariates of the common score and how it is fitted, and the
    conventions' choices for a match; and the primary design, where there is one only."""
    filled = dict(given)
    match = {"caliper_sd": conventions.caliper_sd, "smd_denominator": conventions.smd_denominator}  # of a match to the focal arm
    common = {key: given[key] for key in ("propensity", "score") if given.get(key) and stands(key, given[key])}
    if isinstance(given.get("design"), dict):
        filled["design"] = _completed({"kind": "match", **given["design"]}, match, common)
    if isinstance(given.get("designs"), dict):
        filled["designs"] = {name: _completed(one, match, common) for name, one in given["designs"].items()}
    names = [MATCHED] if isinstance(given.get("design"), dict) else list(filled.get("designs") or {})
    if len(names) == 1 and given.get("primary") is None:
        filled["primary"] = names[0]
    return filled


def _completed(one: Any, match: dict[str, Any], common: dict[str, Any]) -> Any:
    if not isinstance(one, dict):
        return one
    if one.get("kind") != "match":
        return {**common, **one}
    if one.get("method") == "cem":
        common = {key: value for key, value in common.items() if key != "score"}
    target = one.get("target")
    if target == "ate" or (target == "atc" and match["smd_denominator"] == "focal"):
        match = {**match, "smd_denominator": OF_TARGET[target]}
    return {**match, **common, **one}
