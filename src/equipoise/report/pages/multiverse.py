"""The multiverse as a page, a figure per endpoint and a row per specification; written into a folder of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from equipoise.csv_text import csv_text
from equipoise.document.html import render_html
from equipoise.document.model import Block, Cell, Document, Figure, Section, Table, TableRow, group, numbered, ref, text
from equipoise.folders import added, write
from equipoise.protocol.designs import TARGETS
from equipoise.protocol.multiverse import AXES, EVERYBODY
from equipoise.protocol.spec import Protocol
from equipoise.protocol.weights import METHODS
from equipoise.records import Masked
from equipoise.records.multiverse import Multiverse, Spread
from equipoise.report import format as fmt
from equipoise.report.figures.canvas import render
from equipoise.report.figures.specification_curve import Choice, Point, specification_curve
from equipoise.report.language import written
from equipoise.report.narrative.lock import lock_words
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

KIND, BELOW = "multiverse", 0.05
COLUMNS = (
    "specification", "planned", *AXES, "covariates", "n", "pairs", "effective_n", "events", "hr", "low", "high", "p",
    "worst_smd", "worst_covariate", "worst_smd_of_score", "method", "why_not",
)  # fmt: skip
BANDS = (("none", 0.0, 0.0), ("few", 0.0, 0.5), ("many", 0.5, 1.0), ("all", 1.0, 1.0))


def write_multiverse(protocol: Protocol, found: Multiverse, out: Path) -> Path:
    """multiverse.csv, multiverse.html and the figures (svg, pdf, png), beside nothing else; the page's path."""
    with written(protocol), added(Path(out), KIND, whole=True) as folder:
        document = multiverse_document(protocol, found)
        write(folder / "multiverse.csv", multiverse_csv(found))
        write(folder / "multiverse.html", render_html(document))
        for figure in document.figures():
            name = figure.name.removeprefix("figure_")
            write(folder / f"{name}.svg", figure.drawing.svg)
            write(folder / f"{name}.pdf", figure.drawing.pdf)
            write(folder / f"{name}.png", figure.drawing.png)
    return Path(out) / "multiverse.html"


def multiverse_csv(found: Multiverse) -> str:
    """A row per specification in the order of the grid, at full precision; an empty cell where there is no number."""
    return csv_text(COLUMNS, (_row(i, found) for i in range(len(found.effects))))


def _row(i: int, found: Multiverse) -> list[str]:
    one, e = found.specifications[i], found.effects[i]
    numbers = [e.n, e.pairs, e.effective_n, e.events, e.hr, e.low, e.high, e.p, e.smd]
    return [
        str(i + 1), "yes" if one.planned else "", *(one.choices[axis] for axis in AXES), ", ".join(one.spec.propensity),
        *(_number(v) for v in numbers), e.variable, _number(e.smd_score), e.method, e.why,
    ]  # fmt: skip


def _number(value: float) -> str:
    value = float(value)
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def matched_lines(found: Multiverse) -> list[str]:
    """Each patient with the number of matched designs in which he stands, the least often matched first: for the user's own
    screen."""
    order = sorted(range(len(found.matched)), key=lambda i: (found.matched[i], str(found.patient[i])))
    return [
        words(
            "multiverse.line.matched",
            patient=str(found.patient[i]),
            arm=str(found.arm[i]),
            matched=str(found.matched[i]),
            designs=str(found.designs),
        )
        for i in order
    ]


def multiverse_document(protocol: Protocol, found: Multiverse) -> Document:
    sections = [Section("multiverse", words("multiverse.section"), tuple(_blocks(protocol, found)))]
    lead = (words("multiverse.lead"),)
    return numbered(Document(words("multiverse.title", study=protocol.study.title), tuple(sections), lead, protocol.study.notice))


def _blocks(protocol: Protocol, found: Multiverse) -> Iterator[Block]:
    yield text(" ".join([_method(protocol, found), *_planned_words(found)]))
    for endpoint in found.spreads:
        drawn = _figure(protocol, found, endpoint)
        told = " ".join(_sentences(protocol, found, endpoint))
        yield text(f"{told} (", ref(drawn.name), ", ", ref("table_choices"), ").") if drawn is not None else text(f"{told}.")
        if drawn is not None:
            yield drawn
    yield _choices_table(protocol, found)
    yield text(words("multiverse.not_independent"))
    matched, lost = _matched_table(protocol, found), _lost_table(protocol, found)
    if matched is not None:
        yield matched
    if lost is not None:
        yield lost


def _method(protocol: Protocol, found: Multiverse) -> str:
    varied = [words(f"multiverse.axis.{a}") for a in AXES[1:] if len({s.choices[a] for s in found.specifications} - {""}) > 1]
    said = fmt.listed([fmt.lower_first(v.split(",")[0]) for v in varied])
    part = {
        "specifications": words("counts.specification", count=len(found.specifications)),
        "source": words("multiverse.declared" if found.declared else "multiverse.made_of"),
    }
    told = [words("multiverse.again_over", choices=said, **part) if said else words("multiverse.again", **part)]
    told.append(words("multiverse.each"))
    return " ".join([*told, *([words("simulation.complete")] if protocol.missing.impute is not None else [])])


def _planned_words(found: Multiverse) -> list[str]:
    """Whether the planned specification was locked."""
    said = lock_words(found.lock)
    if found.lock.lock is None:
        return said
    return [*said, words("multiverse.locked") if not found.lock.changes else words("multiverse.changed")]


def _sentences(protocol: Protocol, found: Multiverse, endpoint: str) -> Iterator[str]:
    """The last one without its full stop, for references follow."""
    s, info = found.spreads[endpoint], protocol.endpoints[endpoint]
    planned = next(e for x, e in zip(found.specifications, found.effects, strict=True) if x.planned and x.endpoint == endpoint)
    arms = protocol.arms
    contrast = words(
        "numbers.vs", first=fmt.lower_first(arms.label(arms.compared)), other=fmt.lower_first(arms.label(arms.reference))
    )
    if math.isnan(planned.hr):
        yield words("multiverse.no_ratio", endpoint=info.label, why=planned.why)
    else:
        estimate = words("bundle.hr", ratio=fmt.ratio_with(planned.hr, planned.low, planned.high, protocol.ci))
        yield words("multiverse.planned", endpoint=info.label, contrast=contrast, ratio=estimate, p=fmt.p_sentence(planned.p))
    if not s.made:
        yield words("multiverse.none_made")
        return
    of = (
        words("numbers.of", part=fmt.count(s.made), whole=words("counts.specification", count=s.made + s.unmade))
        if s.unmade
        else words("counts.specification", count=s.made)
    )
    median, q1, q3, least, largest = fmt.ratios([s.median, s.q1, s.q3, s.least, s.largest])
    yield words("multiverse.range", specifications=of, least=least, largest=largest, median=median, q1=q1, q3=q3)
    side = s.above_one if s.above_one * 2 >= s.made else s.made - s.above_one
    key = "multiverse.above_one" if s.above_one * 2 >= s.made else "multiverse.at_or_below_one"
    yield words(key, share=_share(side, s.made), p=fmt.p_limit(BELOW), significant=_share(s.below, s.made))
    limit = protocol.balance_thresholds[1]
    yield words("multiverse.balanced", limit=fmt.short(limit), share=_share(s.balanced, s.made))
    if s.rank:
        yield words("multiverse.rank", rank=fmt.count(s.rank), n=fmt.count(s.made))
    else:
        yield words("multiverse.no_rank")


def _share(k: int, n: int) -> str:
    return (
        words("multiverse.all", n=fmt.count(n))
        if k == n and n > 1
        else words("multiverse.none", n=fmt.count(n))
        if not k
        else words("multiverse.share", k=fmt.count(k), n=fmt.count(n), percent=f"{100 * k / n:.0f}")
    )


def value_label(protocol: Protocol, axis: str, value: str) -> str:
    """A value of a choice in the words of a page."""
    if axis == "restrict":
        return words("columns.all_patients") if value == EVERYBODY else protocol.restrict[value].label
    if axis == "target":
        return TARGETS[value]
    if axis == "weighting":
        return METHODS[value] or words("multiverse.logistic")
    variant = protocol.sensitivity.propensity_variants.get(value)
    if axis == "propensity" and variant is not None and protocol.multiverse is None:
        return variant.label
    return value.replace("_", " ")


def _lines(protocol: Protocol, found: Multiverse, endpoint: str) -> list[tuple[str, str]]:
    """(axis, value) of the lower panel and of the table."""
    return [(axis, value) for e, axis, value in found.by_choice if e == endpoint]


def _figure(protocol: Protocol, found: Multiverse, endpoint: str) -> Figure | None:
    lines = _lines(protocol, found, endpoint)
    choices, before = [], ""
    for axis, value in lines:
        choices.append(Choice(value_label(protocol, axis, value), "" if axis == before else words(f"multiverse.axis.{axis}")))
        before = axis
    points = [
        Point(e.hr, e.low, e.high, e.p < BELOW, s.planned, tuple(k for k, (a, v) in enumerate(lines) if s.choices[a] == v))
        for s, e in zip(found.specifications, found.effects, strict=True)
        if s.endpoint == endpoint
    ]
    info = protocol.endpoints[endpoint]
    drawn = specification_curve(points, choices, words("multiverse.ratio_axis", endpoint=info.short), protocol.study.notice)
    if drawn is None:
        return None
    s = found.spreads[endpoint]
    span = fmt.to(*fmt.ratios([s.least, s.largest]))
    alt = words("multiverse.curve_alt", made=str(s.made), span=span, rank=str(s.rank))
    caption = words("multiverse.caption", level=protocol.level_words)
    title = words("multiverse.curve", endpoint=fmt.lower_first(info.label))
    return Figure(f"figure_specification_curve_{endpoint}", title, render(drawn), alt, caption)


def _choices_table(protocol: Protocol, found: Multiverse) -> Table:
    rows: list[TableRow] = []
    for endpoint, whole in found.spreads.items():
        rows.append(group(protocol.endpoints[endpoint].label, 5))
        rows.append(_spread(stub(words("multiverse.all_specifications"), 1), whole))
        before = ""
        for axis, value in _lines(protocol, found, endpoint):
            if axis != before:
                rows.append(body(stub(words(f"multiverse.axis.{axis}"), 1, bold=True), *[Cell()] * 4))
                before = axis
            rows.append(_spread(stub(value_label(protocol, axis, value), 2), found.by_choice[endpoint, axis, value]))
    heads = (
        words("multiverse.column.choice"),
        words("multiverse.column.ratios"),
        words("multiverse.column.median"),
        words("multiverse.column.range"),
        words("multiverse.column.p_below", limit=fmt.p_limit(BELOW)),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(heads)))
    note = words("multiverse.scores", scores="; ".join(_scores(protocol, found)))
    return Table("table_choices", words("multiverse.by_choice"), (line,), tuple(rows), notes=(note, *_fitted(protocol)))


def _fitted(protocol: Protocol) -> list[str]:
    """How the scores are fitted, where it is not by maximum likelihood of the covariates alone."""
    score = protocol.how_scored
    if not score.decides:
        return []
    part = {"fit": words(f"designs.fit.{score.fit}")}
    if score.terms:
        return [words("multiverse.fitted_terms", terms=", ".join(score.terms), **part)]
    return [words("multiverse.fitted", **part)]


def _scores(protocol: Protocol, found: Multiverse) -> list[str]:
    """Each score with its covariates in words."""
    told = {s.choices["propensity"]: s.spec.propensity for s in found.specifications}
    return [f"{value_label(protocol, 'propensity', n)}: {fmt.listed(_words(protocol, names))}" for n, names in told.items()]


def _words(protocol: Protocol, names: list[str]) -> list[str]:
    """Labels without the unit of a continuous covariate."""
    known = [protocol.covariates[name] for name in names]
    return [fmt.lower_first(c.label.split(", ")[0] if c.kind == "continuous" else c.label) for c in known]


def _spread(label: Cell, s: Spread) -> TableRow:
    made = fmt.count(s.made)
    if s.unmade:
        made = words("numbers.of", part=made, whole=fmt.count(s.made + s.unmade))
    if not s.made:
        return body(label, Cell(made), Cell(), Cell(), Cell())
    middle, *ends = fmt.ratios([s.median, s.least, s.largest])
    return body(label, Cell(made), Cell(middle), Cell(fmt.dash().join(ends)), Cell(f"{s.below} ({100 * s.below / s.made:.0f})"))


def _matched_table(protocol: Protocol, found: Multiverse) -> Table | None:
    """Counts of patients by how often they are matched; nobody is named."""
    if not found.designs:
        return None
    arms = list(protocol.arms.groups)
    share = found.matched / found.designs
    counts = []
    for _, low, high in BANDS:
        inside = share == low if low == high else (share < high) & (share >= low if low else share > 0)
        counts.append([float((inside & (found.arm == a)).sum()) for a in arms])
    shown = [_shown(column, protocol.minimum_cell) for column in zip(*counts, strict=True)]
    rows = [
        body(stub(words(f"multiverse.band.{name}")), *(Cell(fmt.count(column[i])) for column in shown))
        for i, (name, _, _) in enumerate(BANDS)
    ]
    line = TableRow(
        (
            head(words("multiverse.of_designs", designs=words("counts.matched_design", count=found.designs)), align="left"),
            *(head(protocol.arms.label(a)) for a in arms),
        )
    )
    note = words("multiverse.matched_note")
    return Table("table_matched", words("multiverse.matched_title"), (line,), tuple(rows), notes=(note,))


def _shown(column: Sequence[float], least: int | None) -> list[float]:
    """Counts that add up to an arm, whose size is known: all masked where one is small."""
    small = least is not None and any(0 < n < least for n in column)
    return [Masked(counted=True) for _ in column] if small else [*column]


def _lost_table(protocol: Protocol, found: Multiverse) -> Table | None:
    """Specifications without a hazard ratio: those of one reason together."""
    lost: dict[str, list[int]] = {}
    for i, e in enumerate(found.effects):
        if e.why:
            lost.setdefault(e.why, []).append(i + 1)
    if not lost:
        return None
    rows = [body(stub(why), Cell(fmt.count(len(n))), Cell(_numbers(n))) for why, n in lost.items()]
    line = TableRow(
        (
            head(words("multiverse.column.reason"), align="left"),
            head(words("multiverse.column.specifications")),
            head(words("multiverse.column.numbers")),
        )
    )
    return Table("table_lost", words("multiverse.lost_title"), (line,), tuple(rows))


def _numbers(found: list[int], most: int = 12) -> str:
    shown = ", ".join(str(n) for n in found[:most])
    return words("multiverse.more", shown=shown, n=str(len(found) - most)) if len(found) > most else shown
