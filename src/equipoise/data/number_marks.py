"""Columns whose numbers have decimal commas or signs between thousands, as far as their cells show."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.data.read import RawTable
from equipoise.engine import literal

_LIMIT = "[<>≤≥= ]*[-+]?"
_GROUP = r"[ '’\x{a0}\x{202f}]"
FORMS = {
    "whole": f"{_LIMIT}[0-9]+",
    "point": rf"{_LIMIT}[0-9]*\.[0-9]+",
    "comma": f"{_LIMIT}[0-9]*,[0-9]+",
    "grouped": rf"{_LIMIT}[0-9]{{1,3}}(?:{_GROUP}[0-9]{{3}})+",
    "grouped_comma": rf"{_LIMIT}[0-9]{{1,3}}(?:(?:\.|{_GROUP})[0-9]{{3}})+,[0-9]+",
    "grouped_point": rf"{_LIMIT}[0-9]{{1,3}}(?:(?:,|{_GROUP})[0-9]{{3}})+\.[0-9]+",
    "points": rf"{_LIMIT}[0-9]{{1,3}}(?:\.[0-9]{{3}}){{2,}}",
    "commas": rf"{_LIMIT}[0-9]{{1,3}}(?:,[0-9]{{3}}){{2,}}",
    "either_comma": rf"{_LIMIT}[1-9][0-9]{{0,2}},[0-9]{{3}}",
    "either_point": rf"{_LIMIT}[1-9][0-9]{{0,2}}\.[0-9]{{3}}",
}
_KINDS = ("whole", "point", "comma", "grouped", "grouped_comma", "grouped_point", "points", "commas")
_MOSTLY = 0.6  # of the cells are numbers in one form or another: the others are words


@dataclass(frozen=True, slots=True)
class Marks:
    decimal_comma: tuple[str, ...] = ()
    thousands: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


def number_marks(raw: RawTable) -> Marks:
    """The columns, and what is said of them: asked are those in which 1,234 may be either."""
    counted = {name: _counts(raw, name) for name in raw.names if raw.kinds[name] == "VARCHAR"}
    counted = {n: c for n, c in counted.items() if c["filled"] and sum(c[k] for k in _KINDS) >= _MOSTLY * c["filled"]}
    plain = {n: _told(c) for n, c in counted.items()}
    commas_here = any("comma" in told for told in plain.values())
    comma, grouped, asked = [], [], []
    for name, told in plain.items():
        if told == "open":
            told = "comma" if commas_here else "grouped"
            read = "decimal commas, as in other columns" if commas_here else "thousands"
            asked.append(f"{name}: numbers such as 1,234 are read as {read}: CONFIRM")
        elif told == "pointed" and commas_here:
            told = "comma grouped"
            asked.append(f"{name}: numbers such as 1.234 are read as thousands, as other columns have decimal commas: CONFIRM")
        elif told == "mixed":
            asked.append(f"{name}: decimal points and decimal commas stand in one column; write one or the other throughout")
        comma += [name] if "comma" in told else []
        grouped += [name] if "grouped" in told else []
    said = [f"decimal commas in {', '.join(comma)}"] if comma else []
    said += [f"signs between thousands in {', '.join(grouped)}"] if grouped else []
    return Marks(tuple(comma), tuple(grouped), tuple(said), tuple(asked))


def _counts(raw: RawTable, name: str) -> dict[str, int]:
    cell = raw.cell(name)
    fields = [f"count(*) filter (regexp_full_match({cell}, {literal(p)}))" for p in FORMS.values()]
    found = raw.engine.rows(f"select count({cell}), {', '.join(fields)} from {raw.relation}")[0]
    return dict(zip(("filled", *FORMS), found, strict=True))


def _told(c: dict[str, int]) -> str:
    """comma, grouped, comma grouped, open (1,234 alone), pointed (1.234 alone), mixed, or '' for plain numbers."""
    point = c["point"] > c["either_point"] or bool(c["grouped_point"] or c["commas"])
    comma = c["comma"] > c["either_comma"] or bool(c["grouped_comma"] or c["points"])
    if point and comma:
        return "mixed"
    if comma:
        return "comma grouped" if c["grouped_comma"] or c["points"] or c["either_point"] or c["grouped"] else "comma"
    if c["grouped_point"] or c["commas"] or c["grouped"] or (point and c["either_comma"]):
        return "grouped"
    if c["either_comma"]:
        return "mixed" if c["either_point"] else "open"
    return "pointed" if c["either_point"] and not point else ""
