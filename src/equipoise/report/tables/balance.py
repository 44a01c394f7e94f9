"""Balance of every design: a table each, and one of squares and interactions over all of them."""

from __future__ import annotations

import math
from dataclasses import replace

from equipoise.document.model import Cell, Table, TableRow
from equipoise.protocol.designs import UNADJUSTED
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.bound import bound
from equipoise.report.lookup import Numbers
from equipoise.report.tables.baseline import PHASE, balanced_variables, before_what, smd_method
from equipoise.report.tables.cells import EMPTY, body, head, printed, stub
from equipoise.report.words import words

PRODUCTS = "squares_and_interactions"
TIMES, SQUARED = " * ", "^2"
MEASURES = ("smd", "smd_within", "variance_ratio", "ks", "overlap")
BEFORE = tuple(m for m in MEASURES if m != "smd_within")


def balance_tables(numbers: Numbers) -> list[Table]:
    """One of each design, the primary one first; none without a design."""
    variables = balanced_variables(numbers)
    if not variables or not numbers.primary:
        return []
    return [_table(numbers, design, variables) for design in (numbers.primary, *numbers.others)]


def _table(numbers: Numbers, design: str, variables: list[str]) -> Table:
    within = words("balance_table.within", adjective=numbers.words(design).adjective)
    spans = [head("", align="left"), head(""), head(words("columns.before", process=before_what(numbers, design)), len(BEFORE))]
    spans.append(head(words("columns.after", process=numbers.process(design)), len(MEASURES)))
    labels = [
        words("columns.in_score"),
        *map(_measure, BEFORE),
        *(within if m == "smd_within" else _measure(m) for m in MEASURES),
    ]
    line = TableRow((head(words("columns.variable"), align="left"), *(head(x) for x in labels)))
    rows: list[TableRow] = []
    for name in variables:
        rows += _rows(numbers, design, name)
    name, title = "table_balance", words("balance_table.title")
    if design != numbers.primary:
        name, title = f"{name}_{design}", f"{title}, {fmt.lower_first(numbers.design_label(design))}"
    notes = (_note(numbers, design, within), *_effective(numbers, design))
    return Table(name, title, (TableRow(tuple(spans)), line), tuple(rows), notes=notes, supplement=True)


def _measure(name: str) -> str:
    return words(f"columns.{name}")


def _note(numbers: Numbers, design: str, within: str) -> str:
    """How the measures are made; of the designs beside the primary one what is made otherwise."""
    before, after = (smd_method(numbers, "smd", (d,)) for d in (UNADJUSTED, design))
    scale = (
        before if before == after else words("balance_table.scale", before=before, process=numbers.process(design), after=after)
    )
    weighted = f" {words('balance_table.weighted')}" if numbers.weighted(design) else ""
    if design != numbers.primary:
        return words("balance_table.other_design", scale=scale, weighted=weighted)
    focal = (
        ""
        if numbers.several
        else words("balance_table.focal", arm=fmt.lower_first(numbers.arm_label(numbers.protocol.arms.focal)))
    )
    any_two = f" {words('balance_table.any_two')}" if numbers.several else ""
    ratio = smd_method(numbers, "variance_ratio", (UNADJUSTED, design)) or words("balance_table.of_continuous")
    return words(
        "balance_table.note",
        focal=focal,
        scale=scale,
        within=within,
        within_scale=smd_method(numbers, "smd_within", (design,)),
        ratio=ratio,
        ks=words("balance_table.ks"),
        any_two=any_two,
        weighted=weighted,
    )


def _effective(numbers: Numbers, design: str) -> list[str]:
    """What the patients of a weighted design are worth."""
    if not numbers.weighted(design):
        return []
    sizes = [
        words(
            "balance_table.size",
            effective=bound(
                fmt.effective(numbers.effective_n(design, a)),
                numbers.row("design", "value", design=design, variable="effective_n", group=a),
            ),
            n=bound(fmt.count(numbers.arm_n(design, a)), numbers.arm_row(design, a)),
            arm=fmt.lower_first(numbers.arm_label(a)),
        )
        for a in numbers.arms
    ]
    return [words("balance_table.effective", sizes=fmt.listed(sizes))]


def _rows(numbers: Numbers, design: str, name: str) -> list[TableRow]:
    """A variable, and each level where it has more than two."""
    inside = Cell(words("columns.yes" if in_score_of(numbers, design, name) else "columns.no"))
    rows = [body(stub(numbers.covariate_label(name)), inside, *_cells(numbers, design, name, ""))]
    levels = numbers.covariate(name).levels
    for level, label in levels.items() if len(levels) > 2 else ():
        rows.append(body(stub(label, 1), EMPTY, *_cells(numbers, design, name, level)))
    return rows


def _cells(numbers: Numbers, design: str, name: str, level: str) -> list[Cell]:
    asked = [*((UNADJUSTED, s) for s in BEFORE), *((design, s) for s in MEASURES)]
    return [measure_cell(numbers.row(PHASE, s, design=d, variable=name, level=level)) for d, s in asked]


def measure_cell(row: Row | None) -> Cell:
    if row is None:
        return EMPTY
    return printed(words("columns.not_estimable") if math.isnan(row.value) else fmt.number(row.value, 2), row)


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
    labels = [
        words("columns.cohort"),
        words("balance_table.products.terms"),
        *(words("columns.above", limit=fmt.short(t)) for t in limits),
        words("balance_table.products.largest"),
    ]
    line = TableRow(tuple(head(x, align="center" if 0 < i < len(labels) - 1 else "left") for i, x in enumerate(labels)))
    rows = []
    for design in designs:
        counts = [products_row(numbers, design, t) for t in (None, *limits)]
        named = "; ".join(f"{said} {size}" for said, size in largest_products(numbers, design))
        largest = replace(printed(named, *_largest(numbers, design)), align="left")
        rows.append(body(stub(numbers.design_label(design)), *(printed(fmt.count(r.value), r) for r in counts if r), largest))
    note = words("balance_table.products.note")
    title = words("balance_table.products.title")
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
    line = TableRow((head(words("balance_table.products.each"), align="left"), *(head(numbers.design_label(d)) for d in designs)))
    rows = [body(stub(product_label(numbers, *term)), *(measure_cell(found[d].get(term)) for d in designs)) for term in named]
    note = words("balance_table.products.each_note")
    title = words("balance_table.products.each_title")
    return Table("table_all_products", title, (line,), tuple(rows), notes=(note,), supplement=True)


def products_n(numbers: Numbers, design: str, above: float | None = None) -> float:
    """Squares and interactions of a design, or those above a threshold; nan where there are none."""
    row = products_row(numbers, design, above)
    return math.nan if row is None else row.value


def products_row(numbers: Numbers, design: str, above: float | None = None) -> Row | None:
    over = {} if above is None else {"variable": "above", "level": f"{above:g}"}
    return numbers.row(PHASE, "n", analysis=PRODUCTS, design=design, **over)


def largest_products(numbers: Numbers, design: str, most: int = 5) -> list[tuple[str, str]]:
    """(square or product in words, absolute SMD as printed), the largest first; one without a number before all others."""
    rows = _largest(numbers, design, most)
    return [
        (
            product_label(numbers, r.variable, r.level),
            words("columns.not_estimable") if math.isnan(r.value) else fmt.number(abs(r.value), 2),
        )
        for r in rows
    ]


def _largest(numbers: Numbers, design: str, most: int = 5) -> list[Row]:
    return sorted(_terms(numbers, design), key=lambda r: -math.inf if math.isnan(r.value) else -abs(r.value))[:most]


def _terms(numbers: Numbers, design: str) -> list[Row]:
    return numbers.where(PHASE, analysis=PRODUCTS, design=design, statistic="smd")


def product_label(numbers: Numbers, variable: str, level: str) -> str:
    """`age squared`, `age × tumor grade: III`."""
    if variable.endswith(SQUARED):
        return words("balance_table.products.squared", variable=numbers.covariate_words(variable.removesuffix(SQUARED)))
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
