"""The columns of a propensity score: its covariates, with splines, powers and products of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise import stats
from equipoise.design.indicator import ScoreView
from equipoise.encoding import ModelMatrix
from equipoise.errors import DataError, Fault
from equipoise.protocol.score import Factor, Score

NOBODY = "nobody to compare"
NEXT_REFERENCE = "reference level among these patients"
DETERMINED = "determined by the terms before it"
Absent = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the variable that a page calls it by, and the (covariate, level) that it is made of; of a spline the level is
    the number of the column in its basis."""

    variable: str
    pieces: tuple[tuple[str, str], ...]

    def term(self, view: ScoreView) -> tuple[str, str]:
        """(variable, level) in the words of the protocol."""
        told = [view.term(*piece) for piece in self.pieces]
        if self.variable == self.pieces[0][0]:
            return told[0]
        return self.variable, ":".join(level for _, level in told if level)

    def owners(self, view: ScoreView) -> tuple[str, ...]:
        """The covariates behind it."""
        return tuple(view.term(*piece)[0] for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ScoreColumns:
    """X: float, shape (patients, columns), nan for who is not `kept`. absent: terms that have no column, with the reason."""

    X: np.ndarray
    columns: tuple[Column, ...]
    absent: tuple[tuple[Column, str], ...]

    def without(self, gone: np.ndarray, why: str) -> ScoreColumns:
        """gone: bool per column."""
        lost = tuple((c, why) for c, g in zip(self.columns, gone, strict=True) if g)
        kept = tuple(c for c, g in zip(self.columns, gone, strict=True) if not g)
        return ScoreColumns(self.X[:, ~gone], kept, (*self.absent, *lost))


def score_columns(view: ScoreView, whole: ModelMatrix, kept: np.ndarray, score: Score, place: str) -> ScoreColumns:
    """The columns that vary among the kept patients, covariates first. Where nobody kept has the first level of a variable, its
    next level is the reference. Knots of a spline stand at quantiles of the kept patients. A product has a column for every pair
    of columns of its two factors.

    Raises DataError where a covariate has too few values to bend so often.
    """
    main = _main(whole, kept)
    if not score.terms:
        return main
    made = {term.text: [_factor_columns(view, main, whole, kept, f, place) for f in term.factors] for term in score.parsed}
    splines = {term.names[0]: term.text for term in score.parsed if len(term.factors) == 1 and term.factors[0].spline}
    blocks: list[tuple[Column, np.ndarray]] = []
    for column, x in zip(main.columns, main.X.T, strict=True):
        name = column.variable
        blocks += made[splines[name]][0] if name in splines else [(column, x)]
    for text, factors in made.items():
        if len(factors) > 1:
            for (a, x), (b, z) in ((f, g) for g in factors[1] for f in factors[0]):
                blocks.append((Column(text, (*a.pieces, *b.pieces)), x * z))
        elif text not in splines.values():
            blocks += factors[0]
    X = np.column_stack([x for _, x in blocks]) if blocks else np.empty((len(kept), 0))
    found = ScoreColumns(X, tuple(c for c, _ in blocks), main.absent)
    flat = X[kept].max(axis=0) == X[kept].min(axis=0)
    return found.without(flat, NOBODY) if flat.any() else found


def _main(whole: ModelMatrix, kept: np.ndarray) -> ScoreColumns:
    absent: list[tuple[Column, str]] = []
    use: list[int] = []
    terms = [Column(variable, ((variable, level),)) for variable, level in whole.terms]
    for variable in dict.fromkeys(v for v, _ in whole.terms):
        columns = [k for k, (v, _) in enumerate(whole.terms) if v == variable]
        X = whole.X[kept][:, columns]
        varies = X.max(axis=0) > X.min(axis=0)
        absent += [(terms[k], NOBODY) for k, v in zip(columns, varies, strict=True) if not v]
        columns = [k for k, v in zip(columns, varies, strict=True) if v]
        if whole.terms[columns[0]][1] if columns else False:
            moved = whole.X[kept][:, columns].sum(axis=1).min() == 1  # the reference level is gone
            if moved:
                absent.append((terms[columns[0]], NEXT_REFERENCE))
                columns = columns[1:]
        use += columns
    return ScoreColumns(whole.X[:, use], tuple(terms[k] for k in use), tuple(absent))


def _factor_columns(
    view: ScoreView, main: ScoreColumns, whole: ModelMatrix, kept: np.ndarray, factor: Factor, place: str
) -> list[tuple[Column, np.ndarray]]:
    """The columns of a factor of a term; none of a covariate that does not vary."""
    own = [(c, x) for c, x in zip(main.columns, main.X.T, strict=True) if c.variable == factor.name]
    if factor.plain or not own:
        return own
    x = own[0][1]
    if factor.power > 1:
        return [(Column(factor.text, ((factor.name, ""),)), _power(x, kept, factor.power))]
    basis = np.full((len(x), factor.spline), np.nan)
    try:
        basis[kept] = stats.natural_spline(x[kept], factor.spline).basis
    except stats.ArrayError as error:
        label = view.protocol.covariates[factor.name].label
        message = (
            f"'{factor.name}' ({label}) has too few distinct values for {factor.text}, so that its knots coincide; give it fewer "
            "degrees of freedom, or a power"
        )
        raise DataError(Fault(place, "too few values", message)) from error
    return [(Column(factor.text, ((factor.name, str(k + 1)),)), basis[:, k]) for k in range(factor.spline)]


def _power(x: np.ndarray, kept: np.ndarray, exponent: int) -> np.ndarray:
    return np.where(kept, x, np.nan) ** exponent
