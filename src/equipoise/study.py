"""The study in its few lines: what a notebook user types, and what `equipoise run` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.make import make_designs
from equipoise.estimate.estimate import estimate_effects
from equipoise.outcomes.outcomes import derive_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.records import Cohort, Covariates, Designs, Estimates, Outcomes, Sources, Study

Say = Callable[[str], None]


def run_study(path: str | Path, say: Say = lambda line: None) -> Study:
    """The whole study up to its estimates; nothing is written. say: called with a line per phase."""
    protocol = load_protocol(path)
    say(f"protocol    {protocol.file}: {protocol.study.title}")
    sources = read_sources(protocol)
    say(f"data        {_sources(sources)}")
    cohort = build_cohort(protocol, sources)
    say(f"cohort      {_cohort(cohort)}")
    covariates = derive_covariates(protocol, sources, cohort)
    say(f"covariates  {_covariates(covariates)}")
    designs = make_designs(protocol, cohort, covariates)  # outcomes are not an argument
    say(f"design      {_designs(designs)}")
    outcomes = derive_outcomes(protocol, sources, cohort)
    say(f"outcomes    {_outcomes(outcomes)}")
    estimates = estimate_effects(protocol, designs, covariates, outcomes)
    say(f"estimates   {len(estimates.rows)} numbers, {len(estimates.curves)} curves")
    return Study(protocol, sources, cohort, covariates, outcomes, designs, estimates)


def check_study(path: str | Path, say: Say = lambda line: None) -> Sources:
    """Protocol and data findings; nothing is estimated. Raises with every fault."""
    protocol = load_protocol(path)
    say(f"protocol    {protocol.file}: no faults")
    sources = read_sources(protocol)
    say(f"data        {_sources(sources)}")
    cohort = build_cohort(protocol, sources)
    say(f"cohort      {_cohort(cohort)}")
    covariates = derive_covariates(protocol, sources, cohort)
    say(f"covariates  {_covariates(covariates)}")
    return sources


def _sources(sources: Sources) -> str:
    n = len(sources.tables)
    rows = sum(t.n_rows for t in sources.tables.values())
    return f"{n} table{'s' if n > 1 else ''}, {rows:,} rows, {len(sources.findings)} findings"


def _cohort(cohort: Cohort) -> str:
    arms = sorted({str(a) for a in cohort.arm})
    return f"{cohort.n_start} screened, {cohort.n} analysed: " + ", ".join(f"{a} {int(cohort.in_arm(a).sum())}" for a in arms)


def _covariates(covariates: Covariates) -> str:
    missing = sum(int(covariates.missing(name).sum()) for name in covariates.values)
    return f"{len(covariates.values)} variables, {missing} missing values"


def _designs(designs: Designs) -> str:
    return "; ".join(f"{d.name}: {int(d.facts['pairs'])} pairs" if d.paired else f"{d.name}: {int(d.include.sum())}" for d in designs)


def _outcomes(outcomes: Outcomes) -> str:
    return ", ".join(f"{e.short} {int(e.event.sum())} events" for e in outcomes.endpoints.values())
