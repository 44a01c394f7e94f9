"""The estimand beside what the study did: the question as a trial would ask it, element by element."""

from __future__ import annotations

from equipoise.document.model import Cell, Table, TableRow, group
from equipoise.protocol.estimand import MISSED_SCANS, handling
from equipoise.protocol.late_exclusions import late_exclusions
from equipoise.protocol.measures import Endpoint
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.tables.design import estimand
from equipoise.report.words import words


def estimand_table(numbers: Numbers) -> Table | None:
    """Rows: population, strategies, assignment, time zero, then per outcome its intercurrent events, then the summary."""
    asked = numbers.protocol.estimand
    if asked is None:
        return None
    rows = [*_population(numbers), *_strategies(numbers), *_start(numbers)]
    for name, events in asked.endpoints.items():
        endpoint = numbers.protocol.endpoints[name]
        rows.append(group(words("estimand.outcome", label=fmt.lower_first(endpoint.label)), 3))
        rows += [_event(numbers, endpoint, event, strategy) for event, strategy in events.items()]
        rows.append(_row(words("estimand.summary"), *_summary(numbers, name), indent=1))
    line = TableRow(
        (
            head(words("estimand.element"), align="left"),
            head(words("estimand.asked"), align="left"),
            head(words("estimand.done"), align="left"),
        )
    )
    at_its_word = any(numbers.protocol.endpoints[name].time is not None for name in asked.endpoints)
    note = words("estimand.note_by_columns" if at_its_word else "estimand.note")
    return Table("table_estimand", words("estimand.title"), (line,), tuple(rows), notes=(note,), supplement=True)


def _row(label: str, asked: str, done: str, indent: int = 0) -> TableRow:
    return body(stub(label, indent), Cell(_sentence(asked), align="left"), Cell(_sentence(done), align="left"))


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]


def _population(numbers: Numbers) -> list[TableRow]:
    protocol, cohort = numbers.protocol, numbers.study.cohort
    assert protocol.estimand is not None
    said = protocol.estimand.population or protocol.study.population
    left = words("estimand.analyzed", patients=words("counts.patient", count=cohort.n), whole=fmt.count(cohort.n_start))
    rows = [_row(words("estimand.population"), said, left)]
    return [*rows, *(_of_design(numbers, design) for design in numbers.design_names[1:])]


def _of_design(numbers: Numbers, design: str) -> TableRow:
    """For whom a design asks, and whom it has."""
    pairs = numbers.row("design", "value", design=design, variable="pairs")
    if pairs is not None:
        focal = numbers.protocol.arms.focal
        name, n = fmt.lower_first(numbers.arm_label(focal)), numbers.arm_n("unadjusted", focal)
        left = words("estimand.found_partner", pairs=fmt.count(pairs.value), n=fmt.count(n), arm=name)
        whose = (
            words("estimand.matched_comparison") if len(numbers.matches) == 1 else fmt.lower_first(numbers.design_label(design))
        )
        return _row(words("estimand.of_design", whose=whose), words("estimand.who_receive", arm=name), left, 1)
    asked = estimand(numbers, design).partition(" in ")[2].removesuffix(".")
    effective = fmt.effective(numbers.effective_n(design))
    done = words("estimand.effective", patients=words("counts.patient", count=numbers.total_n(design)), n=effective)
    return _row(words("estimand.of_design", whose=fmt.lower_first(numbers.design_label(design))), asked, done, 1)


def _strategies(numbers: Numbers) -> list[TableRow]:
    protocol = numbers.protocol
    assert protocol.estimand is not None
    rows = [group(words("estimand.strategies"), 3)]
    for arm in numbers.arms:
        rows.append(_row(numbers.arm_label(arm), protocol.estimand.strategies[arm], words("estimand.as_recorded"), 1))
    return rows


def _start(numbers: Numbers) -> list[TableRow]:
    protocol = numbers.protocol
    zero = words("estimand.data_start") if protocol.time_zero is None else fmt.lower_first(protocol.time_zero)
    late = [
        words("estimand.late", reason=fmt.lower_first(x.reason), day=fmt.short(x.landmark_day))
        for x in late_exclusions(protocol).values()
    ]
    done = words("estimand.left_out", reasons=fmt.listed(late)) if late else words("estimand.nothing_late")
    rows = [_row(words("estimand.time_zero"), zero, done)]
    if not protocol.designs:
        return (
            rows
            if numbers.single
            else [_row(words("estimand.assignment"), words("estimand.as_if_random"), words("estimand.as_they_are")), *rows]
        )
    listed = fmt.listed([numbers.covariate_words(v) for v in protocol.scored])
    kinds = dict.fromkeys(numbers.words(d).adjective for d in numbers.design_names[1:])
    how = words("estimand.on_score" if "matched" in kinds else "estimand.by_score", kinds=fmt.listed(list(kinds)))
    return [_row(words("estimand.assignment"), words("estimand.as_if_random_given", covariates=listed), how), *rows]


def _event(numbers: Numbers, endpoint: Endpoint, event: str, strategy: str) -> TableRow:
    label = words("estimand.missed_scans") if event == MISSED_SCANS else numbers.source_label(event)
    return _row(
        _sentence(label), words(f"estimand.strategy.{strategy}"), words(f"estimand.handling.{handling(endpoint, event)}"), 1
    )


def _summary(numbers: Numbers, endpoint: str) -> tuple[str, str]:
    """The measure, and the method of the row that holds it."""
    if numbers.single:
        row = numbers.row(
            "survival", "median", endpoint=endpoint, design="unadjusted", analysis="kaplan_meier", group=numbers.arms[0]
        )
        return words("estimand.median"), spoken(row.method) if row is not None else ""
    design = numbers.primary or "unadjusted"
    contrast = next(iter(numbers.contrasts.values()))  # of several arms one model gives all
    row = numbers.row("survival", "hr", endpoint=endpoint, design=design, analysis="cox", contrast=contrast)
    return words("estimand.hazard_ratio", contrast=numbers.contrast_label), spoken(row.method) if row is not None else ""
