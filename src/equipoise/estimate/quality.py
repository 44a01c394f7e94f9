"""What the quality of the data means for the result: counts per rule, the first endpoint without the patients concerned, and a
row per site for relevance, completeness, linkage and reliability. Phase `quality`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np

from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.survival import Setting, curve_rows, curves
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Designs, Outcomes, Quality, Row

PHASE = "quality"


def quality_rows(
    protocol: Protocol, designs: Designs, covariates: Covariates, outcomes: Outcomes, quality: Quality
) -> Iterator[Row]:
    yield from _finding_rows(protocol, designs, outcomes, quality)
    yield from _site_rows(designs.cohort, covariates, protocol, quality)
    yield from _recorded_rows(quality)
    if protocol.data.rows is not None:
        yield from _missing_rows(designs.cohort, covariates, protocol)


def _finding_rows(protocol: Protocol, designs: Designs, outcomes: Outcomes, quality: Quality) -> Iterator[Row]:
    cohort = designs.cohort
    everyone: set[str] = set()
    for finding in quality.findings:
        concerned = cohort.are_among(finding.patients)
        n = float(concerned.sum())
        yield Row(PHASE, "rows", float(len(finding.rows)), analysis="finding", variable=finding.rule, method=finding.severity)
        yield Row(PHASE, "patients", float(len(finding.patients)), analysis="finding", variable=finding.rule)
        yield Row(PHASE, "analysed", n, analysis="finding", variable=finding.rule, n=float(cohort.n))
        everyone |= set(finding.patients)
        yield from _without(protocol, designs, outcomes, finding.rule, concerned)
    if sum(bool(f.rows) for f in quality.findings) > 1:
        yield from _without(protocol, designs, outcomes, "any", cohort.are_among(everyone))


def _without(protocol: Protocol, designs: Designs, outcomes: Outcomes, rule: str, concerned: np.ndarray) -> Iterator[Row]:
    """The first endpoint without the patients whom a rule concerns: its hazard ratio, or of one arm its median. A pair leaves
    as a whole."""
    if not concerned.any():
        return
    name, outcome = next(iter(outcomes.endpoints.items()))
    for design in designs:
        if design.name in protocol.compared:
            setting = Setting(protocol, designs.cohort, design.sample.without(concerned), name, outcome)
            hazard_ratio = (r for r in treatment_rows(setting) if (r.analysis, r.statistic) == ("cox", "hr"))
            medians = (r for r in _medians(setting) if (r.analysis, r.statistic) == ("kaplan_meier", "median"))
            for row in (*islice(hazard_ratio, 1), *medians):  # what follows the hazard ratio is not computed
                yield replace(row, phase=PHASE, analysis="without", variable=rule)


def _medians(s: Setting) -> Iterator[Row]:
    if s.protocol.arms.single:
        yield from curve_rows(s, curves(s))


def _site_rows(cohort: Cohort, covariates: Covariates, protocol: Protocol, quality: Quality) -> Iterator[Row]:
    """By site and over all. relevance: analysed of screened; missing: empty cells of the shown covariates; linkage: analysed
    patients with a row in a table; reliability: analysed patients whom no finding concerns."""
    linked = {table: cohort.are_among(patients) for table, patients in quality.linkage.items()}
    faulty = cohort.are_among({patient for finding in quality.findings for patient in finding.patients})
    site = np.array([] if cohort.site is None else ["" if s is None else str(s) for s in cohort.site.tolist()])
    names = [str(name) for name in np.unique(site) if name]
    for name in names if len(names) > 1 else []:
        mask = site == name
        yield from _fitness(name, mask, cohort, covariates, protocol, quality.screened.get(name, int(mask.sum())), linked, faulty)
    everyone = np.ones(cohort.n, dtype=bool)
    yield from _fitness("all", everyone, cohort, covariates, protocol, cohort.n_start, linked, faulty)


def _fitness(
    site: str,
    mask: np.ndarray,
    cohort: Cohort,
    covariates: Covariates,
    protocol: Protocol,
    screened: int,
    linked: Mapping[str, np.ndarray],
    faulty: np.ndarray,
) -> Iterator[Row]:
    n = int(mask.sum())
    yield _share("relevance", site, n, screened, "analyzed of the patients at the start")
    names = protocol.shown_covariates
    missing = np.array([covariates.missing(v)[mask].sum() for v in names])
    yield _share("missing", site, int(missing.sum()), n * len(names), "empty cells of the baseline table")
    if n and missing.any():
        worst = int(np.argmax(missing))
        yield _share("most_missing", site, int(missing[worst]), n, "patients without a value", names[worst])
    for table, has_row in linked.items():
        yield _share("linkage", site, int((has_row & mask).sum()), n, "analyzed patients with a row in the table", table)
    yield _share("reliability", site, n - int((faulty & mask).sum()), n, "analyzed patients whom no finding concerns")


def _missing_rows(cohort: Cohort, covariates: Covariates, protocol: Protocol) -> Iterator[Row]:
    """Of a spreadsheet: empty values of each shown covariate by arm, those without any left out."""
    for name in protocol.shown_covariates:
        empty = covariates.missing(name)
        for arm in protocol.arms.groups if empty.any() else ():
            mask = cohort.in_arm(arm)
            n, k = float(mask.sum()), float((empty & mask).sum())
            value = 100.0 * k / n if n else float("nan")
            method = "patients without a value"
            yield Row(PHASE, "percent", value, analysis="missing", variable=name, group=arm, n=n, events=k, method=method)


def _share(variable: str, site: str, count: int, of: int, method: str, level: str = "") -> Row:
    value = 100.0 * count / of if of else float("nan")
    return Row(
        PHASE, "percent", value, analysis="fitness", variable=variable, level=level, group=site, n=float(of),
        events=float(count), method=method,
    )  # fmt: skip


def _recorded_rows(quality: Quality) -> Iterator[Row]:
    """The derived stage against the recorded one: a row per cell, and how many differ. Recorded stages are never used."""
    for item in dict.fromkeys(r[0] for r in quality.recorded):
        cells = [r for r in quality.recorded if r[0] == item]
        total = float(sum(r[3] for r in cells))
        for _, derived, recorded, n in cells:
            level = f"derived {derived} recorded {recorded}"
            yield Row(PHASE, "n", float(n), analysis="recorded", variable=item, level=level, n=total)
        differ = float(sum(n for _, derived, recorded, n in cells if derived != recorded))
        yield Row(PHASE, "conflicts", differ, analysis="recorded", variable=item, n=total)
