"""Sensitivity analyses: endpoints by alternative definitions, and the members of the bundle that were made."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told
from equipoise.report.words import words

PHASE = "sensitivity"
DEFINITIONS = ("without_clinical", "ema", "fda2007", "early_counted", "early_not_counted")
UNEVALUABLE = "unevaluable_worst_in_.+"
MEMBERS = (
    "site_in_score", "centre_left_out", "caliper", "other_weights", "bootstrap_match", "piecewise", "scan_midpoint",
    "interval_censored", "permutation", "e_value", "bounding", "confounder", "pair_bounds",
)  # fmt: skip


def _definitions(numbers: Numbers) -> str:
    listed = [words(f"analyses.sensitivity.definition.{name}") for name in DEFINITIONS if _made(numbers, name)]
    if _made(numbers, UNEVALUABLE):
        form = "unevaluable" if numbers.single else "unevaluable_arm"
        listed.append(words(f"analyses.sensitivity.definition.{form}"))
    return words("analyses.sensitivity.definitions", definitions="; ".join(listed))


def _made(numbers: Numbers, name: str) -> bool:
    return f"{PHASE}.{name}" in numbers.analyses


def _members(numbers: Numbers) -> str:
    declared = numbers.protocol.sensitivity.confounder
    listed = []
    for name in MEMBERS:
        if _made(numbers, name):
            label = {"label": fmt.lower_first(declared.label)} if name == "confounder" and declared is not None else {}
            listed.append(words(f"analyses.sensitivity.member.{name}", **label))
    return words("analyses.sensitivity.members", members="; ".join(listed))


def _control(numbers: Numbers) -> str:
    name = numbers.protocol.sensitivity.negative_control
    if not name:
        return ""
    return words("analyses.sensitivity.control", endpoint=fmt.lower_first(numbers.protocol.endpoints[name].label))


SENSITIVITY = (
    Told(tuple(f"{PHASE}.{name}" for name in (*DEFINITIONS, UNEVALUABLE)), _definitions),
    Told(tuple(f"{PHASE}.{name}" for name in MEMBERS), _members),
    Told((), _control),
)
