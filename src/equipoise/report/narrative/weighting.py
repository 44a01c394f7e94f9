"""Methods of weighted and stratified designs: who was left out, what patients were weighted by, what became of large weights."""

from __future__ import annotations

import math

from equipoise.protocol.weights import StrataSpec, WeightsSpec
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import left_out

# What each target weighs by; e: the propensity score.
WEIGHTS = {
    "ate": "the inverse of the probability of the treatment received: 1/e in the {focal} arm, 1/(1 \u2212 e) in the {other} arm",
    "att": "the odds of {focal}: 1 in the {focal} arm and e/(1 \u2212 e) in the {other} arm",
    "atc": "the odds of {other}: (1 \u2212 e)/e in the {focal} arm and 1 in the {other} arm",
    "overlap": "the probability of the other treatment: 1 \u2212 e in the {focal} arm and e in the {other} arm (overlap weights)",
    "matching": "the smaller of e and 1 \u2212 e over the probability of the treatment received (matching weights)",
}
WEIGHTS_OF_SEVERAL = {
    "ate": "the inverse of the probability of the treatment received",
    "overlap": (
        "the harmonic mean of the probabilities of all treatments over that of the treatment received (overlap weights of "
        "several treatments; Li and Li, Ann Appl Stat 2019;13:2389-2415)"
    ),
    "matching": "the smallest of the probabilities of all treatments over that of the treatment received (matching weights)",
}
# Who was weighted, and like whom, by entropy balance.
BALANCED = {
    "att": ("Patients of the {other} arm were", "of the {focal} arm"),
    "atc": ("Patients of the {focal} arm were", "of the {other} arm"),
    "ate": ("In each arm patients were", "of all patients"),
}
ENTROPY = (
    "{who} weighted so that the means of the covariates of the score are those {whose}, with weights as near to equal ones as "
    "that allows (entropy balance; Hainmueller, Polit Anal 2012;20:25-46)."
)
CBPS = (
    "{e} comes from a second logistic score, whose coefficients are those under which the weighted means of its covariates are "
    "equal in both arms (covariate balancing propensity score; Imai and Ratkovic, J R Stat Soc B 2014;76:243-263)."
)
FITTED = "The logistic score itself serves the figure of overlap{more} and the doubly robust estimates alone."
WHOSE = {"att": "of the {focal} arm", "atc": "of the {other} arm", "ate": "of all patients"}
OFTEN = {"att": "among patients with {focal}", "atc": "among patients with {other}", "ate": "among all patients"}


def how_weighted(numbers: Numbers, design: str, spec: WeightsSpec, explained: bool) -> list[str]:
    """Who was trimmed, the weights, and what they were brought down to. explained: it was said before what e is."""
    stabilised = ", times the share of the own arm (stabilised)" if spec.stabilised else ""
    if numbers.several:
        said = [f"Patients were weighted by {WEIGHTS_OF_SEVERAL[spec.target]}{stabilised}."]
        return [*said, *_truncated(numbers, design, spec)]
    focal, other = _arms(numbers)
    if spec.method == "entropy":
        who, whose = (words.format(focal=focal, other=other) for words in BALANCED[spec.target])
        said = [ENTROPY.format(who=who, whose=whose)]
    else:
        meaning = "" if explained else f", e being the propensity to receive {focal}"
        said = [f"Patients were weighted by {WEIGHTS[spec.target].format(focal=focal, other=other)}{stabilised}{meaning}."]
    if spec.method == "cbps":
        said.append(CBPS.format(e="Here e" if explained else "It"))
    if spec.method != "logistic":
        said.append(FITTED.format(more=", the limits of the score" if spec.trim is not None else ""))
    return [*_trimmed(numbers, design, spec), *said, *_truncated(numbers, design, spec)]


def _trimmed(numbers: Numbers, design: str, spec: WeightsSpec) -> list[str]:
    if spec.trim is None:
        return []
    who = []
    for arm in numbers.arms:
        n = left_out(numbers, design, arm).get("trimmed", 0.0)
        who.append(f"{fmt.count(n)} of {fmt.plural(numbers.arm_n('unadjusted', arm), 'patient')} with {_arm(numbers, arm)}")
    said = (
        f"Patients with a propensity score outside {spec.trim.words} were left out first ({fmt.listed(who)}); the score was not"
    )
    return [f"{said} fitted again among the others."]


def _truncated(numbers: Numbers, design: str, spec: WeightsSpec) -> list[str]:
    if spec.truncate is None:
        return []
    limit = numbers.value("design", "value", design=design, variable="weight_limit")
    counts = {arm: numbers.value("design", "value", design=design, variable="truncated", group=arm) for arm in numbers.arms}
    if math.isnan(limit):
        return []
    weighted = {"att": numbers.protocol.arms.other, "atc": numbers.protocol.arms.focal}.get(spec.target, "")
    among = f" of the {_arm(numbers, weighted)} arm" if weighted else ""
    who = [f"{fmt.count(n)} with {_arm(numbers, arm)}" for arm, n in counts.items() if arm == weighted or not weighted]
    exact = spec.method != "logistic" or spec.target == "overlap"
    lost = ", so that the means are no longer balanced exactly" if exact and sum(counts.values()) > 0 else ""
    return [
        f"Weights above their {fmt.short(spec.truncate)} quantile{among} ({fmt.number(limit, 2)}) were brought down to it "
        f"({fmt.listed(who)}){lost}."
    ]


def how_stratified(numbers: Numbers, design: str, spec: StrataSpec) -> list[str]:
    """The classes, how they weigh, and who stands in the class beside his."""
    focal, other = _arms(numbers)
    whose, often = (words[spec.target].format(focal=focal, other=other) for words in (WHOSE, OFTEN))
    classes, moved = (numbers.value("design", "value", design=design, variable=name) for name in ("classes", "moved"))
    said = [
        f"Patients were divided into {fmt.count(classes)} classes of the propensity score at quantiles {whose}, and weighted so "
        f"that in each arm the classes have the shares that they have {often} (marginal mean weighting through stratification).",
    ]
    if moved > 0:
        stand = "stands" if moved == 1 else "stand"
        said.append(
            f"{fmt.upper_first(fmt.plural(moved, 'patient'))} {stand} in the class beside the own one, so that each class has "
            "patients of both arms."
        )
    return [*said, "The hazard ratio within classes, without weights, stands beside the weighted one."]


def _arms(numbers: Numbers) -> tuple[str, str]:
    return _arm(numbers, numbers.protocol.arms.focal), _arm(numbers, numbers.protocol.arms.other)


def _arm(numbers: Numbers, key: str) -> str:
    return fmt.lower_first(numbers.arm_label(key))
