"""Whole designs on a cohort of arrays: what a study does from its covariates to weights, effective sizes and balance."""

import numpy as np

from equipoise.design.make import make_designs
from equipoise.estimate.baseline import baseline_rows
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates

KINDS = {
    "design_overlap": {"kind": "weights", "target": "overlap"},
    "design_entropy": {"kind": "weights", "target": "att", "method": "entropy"},
    "design_cbps": {"kind": "weights", "target": "att", "method": "cbps"},
    "design_strata": {"kind": "strata", "target": "ate"},
}


def study(X, treat, spec):
    """Protocol, cohort and covariates of one design over the columns of X; everything in memory, no file."""
    names = [f"x{j}" for j in range(X.shape[1])]
    binary = [bool(np.isin(X[:, j], (0, 1)).all()) for j in range(X.shape[1])]
    protocol = Protocol.model_validate(
        {
            "study": {"id": "speed", "title": "Speed", "disease": "none", "population": "drawn"},
            "data": {"rows": "none.csv", "patient": "id"},
            "arms": {
                "column": "arm",
                "groups": {"new": {"label": "New", "value": "1"}, "old": {"label": "Old", "value": "0"}},
                "reference": "old",
                "focal": "new",
            },
            "covariates": {
                n: {"label": n, "kind": "binary" if b else "continuous", "from": f"{n} = 1" if b else n}
                for n, b in zip(names, binary, strict=True)
            },
            "endpoints": {
                "os": {"label": "OS", "short": "OS", "event_label": "Death", "time": {"column": "t"}, "event": "e = 1"},
            },
            "designs": {"d": spec | {"propensity": names}},
        }
    )
    n = len(treat)
    arm = np.where(treat == 1, "new", "old").astype(object)
    patient = np.array([f"P{i:07d}" for i in range(n)], dtype=object)
    cohort = Cohort(patient, arm, np.full(n, None), None, n, (), row=np.arange(n))
    return protocol, cohort, Covariates({name: X[:, j].copy() for j, name in enumerate(names)})


def calls(X, treat):
    """Name of a task -> the timed call: the design and the unadjusted comparison beside it. Its study is made in the first, the
    warm-up, so that sizes at which no design is measured hold none."""
    return {task: _once(X, treat, spec) for task, spec in KINDS.items()}


def _once(X, treat, spec):
    given = []

    def call():
        if not given:
            given.append(study(X, treat, spec))
        return make_designs(*given[0])

    return call


def baseline(X, treat):
    """The rows of a baseline table of the unadjusted comparison: description by arm, tests, standardized differences."""
    given = []

    def call():
        if not given:
            protocol, cohort, covariates = study(X, treat, KINDS["design_overlap"])
            given.extend((protocol, cohort, covariates, make_designs(protocol, cohort, covariates)["unadjusted"]))
        return list(baseline_rows(*given))

    return call
