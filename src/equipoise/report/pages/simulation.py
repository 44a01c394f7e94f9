"""A simulation as a page, lines for a terminal, and a row per estimator; written into a folder of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from equipoise.csv_text import csv_text
from equipoise.document.html import render_html
from equipoise.document.model import Block, Cell, Document, Section, Table, TableRow, group, numbered, text
from equipoise.folders import added, write
from equipoise.protocol.spec import Protocol
from equipoise.records.simulation import ADJUSTED, Result, Simulation, Size
from equipoise.report import format as fmt
from equipoise.report.language import written
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

KIND = "simulation"
COLUMNS = (
    "design", "kind", "target", "asked_hr", "true_hr", "replicates", "without_estimate", "bias", "bias_mcse", "empirical_se",
    "empirical_se_mcse", "model_se", "model_se_mcse", "coverage", "coverage_mcse", "rejected", "rejected_mcse", "events",
)  # fmt: skip
FAR = 2.0  # Monte-Carlo standard errors beyond which coverage is said to miss its level


def write_simulation(protocol: Protocol, found: Simulation, out: Path) -> Path:
    """simulation.csv and simulation.html, beside nothing else; the page's path."""
    with written(protocol), added(Path(out), KIND, whole=True) as folder:
        write(folder / "simulation.csv", simulation_csv(found))
        write(folder / "simulation.html", render_html(simulation_document(protocol, found)))
    return Path(out) / "simulation.html"


def simulation_csv(found: Simulation) -> str:
    """A row per truth, design and kind of hazard ratio, at full precision; an empty cell where there is no figure."""
    return csv_text(COLUMNS, (_row(found, r) for r in found.results))


def _row(found: Simulation, r: Result) -> list[str]:
    numbers = (
        r.asked, r.truth, r.made, found.asked.replicates - r.made, r.bias, r.bias_se, r.empirical_se, r.empirical_se_se,
        r.model_se, r.model_se_se, r.coverage, r.coverage_se, r.rejected, r.rejected_se, r.events,
    )  # fmt: skip
    return [r.design, r.kind, r.target, *(_number(v) for v in numbers)]


def _number(value: float) -> str:
    return "" if math.isnan(value) else str(int(value)) if float(value).is_integer() else repr(float(value))


def simulation_lines(protocol: Protocol, found: Simulation) -> Iterator[str]:
    """For a terminal: sizes, then each estimator under each truth, then what could not be made."""
    for s in found.sizes:
        pairs = "" if math.isnan(s.pairs) else f", {_pairs(s)}"
        reach = (
            "" if math.isnan(s.below) else f"; {words('simulation.line.detects', ratios=_either(s), power=f'{found.power:.0%}')}"
        )
        size = words("simulation.line.size", design=s.design, n=f"{s.n:.1f}", effective=f"{s.effective_n:.1f}")
        yield f"sizes       {size}{pairs}{reach}"
    width = max((len(_name(r)) for r in found.results), default=0)
    last = math.nan
    for r in found.results:
        if r.asked != last:
            told = words("simulation.line.truth", ratio=fmt.short(r.asked), rate=_reject(r))
            yield f"truth       {told}"
            last = r.asked
        if not r.made:
            yield f"            {_name(r):{width}}  {words('simulation.line.none_made')}"
            continue
        yield (
            f"            {_name(r):{width}}  {r.bias:+.3f}  {_plain(r.empirical_se)}  {r.model_se:.3f}  "
            f"{100 * r.coverage:5.1f}% (+-{100 * r.coverage_se:.1f})  {100 * r.rejected:5.1f}%"
        )
    for (design, kind, why), n in found.lost.items():
        whole = found.asked.replicates * len(found.asked.hazard_ratios)
        yield f"lost        {design}, {kind}: {words('numbers.of', part=str(n), whole=str(whole))}: {why}"


def _plain(value: float) -> str:
    return "    -" if math.isnan(value) else f"{value:.3f}"


def _name(r: Result) -> str:
    return _adjusted(r, r.design)


def _adjusted(r: Result, label: str) -> str:
    return words("simulation.adjusted", label=label) if r.kind == ADJUSTED else label


def _either(s: Size) -> str:
    return fmt.either(fmt.ratios([s.below, s.above]))


def _pairs(s: Size) -> str:
    return words("simulation.line.pairs", pairs=f"{s.pairs:.1f}", low=f"{s.pairs_low:.0f}", high=f"{s.pairs_high:.0f}")


def _reject(r: Result) -> str:
    return words("simulation.type_one_error" if r.asked == 1 else "simulation.power")


def simulation_document(protocol: Protocol, found: Simulation) -> Document:
    sections = [Section("simulation", words("simulation.section"), tuple(_blocks(protocol, found)))]
    lead = (words("simulation.lead"),)
    return numbered(Document(words("simulation.title", study=protocol.study.title), tuple(sections), lead, protocol.study.notice))


def _blocks(protocol: Protocol, found: Simulation) -> Iterator[Block]:
    yield text(_method(protocol, found))
    yield text(_truth(protocol, found))
    yield _performance_table(protocol, found)
    said = list(_sentences(protocol, found))
    if said:
        yield text(" ".join(said))
    yield _size_table(found)
    if found.lost:
        yield _lost_table(found)
    yield text(words("simulation.power_note"))


def _method(protocol: Protocol, found: Simulation) -> str:
    a, info = found.asked, protocol.endpoints[found.endpoint]
    who = words("simulation.drawn", n=fmt.count(a.n)) if a.n else words("simulation.kept_covariates", n=fmt.count(found.n))
    arms = words("simulation.kept_treatment") if a.kept else words("simulation.drawn_treatment")
    more = [] if a.outcomes else [words("simulation.unread")]
    if a.unmeasured is not None:
        share, odds, ratio = a.unmeasured
        more.append(
            words("simulation.hidden", share=f"{share:.0%}", odds=fmt.short(odds), arm=_focal(protocol), ratio=fmt.short(ratio))
        )
    more.append(words("simulation.then"))
    more += [words("simulation.complete")] if protocol.missing.impute is not None else []
    first = words(
        "simulation.method",
        replicates=fmt.count(a.replicates),
        seed=str(a.seed),
        who=who,
        arms=arms,
        endpoint=fmt.lower_first(info.label),
        course=found.course,
    )
    return " ".join([first, *more])


def _focal(protocol: Protocol) -> str:
    return fmt.lower_first(protocol.arms.label(protocol.arms.focal))


def _truth(protocol: Protocol, found: Simulation) -> str:
    arms = protocol.arms
    contrast = words(
        "numbers.vs", first=fmt.lower_first(arms.label(arms.compared)), other=fmt.lower_first(arms.label(arms.reference))
    )
    how = words("simulation.conditional" if found.asked.conditional else "simulation.marginal")
    return words("simulation.truth", contrast=contrast, how=how, share=f"{found.share:.0%}")


def _performance_table(protocol: Protocol, found: Simulation) -> Table:
    heads = (
        words("columns.design"),
        words("simulation.column.truth"),
        words("simulation.column.bias"),
        words("simulation.column.sd"),
        words("simulation.column.se"),
        words("simulation.column.coverage", level=protocol.level_words),
        words("simulation.column.rejected"),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(heads)))
    rows: list[TableRow] = []
    last = math.nan
    for r in found.results:
        if r.asked != last:
            rows.append(group(words("simulation.asked", ratio=fmt.short(r.asked), rate=_reject(r)), len(heads)))
            last = r.asked
        rows.append(_line(r))
    note = words("simulation.performance_note", alpha=fmt.p_limit(protocol.conventions.alpha))
    return Table("table_performance", words("simulation.performance"), (line,), tuple(rows), notes=(note,))


def _line(r: Result) -> TableRow:
    label = stub(_adjusted(r, r.label), 1)
    if not r.made:
        return body(label, Cell(f"{r.truth:.3f}"), Cell(words("simulation.no_estimate")), Cell(), Cell(), Cell(), Cell())
    cells = (
        f"{r.truth:.3f}",
        f"{_signed(r.bias)}{_error(r.bias_se, 3)}",
        f"{fmt.number(r.empirical_se, 3) if r.empirical_se == r.empirical_se else fmt.DASH}",
        fmt.number(r.model_se, 3),
        f"{fmt.number(100 * r.coverage, 1)}{_error(100 * r.coverage_se, 1)}",
        f"{fmt.number(100 * r.rejected, 1)}{_error(100 * r.rejected_se, 1)}",
    )
    return body(label, *(Cell(c) for c in cells))


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + fmt.number(value, 3)


def _error(value: float, decimals: int) -> str:
    return "" if math.isnan(value) else f" ({fmt.number(value, decimals)})"


def _sentences(protocol: Protocol, found: Simulation) -> Iterator[str]:
    """Estimators whose intervals hold the truth less often than their level by more than Monte-Carlo error; of one truth."""
    level = protocol.level
    for asked in dict.fromkeys(r.asked for r in found.results):
        few = [r for r in found.results if r.asked == asked and r.made and r.coverage + FAR * r.coverage_se < level]
        if few:
            named = fmt.listed([_adjusted(r, fmt.lower_first(r.label)) for r in few])
            yield words("simulation.coverage", ratio=fmt.short(asked), designs=named)


def _size_table(found: Simulation) -> Table:
    heads = (
        words("columns.design"),
        words("simulation.column.replicates"),
        words("columns.patients"),
        words("diagnostics.effective"),
        words("simulation.column.pairs"),
        words("simulation.column.largest"),
        words("simulation.column.detectable"),
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(heads)))
    rows = []
    for s in found.sizes:
        pairs = fmt.DASH if math.isnan(s.pairs) else f"{fmt.number(s.pairs, 1)} ({s.pairs_low:.0f}{fmt.dash()}{s.pairs_high:.0f})"
        smd = fmt.number(s.worst_smd, 2) if math.isfinite(s.worst_smd) else fmt.DASH
        reach = fmt.DASH if math.isnan(s.below) else _either(s)
        cells = (fmt.count(s.made), fmt.number(s.n, 1), fmt.number(s.effective_n, 1), pairs, smd, reach)
        rows.append(body(stub(s.label), *(Cell(c) for c in cells)))
    note = words("simulation.size_note", power=f"{found.power:.0%}")
    return Table("table_sizes", words("simulation.sizes"), (line,), tuple(rows), notes=(note,))


def _lost_table(found: Simulation) -> Table:
    heads = (
        words("columns.design"),
        words("simulation.column.estimate"),
        words("simulation.column.reason"),
        words("simulation.column.replicates"),
    )
    line = TableRow(tuple(head(x, align="center" if i == 3 else "left") for i, x in enumerate(heads)))
    labels = {r.design: r.label for r in found.results}
    of = found.asked.replicates * len(found.asked.hazard_ratios)
    rows = [
        body(stub(labels[design]), stub(kind), stub(why), Cell(words("numbers.of", part=fmt.count(n), whole=fmt.count(of))))
        for (design, kind, why), n in found.lost.items()
    ]
    note = words("simulation.lost_note")
    return Table("table_lost", words("simulation.lost"), (line,), tuple(rows), notes=(note,))
