"""Published numbers beside those of this run: tolerance, met or not, and why not. The scorecard of a replication."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from equipoise.document.model import Block, Cell, Document, Run, Section, Table, TableRow, text
from equipoise.errors import EquipoiseError, Fault
from equipoise.protocol.locations import locate
from equipoise.records import Masked, Row, Study
from equipoise.records.vocabulary import key_may_exist
from equipoise.report import format as fmt
from equipoise.report.digits import NOT_REACHED
from equipoise.report.tables.cells import body, head, stub
from equipoise.report.words import words

COLUMNS = (
    "id",
    "place",
    "item",
    "column",
    "printed",
    "key",
    "field",
    "scale",
    "rule",
    "low",
    "high",
    "hardness",
    "remark",
)
FIELDS = ("value", "low", "high", "p", "n", "events")
SCALES = ("none", "percent", "days_per_unit")
RULES = ("rounding", "exact", "within", "range", "info")
MET, NOT_MET, ABSENT, INFO = "met", "not met", "no result", "not judged"


@dataclass(frozen=True, slots=True)
class Printed:
    """One published number and the result that should equal it.

    field: part of the result row. scale: `days_per_unit` divides by the days of the protocol's unit, `percent` multiplies a
    share by 100. rule: `rounding` rounds to the printed digits, `exact` is equal, `within` and `range` lie in low..high,
    `info` is shown and not judged. hardness: how much weight the target carries. remark: why it may not be met.
    """

    id: str
    place: str
    item: str
    column: str
    printed: str
    key: str
    field: str
    scale: str
    rule: str
    low: str
    high: str
    hardness: str
    remark: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A published number, what this run obtained (nan: not reached or absent) and the verdict. What is masked is not
    judged, for a verdict would tell it."""

    target: Printed
    obtained: float
    verdict: str


def read_printed(study: Study) -> list[Printed]:
    """The published numbers that the protocol names; every fault of the file at once."""
    comparison = study.protocol.comparison
    assert comparison is not None
    path, _ = locate(study.protocol, comparison.printed, "comparison", "printed")
    if not path.is_file():
        raise EquipoiseError(Fault(comparison.printed, "comparison", "this file does not exist beside the protocol"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
        if missing:
            raise EquipoiseError(Fault(path.name, "comparison", f"the columns {', '.join(missing)} are missing"))
        rows = [Printed(**{c: (r[c] or "").strip() for c in COLUMNS}) for r in reader]
    faults = [f for i, row in enumerate(rows, 1) for f in _faults(path.name, i, row)]
    if faults:
        raise EquipoiseError(faults)
    return rows


def _faults(file: str, i: int, row: Printed) -> Iterable[Fault]:
    for column, allowed in (("field", FIELDS), ("scale", SCALES), ("rule", RULES)):
        found = getattr(row, column)
        if found not in allowed:
            yield Fault(f"{file}, row {i}, column {column}", "comparison", f"'{found}' is not one of {', '.join(allowed)}")
    if row.key and not key_may_exist(row.key):
        message = f"'{row.key}' is the key of no result: no study writes such a phase, analysis or statistic; see results.csv"
        yield Fault(f"{file}, row {i}, column key", "comparison", message)
    for column in ("low", "high"):
        said = getattr(row, column)
        if said and said != NOT_REACHED and _number(said) is None:
            yield Fault(f"{file}, row {i}, column {column}", "comparison", f"'{said}' is not a number")


def judge(study: Study, target: Printed) -> Judged:
    row = study.estimates.get(target.key)
    if row is None:
        return Judged(target, math.nan, INFO if target.rule == "info" else ABSENT)
    obtained = _obtained(study, row, target)
    if target.rule == "info" or isinstance(obtained, Masked):
        return Judged(target, obtained, INFO)
    return Judged(target, obtained, MET if _agrees(target, obtained) else NOT_MET)


def _obtained(study: Study, row: Row, target: Printed) -> float:
    name = "value" if target.field == "p" else target.field
    if isinstance(getattr(row, name), Masked):
        return getattr(row, name)
    found = float(getattr(row, name))
    if target.scale == "days_per_unit":
        return found / study.protocol.days_per_unit
    return 100 * found if target.scale == "percent" else found


def _agrees(target: Printed, obtained: float) -> bool:
    """Whether the obtained number keeps the rule; a printed NA is met by a value that was not reached."""
    if target.printed == NOT_REACHED:
        return math.isnan(obtained)
    if math.isnan(obtained):
        return False
    low, high = _number(target.low), _number(target.high)
    if low is not None or high is not None:
        return (low is None or obtained >= float(low) - 1e-9) and (high is None or obtained <= float(high) + 1e-9)
    if target.printed.startswith("<"):
        return obtained < float(target.printed[1:])
    printed = _number(target.printed)
    if printed is None:
        return False
    if target.rule == "exact":
        return abs(obtained - float(printed)) < 1e-9
    return fmt.rounded(obtained, decimals_printed(target.printed)) == printed


def _number(said: str) -> Decimal | None:
    try:
        return Decimal(said.replace(",", "")) if said else None
    except InvalidOperation:
        return None


def decimals_printed(said: str) -> int:
    found = re.search(r"\.(\d+)", said)
    return len(found.group(1)) if found else 0


def comparison_document(study: Study) -> Document | None:
    """The comparison page: the scorecard, then every number by its place in the publication."""
    if study.protocol.comparison is None:
        return None
    judged = [judge(study, t) for t in read_printed(study)]
    places = list(dict.fromkeys(j.target.place for j in judged))
    sections = [Section("scorecard", words("comparison.scorecard"), _scorecard(study, judged, places))]
    for i, place in enumerate(places, 1):
        here = [j for j in judged if j.target.place == place]
        sections.append(Section(f"place_{i}", place, (_place_table(i, place, here),)))
    info = study.protocol.study
    lead = (words("comparison.lead", source=study.protocol.comparison.source),)
    links = ((words("pages.report"), "report.html"),)
    return Document(words("comparison.title", study=info.title), tuple(sections), lead, info.notice, links)


def _scorecard(study: Study, judged: list[Judged], places: list[str]) -> tuple[Block, ...]:
    rows = [_score_row(p, [j for j in judged if j.target.place == p]) for p in places]
    rows.append(_score_row(words("comparison.all"), judged, strong=True))
    line = TableRow(
        tuple(
            head(x, align="center" if i else "left")
            for i, x in enumerate(
                (
                    words("comparison.column.place"),
                    words("comparison.column.values"),
                    words("comparison.column.met"),
                    words("comparison.column.not_met"),
                    words("comparison.column.no_result"),
                    words("comparison.column.not_judged"),
                )
            )
        )
    )
    table = Table("table_scorecard", words("comparison.met_title"), (line,), tuple(rows), notes=(_rules(),))
    missed = [j for j in judged if j.verdict in (NOT_MET, ABSENT)]
    counted = [j for j in judged if j.verdict != INFO]
    met = sum(j.verdict == MET for j in counted)
    said = words("comparison.met", met=fmt.count(met), judged=fmt.count(len(counted)))
    blocks: list[Block] = [text(Run(said, bold=True)), table]
    if missed:
        blocks.append(_table("table_not_met", words("comparison.not_met_title"), missed, with_place=True))
    return tuple(blocks)


def _rules() -> str:
    return words("comparison.rules")


def _score_row(label: str, judged: list[Judged], strong: bool = False) -> TableRow:
    counts = [sum(j.verdict == v for j in judged) for v in (MET, NOT_MET, ABSENT, INFO)]
    tones = ("good" if counts[0] else "", "bad" if counts[1] else "quiet", "bad" if counts[2] else "quiet", "quiet")
    cells = [Cell(fmt.count(n), tone=tone, bold=strong) for n, tone in zip(counts, tones, strict=True)]
    return body(stub(label, bold=strong), Cell(fmt.count(len(judged)), bold=strong), *cells)


def _place_table(i: int, place: str, judged: list[Judged]) -> Table:
    return _table(f"table_place_{i}", place, judged)


def _table(name: str, title: str, judged: list[Judged], with_place: bool = False) -> Table:
    labels = [
        words("comparison.column.item"),
        words("comparison.column.column"),
        words("comparison.column.printed"),
        words("comparison.column.obtained"),
        words("comparison.column.tolerance"),
        words("comparison.column.verdict"),
        words("comparison.column.remark"),
    ]
    left = {"Item", "Remark", "Place"}
    labels = ["Place", *labels] if with_place else labels
    line = TableRow(tuple(head(x, align="left" if x in left else "center") for x in labels))
    return Table(name, title, (line,), tuple(_judged_row(j, with_place) for j in judged))


def _judged_row(j: Judged, with_place: bool) -> TableRow:
    t = j.target
    tone = {MET: "good", NOT_MET: "bad", ABSENT: "bad", INFO: "quiet"}[j.verdict]
    cells = [
        stub(t.item),
        Cell(t.column),
        Cell(t.printed),
        Cell(_shown(j), keys=() if math.isnan(j.obtained) else (t.key,)),
        Cell(_tolerance(t)),
        Cell(words(f"comparison.verdict.{j.verdict.replace(' ', '_')}"), tone=tone),
    ]
    remark = t.remark
    if j.verdict == NOT_MET and not remark:
        remark = words("comparison.no_reason")
    row = [*cells, Cell(remark, align="left")]
    return body(stub(t.place), *([Cell(t.item, align="left")] + row[1:])) if with_place else body(*row)


def _shown(j: Judged) -> str:
    """What was obtained, with one digit more than was printed, so that a near miss is seen."""
    if isinstance(j.obtained, Masked):
        return str(j.obtained)
    if j.verdict == ABSENT or (j.verdict == INFO and math.isnan(j.obtained)):
        return "\u2013"
    if math.isnan(j.obtained):
        return NOT_REACHED
    if j.target.field in ("n", "events") or j.target.key.endswith(".n"):
        return fmt.number(j.obtained, 0)
    if j.target.field == "p" and j.obtained < 0.001:
        return "<0.001" if j.obtained < 0.0005 else fmt.number(j.obtained, 4)
    printed = decimals_printed(j.target.printed)
    whole = printed == 0 and float(j.obtained).is_integer()
    return fmt.number(j.obtained, 0 if whole else printed + 1)


def _tolerance(t: Printed) -> str:
    if t.rule == "info":
        return ""
    if t.rule in ("within", "range") and (t.low or t.high):
        low, high = (_tidy(x) if x else "" for x in (t.low, t.high))
        return (
            f"{low}{fmt.dash()}{high}"
            if low and high
            else (words("comparison.at_least", limit=low) if low else words("comparison.at_most", limit=high))
        )
    return words(f"comparison.rule.{t.rule}") if t.rule in ("exact", "rounding") else ""


def _tidy(limit: str) -> str:
    value = float(limit.replace(",", ""))
    return f"{value:,.1f}".removesuffix(".0") if abs(value) >= 1000 else fmt.short(value, 4)
