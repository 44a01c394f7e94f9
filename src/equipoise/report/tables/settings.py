"""What was read and what was decided: the files with their fingerprints, the conventions with their sources."""

from __future__ import annotations

from typing import Any

from equipoise.document.model import Cell, Footnotes, Table, TableRow, group
from equipoise.protocol.conventions import CHOICES, Choice
from equipoise.protocol.designs import MatchSpec
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.tables.cells import body, footnotes, head, stub
from equipoise.report.words import words

LONGEST_VALUE = 40  # characters of the name of a category
# beginnings of the names of conventions that compare or match two arms
OF_TWO_ARMS = ("pearson", "mann_whitney", "signed_rank", "mcnemar", "t_test", "caliper", "smd")


def inputs_table(numbers: Numbers) -> Table:
    """The protocol and every table that was read, with the first digits of their SHA-256."""
    protocol = numbers.protocol
    rows = [body(stub(words("settings.protocol")), Cell(protocol.file.rsplit("/", 1)[-1]), Cell(), Cell(protocol.sha256[:16]))]
    for table in numbers.study.sources.tables.values():
        rows.append(body(stub(table.name), Cell(table.file), Cell(fmt.count(table.n_rows)), Cell(table.sha256[:16])))
    labels = (words("settings.table"), words("settings.file"), words("settings.rows"), words("settings.hash"))
    line = TableRow(tuple(head(x, align="center" if i else "left") for i, x in enumerate(labels)))
    return Table("table_inputs", words("settings.read"), (line,), tuple(rows), supplement=True)


def events_table(numbers: Numbers) -> Table | None:
    """Every value of a spreadsheet's columns that decide an event, with how it was counted; None where there are none."""
    rows: list[TableRow] = []
    notes = []
    for column in numbers.study.outcomes.event_columns:
        rows.append(group(words("settings.column", owner=spoken(column.owner), column=column.column), 3))
        if not column.values:
            rows.append(body(stub(words("settings.different", n=fmt.count(column.different)), indent=1), Cell(), Cell()))
        for value in column.values:
            label = value.text if len(value.text) <= LONGEST_VALUE else words("settings.longer")
            counted = (Cell(fmt.count(value.n)), Cell(spoken(value.counted)))
            rows.append(body(stub(label or words("settings.empty"), indent=1), *counted))
    if not rows:
        return None
    if any(v.counted == "competing" for c in numbers.study.outcomes.event_columns for v in c.values):
        notes.append(words("settings.competing"))
    line = TableRow(
        (head(words("settings.value"), align="left"), head(words("columns.patients")), head(words("settings.counted_as")))
    )
    return Table("table_event_values", words("settings.events"), (line,), tuple(rows), (), tuple(notes), supplement=True)


def settings_table(numbers: Numbers) -> Table:
    """Every statistical convention that applies: what this study used, where it departs from its profile, where the value is
    known from."""
    notes = footnotes()
    asked = [n for n in CHOICES if not (numbers.single and n.startswith(OF_TWO_ARMS))]
    rows = tuple(_choice(numbers, name, CHOICES[name], notes) for name in asked)
    conventions = numbers.protocol.conventions
    labels = (
        words("settings.convention"),
        words("settings.used"),
        words("settings.profile", profile=conventions.profile),
        words("settings.source"),
    )
    line = TableRow(tuple(head(x, align="left" if i in (0, 3) else "center") for i, x in enumerate(labels)))
    said = words("settings.note", alpha=fmt.p_limit(conventions.alpha), unit=numbers.protocol.time_unit)
    return Table("table_settings", words("settings.conventions"), (line,), rows, notes.listed(), (said,), supplement=True)


def _choice(numbers: Numbers, name: str, choice: Choice, notes: Footnotes) -> TableRow:
    profile = numbers.protocol.conventions.profile
    used, usual = used_value(numbers, name), getattr(choice, profile)
    unverified = used == usual and profile in choice.unverified
    mark = notes.mark(words("settings.not_verified")) if unverified else ""
    label = stub(fmt.upper_first(spoken(choice.what)))
    source = Cell(spoken(choice.source), align="left")
    return body(label, Cell(_shown(used), bold=used != usual, note=mark), Cell(_shown(usual)), source)


def used_value(numbers: Numbers, name: str) -> Any:
    """The value that the study used: the design and the Cox models may overrule the conventions."""
    protocol = numbers.protocol
    overruled: dict[str, Any] = {"ties": protocol.cox.ties, "smd_denominator": protocol.smd_denominator}
    if isinstance(protocol.primary_design, MatchSpec):
        overruled["caliper_sd"] = protocol.primary_design.caliper_sd
    return overruled.get(name, getattr(protocol.conventions, name, None))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return words("settings.yes" if value else "settings.no")
    return fmt.short(value) if isinstance(value, int | float) else spoken(str(value).replace("_", " "))
