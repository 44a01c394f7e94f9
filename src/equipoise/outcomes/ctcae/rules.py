"""The rules of CTCAE as relations: v5.csv, v4.csv and units.csv of this folder, read and put in words."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

from equipoise.engine import Engine, values

PACKAGE = "equipoise.outcomes.ctcae"
VERSIONS = ("5", "4")
READINGS = ("printed", "pharmaverse")
RULE_COLUMNS = ("rule_nr", "term", "parameter", "direction", "grade", "unit", "sign", "number", "basis", "only_if", "words")
UNIT_COLUMNS = ("unit", "spelling", "multiply_by", "divide_by")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule file: a grade of a term, in one unit, and the cut that a value must pass.

    The cut is `number` (in `unit`) by `basis`: 'value' the number itself; 'x LLN', 'x ULN', 'x baseline' a multiple; '+ ULN'
    the upper limit plus the number; '+ ULN or baseline' the higher of the two plus the number. sign: >, >=, <, <=; empty
    where CTCAE prints nothing that a value decides. unit: empty = any. only_if, assumes, reading: empty = always.
    """

    term: str
    parameter: str
    direction: str
    grade: int
    system: str
    unit: str
    sign: str
    number: float | None
    basis: str
    only_if: str
    assumes: str
    reading: str
    clinical: str

    @property
    def words(self) -> str:
        """The rule as a reader sees it: '> 3 x ULN, baseline not above ULN'."""
        amount = f"{self.number:g}" if self.basis.startswith("x ") else f"{self.number:g} {self.unit}".strip()
        cut = {"value": amount, "+": f"{self.basis[2:]} + {amount}", "x": f"{amount} {self.basis}"}[self.basis.split()[0]]
        found = f"{self.assumes} assumed" if self.assumes else ""
        return ", ".join(part for part in (f"{self.sign} {cut}", self.only_if, found) if part)


def read_rules(version: str = "5") -> tuple[Rule, ...]:
    """Every row of a version's file, in its order. version: '5' (v5.0, 2017) or '4' (v4.03, 2010); ValueError otherwise."""
    if version not in VERSIONS:
        raise ValueError(f"CTCAE version '{version}' is not known; known: {', '.join(VERSIONS)}")
    return tuple(_rule(row) for row in _rows(f"v{version}.csv"))


def highest_grades() -> dict[str, int]:
    """Term of v5.0 in small letters -> its highest grade, of the terms that lack a grade 4 or 5."""
    return {row["term"].lower(): int(row["highest_grade"]) for row in _rows("highest_grade.csv")}


def read_units() -> tuple[tuple[str, str, float, float], ...]:
    """unit as in the rules, spelling in small letters with u for micro, multiply_by, divide_by (powers of ten)."""
    return tuple((r["unit"], r["spelling"], float(r["multiply_by"]), float(r["divide_by"])) for r in _rows("units.csv"))


def assumptions(version: str = "5") -> tuple[str, ...]:
    """Findings beside the value that some grades need: what `assume` may name."""
    return tuple(sorted({r.assumes for r in read_rules(version) if r.assumes}))


def undecided_grades(version: str = "5") -> tuple[tuple[str, str, int, str], ...]:
    """term, direction, grade and text of the grades that no laboratory value decides, e.g. grade 4 anemia."""
    return tuple((r.term, r.direction, r.grade, r.clinical) for r in read_rules(version) if not r.sign)


def select_rules(version: str, reading: str, assume: tuple[str, ...] | None) -> tuple[Rule, ...]:
    """The rows that a value can decide under a reading and its assumptions, by grade, else as in the file.

    assume: findings taken for granted; None = none under 'printed', every one (the worst case) under 'pharmaverse'.
    ValueError for a version, reading or finding that is not known.
    """
    known = assumptions(version)
    if reading not in READINGS:
        raise ValueError(f"reading '{reading}' is not known; known: {', '.join(READINGS)}")
    if assume is None:
        assume = known if reading == "pharmaverse" else ()
    unknown = sorted(set(assume) - set(known))
    if unknown:
        raise ValueError(f"CTCAE v{version} names no such finding: {', '.join(unknown)}; it names {', '.join(known)}")
    found = ("", *assume)
    chosen = [r for r in read_rules(version) if r.sign and r.assumes in found and r.reading in ("", reading)]
    return tuple(sorted(chosen, key=lambda r: r.grade))


def define_rules(engine: Engine, version: str = "5", reading: str = "printed", assume: tuple[str, ...] | None = None) -> None:
    """Define `ctcae_rule` (the rows of `select_rules`) and `ctcae_unit`, from which lab_grade.sql grades `lab_value`."""
    chosen = select_rules(version, reading, assume)
    rows = [
        (nr, r.term, r.parameter, r.direction, r.grade, r.unit, r.sign, r.number, r.basis, r.only_if, r.words)
        for nr, r in enumerate(chosen, 1)
    ]
    engine.define("ctcae_rule", values(list(RULE_COLUMNS), rows), phase="outcomes")
    engine.define("ctcae_unit", values(list(UNIT_COLUMNS), list(read_units())), phase="outcomes")


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files(PACKAGE).joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _rule(row: dict[str, str]) -> Rule:
    number = float(row["number"]) if row["number"] else None
    return Rule(**{**row, "grade": int(row["grade"]), "number": number})
