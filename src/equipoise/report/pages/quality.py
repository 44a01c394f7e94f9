"""The page of data quality: what was found, what it means for the first endpoint, and how fit the data of each site are."""

from __future__ import annotations

import math

from equipoise.document.model import Bullets, Cell, Document, Run, Section, Table, TableRow, numbered, text
from equipoise.records import QualityFinding, Row, Study
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.tables.cells import body, head, printed, ratio_cell, stub
from equipoise.report.tables.survival import time_cell
from equipoise.report.words import words

SHARES = (
    "relevance",
    "missing",
    "most_missing",
    "linkage",
    "reliability",
)
ALL = "all"


def quality_document(study: Study) -> Document | None:
    """None where no rule could be checked."""
    if not study.quality.findings:
        return None
    numbers = Numbers(study)
    info = study.protocol.study
    sections = [
        Section("findings", words("quality.findings"), (*_summary(study), _findings_table(numbers))),
        Section("fitness", words("quality.fitness"), (_fitness_table(numbers),)),
    ]
    missing = _missing_table(numbers)
    if missing is not None:
        sections.append(Section("missing", words("quality.missing"), (missing,)))
    recorded = _recorded_tables(numbers)
    if recorded:
        said = text(words("quality.recorded_said"))
        sections.append(Section("recorded", words("quality.recorded"), (said, *recorded)))
    title = words("quality.title", study=fmt.lower_first(info.title))
    return numbered(Document(title, tuple(sections), (), info.notice, ((words("pages.report"), "report.html"),)))


def _summary(study: Study) -> list:
    found = [f for f in study.quality.findings if f.rows]
    checked = words("counts.rule", count=len(study.quality.findings))
    said = words("quality.checked", rules=checked, n=str(len(found))) if found else words("quality.nothing", rules=checked)
    rows = words("quality.rows_named")
    blocks: list = [text(said, " ", rows)]
    items = [f"{f.title}: {f.advice}." for f in found]
    items += [words("quality.unchecked", tables=" and ".join(absent), title=title) for title, absent in study.quality.unchecked]
    return [*blocks, Bullets(tuple((Run(i),) for i in items))] if items else blocks


def _findings_table(numbers: Numbers) -> Table:
    """A row per rule; the hazard ratio of the first endpoint with everybody stands on top."""
    endpoint = next(iter(numbers.protocol.endpoints))
    designs = [d for d in numbers.design_names if _main(numbers, endpoint, d) is not None]
    labels = (
        words("quality.column.rule"),
        words("quality.column.severity"),
        words("quality.column.rows"),
        words("columns.patients"),
        words("quality.column.analyzed"),
        *(_shown(numbers, endpoint, d) for d in designs),
    )
    line = TableRow(tuple(head(x, align="left" if i == 0 else "center") for i, x in enumerate(labels)))
    everyone = [_estimate(numbers, _main(numbers, endpoint, d)) for d in designs]
    rows = [body(stub(words("quality.everybody")), Cell(), Cell(), Cell(), Cell(fmt.count(numbers.study.cohort.n)), *everyone)]
    rows += [_finding(numbers, f, endpoint, designs) for f in numbers.study.quality.findings]
    if numbers.has("quality", analysis="without", variable="any"):
        cells = [_estimate(numbers, _without(numbers, endpoint, d, "any")) for d in designs]
        rows.append(body(stub(words("quality.without_any")), Cell(), Cell(), Cell(), Cell(), *cells))
    what = words("quality.medians") if numbers.single else words("quality.ratios", contrast=numbers.contrast_label)
    key = "quality.without_pairs" if numbers.matches else "quality.without"
    note = f"{words(key, what=what)} {words('quality.meaning')}"
    notes = (note, words("notes.single") if numbers.single else words("notes.interval"))
    return Table("table_quality", words("quality.effect"), (line,), tuple(rows), (), notes)


def _shown(numbers: Numbers, endpoint: str, design: str) -> str:
    short = numbers.protocol.endpoints[endpoint].short
    if numbers.single:
        return words("quality.median", endpoint=short, unit=numbers.protocol.time_unit, ci=numbers.protocol.ci)
    return words("quality.hr", endpoint=short, ci=numbers.protocol.ci, cohort=_short(numbers, design))


def _short(numbers: Numbers, design: str) -> str:
    return fmt.lower_first(numbers.study.design(design).label)


def _finding(numbers: Numbers, finding: QualityFinding, endpoint: str, designs: list[str]) -> TableRow:
    counts = [numbers.value("quality", s, analysis="finding", variable=finding.rule) for s in ("rows", "patients", "analysed")]
    tone = "good" if not finding.rows else "bad"
    cells = [Cell(fmt.count(c), tone=tone if i == 0 else "") for i, c in enumerate(counts)]
    ratios = [_estimate(numbers, _without(numbers, endpoint, d, finding.rule)) for d in designs]
    return body(stub(finding.title), Cell(finding.severity), *cells, *ratios)


def _main(numbers: Numbers, endpoint: str, design: str) -> Row | None:
    """Hazard ratio of the endpoint; of a single arm its median."""
    statistic, parts = _primary(numbers, endpoint, design)
    return numbers.row("survival", statistic, analysis="kaplan_meier" if numbers.single else "cox", **parts)


def _without(numbers: Numbers, endpoint: str, design: str, rule: str) -> Row | None:
    statistic, parts = _primary(numbers, endpoint, design)
    return numbers.row("quality", statistic, analysis="without", variable=rule, **parts)


def _primary(numbers: Numbers, endpoint: str, design: str) -> tuple[str, dict[str, str]]:
    where = {"endpoint": endpoint, "design": design}
    if numbers.single:
        return "median", {**where, "group": numbers.arms[0]}
    return "hr", {**where, "contrast": numbers.contrast}


def _estimate(numbers: Numbers, row: Row | None) -> Cell:
    if row is None:
        return Cell("\u2013", tone="quiet")
    return time_cell(numbers, row) if numbers.single else ratio_cell(row)


def _fitness_table(numbers: Numbers) -> Table:
    rows = numbers.where("quality", analysis="fitness")
    sites = [s for s in dict.fromkeys(r.group for r in rows)]
    line = TableRow(tuple(head(x, align="left" if i == 0 else "center") for i, x in enumerate(("", *map(_site, sites)))))
    made = []
    for variable in SHARES:
        for level in dict.fromkeys(r.level for r in rows if r.variable == variable):
            cells = [
                _share(numbers, next((r for r in rows if (r.variable, r.level, r.group) == (variable, level, s)), None))
                for s in sites
            ]
            made.append(body(stub(_share_words(numbers, variable, level)), *cells))
    note = words("quality.fitness_note")
    return Table("table_fitness", words("quality.fitness_title"), (line,), tuple(made), (), (note,))


def _share_words(numbers: Numbers, variable: str, level: str) -> str:
    if variable == "most_missing":
        return words("quality.share.most_missing", covariate=numbers.covariate_words(level))
    return words("quality.share.linkage", table=level) if variable == "linkage" else words(f"quality.share.{variable}")


def _site(name: str) -> str:
    return words("quality.all") if name == ALL else name


def _share(numbers: Numbers, row: Row | None) -> Cell:
    if row is None or math.isnan(row.value):
        return Cell("\u2013", tone="quiet")
    percent = fmt.percent(row.events, row.n, numbers.protocol.conventions.percent_rounding)
    return printed(f"{fmt.count(row.events)}/{fmt.count(row.n)} ({percent})", row)


def _missing_table(numbers: Numbers) -> Table | None:
    """A line per covariate of a spreadsheet that is empty somewhere, a column per arm."""
    rows = numbers.where("quality", analysis="missing")
    if not rows:
        return None
    labels = (words("quality.column.covariate"), *(numbers.arm_label(a) for a in numbers.arms))
    line = TableRow(tuple(head(x, align="left" if i == 0 else "center") for i, x in enumerate(labels)))
    made = []
    for name in dict.fromkeys(r.variable for r in rows):
        cells = [_share(numbers, next((r for r in rows if (r.variable, r.group) == (name, a)), None)) for a in numbers.arms]
        made.append(body(stub(numbers.covariate_label(name)), *cells))
    note = words("quality.missing_note")
    return Table("table_missing", words("quality.missing_title"), (line,), tuple(made), (), (note,))


def _recorded_tables(numbers: Numbers) -> list[Table]:
    recorded = numbers.study.quality.recorded
    return [_recorded_table(numbers, item, recorded) for item in dict.fromkeys(r[0] for r in recorded)]


def _recorded_table(numbers: Numbers, item: str, recorded: tuple) -> Table:
    mine = [r for r in recorded if r[0] == item]
    columns = sorted({r[2] for r in mine})
    line = TableRow(
        (
            head(words("quality.column.derived"), align="left"),
            *(head(words("quality.column.recorded", recorded=c)) for c in columns),
        )
    )
    made = []
    for derived in dict.fromkeys(r[1] for r in mine):
        cells = [_cell(numbers, item, derived, c) for c in columns]
        made.append(body(stub(derived), *cells))
    conflicts = numbers.row("quality", "conflicts", analysis="recorded", variable=item)
    differ = (
        ""
        if conflicts is None
        else words("quality.differ", n=fmt.count(conflicts.value), patients=words("counts.patient", count=int(conflicts.n)))
    )
    label = numbers.covariate_label(item)
    return Table(f"table_recorded_{item}", words("quality.recorded_title", label=label), (line,), tuple(made), (), (differ,))


def _cell(numbers: Numbers, item: str, derived: str, recorded: str) -> Cell:
    level = f"derived {derived} recorded {recorded}"
    row = numbers.row("quality", "n", analysis="recorded", variable=item, level=level)
    if row is None:
        return Cell("\u2013", tone="quiet")
    return Cell(fmt.count(row.value), tone="" if derived == recorded else "bad")
