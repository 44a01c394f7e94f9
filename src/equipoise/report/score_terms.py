"""The terms of a propensity score, and levels that one arm lacks, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from equipoise.protocol.missing import ABSENT
from equipoise.protocol.score import Factor, Term, parsed
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

POWERS = {2: "squared", 3: "cubed"}
TIMES = " \u00d7 "


def term_label(numbers: Numbers, variable: str, level: str) -> str:
    """The label of a coefficient: of a covariate as ever, `Age, spline 1 of 3`, `Age squared`, `Age \u00d7 Stage: II`."""
    if variable in numbers.protocol.covariates or variable == "intercept":
        return numbers.covariate_label(variable, level)
    term = parsed(variable)
    options = [list(_levels(numbers, factor)) for factor in term.factors]
    whole = next((chosen for chosen in product(*options) if ":".join(x for x in chosen if x) == level), ("",) * len(options))
    return TIMES.join(_factor(numbers, f, chosen) for f, chosen in zip(term.factors, whole, strict=True))


def _levels(numbers: Numbers, factor: Factor) -> Iterator[str]:
    if factor.spline:
        yield from (str(k + 1) for k in range(factor.spline))
        return
    known = numbers.covariate(factor.name)
    yield from known.levels if known.kind == "categorical" else ("",)
    if known.kind != "continuous":
        yield ABSENT


def _factor(numbers: Numbers, factor: Factor, level: str) -> str:
    label = _bare(numbers, factor.name)
    if factor.spline:
        return f"{label}, spline {level} of {factor.spline}"
    if factor.power > 1:
        return f"{label} {POWERS.get(factor.power, f'to the power of {factor.power}')}"
    return numbers.covariate_label(factor.name, level) if level else label


def _bare(numbers: Numbers, name: str) -> str:
    """Without the unit of a continuous covariate."""
    label = numbers.covariate_label(name)
    return label.split(", ")[0] if numbers.covariate(name).kind == "continuous" else label


def terms_sentence(numbers: Numbers, terms: tuple[Term, ...]) -> str:
    """`, with a natural cubic spline of age (3 degrees of freedom) in place of its straight line, the square of size, and the
    product of age and stage`; empty without terms."""
    said = []
    for term in terms:
        first = term.factors[0]
        if len(term.factors) > 1:
            said.append(words("designs.score.product", factors=fmt.listed([_part(numbers, f) for f in term.factors])))
        elif first.spline:
            said.append(words("designs.score.spline", name=_words(numbers, first), degrees=str(first.spline)))
        else:
            said.append(_part(numbers, first))
    return words("designs.score.terms", terms=fmt.listed(said)) if said else ""


def _part(numbers: Numbers, factor: Factor) -> str:
    name = _words(numbers, factor)
    if factor.spline:
        return words("designs.score.the_spline", name=name)
    if factor.power in POWERS:
        return words("designs.score.square" if factor.power == 2 else "designs.score.cube", name=name)
    return words("designs.score.power", name=name, power=str(factor.power)) if factor.power > 1 else name


def _words(numbers: Numbers, factor: Factor) -> str:
    return numbers.covariate_words(factor.name)


def gap_words(numbers: Numbers, variables: list[str], level: str) -> str:
    """A level that nobody of the other arm has, or a combination of covariates."""
    if level and (len(variables) > 1 or variables[0] not in numbers.protocol.covariates):
        return f"{', '.join(numbers.covariate_words(v) for v in variables)} {level}"
    if not level:
        listed = fmt.listed([numbers.covariate_words(v) for v in variables])
        return listed if len(variables) == 1 else f"the combination of {listed}"
    if numbers.covariate(variables[0]).kind == "binary" and level in ("0", "1"):
        return f"{'' if level == '1' else 'not '}{numbers.covariate_words(variables[0])}"
    return numbers.covariate_words(variables[0], level)
