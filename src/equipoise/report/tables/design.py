"""Who was left out, and the treatment effect by every analysis."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, plain_p, printed, ratio_cell, stub
from equipoise.report.words import words


def attrition_table(numbers: Numbers) -> Table | None:
    """The flow diagram as rows: every reason with its number, zeros kept."""
    cohort = numbers.study.cohort
    if not any(step.excluded for step in cohort.attrition):
        return None
    start = numbers.protocol.eligibility.start

    def left(n: float, **parts: str) -> Cell:
        return printed(fmt.count(n), numbers.row("attrition", "n", **parts))

    rows = [body(stub(start), Cell(), left(cohort.n_start, variable="start"))]
    for i, step in enumerate(cohort.attrition, 1):
        for j, excluded in enumerate(step.excluded, 1):
            rows.append(body(stub(excluded.reason, 1), left(excluded.n, variable=f"step_{i}", level=f"reason_{j}"), Cell()))
        rows.append(body(stub(step.label), Cell(), left(step.n_left, variable=f"step_{i}")))
    for arm in numbers.arms:
        rows.append(
            body(stub(numbers.arm_label(arm), 1), Cell(), left(numbers.arm_n("unadjusted", arm), variable="arm", group=arm))
        )
    for design in numbers.matches:
        pairs = numbers.row("design", "value", design=design, variable="pairs")
        label = (
            words("effects_table.pairs")
            if len(numbers.matches) == 1
            else words("effects_table.pairs_of", cohort=fmt.lower_first(numbers.design_label(design)))
        )
        rows += [body(stub(label), Cell(), printed(fmt.count(pairs.value), pairs))] if pairs is not None else []
    line = TableRow(
        (
            head(words("effects_table.step"), align="left"),
            head(words("effects_table.left")),
            head(words("effects_table.remaining")),
        )
    )
    note = words("effects_table.first_reason")
    return Table("table_attrition", words("flow.figure_title"), (line,), tuple(rows), notes=(note,), supplement=True)


FOCAL = "the focal arm"  # in the words of a design


@dataclass(frozen=True, slots=True)
class Analysis:
    """One way to the treatment effect: its label, what kind of hazard ratio it gives, the parts of the row, and whether it has
    a P beside its interval."""

    label: str
    kind: str
    parts: dict[str, str]
    tested: bool = True


def analyses(numbers: Numbers) -> list[Analysis]:
    """Unadjusted, by the multivariable model, then each design, the primary one first."""
    contrast = numbers.contrast
    found = [
        Analysis(
            words("effects_table.unadjusted"), "marginal", {"design": "unadjusted", "analysis": "cox", "contrast": contrast}
        ),
        Analysis(
            words("effects_table.unadjusted_same"),
            "marginal",
            {"design": "unadjusted", "analysis": "cox_complete_cases", "contrast": contrast},
        ),
        Analysis(
            words("effects_table.multivariable"),
            "conditional",
            {"design": "unadjusted", "analysis": "cox_multivariable", "variable": "treatment"},
        ),
    ]
    for design in numbers.design_names[1:]:
        found += _of_design(numbers, design)
    return found


def _of_design(numbers: Numbers, design: str) -> list[Analysis]:
    label, variance = short_label(numbers, design), numbers.words(design).variance
    part = {"design": design, "contrast": numbers.contrast}
    found = [Analysis(f"{label}, {variance}" if variance else label, "marginal", {**part, "analysis": "cox"})]
    if numbers.match(design) is not None:
        found.append(
            Analysis(
                words("effects_table.pair_stratified", label=label), "conditional", {**part, "analysis": "cox_pair_stratified"}
            )
        )
        bootstrap = {**part, "analysis": "cox_pair_bootstrap"}
        if numbers.has("survival", **bootstrap):
            found.append(Analysis(words("effects_table.pair_bootstrap", label=label), "marginal", bootstrap, tested=False))
    within = {**part, "analysis": "cox_class_stratified"}
    if numbers.has("survival", **within):
        found.append(Analysis(words("effects_table.within_classes", label=label), "conditional", within))
    imputed = {**part, "analysis": "cox_imputed"}
    if numbers.has("survival", **imputed):
        found.append(Analysis(words("effects_table.imputed", label=label), "marginal", imputed))
    return found


def short_label(numbers: Numbers, design: str) -> str:
    """`Unadjusted`, `Matched`, `Weighted (ATT)`, or the protocol's own label."""
    spec = numbers.protocol.designs.get(design)
    if spec is None:
        return words("effects_table.unadjusted")
    if numbers.match(design) is None or spec.label:
        return numbers.study.design(design).label
    return words("effects_table.matched") if len(numbers.matches) == 1 else words("effects_table.matched_by", design=design)


def effects_table(numbers: Numbers) -> Table | None:
    """The treatment's HR by every analysis, labelled marginal or conditional."""
    rows: list[TableRow] = []
    notes = footnotes()
    if numbers.several:
        return None  # the table of survival holds them
    for name, endpoint in numbers.protocol.main_endpoints.items():
        block = [_effect(numbers, a, name, notes) for a in analyses(numbers)]
        block += _variants(numbers, name, notes)
        block = [r for r in block if r is not None]
        rows += [group(endpoint.label, 5), *block] if block else []
    if not rows:
        return None
    size = words("effects_table.size") if any(map(numbers.weighted, numbers.design_names)) else words("effects_table.pairs_head")
    labels = (
        words("columns.analysis"),
        size,
        words("effects_table.ratio"),
        words("columns.hr_contrast", ci=numbers.protocol.ci, contrast=numbers.contrast_label),
        words("columns.p"),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    note = words("effects_table.not_collapsible")
    return Table(
        "table_effects",
        words("effects_table.title"),
        (line,),
        tuple(r for r in rows if r),
        notes.listed(),
        (note, *_applies_to(numbers), words("notes.interval")),
        True,
    )


def _effect(numbers: Numbers, analysis: Analysis, endpoint: str, notes: Footnotes) -> TableRow | None:
    hr = numbers.row("survival", "hr", endpoint=endpoint, **analysis.parts)
    if hr is None:
        return None
    sized = analysis.parts["analysis"] not in ("cox_imputed", "cox_class_stratified")
    size = _size(numbers, analysis.parts["design"]) if sized else EMPTY
    p = plain_p(numbers.row("survival", "p", endpoint=endpoint, **analysis.parts)) if analysis.tested else EMPTY
    return body(stub(analysis.label, 1), size, Cell(words(f"effects_table.{analysis.kind}")), ratio_cell(hr, notes), p)


def _size(numbers: Numbers, design: str) -> Cell:
    """Pairs of a match, the effective sample size of weights; nothing of the others."""
    alone = not any(map(numbers.weighted, numbers.design_names))
    pairs = numbers.row("design", "value", design=design, variable="pairs")
    if pairs is not None:
        return printed(fmt.count(pairs.value) if alone else words("counts.pair", count=pairs.value), pairs)
    return (
        Cell(words("effects_table.effective", n=fmt.effective(numbers.effective_n(design))))
        if numbers.weighted(design)
        else EMPTY
    )


def _applies_to(numbers: Numbers) -> list[str]:
    """For whom each design estimates the effect, where there are several."""
    if len(numbers.design_names) < 3:
        return []
    return [f"{short_label(numbers, d)}: {fmt.lower_first(estimand(numbers, d))}" for d in numbers.design_names[1:]]


def estimand(numbers: Numbers, design: str) -> str:
    """For whom a design estimates the effect, the arm by its name."""
    said = numbers.words(design).estimand
    for arm in numbers.arms:
        said = said.replace(f"received {numbers.arm_label(arm)}", f"received {fmt.lower_first(numbers.arm_label(arm))}")
    if numbers.several:
        return said
    focal = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))
    return said.replace("those of " + FOCAL, f"those with {focal}")


def _variants(numbers: Numbers, endpoint: str, notes: Footnotes) -> list[TableRow | None]:
    """The primary design made again on another propensity model."""
    rows: list[TableRow | None] = []
    again = words("effects_table.reweighted") if numbers.weighted(numbers.primary) else words("effects_table.rematched")
    for name, variant in numbers.protocol.sensitivity.propensity_variants.items():
        part = {"design": f"variant_{name}", "endpoint": endpoint, "analysis": "cox", "contrast": numbers.contrast}
        hr, p = numbers.row("survival", "hr", **part), numbers.row("survival", "p", **part)
        if hr is None:
            continue
        size = _size(numbers, f"variant_{name}")
        rows.append(
            body(
                stub(f"{again}: {variant.label}", 1),
                size,
                Cell(words("effects_table.marginal")),
                ratio_cell(hr, notes),
                plain_p(p),
            )
        )
    return rows
