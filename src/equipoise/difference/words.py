"""The difference of two output folders as lines for a terminal, and as a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from equipoise.difference.compare import Change, Difference, Setting, TableChange, number
from equipoise.document.html import render_html
from equipoise.document.model import Block, Cell, Document, Section, Table, TableRow, numbered, text
from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import write

FEW = 20  # of a kind, on a terminal
SHOWN = 60  # signs of a setting, on a terminal
NOTHING = "nothing differs: numbers, printed tables, settings and inputs are the same"


def lines(found: Difference, everything: bool = False) -> Iterator[str]:
    """For a terminal; of each kind the first FEW unless everything is asked for."""
    return (printable(line) for line in _lines(found, None if everything else FEW))


def printable(line: str) -> str:
    """Without signs that would move a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)


def _lines(found: Difference, limit: int | None) -> Iterator[str]:
    for name, settings in (("input", found.inputs), ("setting", found.settings), ("version", found.versions)):
        yield from _cut([f"{name:12}{s.path}: {_became(s)}" for s in settings], limit, name)
    yield from _cut([f"{'crossed':12}{change_line(c)}: {crossing(c)}" for c in found.crossed], limit, "crossed")
    quiet = [f"{'changed':12}{change_line(c)}" for c in found.changed if not c.crossed]
    yield from _cut(quiet, limit, "changed")
    for name, keys in (("appeared", found.appeared), ("vanished", found.vanished), ("remade", found.remade)):
        yield from _cut([f"{name:12}{key}" for key in keys], limit, name)
    yield from _cut([f"{'table':12}{_where(t)}: {_what(t)}" for t in found.tables], limit, "table")
    yield summary(found)


def summary(found: Difference) -> str:
    if not found.any:
        return NOTHING
    rows = len({(t.table, t.place) for t in found.tables})
    return (
        f"{len(found.changed):,} of {found.rows:,} numbers changed ({len(found.crossed)} crossed P {found.alpha:g} or a bound of "
        f"no effect), {len(found.appeared):,} appeared, {len(found.vanished):,} vanished; {_n(rows, 'row')} of "
        f"{_n(len({t.table for t in found.tables}), 'table')}, {_n(len(found.settings), 'setting')} and "
        f"{_n(len(found.inputs), 'input')} differ"
    )


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _cut(said: Sequence[str], limit: int | None, kind: str) -> Iterator[str]:
    yield from said[:limit]
    if limit is not None and len(said) > limit:
        yield f"{kind:12}... and {len(said) - limit:,} more; --all lists them"


def change_line(change: Change) -> str:
    old, new = _printed(change.old, change.new)
    return f"{change.key}  {old} -> {new}"


def crossing(change: Change) -> str:
    """What a reader will see otherwise."""
    kind, bound = change.crossed.split(" ")
    if kind == "P":
        below = number(change.new["value"]) < float(bound)
        return f"P is now {'below' if below else 'no longer below'} {bound}"
    inside = number(change.new["low"]) <= float(bound) <= number(change.new["high"])
    return f"the interval now {'includes' if inside else 'excludes'} {bound}"


def _printed(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, str]:
    """Both with as many digits as it takes to tell them apart."""
    for digits in (4, 7, 17):
        a, b = (_estimate(cells, digits) for cells in (old, new))
        if a != b:
            break
    return a, b


def _estimate(cells: Mapping[str, str], digits: int) -> str:
    value, low, high, n, events = (_figure(cells.get(c, ""), digits) for c in ("value", "low", "high", "n", "events"))
    words = value or "not estimable"
    if low or high:
        words += f" ({low or 'NA'} to {high or 'NA'})"
    beside = [f"{name} {x}" for name, x in (("events", events), ("n", n)) if x]
    return words + (f" [{', '.join(beside)}]" if beside else "")


def _figure(cell: str, digits: int) -> str:
    value = number(cell)
    if math.isnan(value):
        return ""
    return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"


def _where(change: TableChange) -> str:
    return f"{change.table}, {' / '.join(change.place)}"


def _what(change: TableChange) -> str:
    """`HR 1.8 -> 1.7`: the cells that differ alone."""
    if change.old is None or change.new is None:
        return "a new row" if change.old is None else "the row is gone"
    return "; ".join(_cells(change))


def _cells(change: TableChange) -> Iterator[str]:
    old, new = change.old or (), change.new or ()
    for i in range(max(len(old), len(new))):
        a, b = (cells[i] if i < len(cells) else "" for cells in (old, new))
        if a != b:
            column = change.columns[i] if i < len(change.columns) else ""
            yield f"{column + ' ' if column else ''}{a or '(empty)'} -> {b or '(empty)'}"


def _became(setting: Setting) -> str:
    if not setting.old:
        return f"was not there and is now {_short(setting.new)}"
    if not setting.new:
        return f"was {_short(setting.old)} and is gone"
    return f"{_short(setting.old)} -> {_short(setting.new)}"


def _short(words: str) -> str:
    return words if len(words) <= SHOWN else f"{words[:SHOWN].rstrip()}..."


def page(found: Difference) -> Document:
    """The same as a page, in full."""
    sections = [Section("summary", "What differs", tuple(_summary_blocks(found)))]
    numbers = [
        _change_table("crossed", "Numbers that crossed a bound", found.crossed, True),
        _change_table("changed", "Other numbers that changed", tuple(c for c in found.changed if not c.crossed), False),
        _key_table("appeared", "Numbers that appeared", found.appeared),
        _key_table("vanished", "Numbers that vanished", found.vanished),
        _key_table("remade", "Numbers that are the same by another method or convention", found.remade),
    ]
    for anchor, title, blocks in (
        ("why", "Inputs, settings and versions", _settings(found)),
        ("numbers", "Numbers", numbers),
        ("tables", "Rows of printed tables", [_row_table(found.tables)]),
    ):
        kept = tuple(b for b in blocks if b is not None)
        if kept:
            sections.append(Section(anchor, title, kept))
    lead = (f"First: {found.first}. Second: {found.second}.",)
    return numbered(Document("Differences between two reports", tuple(sections), lead, " ".join(found.notices), foot=FOOT))


FOOT = "Written by Equipoise from the two folders; every number stands in their results.csv."


def _summary_blocks(found: Difference) -> Iterator[Block]:
    said = summary(found)
    yield text(f"{said[:1].upper()}{said[1:]}.")


def _settings(found: Difference) -> list[Block | None]:
    kinds = (("input", "Inputs", found.inputs), ("setting", "Settings", found.settings), ("version", "Versions", found.versions))
    return [_table(name, title, ("", "First", "Second"), [(s.path, s.old, s.new) for s in kind]) for name, title, kind in kinds]


def _change_table(name: str, title: str, changes: Sequence[Change], crossed: bool) -> Block | None:
    rows = [(c.key, *_printed(c.old, c.new), *((crossing(c),) if crossed else ())) for c in changes]
    return _table(name, title, ("Key", "First", "Second", *(("What changed",) if crossed else ())), rows)


def _key_table(name: str, title: str, keys: Sequence[str]) -> Block | None:
    return _table(name, title, ("Key",), [(key,) for key in keys])


def _row_table(changes: Sequence[TableChange]) -> Block | None:
    rows = [(_where(c), _what(c)) for c in changes]
    return _table("rows", "Rows of tables that print otherwise", ("Table and row", "What differs"), rows)


def _table(name: str, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Block | None:
    if not rows:
        return None
    cells = [TableRow(tuple(Cell(c, align="left") for c in row)) for row in rows]
    return Table(f"table_{name}", title, (TableRow(tuple(Cell(c, align="left") for c in head)),), tuple(cells))


def write_page(found: Difference, file: Path) -> Path:
    """The page as one file. Raises EquipoiseError where a file stands that is no such page."""
    if file.exists() and not (file.is_file() and FOOT.encode() in file.read_bytes()):
        message = "this is there already and is no page of differences; name another file, nothing was written"
        raise EquipoiseError(Fault(file.name, "file exists", message))
    write(file, render_html(page(found)))
    return file
