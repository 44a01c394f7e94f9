"""Values of covariates that lie at a limit of measurement: their comparators beside the numbers that were used, and how many."""

from __future__ import annotations

import numpy as np

from equipoise.protocol.expressions import columns_of
from equipoise.records import AtLimit, Study

USED = {"at_limit": "the limit", "half": "half of a lower limit", "root_two": "a lower limit divided by the square root of 2"}


def comparators(study: Study) -> dict[str, np.ndarray]:
    """Covariate -> <, <=, > or >= of the value behind it, None where it is a measured one; of those that have any."""
    found = {}
    for name, covariate in study.protocol.covariates.items():
        asked = set(columns_of(covariate.from_))
        columns = [at for at in study.sources.limits if at.column in asked]
        signs = [_sign(str(patient), columns) for patient in study.cohort.patient]
        if any(signs):
            found[name] = np.array(signs, dtype=object)
    return found


def _sign(patient: str, columns: list[AtLimit]) -> str | None:
    """Of several columns behind one covariate the first that has one."""
    return next((at.signs[patient] for at in columns if patient in at.signs), None)


def limits_note(study: Study) -> str:
    """Sentences for the README beside an export; empty where no value lies at a limit."""
    rules = {at.column: at.rule for at in study.sources.limits}
    said = []
    for name, signs in comparators(study).items():
        below, above = (sum(s is not None and s[0] == sign for s in signs) for sign in "<>")
        rule = next(rules[c] for c in columns_of(study.protocol.covariates[name].from_) if c in rules)
        said.append(f"{name}: {below} values below a limit of measurement and {above} above; used was {USED[rule]}.")
    return "".join(f"{line}\n" for line in said)
