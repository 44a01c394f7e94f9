"""What differs between two output folders: numbers by key, rows of printed tables, settings, inputs and versions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from equipoise.difference.read import Output

NUMBERS = ("value", "low", "high", "n", "events")
TOLERANCE = 1e-9  # relative: the same study on another processor may differ in the last digits
RATIOS = ("hr", "odds_ratio", "risk_ratio", "rate_ratio", "hr_ratio", "ratio")
DIFFERENCES = ("difference", "risk_difference")


@dataclass(frozen=True, slots=True)
class Change:
    """A number by its key, cells by column as they were and are. crossed: '', `P 0.05`, `interval 1` or `interval 0`."""

    key: str
    old: Mapping[str, str]
    new: Mapping[str, str]
    columns: tuple[str, ...]
    crossed: str = ""


@dataclass(frozen=True, slots=True)
class TableChange:
    """A row of a printed table: its place (headings and labels), and its cells; None where the table has no such row."""

    table: str
    place: tuple[str, ...]
    old: tuple[str, ...] | None
    new: tuple[str, ...] | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """Something declared: its path, and what it was and is in words; '' where it was not there."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """rows: in either folder. alpha: the threshold of P, of the second folder."""

    first: str
    second: str
    rows: int
    changed: tuple[Change, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    remade: tuple[str, ...]  # keys whose number is the same and whose method or convention is another
    tables: tuple[TableChange, ...]
    settings: tuple[Setting, ...]
    inputs: tuple[Setting, ...]
    versions: tuple[Setting, ...]
    alpha: float
    notices: tuple[str, ...] = ()

    @property
    def crossed(self) -> tuple[Change, ...]:
        return tuple(c for c in self.changed if c.crossed)

    @property
    def any(self) -> bool:
        """Whether anything of results, printed tables, protocol or inputs differs; versions alone do not count."""
        numbers = (self.changed, self.appeared, self.vanished, self.remade)
        return any(numbers) or any((self.tables, self.settings, self.inputs))


def compare(first: Output, second: Output, tolerance: float = TOLERANCE) -> Difference:
    """tolerance: relative, of the larger of two numbers; what differs by no more is the same."""
    alpha = _alpha(second)
    both = [key for key in second.rows if key in first.rows]
    changes = [_change(key, first.rows[key], second.rows[key], tolerance, alpha) for key in both]
    settings, inputs = _settings(first.manifest, second.manifest), _inputs(first.manifest, second.manifest)
    return Difference(
        first.name,
        second.name,
        len({*first.rows, *second.rows}),
        tuple(c for c in changes if c.columns),
        tuple(key for key in second.rows if key not in first.rows),
        tuple(key for key in first.rows if key not in second.rows),
        tuple(c.key for c in changes if not c.columns and any(_other(c, name) for name in ("method", "convention"))),
        tuple(_tables(first, second)),
        tuple(settings),
        tuple(inputs),
        tuple(_flat_changes(first.manifest["versions"], second.manifest["versions"], ())),
        alpha,
        tuple(dict.fromkeys(str(o.manifest["notice"]) for o in (first, second) if o.manifest.get("notice"))),
    )


def _alpha(output: Output) -> float:
    settings = output.manifest["protocol"].get("settings")
    conventions = settings.get("conventions") if isinstance(settings, Mapping) else None
    alpha = conventions.get("alpha") if isinstance(conventions, Mapping) else None
    return float(alpha) if isinstance(alpha, int | float) else 0.05


def _other(change: Change, column: str) -> bool:
    return change.old.get(column, "") != change.new.get(column, "")


def _change(key: str, old: Mapping[str, str], new: Mapping[str, str], tolerance: float, alpha: float) -> Change:
    columns = tuple(name for name in NUMBERS if not _same(old.get(name, ""), new.get(name, ""), tolerance))
    return Change(key, old, new, columns, _crossed(old, new, alpha) if columns else "")


def _same(a: str, b: str, tolerance: float) -> bool:
    x, y = number(a), number(b)
    if math.isnan(x) or math.isnan(y):
        return a == b
    return x == y or abs(x - y) <= tolerance * max(abs(x), abs(y))


def number(cell: str) -> float:
    """The number of a cell; nan where it holds none."""
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _crossed(old: Mapping[str, str], new: Mapping[str, str], alpha: float) -> str:
    statistic = new.get("statistic", "")
    if statistic == "p" or statistic.startswith("p_"):
        sides = [number(cells.get("value", "")) for cells in (old, new)]
        return f"P {alpha:g}" if not any(map(math.isnan, sides)) and len({p < alpha for p in sides}) > 1 else ""
    null = 1.0 if statistic in RATIOS else 0.0 if statistic in DIFFERENCES else math.nan
    if math.isnan(null):
        return ""
    sides = [_excludes(cells, null) for cells in (old, new)]
    return f"interval {null:g}" if None not in sides and sides[0] != sides[1] else ""


def _excludes(cells: Mapping[str, str], null: float) -> bool | None:
    low, high = number(cells.get("low", "")), number(cells.get("high", ""))
    return None if math.isnan(low) or math.isnan(high) else not low <= null <= high


def _tables(first: Output, second: Output) -> Iterator[TableChange]:
    """Rows of tables that print otherwise, in the order of the second folder."""
    for name in dict.fromkeys((*second.tables, *first.tables)):
        old, new = first.tables.get(name, []), second.tables.get(name, [])
        before, after = _placed(old), _placed(new)
        columns = tuple((new or old)[0]) if new or old else ()
        for place in dict.fromkeys((*after, *before)):
            a, b = before.get(place), after.get(place)
            if a != b:
                yield TableChange(name, place, a, b, columns)


def _placed(table: list[list[str]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Rows by their place: the heading row above, the labels they are indented under, their own; equal ones are counted."""
    placed: dict[tuple[str, ...], tuple[str, ...]] = {}
    heading, labels = "", list[str]()
    for row in table[1:]:
        label = row[0] if row else ""
        depth = (len(label) - len(label.lstrip(" "))) // 2
        if label and not depth and not any(row[1:]):
            heading, labels = label, []
        labels = [*labels[:depth], label.strip()]
        place = tuple(dict.fromkeys(x for x in (heading, *labels) if x)) or ("",)
        numbered, i = place, 1
        while numbered in placed:
            i += 1
            numbered = (*place, f"({i})")
        placed[numbered] = tuple(row)
    return placed


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Setting]:
    before, after = old["protocol"], new["protocol"]
    found = list(_flat_changes(before.get("settings"), after.get("settings"), ()))
    found += _flat_changes(old.get("packs"), new.get("packs"), ("packs",))
    if not found and before.get("sha256") != after.get("sha256"):
        found.append(Setting("text of the protocol", "another file", "the same settings in other words or another order"))
    return found


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Setting]:
    before, after = old["data"], new["data"]
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        if not a or not b or a.get("sha256") != b.get("sha256"):
            yield Setting(name, _input(a), _input(b))


def _input(table: Mapping[str, Any] | None) -> str:
    if not table:
        return ""
    return f"{table.get('file')}, {table.get('rows')} rows, sha256 {str(table.get('sha256'))[:12]}"


def _flat_changes(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[Setting]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _flat_changes(old.get(name), new.get(name), (*path, str(name)))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and _nested([*old, *new]):
        for i, (a, b) in enumerate(zip(old, new, strict=True), start=1):
            yield from _flat_changes(a, b, (*path, str(i)))
    elif old != new:
        yield Setting(".".join(path), shown(old), shown(new))


def _nested(items: list[Any]) -> bool:
    return any(isinstance(item, Mapping | list) for item in items)


def shown(value: Any) -> str:
    """A setting in words; '' where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items() if v is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return str(value)
