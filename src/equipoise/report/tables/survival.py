"""Time-to-event outcomes: medians, hazard ratio, log-rank; follow-up; survival at fixed times."""

from __future__ import annotations

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.protocol.measures import Endpoint
from equipoise.protocol.wording import is_time_to
from equipoise.records import Row
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import (
    EMPTY,
    arm_heads,
    body,
    cohort_line,
    events_of,
    footnotes,
    head,
    p_cell,
    plain_p,
    printed,
    ratio_cell,
    stub,
)
from equipoise.report.tables.several_arms import effects_of_several, heads_of_several
from equipoise.report.words import words

PHASE = "survival"


def time_cell(numbers: Numbers, row: Row | None) -> Cell:
    """A median in the protocol's unit with its limits."""
    if row is None:
        return EMPTY
    protocol = numbers.protocol
    return printed(fmt.time_estimate(row.value, row.low, row.high, protocol.days_per_unit, protocol.time_unit), row)


def survival_table(numbers: Numbers, exploratory: bool = False) -> Table | None:
    """A block per cohort, two lines per endpoint: medians, of two arms with HR and P, then events. Main endpoints, or the
    exploratory ones in a table of the supplement."""
    endpoints = numbers.protocol.exploratory_endpoints if exploratory else numbers.protocol.main_endpoints
    notes = footnotes()
    rows: list[TableRow] = []
    for design in numbers.design_names:
        rows += _cohort(numbers, design, endpoints, notes)
    if not rows:
        return None
    line = [head(words("columns.outcome"), align="left"), *arm_heads(numbers)]
    if numbers.several:
        line += heads_of_several(numbers)
    elif not numbers.single:
        line += [
            head(words("columns.hr_contrast", ci=numbers.protocol.ci, contrast=numbers.contrast_label)),
            head(words("columns.p_cox")),
            head(words("columns.p_logrank")),
        ]
    table_notes = (
        words("survival_table.note", ci=numbers.protocol.ci, limits=spoken(numbers.protocol.conventions.interval_type)),
        words("notes.single") if numbers.single else words("notes.interval"),
    )
    name, title = (
        ("table_exploratory", words("survival_table.exploratory"))
        if exploratory
        else ("table_survival", words("survival_table.main"))
    )
    return Table(name, title, (TableRow(tuple(line)),), tuple(rows), notes.listed(), table_notes, exploratory)


def _cohort(numbers: Numbers, design: str, endpoints: dict[str, Endpoint], notes: Footnotes) -> list[TableRow]:
    rows: list[TableRow] = []
    for name, endpoint in endpoints.items():
        part = {"endpoint": name, "design": design}
        medians = [numbers.row(PHASE, "median", analysis="kaplan_meier", group=a, **part) for a in numbers.arms]
        if any(m is not None for m in medians):
            rows += _endpoint(numbers, endpoint.label, part, medians, notes)
    width = len(numbers.arms) + (2 if numbers.several else 4)
    return [*cohort_line(numbers, design, width, sizes=True), *rows] if rows else []


def _endpoint(numbers: Numbers, label: str, part: dict[str, str], medians: list[Row | None], notes: Footnotes) -> list[TableRow]:
    unit, more = numbers.protocol.time_unit, []
    if numbers.several:
        effect, more = effects_of_several(numbers, part, notes)
    else:
        effect = [] if numbers.single else _effect(numbers, part, notes)
    return [
        body(
            stub(words("survival_table.median", endpoint=label, unit=unit, ci=numbers.protocol.ci)),
            *(time_cell(numbers, m) for m in medians),
            *effect,
        ),
        body(stub(words("binary_table.events"), 1), *(events_of(m) for m in medians), *[EMPTY] * len(effect)),
        *(more or _penalised(numbers, part, notes)),
    ]


def _effect(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[Cell]:
    """Hazard ratio, its P, log-rank P."""
    hr = numbers.row(PHASE, "hr", analysis="cox", contrast=numbers.contrast, **part)
    p = numbers.row(PHASE, "p", analysis="cox", contrast=numbers.contrast, **part)
    logrank = numbers.row(PHASE, "p", analysis="logrank", **part)
    return [ratio_cell(hr, notes), plain_p(p), p_cell(logrank, notes)]


def _penalised(numbers: Numbers, part: dict[str, str], notes: Footnotes) -> list[TableRow]:
    """The penalised estimate below the ordinary one, where an arm is sparse."""
    if numbers.several:
        return []
    where = {"analysis": "cox_firth", "contrast": numbers.contrast, **part}
    hr, p = numbers.row(PHASE, "hr", **where), numbers.row(PHASE, "p", **where)
    if hr is None:
        return []
    return [body(stub(words("columns.firth"), 1), *[EMPTY] * len(numbers.arms), ratio_cell(hr, notes), plain_p(p), EMPTY)]


def follow_up_table(numbers: Numbers) -> Table | None:
    """Both ways of saying how long patients were followed."""
    if not numbers.has(phase=PHASE, analysis="observed_time") and not numbers.has(phase=PHASE, analysis="follow_up"):
        return None
    groups = numbers.groups
    rows: list[TableRow] = []
    for design in numbers.design_names:
        found = _follow_up_rows(numbers, design, groups)
        rows += [*cohort_line(numbers, design, 1 + len(groups)), *found] if found else []
    line = TableRow((head(words("survival_table.follow_up"), align="left"), *(head(numbers.short_group(g)) for g in groups)))
    note = words("survival_table.follow_up_note", unit=numbers.protocol.time_unit, ci=numbers.protocol.ci)
    return Table("table_follow_up", words("survival_table.follow_up_title"), (line,), tuple(rows), notes=(note,), supplement=True)


def _follow_up_rows(numbers: Numbers, design: str, groups: list[str]) -> list[TableRow]:
    rows = []
    for name, endpoint in numbers.protocol.main_endpoints.items():
        part = {"endpoint": name, "design": design}
        observed = [_quartiles(numbers, part, g) for g in groups]
        reverse = [time_cell(numbers, numbers.row(PHASE, "median", analysis="follow_up", group=g, **part)) for g in groups]
        for label, cells in ((words("survival_table.observed"), observed), (words("survival_table.reverse"), reverse)):
            if any(c.text for c in cells):
                rows.append(body(stub(f"{endpoint.short}, {label}"), *cells))
    return rows


def _quartiles(numbers: Numbers, part: dict[str, str], group_: str) -> Cell:
    rows = [numbers.row(PHASE, s, analysis="observed_time", group=group_, **part) for s in ("median", "q1", "q3")]
    if any(r is None for r in rows):
        return EMPTY
    protocol = numbers.protocol
    days = [r.value for r in rows if r is not None]
    return printed(fmt.time_estimate(*days, protocol.days_per_unit, protocol.time_unit), *rows)


def landmark_table(numbers: Numbers) -> Table | None:
    """Kaplan-Meier survival at the protocol's landmarks."""
    known = numbers.where(phase=PHASE, analysis="kaplan_meier", statistic="survival", population="all")
    found = [r for r in known if r.endpoint in numbers.protocol.main_endpoints]
    if not found:
        return None
    rows: list[TableRow] = []
    for design in numbers.design_names:
        here = [r for r in found if r.design == design]
        rows += cohort_line(numbers, design, 1 + len(numbers.arms)) if here else []
        for name, level in dict.fromkeys((r.endpoint, r.level) for r in here):
            rows.append(_landmark(numbers, design, name, level))
    line = TableRow((head(words("columns.outcome"), align="left"), *(head(numbers.short_arm(a)) for a in numbers.arms)))
    limits = spoken(numbers.protocol.conventions.interval_type)
    note = words("survival_table.landmark_note", ci=numbers.protocol.ci, limits=limits)
    return Table("table_landmark", words("survival_table.landmark_title"), (line,), tuple(rows), notes=(note,), supplement=True)


def _landmark(numbers: Numbers, design: str, name: str, level: str) -> TableRow:
    cells = []
    for arm in numbers.arms:
        part = {"endpoint": name, "design": design, "analysis": "kaplan_meier", "level": level, "group": arm}
        row = numbers.row(PHASE, "survival", **part)
        said = "" if row is None else fmt.percentage_estimate(100 * row.value, 100 * row.low, 100 * row.high)
        cells.append(printed(said, row))
    info = numbers.protocol.endpoints[name]
    free = words("figures.free_of", event=fmt.lower_first(info.event_label))
    what = free if is_time_to(info.label) else info.short
    return body(stub(words("survival_table.at", endpoint=what, time=fmt.lasting(level))), *cells)


def source_table(numbers: Numbers, exploratory: bool = False) -> Table | None:
    """What decided the end of each patient's time: the sources of events and of censoring, counted apart. Of exploratory
    endpoints among all patients only."""
    endpoints = numbers.protocol.exploratory_endpoints if exploratory else numbers.protocol.main_endpoints
    found = numbers.where(phase=PHASE, analysis="decided_by", statistic="n", population="all")
    if not any(e.events for e in endpoints.values()) or not found:
        return None
    groups = numbers.groups
    rows: list[TableRow] = []
    for design in numbers.design_names[:1] if exploratory else numbers.design_names:
        for name, endpoint in endpoints.items():
            block = _source_rows(numbers, design, name, groups)
            cohort = "" if numbers.single else f", {fmt.lower_first(numbers.design_label(design))}"
            label = f"{endpoint.label}{cohort}"
            rows += [group(label, 1 + len(groups)), *block] if block else []
    line = TableRow((head(words("survival_table.decided_by"), align="left"), *(head(numbers.short_group(g)) for g in groups)))
    title = words("survival_table.source_title_exploratory" if exploratory else "survival_table.source_title")
    note = words("survival_table.source_note")
    name = "table_sources_exploratory" if exploratory else "table_sources"
    return Table(name, title, (line,), tuple(rows), notes=(note,), supplement=True)


def _source_rows(numbers: Numbers, design: str, name: str, groups: list[str]) -> list[TableRow]:
    """Sources of events first, then those of censoring, in the order of the protocol."""
    endpoint = numbers.protocol.endpoints[name]
    part = {"endpoint": name, "design": design, "analysis": "decided_by"}
    rows = []
    kinds = (("event", endpoint.events), ("competing", endpoint.competing), ("censored", endpoint.censoring))
    for kind, sources in kinds:
        for source in sources:
            counts = [numbers.row(PHASE, "n", variable=source, group=g, **part) for g in groups]
            if any(c is not None for c in counts):
                cells = [printed("0" if c is None else fmt.count(c.value), c) for c in counts]
                label = numbers.source_label(source)
                rows.append(body(stub(f"{fmt.upper_first(label)} ({spoken(kind)})", 1), *cells))
    return rows
