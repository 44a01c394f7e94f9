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
from equipoise.records.simulation import ADJUSTED, Result, Simulation
from equipoise.report import format as fmt
from equipoise.report.tables.cells import body, head, stub

KIND = "simulation"
COLUMNS = (
    "design", "kind", "target", "asked_hr", "true_hr", "replicates", "without_estimate", "bias", "bias_mcse", "empirical_se",
    "empirical_se_mcse", "model_se", "model_se_mcse", "coverage", "coverage_mcse", "rejected", "rejected_mcse", "events",
)  # fmt: skip
FAR = 2.0  # Monte-Carlo standard errors beyond which coverage is said to miss its level


def write_simulation(protocol: Protocol, found: Simulation, out: Path) -> Path:
    """simulation.csv and simulation.html, beside nothing else; the page's path."""
    with added(Path(out), KIND, whole=True) as folder:
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
        pairs = "" if math.isnan(s.pairs) else f", {s.pairs:.1f} pairs ({s.pairs_low:.0f} to {s.pairs_high:.0f} in 90%)"
        reach = (
            "" if math.isnan(s.below) else f"; detects {' or '.join(fmt.ratios([s.below, s.above]))} with {found.power:.0%} power"
        )
        yield f"sizes       {s.design}: {s.n:.1f} patients (effective {s.effective_n:.1f}){pairs}{reach}"
    width = max((len(_name(r)) for r in found.results), default=0)
    last = math.nan
    for r in found.results:
        if r.asked != last:
            yield f"truth       hazard ratio {fmt.short(r.asked)}; bias of its logarithm, SD, mean SE, coverage, {_reject(r)}"
            last = r.asked
        if not r.made:
            yield f"            {_name(r):{width}}  no replicate gave an estimate"
            continue
        yield (
            f"            {_name(r):{width}}  {r.bias:+.3f}  {_plain(r.empirical_se)}  {r.model_se:.3f}  "
            f"{100 * r.coverage:5.1f}% (+-{100 * r.coverage_se:.1f})  {100 * r.rejected:5.1f}%"
        )
    for (design, kind, why), n in found.lost.items():
        yield f"lost        {design}, {kind}: {n} of {found.asked.replicates * len(found.asked.hazard_ratios)}: {why}"


def _plain(value: float) -> str:
    return "    -" if math.isnan(value) else f"{value:.3f}"


def _name(r: Result) -> str:
    return f"{r.design}{', adjusted' if r.kind == ADJUSTED else ''}"


def _reject(r: Result) -> str:
    return "type I error" if r.asked == 1 else "power"


def simulation_document(protocol: Protocol, found: Simulation) -> Document:
    sections = [Section("simulation", "The study under a known truth", tuple(_blocks(protocol, found)))]
    lead = ("What the planned designs would do, had the treatment this effect. Nothing here is a result of the study.",)
    return numbered(Document(f"Operating characteristics: {protocol.study.title}", tuple(sections), lead, protocol.study.notice))


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
    yield text(
        "Power is that of an effect assumed beforehand, and says nothing of what the study found: computed from the observed "
        "effect it would be the P value in other words. Of a biased estimator the share of P values below alpha is no power."
    )


def _method(protocol: Protocol, found: Simulation) -> str:
    a, info = found.asked, protocol.endpoints[found.endpoint]
    who = (
        f"{fmt.count(a.n)} patients were drawn from those of the study with replacement"
        if a.n
        else f"the {fmt.count(found.n)} patients of the study kept their covariates, missing ones too"
    )
    arms = (
        "everybody kept the treatment received"
        if a.kept
        else "treatment was drawn anew from the propensity score of the primary design (a patient without a score kept the "
        "treatment received)"
    )
    unopened = "" if a.outcomes else " No outcome of the study was read."
    hidden = ""
    if a.unmeasured is not None:
        share, odds, ratio = a.unmeasured
        hidden = (
            f" A confounder that no design knows was drawn too: {share:.0%} of the patients have it, with an odds ratio of "
            f"{fmt.short(odds)} for {_focal(protocol)} and a hazard ratio of {fmt.short(ratio)}."
        )
    imputed = " Each design is of complete cases: nothing is imputed here." if protocol.missing.impute is not None else ""
    return (
        f"In each of {fmt.count(a.replicates)} replicates (seed {a.seed}) {who}, {arms}, and times of "
        f"{fmt.lower_first(info.label)} were drawn under a known effect ({found.course}).{unopened}{hidden} Every design was "
        "then made and its hazard ratio estimated as in the study, with the variance of the planned analysis."
        f"{imputed}"
    )


def _focal(protocol: Protocol) -> str:
    return fmt.lower_first(protocol.arms.label(protocol.arms.focal))


def _truth(protocol: Protocol, found: Simulation) -> str:
    arms = protocol.arms
    contrast = f"{fmt.lower_first(arms.label(arms.compared))} vs {fmt.lower_first(arms.label(arms.reference))}"
    if found.asked.conditional:
        how = "holds within levels of the covariates, and the marginal one of each design's target was integrated from it"
    else:
        how = (
            "is the marginal one in the target of the primary design; the same effect is another marginal hazard ratio in "
            "another target, and another one within levels of the covariates, against which adjusted estimates are judged"
        )
    return (
        f"The true hazard ratio ({contrast}) {how}. With the reference treatment alone {found.share:.0%} of the patients would "
        "have an observed event."
    )


def _performance_table(protocol: Protocol, found: Simulation) -> Table:
    heads = (
        "Design",
        "True HR",
        "Bias of log HR",
        "SD",
        "Mean SE",
        f"Coverage of {protocol.level_words} CI, %",
        "P below alpha, %",
    )
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(heads)))
    rows: list[TableRow] = []
    last = math.nan
    for r in found.results:
        if r.asked != last:
            rows.append(group(f"Hazard ratio {fmt.short(r.asked)} ({_reject(r)} in the last column)", len(heads)))
            last = r.asked
        rows.append(_line(r))
    note = (
        "In parentheses Monte-Carlo standard errors. SD: of the estimates over replicates; mean SE: what the estimator says of "
        "its own precision. Adjusted: a Cox model with the covariates of the score within the design, conditional. alpha: "
        f"{fmt.p_limit(protocol.conventions.alpha)}, two-sided."
    )
    return Table("table_performance", "Bias, coverage and power", (line,), tuple(rows), notes=(note,))


def _line(r: Result) -> TableRow:
    label = stub(f"{r.label}{', adjusted' if r.kind == ADJUSTED else ''}", 1)
    if not r.made:
        return body(label, Cell(f"{r.truth:.3f}"), Cell("no estimate"), Cell(), Cell(), Cell(), Cell())
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
            named = fmt.listed([f"{fmt.lower_first(r.label)}{', adjusted' if r.kind == ADJUSTED else ''}" for r in few])
            yield f"Under a hazard ratio of {fmt.short(asked)} the interval holds the truth less often than it says: {named}."


def _size_table(found: Simulation) -> Table:
    heads = ("Design", "Replicates", "Patients", "Effective", "Pairs (5th to 95th percentile)", "Largest |SMD|", "Detectable HR")
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(heads)))
    rows = []
    for s in found.sizes:
        pairs = fmt.DASH if math.isnan(s.pairs) else f"{fmt.number(s.pairs, 1)} ({s.pairs_low:.0f}{fmt.dash()}{s.pairs_high:.0f})"
        smd = fmt.number(s.worst_smd, 2) if math.isfinite(s.worst_smd) else fmt.DASH
        reach = fmt.DASH if math.isnan(s.below) else " or ".join(fmt.ratios([s.below, s.above]))
        cells = (fmt.count(s.made), fmt.number(s.n, 1), fmt.number(s.effective_n, 1), pairs, smd, reach)
        rows.append(body(stub(s.label), *(Cell(c) for c in cells)))
    note = (
        "Effective: effective sample size (Kish). Largest |SMD|: of the covariates of the score. Detectable HR: at most the "
        f"first or at least the second, with a power of {found.power:.0%}, by Schoenfeld's formula from the effective sizes and "
        "the share with an observed event; of an unbiased comparison."
    )
    return Table("table_sizes", "What the designs keep, means over the replicates", (line,), tuple(rows), notes=(note,))


def _lost_table(found: Simulation) -> Table:
    heads = ("Design", "Estimate", "Reason", "Replicates")
    line = TableRow(tuple(head(x, align="center" if i == 3 else "left") for i, x in enumerate(heads)))
    labels = {r.design: r.label for r in found.results}
    of = found.asked.replicates * len(found.asked.hazard_ratios)
    rows = [
        body(stub(labels[design]), stub(kind), stub(why), Cell(f"{fmt.count(n)} of {fmt.count(of)}"))
        for (design, kind, why), n in found.lost.items()
    ]
    note = "Over all hazard ratios; the figures above are of the replicates that gave an estimate."
    return Table("table_lost", "Replicates without an estimate", (line,), tuple(rows), notes=(note,))
