"""What `run`, `check` and `design` say of each phase while they work: counts, the small ones masked."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.disclosure.flow import hidden_total, small
from equipoise.records import Cohort, Covariates, Design, Designs, Imputed, Masked, Outcomes, Sources


def sources_line(sources: Sources) -> str:
    n = len(sources.tables)
    rows = sum(t.n_rows for t in sources.tables.values())
    return f"{_n(n, 'table')}, {_n(rows, 'row')}, {_n(len(sources.findings), 'finding')}"


def cohort_line(cohort: Cohort, least: int | None) -> str:
    least, sizes = least or 0, _arms(cohort, least or 0)
    analysed, left_out = _analysed(cohort, least), cohort.n_start - cohort.n
    screened = Masked() if 0 < left_out < least or (not left_out and isinstance(analysed, Masked)) else cohort.n_start
    return f"{screened} screened, {analysed} analysed: {sizes}"


def covariates_line(covariates: Covariates) -> str:
    missing = sum(int(covariates.missing(name).sum()) for name in covariates.values)
    return f"{_n(len(covariates.values), 'variable')}, {_n(missing, 'missing value')}"


def designs_lines(designs: Designs, least: int | None) -> Iterator[str]:
    """Of the designs, and of each restricted population."""
    yield f"design      {_designs(designs)}"
    for name, restricted in designs.restricted.items():
        yield f"restricted  {name}: {_restricted(restricted, least or 0)}"


def imputations_line(imputed: Imputed) -> str:
    names = imputed.drawn.names
    return f"{_n(len(names), 'covariate')} ({', '.join(names)}), {len(imputed.designs)} imputations"


def outcomes_line(outcomes: Outcomes) -> str:
    return ", ".join(f"{e.short} {int(e.event.sum())} events" for e in outcomes.endpoints.values())


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _arms(cohort: Cohort, least: int) -> str:
    return ", ".join(f"{arm} {small(n, least)}" for arm, n in cohort.sizes.items())


def _analysed(cohort: Cohort, least: int) -> int:
    """All patients; masked where the size of an arm below the minimum would follow."""
    return hidden_total(cohort.n, cohort.sizes.values(), least)


def _designs(designs: Designs) -> str:
    made = [f"{d.name}: {_size(d)}" for d in designs]
    return "; ".join([*made, *(f"{name} could not be made: {why}" for name, why in designs.unmade.items())])


def _size(design: Design) -> str:
    if design.paired:
        return f"{int(design.facts['pairs'])} pairs"
    effective = f" (effective {design.facts['effective_n']['total']:.1f})" if design.sample.weighted else ""
    return f"{design.sample.n}{effective}"


def _restricted(designs: Designs, least: int) -> str:
    cohort = designs.cohort
    left = cohort.attrition[0].excluded[1:]  # whom a missing value leaves undecided
    unknown = f" ({small(left[0].n, least)} unknown)" if left else ""
    who = f"{_analysed(cohort, least)} of {cohort.n_start}{unknown}"
    if not designs.designs:
        return f"{who}: {'; '.join(designs.unmade.values())}"
    return f"{who}, {_arms(cohort, least)}; {_designs(designs)}"
