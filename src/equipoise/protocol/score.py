"""How the propensity score is fitted, and the terms that it has beside its covariates."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError

from equipoise.protocol.part import Part

ML, FIRTH, RIDGE, LASSO = "ml", "firth", "ridge", "lasso"
LEAVE, KEEP = "leave", "keep"
MOST_DF, MOST_POWER, MOST_TERMS = 10, 5, 500
FORMS = "ns(age, 3), a power such as age^2, or a product such as age:sex"
_NAME = r"[a-z][a-z0-9_]*"
_SPLINE = re.compile(rf"ns\(\s*({_NAME})\s*,\s*(?:df\s*=\s*)?(\d{{1,3}})\s*\)")
_POWER = re.compile(rf"({_NAME})\s*\^\s*(\d{{1,3}})")
_PLAIN = re.compile(_NAME)


@dataclass(frozen=True, slots=True)
class Factor:
    """A covariate as it enters a term. spline: degrees of freedom of its natural spline, 0 for none; power: 1 as it is."""

    name: str
    spline: int = 0
    power: int = 1

    @property
    def text(self) -> str:
        if self.spline:
            return f"ns({self.name}, {self.spline})"
        return f"{self.name}^{self.power}" if self.power > 1 else self.name

    @property
    def plain(self) -> bool:
        return not self.spline and self.power == 1


@dataclass(frozen=True, slots=True)
class Term:
    """A spline, a power, or the product of two covariates."""

    factors: tuple[Factor, ...]

    @property
    def text(self) -> str:
        """As it is written, blanks in their places."""
        return ":".join(f.text for f in self.factors)

    @property
    def key(self) -> frozenset[Factor]:
        """The same for a product written the other way round."""
        return frozenset(self.factors)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.factors)


def parsed(text: str) -> Term:
    """A term: `ns(NAME, DF)`, `NAME^POWER`, or two of these or of names with a colon between. It is read, never run.

    Raises ValueError, a sentence, for anything else.
    """
    shown = text.strip()
    shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
    parts = text.split(":")
    if "*" in text:
        raise ValueError(f"'{shown}': the covariates themselves are in the score; the product is written with a colon, age:sex")
    if len(parts) > 2:
        raise ValueError(f"'{shown}': a product is of two covariates; write those of three as several")
    term = Term(tuple(_factor(part, shown) for part in parts))
    if len(parts) == 1 and term.factors[0].plain:
        raise ValueError(f"'{shown}': covariates are named under 'propensity' and in the score as they are; delete it here")
    if len(set(term.names)) < len(parts):
        raise ValueError(f"'{shown}': a product is of two different covariates; the square is {term.names[0]}^2")
    return term


def _factor(text: str, shown: str) -> Factor:
    said = text.strip()
    if spline := _SPLINE.fullmatch(said):
        df = int(spline[2])
        if not 2 <= df <= MOST_DF:
            raise ValueError(f"'{shown}': a spline has 2 to {MOST_DF} degrees of freedom (one is the covariate as it is)")
        return Factor(spline[1], spline=df)
    if power := _POWER.fullmatch(said):
        exponent = int(power[2])
        if not 2 <= exponent <= MOST_POWER:
            raise ValueError(f"'{shown}': a power is 2 to {MOST_POWER}")
        return Factor(power[1], power=exponent)
    if _PLAIN.fullmatch(said):
        return Factor(said)
    raise ValueError(f"'{shown}' is no term of a score; write {FORMS}")


def _canonical(text: str) -> str:
    return parsed(text).text


class Score(Part):
    """fit: ml (maximum likelihood), firth (Firth's penalised likelihood), ridge or lasso (a penalty on the coefficients, chosen
    by cross-validation). terms: splines, powers and products beside the covariates, whose straight line a spline replaces.
    penalty: min (least deviance in the folds left out) or 1se (the strongest within a standard error of it). folds, seed:
    patients are dealt to folds arm by arm, in an order drawn from their identifiers. one_sided: whether patients of a level that
    nobody of the other arm has leave, or keep a score that the penalty alone makes finite. groups: of covariates of an OMOP
    study, for LASSO alone."""

    fit: Literal["ml", "firth", "ridge", "lasso"] = "ml"
    terms: list[Annotated[str, AfterValidator(_canonical)]] = Field([], max_length=MOST_TERMS)
    penalty: Literal["min", "1se"] = "min"
    folds: int = Field(10, ge=3, le=100)
    seed: int = Field(1, ge=0)
    one_sided: Literal["leave", "keep"] = "leave"
    groups: list[str] = []

    @property
    def parsed(self) -> tuple[Term, ...]:
        return tuple(parsed(text) for text in self.terms)

    @property
    def shrunk(self) -> bool:
        """Whether a penalty was chosen by cross-validation."""
        return self.fit in (RIDGE, LASSO)

    @property
    def decides(self) -> dict[str, Any]:
        """What makes the score another one, in a normal form; empty for maximum likelihood of the covariates alone."""
        asked: dict[str, Any] = {} if self.fit == ML else {"fit": self.fit}
        if self.terms:
            asked["terms"] = sorted(":".join(sorted(f.text for f in term.factors)) for term in self.parsed)
        if self.shrunk:
            asked |= {"penalty": self.penalty, "folds": self.folds, "seed": self.seed}
        if self.groups:
            asked["groups"] = sorted(self.groups)
        if self.one_sided != LEAVE:
            asked["one_sided"] = self.one_sided
        return asked

    def among(self, names: Collection[str]) -> Score:
        """The same fit on other covariates: terms of a covariate that is not among them fall away."""
        kept = [term.text for term in self.parsed if set(term.names) <= set(names)]
        return self if kept == self.terms else self.model_copy(update={"terms": kept})


def stands(key: str, given: Any) -> bool:
    """Whether what is said beside the designs can be said of each: a faulty score is told where it stands alone."""
    if key != "score":
        return True
    try:
        Score.model_validate(given)
    except ValidationError:
        return False
    return True


class Scored(Part):
    """What every design that rests on a score says of it. propensity: its covariates."""

    propensity: list[str] = Field(min_length=1)
    score: Score = Score()

    def with_propensity(self, names: list[str]) -> Self:
        """The same design on a score of other covariates."""
        return self.model_copy(update={"propensity": names, "score": self.score.among(names)})
