"""What follows from a masked count: tests, differences, ratios and models of the same variable."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from equipoise.disclosure.cells import TOTAL, name_of
from equipoise.records import Masked, Row, Study

# analyses of a covariate in a model, whose interval and P tell how many patients a level has
MODELS = ("cox_univariable", "cox_multivariable", "screening", "propensity", "levels_", "interaction", "cox_residual")
DESCRIBED = {"q1", "median", "q3", "mean", "sd", "n", "percent", "missing", "effective_n"}  # of a variable that has no count
WHY = "a count below the minimum would follow from it"


@dataclass(frozen=True, slots=True)
class Follows:
    """small: covariates, and levels of them, that few patients have or lack. variables, tests, endpoints: parts of the rows in
    which an arm has a masked count. lost: designs and arms of which a few patients were lost."""

    small: frozenset[tuple[str, str]]
    variables: frozenset[tuple[str, ...]] = frozenset()
    tests: frozenset[tuple[str, ...]] = frozenset()
    endpoints: frozenset[tuple[str, ...]] = frozenset()
    lost: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, study: Study, least: int) -> Follows:
        found = set()
        for name, values in study.covariates.values.items():
            spec = study.protocol.covariates.get(name)
            if spec is not None and spec.kind != "continuous":
                known = values[~study.covariates.missing(name)]
                for level in sorted({_text(v) for v in known}):
                    n = int(np.sum([_text(v) == level for v in known]))
                    if 0 < n < least or 0 < len(known) - n < least:
                        found.add((name, level if spec.kind == "categorical" else ""))
        return cls(frozenset(found))

    def after(self, rows: list[Row], hidden: list[Row]) -> Follows:
        """With what the rows that tell a masked count of an arm make known."""
        variables, tests, endpoints, lost = set(), set(), set(), set()
        for row, new in zip(rows, hidden, strict=True):
            if (row.phase, row.analysis, row.variable) == ("lost", "lost", "") and isinstance(new.value, Masked):
                lost.add((row.design, row.group))
            if not isinstance(new.value, Masked) and not isinstance(new.events, Masked) or row.statistic == "missing":
                continue
            name = name_of(row)
            if row.variable and name is not None:
                variables.add((row.phase, row.design, row.population, row.variable, ""))
                variables.add((row.phase, row.design, row.population, row.variable, row.level))
            if row.group and name is not None:
                tests.add((row.phase, row.analysis, row.endpoint, row.design, row.population, row.variable, ""))
                tests.add((row.phase, row.analysis, row.endpoint, row.design, row.population, row.variable, row.level))
            small = isinstance(new.events, Masked) and new.events.shown != "masked"
            if row.phase in ("survival", "sensitivity") and row.statistic == "events" and row.group not in ("", TOTAL) and small:
                endpoints.add((row.endpoint, row.design, row.population))
        return replace(
            self, variables=frozenset(variables), tests=frozenset(tests), endpoints=frozenset(endpoints), lost=frozenset(lost)
        )

    def masked(self, row: Row, new: Row) -> Row:
        """The row as it stands, or masked because a masked count would follow."""
        if isinstance(new.value, Masked) or not self._follows(row):
            return new
        sign = Masked()
        low, high = (math.nan if math.isnan(v) else sign for v in (row.low, row.high))
        return replace(new, value=sign, low=low, high=high, method=f"masked: {WHY}")

    def _follows(self, row: Row) -> bool:
        if self._of_model(row):
            return True
        if row.phase == "attrition" and row.statistic == "percent":
            return (row.phase, "", "", "", row.population, row.variable, row.level) in self.tests or (
                row.phase, row.design, row.population, row.variable, row.level) in self.variables  # fmt: skip
        if row.analysis == "lost_vs_kept" and (row.design, row.group) in self.lost:
            return True
        if row.phase in ("baseline", "lost") and row.variable and row.statistic not in DESCRIBED:
            names = row.variable.split(" * ")
            return any((row.phase, row.design, row.population, name, row.level) in self.variables for name in names)
        if row.statistic == "percent" and row.phase == "baseline":  # of weights
            return (
                row.phase,
                "unadjusted",
                row.population,
                row.variable,
                row.level,
            ) in self.variables and row.events != row.events
        if row.group:
            return False
        key = (row.phase, row.analysis, row.endpoint, row.design, row.population, row.variable, row.level)
        if key in self.tests and row.statistic not in ("tests", "horizon"):
            return True
        of_arms = row.phase in ("survival", "effect", "sensitivity") and not row.analysis.startswith(("cox_univ", "cox_multi"))
        return of_arms and (row.endpoint, row.design, row.population) in self.endpoints and row.statistic != "horizon"

    def _of_model(self, row: Row) -> bool:
        if not row.variable or not row.analysis.startswith(MODELS):
            return False
        names = {(row.variable, row.level), (row.variable, "")}
        return bool(names & self.small) or (not row.level and any(name == row.variable for name, _ in self.small))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
