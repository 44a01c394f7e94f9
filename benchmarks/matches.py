"""Matches of a given score, and the match made again in resamples of the patients with the hazard ratio of each."""

import importlib.util

import numpy as np
from designs import study

from equipoise.design.bootstrap import rematched
from equipoise.design.greedy import Bounds, nearest_neighbours
from equipoise.design.make import make_designs
from equipoise.design.optimal import optimal_pairs
from equipoise.estimate.bundle import planned
from equipoise.estimate.rematched import rematched_rows
from equipoise.estimate.survival import Setting
from equipoise.records import TimeToEvent

LARGEST_BOOTSTRAP = 10_000


def calls(d):
    """Name of a task -> the timed call."""
    focal, score = d["treat"] == 1, d["logit"]
    bounds = Bounds(0.2 * score.std(ddof=1))
    found = {
        "match_largest": lambda: nearest_neighbours(score, focal, bounds),
        "match_data": lambda: nearest_neighbours(score, focal, bounds, "data"),
        "match_closest": lambda: nearest_neighbours(score, focal, bounds, "closest"),
        "match_four": lambda: nearest_neighbours(score, focal, bounds, ratio=4),
        "match_optimal": lambda: optimal_pairs(score, focal),
        "match_optimal_caliper": lambda: optimal_pairs(score, focal, bounds),
    }
    if len(focal) <= LARGEST_BOOTSTRAP:
        found["match_bootstrap"] = _bootstrap(d)
    if importlib.util.find_spec("numba") is not None:  # last, for from then on every match of some size is compiled
        found |= {f"{name}_fast": _compiled(found[name]) for name in ("match_largest", "match_data", "match_four")}
    return found


def _compiled(match):
    def call():
        import numba  # noqa: F401  # once it is loaded, matches use it

        return match()

    return call


def _bootstrap(d):
    protocol, cohort, covariates = study(d["X"], d["treat"], {"kind": "match", "caliper": 0.2})
    sensitivity = type(protocol.sensitivity).model_validate({"bootstrap_match": {"draws": 200}})
    protocol = protocol.model_copy(update={"sensitivity": sensitivity})
    sample = make_designs(protocol.model_copy(update={"sensitivity": type(sensitivity)()}), cohort, covariates)["d"].sample
    time, event = d["time"].astype(float), d["event"]
    outcome = TimeToEvent(time, event, np.full(len(time), "", dtype=object), "Overall survival", "OS")
    setting = Setting(protocol, cohort, sample, "os", outcome)
    hr, _ = planned(setting)
    return lambda: rematched_rows(setting, rematched(protocol, cohort, covariates), hr)
