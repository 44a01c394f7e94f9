"""Tables of more than two arms together: survival with each arm's hazard ratio in its own column; what was compared pairwise."""

from __future__ import annotations

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import EMPTY, body, footnotes, head, p_cell, plain_p, ratio_cell, stub
from equipoise.report.words import words

PHASE = "survival"


def heads_of_several(numbers: Numbers) -> list[Cell]:
    """Behind the arms: the P of all of them."""
    return [head(words("several_arms.p_all"))]


def effects_of_several(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> tuple[list[Cell], list[TableRow]]:
    """The cell of the log-rank test behind the medians, and the rows of hazard ratios against the reference, their P, and the
    penalised ones where an arm is sparse. part: endpoint and design."""
    logrank = p_cell(numbers.row(PHASE, "p", analysis="logrank", **part), notes)
    together = p_cell(numbers.row(PHASE, "p", analysis="cox_all_arms", **part), notes)
    rows = [_ratios(numbers, part, "cox", _against(numbers), notes, together), _p_values(numbers, part)]
    rows.append(_ratios(numbers, part, "cox_firth", words("columns.firth"), notes, EMPTY))
    return [logrank], [row for row in rows if row is not None]


def _against(numbers: Numbers) -> str:
    reference = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.reference))
    return words("several_arms.hr_versus", ci=numbers.protocol.ci, reference=reference)


def _of_arms(numbers: Numbers, part: dict[str, str], analysis: str, statistic: str) -> dict[str, Row | None]:
    where = {"analysis": analysis, **part}
    return {a: numbers.row(PHASE, statistic, contrast=c, **where) for a, c in numbers.contrasts.items()}


def _ratios(numbers: Numbers, part: dict[str, str], analysis: str, label: str, notes: Footnotes, last: Cell) -> TableRow | None:
    found = _of_arms(numbers, part, analysis, "hr")
    if not any(found.values()):
        return None
    cells = [Cell(words("several_arms.is_reference")) if a not in found else ratio_cell(found[a], notes) for a in numbers.arms]
    return body(stub(label, 1), *cells, last)


def _p_values(numbers: Numbers, part: dict[str, str]) -> TableRow | None:
    found = _of_arms(numbers, part, "cox", "p")
    if not any(found.values()):
        return None
    return body(stub(fmt.p_label("P"), 1), *(EMPTY if a not in found else plain_p(found[a]) for a in numbers.arms), EMPTY)


def comparisons_table(numbers: Numbers) -> Table:
    """A row per comparison: patients of both arms, the designs made of them, and which were not."""
    notes = footnotes()
    planned, arms = numbers.study.protocol, numbers.study.protocol.arms
    labels = (
        words("several_arms.comparison"),
        words("columns.patients"),
        words("several_arms.patients_reference"),
        words("restricted.analyzed_as"),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    rows = []
    for name, arm in planned.comparisons.items():
        designs = numbers.study.designs.restricted[name]
        sizes = [Cell(fmt.count(float(designs.cohort.in_arm(a).sum()))) for a in (arm, arms.reference)]
        made = [_sized(numbers.comparisons[name], d.name) for d in designs] if name in numbers.comparisons else []
        unmade = "; ".join(words("restricted.of_design", design=design, why=why) for design, why in designs.unmade.items())
        shown = Cell(
            fmt.listed(made) or words("restricted.not_analyzed"), note=notes.mark(fmt.upper_first(unmade)) if unmade else ""
        )
        label = words("numbers.vs", first=arms.label(arm), other=fmt.lower_first(arms.label(arms.reference)))
        rows.append(body(stub(label), *sizes, shown))
    said = words("several_arms.note")
    return Table("table_comparisons", words("sections.comparisons"), (line,), tuple(rows), notes.listed(), (said,))


def _sized(part: Numbers, design: str) -> str:
    """`matched (50 pairs)`, `weighted (ATT)`."""
    label = fmt.lower_first(part.study.design(design).label)
    pairs = part.row("design", "value", design=design, variable="pairs")
    return label if pairs is None else f"{label} ({words('counts.pair', count=pairs.value)})"


def several_propensity_table(numbers: Numbers, design: str) -> Table | None:
    """Multinomial model: odds ratios of each arm against the reference."""
    found = numbers.where(phase="design", analysis="propensity", design=design, statistic="odds_ratio")
    if not found:
        return None
    arms = list(numbers.contrasts)
    spans = TableRow((head("", align="left"), *(head(numbers.short_arm(a), 2) for a in arms)))
    line = TableRow(
        (
            head(words("columns.variable"), align="left"),
            *(head(x) for _ in arms for x in (words("several_arms.odds_ratio", ci=numbers.protocol.ci), "P")),
        )
    )
    rows = []
    for variable, level in dict.fromkeys((r.variable, r.level) for r in found):
        cells: list[Cell] = []
        for arm in arms:
            part = {
                "analysis": "propensity",
                "design": design,
                "variable": variable,
                "level": level,
                "contrast": numbers.contrasts[arm],
            }
            cells += [ratio_cell(numbers.row("design", "odds_ratio", **part)), plain_p(numbers.row("design", "p", **part))]
        rows.append(body(stub(numbers.covariate_label(variable, level)), *cells))
    reference = fmt.lower_first(numbers.arm_label(numbers.protocol.arms.reference))
    note = words("several_arms.score_note", patients=words("counts.patient", count=found[0].n), reference=reference)
    name, title = "table_propensity", words("several_arms.score_title")
    if design != numbers.primary:
        name, title = f"{name}_{design}", f"{title}, {fmt.lower_first(numbers.design_label(design))}"
    return Table(name, title, (spans, line), tuple(rows), notes=(note,), supplement=True)


def variants_table(numbers: Numbers) -> Table | None:
    """The primary weights of all arms made again on another score: hazard ratios against the reference."""
    variants, notes = numbers.protocol.sensitivity.propensity_variants, footnotes()
    rows: list[TableRow] = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        block = []
        for key, label in (
            (numbers.primary, words("several_arms.as_planned")),
            *((f"variant_{k}", v.label) for k, v in variants.items()),
        ):
            found = _of_arms(numbers, {"endpoint": name, "design": key}, "cox", "hr") if key else {}
            if any(found.values()):
                size = Cell(words("effects_table.effective", n=fmt.effective(numbers.effective_n(key))))
                block.append(
                    body(
                        stub(words("several_arms.weighted", label=label), 1),
                        size,
                        *(ratio_cell(row, notes) for row in found.values()),
                    )
                )
        rows += [group(endpoint.label, 2 + len(numbers.contrasts)), *block] if len(block) > 1 else []
    if not rows:
        return None
    arms = [head(words("several_arms.arm_hr", arm=numbers.short_arm(a), ci=numbers.protocol.ci)) for a in numbers.contrasts]
    line = TableRow((head(words("columns.analysis"), align="left"), head(words("several_arms.size")), *arms))
    title = words("several_arms.variants")
    return Table("table_effects", title, (line,), tuple(rows), notes.listed(), (words("notes.interval"),), True)
