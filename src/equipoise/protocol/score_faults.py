"""Faults of how a score is fitted that no single field shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.errors import Fault
from equipoise.protocol.designs import DesignSpec, MatchSpec, WeightsSpec, pairwise
from equipoise.protocol.nearest import hint
from equipoise.protocol.score import LASSO, ML, Factor, Score, Term
from equipoise.protocol.spec import Protocol

Place = Callable[..., str]
CHOICES = ("penalty", "folds", "seed")


def score_faults(protocol: Protocol, place: Place) -> Iterator[Fault]:
    """A score where there is none, terms of covariates that it does not have or that cannot bend, choices that decide nothing."""
    if protocol.score != Score() and not protocol.designs and not protocol.arms.single:
        message = "'score' says how the score of every design is fitted, and there is no design; declare one, or delete this"
        yield Fault(place("score"), "no design", message)
    told: set[str] = set()  # the common score is said once
    for name, spec in protocol.designs.items():
        score = spec.score
        if score == Score():
            continue
        path = protocol.design_path(name, "score")
        if isinstance(spec, MatchSpec) and spec.method == "cem":
            yield Fault(place(*path), "no meaning", "coarsened exact matching has no score; delete 'score' here")
            continue
        if protocol.arms.several and not pairwise(spec):
            message = (
                f"'{name}' weighs all arms together by a multinomial score of the covariates as they are; give 'score' to the "
                "designs of two arms"
            )
            yield Fault(place(*path), "several arms", message)
            continue
        if isinstance(spec, WeightsSpec) and spec.method != "logistic" and score.fit != ML and path != ("score",):
            message = f"'method: {spec.method}' balances the columns of the score, whatever fits it; delete 'fit'"
            yield Fault(place(*path, "fit"), "no meaning", message)
        for fault in _of_design(protocol, name, spec, score, lambda *where, path=path: place(*path, *where)):
            if f"{fault.place} {fault.message}" not in told:
                told.add(f"{fault.place} {fault.message}")
                yield fault


def _groups(protocol: Protocol, score: Score, here: Place) -> Iterator[Fault]:
    known = list(protocol.omop.groups) if protocol.omop is not None else []
    for i, group in enumerate(score.groups):
        if group not in known:
            message = f"there is no group of covariates '{group}' in the block omop; {hint(group, known)}"
            yield Fault(here("groups", i), "unknown name", message)
    if score.groups and score.fit != LASSO:
        message = f"'groups' bring hundreds of covariates, of which a penalty chooses; take fit: lasso in place of {score.fit}"
        yield Fault(here("groups"), "no meaning", message)
    if score.groups and protocol.sensitivity.bootstrap_match is not None:
        message = "'bootstrap_match' fits the score again in every resample, which is not done with 'groups'; leave one out"
        yield Fault(here("groups"), "not available", message)


def _of_design(protocol: Protocol, name: str, spec: DesignSpec, score: Score, here: Place) -> Iterator[Fault]:
    shown = "score" in spec.model_fields_set
    if shown and not score.shrunk:
        for key in CHOICES:
            if getattr(score, key) != getattr(Score(), key):
                message = f"'{key}' chooses a penalty, and 'fit: {score.fit}' has none to choose; delete it, or take lasso"
                yield Fault(here(key), "no meaning", message)
    if score.fit == ML and score.one_sided == "keep":
        message = (
            "maximum likelihood has no finite coefficient for a level that one arm lacks, so nobody of it can keep a score; "
            "delete 'one_sided', or take fit: firth, ridge or lasso"
        )
        yield Fault(here("one_sided"), "no meaning", message)
    yield from _groups(protocol, score, here)
    terms = score.parsed
    seen: set[frozenset[Factor]] = set()
    for i, term in enumerate(terms):
        place = here("terms", i)
        if term.key in seen and score.terms.index(term.text) == i:  # the very same text is told of every list
            yield Fault(place, "listed twice", f"'{term.text}' stands twice among the terms; keep one")
        seen.add(term.key)
        yield from _names(protocol, name, spec, term, place)
        yield from _hierarchy(term, {t.text for t in terms}, place)
    yield from _bent_twice(terms, here)


def _names(protocol: Protocol, name: str, spec: DesignSpec, term: Term, place: str) -> Iterator[Fault]:
    for factor in term.factors:
        known = protocol.covariates.get(factor.name)
        if factor.name not in spec.propensity:
            message = (
                f"'{term.text}': '{factor.name}' is no covariate of the score of '{name}'; {hint(factor.name, spec.propensity)}; "
                "name it under 'propensity', or give the design a 'score' of its own"
            )
            yield Fault(place, "unknown name", message)
        elif known is not None and known.kind != "continuous" and not factor.plain:
            message = f"'{term.text}': '{factor.name}' is {known.kind}; a spline or a power bends a continuous covariate alone"
            yield Fault(place, "no meaning", message)


def _hierarchy(term: Term, texts: set[str], place: str) -> Iterator[Fault]:
    """A product of a curve needs the curve itself."""
    for factor in term.factors if len(term.factors) > 1 else ():
        if not factor.plain and factor.text not in texts:
            yield Fault(place, "missing term", f"'{term.text}' needs the term '{factor.text}' of its own too; add it")


def _bent_twice(terms: tuple[Term, ...], here: Place) -> Iterator[Fault]:
    """A covariate has one spline, and no power beside it."""
    splines: dict[str, str] = {}
    for i, term in enumerate(terms):
        factor = term.factors[0]
        if len(term.factors) == 1 and factor.spline:
            first = splines.setdefault(factor.name, term.text)
            if first != term.text:
                yield Fault(here("terms", i), "said twice", f"'{factor.name}' has the spline {first} already; keep one")
    for i, term in enumerate(terms):
        factor = term.factors[0]
        if len(term.factors) == 1 and factor.power > 1 and factor.name in splines:
            message = f"'{term.text}' bends what {splines[factor.name]} bends already; keep one of them"
            yield Fault(here("terms", i), "said twice", message)
