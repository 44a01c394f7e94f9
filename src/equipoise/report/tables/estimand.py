"""The estimand beside what the study did: the question as a trial would ask it, element by element."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow, group
from equipoise.protocol.estimand import MISSED_SCANS, handling
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.measures import Endpoint
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.tables.design import estimand
from equipoise.report.words import words

STRATEGIES = {
    "treatment_policy": "treatment policy: the outcome whether or not it happens",
    "composite": "composite: part of the outcome",
    "hypothetical": "hypothetical: the outcome had it not happened",
    "while_on_treatment": "while on treatment: the outcome up to then",
}
DONE = {
    "event": "counted as an event",
    "censored": "censored there",
    "ignored": "follow-up goes on beyond it",
    "unknown": "as the data define the outcome",
}
NOTE = "Events and strategies as in ICH E9(R1), 2019; each strategy was checked against the endpoints of the protocol{}."
BY_COLUMNS = ", but for outcomes that a column of the data defines, where the protocol is taken at its word"


def estimand_table(numbers: Numbers) -> Table | None:
    """Rows: population, strategies, assignment, time zero, then per outcome its intercurrent events, then the summary."""
    asked = numbers.protocol.estimand
    if asked is None:
        return None
    rows = [*_population(numbers), *_strategies(numbers), *_start(numbers)]
    for name, events in asked.endpoints.items():
        endpoint = numbers.protocol.endpoints[name]
        rows.append(group(f"Outcome: {fmt.lower_first(endpoint.label)}", 3))
        rows += [_event(numbers, endpoint, event, strategy) for event, strategy in events.items()]
        rows.append(_row("Summary", *_summary(numbers, name), indent=1))
    line = TableRow((head("Element", align="left"), head("Asked", align="left"), head("Done", align="left")))
    at_its_word = any(numbers.protocol.endpoints[name].time is not None for name in asked.endpoints)
    note = NOTE.format(BY_COLUMNS if at_its_word else "")
    return Table("table_estimand", "Estimand", (line,), tuple(rows), notes=(note,), supplement=True)


def _row(label: str, asked: str, done: str, indent: int = 0) -> TableRow:
    return body(stub(label, indent), Cell(_sentence(asked), align="left"), Cell(_sentence(done), align="left"))


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _population(numbers: Numbers) -> list[TableRow]:
    protocol, cohort = numbers.protocol, numbers.study.cohort
    assert protocol.estimand is not None
    said = protocol.estimand.population or protocol.study.population
    left = f"{words('counts.patient', count=cohort.n)} analyzed of {fmt.count(cohort.n_start)}"
    rows = [_row("Population", said, left)]
    return [*rows, *(_of_design(numbers, design) for design in numbers.design_names[1:])]


def _of_design(numbers: Numbers, design: str) -> TableRow:
    """For whom a design asks, and whom it has."""
    pairs = numbers.row("design", "value", design=design, variable="pairs")
    if pairs is not None:
        focal = numbers.protocol.arms.focal
        name, n = fmt.lower_first(numbers.arm_label(focal)), numbers.arm_n("unadjusted", focal)
        left = f"the {fmt.count(pairs.value)} of {fmt.count(n)} patients with {name} who found a partner"
        whose = "matched comparison" if len(numbers.matches) == 1 else fmt.lower_first(numbers.design_label(design))
        return _row(f"Of the {whose}", f"those who receive {name}", left, 1)
    asked = estimand(numbers, design).removeprefix("The effect in ").removesuffix(".")
    effective = fmt.number(numbers.effective_n(design), 1)
    done = f"{words('counts.patient', count=numbers.total_n(design))}, effective sample size {effective}"
    return _row(f"Of the {fmt.lower_first(numbers.design_label(design))}", asked, done, 1)


def _strategies(numbers: Numbers) -> list[TableRow]:
    protocol = numbers.protocol
    assert protocol.estimand is not None
    rows = [group("Treatment strategies", 3)]
    for arm in numbers.arms:
        rows.append(_row(numbers.arm_label(arm), protocol.estimand.strategies[arm], "as recorded, not assigned", 1))
    return rows


def _start(numbers: Numbers) -> list[TableRow]:
    protocol = numbers.protocol
    zero = fmt.lower_first(protocol.index.label) if protocol.data.rows is None else "the start that the data define"
    late = [
        f"'{fmt.lower_first(x.reason)}', known by day {fmt.short(x.landmark_day)}" for x in late_exclusions(protocol).values()
    ]
    done = f"left out by what came later: {fmt.listed(late)}" if late else "nothing known only later chooses or adjusts"
    rows = [_row("Time zero", zero, done)]
    if not protocol.designs:
        return rows if numbers.single else [_row("Assignment", "as if at random", "compared as they are"), *rows]
    listed = fmt.listed([numbers.covariate_words(v) for v in protocol.scored])
    kinds = dict.fromkeys(numbers.words(d).adjective for d in numbers.design_names[1:])
    how = f"{' and '.join(kinds)} {'on' if 'matched' in kinds else 'by'} the propensity score"
    return [_row("Assignment", f"as if at random given {listed}", how), *rows]


def _event(numbers: Numbers, endpoint: Endpoint, event: str, strategy: str) -> TableRow:
    label = "two or more missed scans" if event == MISSED_SCANS else numbers.source_label(event)
    return _row(_sentence(label), STRATEGIES[strategy], DONE[handling(endpoint, event)], 1)


def _summary(numbers: Numbers, endpoint: str) -> tuple[str, str]:
    """The measure, and the method of the row that holds it."""
    if numbers.single:
        row = numbers.row(
            "survival", "median", endpoint=endpoint, design="unadjusted", analysis="kaplan_meier", group=numbers.arms[0]
        )
        return "median", row.method if row is not None else ""
    design = numbers.primary or "unadjusted"
    contrast = next(iter(numbers.contrasts.values()))  # of several arms one model gives all
    row = numbers.row("survival", "hr", endpoint=endpoint, design=design, analysis="cox", contrast=contrast)
    return f"hazard ratio, {numbers.contrast_label}", row.method if row is not None else ""
