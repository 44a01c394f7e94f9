"""The propensity model, who was left out, and the treatment effect by every analysis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, INTERVAL_NOTE, body, head, plain_p, ratio_cell, stub


def propensity_table(numbers: Numbers) -> Table | None:
    """Logistic model of the focal arm: coefficient, odds ratio, P."""
    found = numbers.where(phase="design", analysis="propensity", design=numbers.adjusted, statistic="coef")
    coefficients = [r for r in found if not _intercept(r)]
    if not coefficients:
        return None
    rows = tuple(_coefficient(numbers, r) for r in coefficients)
    line = TableRow(
        tuple(
            head(x, align="center" if i else "left")
            for i, x in enumerate(("Variable", "Coefficient", f"Odds ratio ({numbers.protocol.ci})", "P"))
        )
    )
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    note = f"Logistic regression; odds of {focal}. The model describes who was treated how; its P values choose nothing."
    absent = _without_coefficient(numbers, coefficients)
    more = [f"{fmt.plural(coefficients[0].n, 'patient')}."] if not math.isnan(coefficients[0].n) else []
    return Table("table_propensity", "Propensity score model", (line,), rows, notes=(note, *more, *absent), supplement=True)


def _without_coefficient(numbers: Numbers, rows: list[Row]) -> list[str]:
    """Why a term has none."""
    said = []
    for row in rows:
        if math.isnan(row.value):
            label = numbers.covariate_label(row.variable, row.level)
            reason = row.method.removeprefix("not estimable: ")
            said.append(f"{label}: {NO_COEFFICIENT.get(reason, reason)}.")
    return said


NO_COEFFICIENT = {
    "nobody to compare": "no coefficient, because not both arms have such patients",
    "reference level among these patients": "the reference, because nobody of the first level is left in the model",
}


def _intercept(row: Row) -> bool:
    return row.variable.strip("()").lower() in ("intercept", "constant")


def _coefficient(numbers: Numbers, row: Row) -> TableRow:
    part = {"analysis": "propensity", "design": row.design, "variable": row.variable, "level": row.level}
    odds, p = numbers.row("design", "odds_ratio", **part), numbers.row("design", "p", **part)
    label = stub(numbers.covariate_label(row.variable, row.level))
    return body(label, Cell(fmt.number(row.value, 3)), ratio_cell(odds), plain_p(p))


def attrition_table(numbers: Numbers) -> Table | None:
    """The flow diagram as rows: every reason with its number, zeros kept."""
    cohort = numbers.study.cohort
    if not any(step.excluded for step in cohort.attrition):
        return None
    start = numbers.protocol.eligibility.start
    rows = [body(stub(start), Cell(), Cell(fmt.count(cohort.n_start)))]
    for step in cohort.attrition:
        rows += [body(stub(e.reason, 1), Cell(fmt.count(e.n)), Cell()) for e in step.excluded]
        rows.append(body(stub(step.label), Cell(), Cell(fmt.count(step.n_left))))
    rows += [body(stub(numbers.arm_label(a), 1), Cell(), Cell(fmt.count(numbers.arm_n("unadjusted", a)))) for a in numbers.arms]
    pairs = numbers.row("design", "value", design=numbers.adjusted, variable="pairs") if numbers.adjusted else None
    if pairs is not None:
        rows.append(body(stub("Matched pairs"), Cell(), Cell(fmt.count(pairs.value))))
    line = TableRow((head("Step", align="left"), head("Left"), head("Remaining")))
    note = "Each patient is counted under the first reason that applies."
    return Table("table_attrition", "Selection of patients", (line,), tuple(rows), notes=(note,), supplement=True)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One way to the treatment effect: its label, what kind of hazard ratio it gives, the parts of the row, and whether it has
    a P beside its interval."""

    label: str
    kind: str
    parts: dict[str, str]
    tested: bool = True


def analyses(numbers: Numbers) -> list[Analysis]:
    contrast, adjusted = numbers.contrast, numbers.adjusted
    found = [
        Analysis("Unadjusted", "marginal", {"design": "unadjusted", "analysis": "cox", "contrast": contrast}),
        Analysis(
            "Unadjusted, patients of the multivariable model",
            "marginal",
            {"design": "unadjusted", "analysis": "cox_complete_cases", "contrast": contrast},
        ),
        Analysis(
            "Adjusted by the multivariable model",
            "conditional",
            {"design": "unadjusted", "analysis": "cox_multivariable", "variable": "treatment"},
        ),
    ]
    if adjusted:
        found += [
            Analysis(
                "Matched, variance clustered on pairs",
                "marginal",
                {"design": adjusted, "analysis": "cox", "contrast": contrast},
            ),
            Analysis(
                "Matched, stratified by pair",
                "conditional",
                {"design": adjusted, "analysis": "cox_pair_stratified", "contrast": contrast},
            ),
        ]
        bootstrap = {"design": adjusted, "analysis": "cox_pair_bootstrap", "contrast": contrast}
        if numbers.has("survival", **bootstrap):
            found.append(Analysis("Matched, pair bootstrap", "marginal", bootstrap, tested=False))
    return found


def effects_table(numbers: Numbers) -> Table | None:
    """The treatment's HR by every analysis, labelled marginal or conditional."""
    rows: list[TableRow] = []
    notes = Footnotes()
    for name, endpoint in numbers.protocol.main_endpoints.items():
        block = [_effect(numbers, a, name, notes) for a in analyses(numbers)]
        block += _variants(numbers, name, notes)
        block = [r for r in block if r is not None]
        rows += [group(endpoint.label, 5), *block] if block else []
    if not rows:
        return None
    labels = ("Analysis", "Pairs", "Hazard ratio", f"HR ({numbers.protocol.ci}), {numbers.contrast_label}", "P")
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    note = "Hazard ratios are not collapsible: marginal and conditional ones differ even without confounding."
    return Table(
        "table_effects",
        "Treatment effect by analysis",
        (line,),
        tuple(r for r in rows if r),
        notes.listed(),
        (note, INTERVAL_NOTE),
        True,
    )


def _effect(numbers: Numbers, analysis: Analysis, endpoint: str, notes: Footnotes) -> TableRow | None:
    hr = numbers.row("survival", "hr", endpoint=endpoint, **analysis.parts)
    if hr is None:
        return None
    paired = analysis.parts["design"] != "unadjusted"
    pairs = numbers.row("design", "value", design=numbers.adjusted, variable="pairs") if paired else None
    size = Cell(fmt.count(pairs.value)) if pairs is not None else EMPTY
    p = plain_p(numbers.row("survival", "p", endpoint=endpoint, **analysis.parts)) if analysis.tested else EMPTY
    return body(stub(analysis.label, 1), size, Cell(analysis.kind), ratio_cell(hr, notes), p)


def _variants(numbers: Numbers, endpoint: str, notes: Footnotes) -> list[TableRow | None]:
    """Rematched on another propensity model, from the rows of the sensitivity phase."""
    rows: list[TableRow | None] = []
    for name, variant in numbers.protocol.sensitivity.propensity_variants.items():
        part = {"design": f"variant_{name}", "endpoint": endpoint, "analysis": "cox", "contrast": numbers.contrast}
        hr, p = numbers.row("survival", "hr", **part), numbers.row("survival", "p", **part)
        if hr is None:
            continue
        pairs = numbers.row("design", "value", design=f"variant_{name}", variable="pairs")
        size = Cell(fmt.count(pairs.value)) if pairs is not None else EMPTY
        rows.append(body(stub(f"Rematched: {variant.label}", 1), size, Cell("marginal"), ratio_cell(hr, notes), plain_p(p)))
    return rows
