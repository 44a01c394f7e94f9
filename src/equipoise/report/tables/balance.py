"""Balance of every design: a table each, and one of squares and interactions over all of them."""

from __future__ import annotations

import math

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.designs import UNADJUSTED
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import PHASE, balanced_variables, before_what, smd_method
from equipoise.report.tables.cells import EMPTY, body, head, printed, stub

PRODUCTS = "squares_and_interactions"
TIMES, SQUARED = " * ", "^2"
MEASURES = (("smd", "SMD"), ("smd_within", ""), ("variance_ratio", "Variance ratio"), ("ks", "KS"), ("overlap", "Overlap"))
BEFORE = tuple(m for m in MEASURES if m[0] != "smd_within")
KS_WORDS = (
    "KS, Kolmogorov-Smirnov statistic, the largest distance between the distribution functions of the arms (of two levels the "
    "difference of the shares). Overlap, overlap coefficient, the area under the smaller of the two densities (normal kernels, "
    "bandwidth of the smaller arm; of levels the sum of the smaller shares): 1 where the arms are the same, 0 where they share "
    "nothing"
)


def balance_tables(numbers: Numbers) -> list[Table]:
    """One of each design, the primary one first; none without a design."""
    variables = balanced_variables(numbers)
    if not variables or not numbers.primary:
        return []
    return [_table(numbers, design, variables) for design in (numbers.primary, *numbers.others)]


def _table(numbers: Numbers, design: str, variables: list[str]) -> Table:
    within = f"SMD, {numbers.words(design).adjective} SD"
    spans = [head("", align="left"), head(""), head(f"Before {before_what(numbers, design)}", len(BEFORE))]
    spans.append(head(f"After {numbers.process(design)}", len(MEASURES)))
    labels = ["In the score", *(said for _, said in BEFORE), *(said or within for _, said in MEASURES)]
    line = TableRow((head("Variable", align="left"), *(head(x) for x in labels)))
    rows: list[TableRow] = []
    for name in variables:
        rows += _rows(numbers, design, name)
    name, title = "table_balance", "Balance of the baseline variables"
    if design != numbers.primary:
        name, title = f"{name}_{design}", f"{title}, {fmt.lower_first(numbers.design_label(design))}"
    notes = (_note(numbers, design, within), *_effective(numbers, design))
    return Table(name, title, (TableRow(tuple(spans)), line), tuple(rows), notes=notes, supplement=True)


def _note(numbers: Numbers, design: str, within: str) -> str:
    """How the measures are made; of the designs beside the primary one what is made otherwise."""
    before, after = (smd_method(numbers, "smd", (d,)) for d in (UNADJUSTED, design))
    scale = before if before == after else f"{before}; after {numbers.process(design)}: {after}"
    weighted = " Of a weighted design every measure is weighted." if numbers.weighted(design) else ""
    if design != numbers.primary:
        return f"SMD: {scale}.{weighted} Everything else as in the table of the primary design."
    focal = "" if numbers.several else f"; focal arm: {fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal))}"
    any_two = " KS and overlap are of the two arms that differ most." if numbers.several else ""
    ratio = smd_method(numbers, "variance_ratio", (UNADJUSTED, design)) or "of continuous variables"
    return (
        f"SMD, standardized mean difference{focal}. SMD: {scale}. {within}: "
        f"{smd_method(numbers, 'smd_within', (design,))}. Variance ratio: {ratio}. {KS_WORDS}.{any_two}{weighted} NE, not "
        "estimable."
    )


def _effective(numbers: Numbers, design: str) -> list[str]:
    """What the patients of a weighted design are worth."""
    if not numbers.weighted(design):
        return []
    sizes = [
        f"{fmt.number(numbers.effective_n(design, a), 1)} of {fmt.count(numbers.arm_n(design, a))} with "
        f"{fmt.lower_first(numbers.arm_label(a))}"
        for a in numbers.arms
    ]
    return [f"Effective sample size (Kish): {fmt.listed(sizes)}."]


def _rows(numbers: Numbers, design: str, name: str) -> list[TableRow]:
    """A variable, and each level where it has more than two."""
    inside = Cell("yes" if in_score_of(numbers, design, name) else "no")
    rows = [body(stub(numbers.covariate_label(name)), inside, *_cells(numbers, design, name, ""))]
    levels = numbers.covariate(name).levels
    for level, label in levels.items() if len(levels) > 2 else ():
        rows.append(body(stub(label, 1), EMPTY, *_cells(numbers, design, name, level)))
    return rows


def _cells(numbers: Numbers, design: str, name: str, level: str) -> list[Cell]:
    asked = [*((UNADJUSTED, s) for s, _ in BEFORE), *((design, s) for s, _ in MEASURES)]
    return [measure_cell(numbers.row(PHASE, s, design=d, variable=name, level=level)) for d, s in asked]


def measure_cell(row: Row | None) -> Cell:
    if row is None:
        return EMPTY
    return printed("NE" if math.isnan(row.value) else fmt.number(row.value, 2), row)


def in_score_of(numbers: Numbers, design: str, name: str) -> bool:
    """Whether a covariate is in the score of this design."""
    spec = numbers.protocol.designs.get(design)
    return spec is not None and name in spec.propensity


def products_table(numbers: Numbers) -> Table | None:
    """A line per design: how many squares and interactions, above each threshold, and the largest by name."""
    designs = [d for d in numbers.design_names if products_n(numbers, d) > 0]
    if not numbers.primary or not designs:
        return None
    limits = list(dict.fromkeys(numbers.protocol.balance_thresholds))
    labels = ["Cohort", "Terms", *(f"Above {fmt.short(t)}" for t in limits), "The largest (SMD)"]
    line = TableRow(tuple(head(x, align="center" if 0 < i < len(labels) - 1 else "left") for i, x in enumerate(labels)))
    rows = []
    for design in designs:
        counts = [products_n(numbers, design), *(products_n(numbers, design, t) for t in limits)]
        named = "; ".join(f"{said} {size}" for said, size in largest_products(numbers, design))
        label = stub(numbers.design_label(design))
        rows.append(body(label, *(Cell(fmt.count(n)) for n in counts), Cell(named, align="left")))
    note = (
        "Squares of continuous variables and products of two variables (of factors level by level), not centred; absolute "
        "standardized mean differences (SMD) by the SD pooled over both arms in the whole sample. A score that balances the "
        "variables themselves may leave these apart. NE, not estimable."
    )
    title = "Balance of squares and interactions"
    return Table("table_products", title, (line,), tuple(rows), notes=(note,), supplement=True)


def all_products_table(numbers: Numbers) -> Table | None:
    """Every square and interaction, where the protocol asks for them: its difference in each design."""
    if not numbers.primary or not numbers.protocol.balance.squares_and_interactions:
        return None
    designs = [d for d in numbers.design_names if products_n(numbers, d) > 0]
    found = {d: {(r.variable, r.level): r for r in _terms(numbers, d)} for d in designs}
    named = list(dict.fromkeys(term for d in designs for term in found[d]))
    if not named:
        return None
    line = TableRow((head("Square or product", align="left"), *(head(numbers.design_label(d)) for d in designs)))
    rows = [body(stub(product_label(numbers, *term)), *(measure_cell(found[d].get(term)) for d in designs)) for term in named]
    note = (
        "Standardized mean differences, focal minus other arm, of squares and products not centred, by the SD pooled over both "
        "arms in the whole sample. NE, not estimable."
    )
    title = "Every square and interaction"
    return Table("table_all_products", title, (line,), tuple(rows), notes=(note,), supplement=True)


def products_n(numbers: Numbers, design: str, above: float | None = None) -> float:
    """Squares and interactions of a design, or those above a threshold; nan where there are none."""
    if above is None:
        return numbers.value(PHASE, "n", analysis=PRODUCTS, design=design)
    return numbers.value(PHASE, "n", analysis=PRODUCTS, design=design, variable="above", level=f"{above:g}")


def largest_products(numbers: Numbers, design: str, most: int = 5) -> list[tuple[str, str]]:
    """(square or product in words, absolute SMD as printed), the largest first; one without a number before all others."""
    rows = sorted(_terms(numbers, design), key=lambda r: -math.inf if math.isnan(r.value) else -abs(r.value))[:most]
    return [
        (product_label(numbers, r.variable, r.level), "NE" if math.isnan(r.value) else fmt.number(abs(r.value), 2)) for r in rows
    ]


def _terms(numbers: Numbers, design: str) -> list[Row]:
    return numbers.where(PHASE, analysis=PRODUCTS, design=design, statistic="smd")


def product_label(numbers: Numbers, variable: str, level: str) -> str:
    """`age squared`, `age × tumor grade: III`."""
    if variable.endswith(SQUARED):
        return f"{numbers.covariate_words(variable.removesuffix(SQUARED))} squared"
    names = variable.split(TIMES)
    levels = _levels(numbers, names, level)
    return " \u00d7 ".join(numbers.covariate_words(n, k) for n, k in zip(names, levels, strict=True))


def _levels(numbers: Numbers, names: list[str], text: str) -> list[str]:
    """The level of each of the two; a level may itself hold the sign that joins them."""
    known = [list(numbers.covariate(n).levels) or [""] for n in names]
    for one in known[0]:
        for other in known[1]:
            if TIMES.join(k for k in (one, other) if k) == text:
                return [one, other]
    return ["", ""]
