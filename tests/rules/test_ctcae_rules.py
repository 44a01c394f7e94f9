"""The rule files themselves: every row can be read one way only, and grades follow each other."""

from __future__ import annotations

import itertools

import pytest

from equipoise.engine import DuckDBEngine
from equipoise.outcomes.ctcae import define_rules, undecided_grades
from equipoise.outcomes.ctcae.rules import (
    READINGS,
    VERSIONS,
    Rule,
    assumptions,
    highest_grades,
    read_rules,
    read_units,
    select_rules,
)

DECIDED = [(version, reading) for version in VERSIONS for reading in READINGS]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_speaks_the_documented_words(version):
    for rule in read_rules(version):
        assert rule.direction in ("high", "low")
        assert 1 <= rule.grade <= 5
        assert rule.system in ("", "SI", "US")
        assert rule.reading in ("", *READINGS)
        if not rule.sign:
            assert rule.clinical and rule.number is None and not rule.basis, rule
            continue
        assert rule.sign in ((">", ">=") if rule.direction == "high" else ("<", "<=")), rule
        assert rule.basis in ("value", "x LLN", "x ULN", "x baseline", "+ ULN", "+ ULN or baseline"), rule
        assert rule.only_if in ("", "baseline above ULN", "baseline not above ULN", "value below LLN"), rule
        assert rule.number is not None


@pytest.mark.parametrize(("version", "reading"), DECIDED)
def test_no_two_rows_say_the_same(version, reading):
    rules = select_rules(version, reading, None)
    keys = [(r.term, r.direction, r.grade, r.unit, r.basis, r.only_if, r.assumes) for r in rules]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("version", "reading"), DECIDED)
def test_a_higher_grade_lies_further_out(version, reading):
    """Rows that differ by grade alone: the cut moves away from normal with the grade."""

    def series(rule: Rule) -> tuple:
        return (rule.term, rule.direction, rule.unit, rule.basis, rule.only_if, rule.assumes)

    for _, rows in itertools.groupby(sorted(select_rules(version, reading, None), key=series), key=series):
        ordered = sorted(rows, key=lambda r: r.grade)
        numbers = [r.number if r.direction == "high" else -r.number for r in ordered]
        assert numbers == sorted(set(numbers)), ordered


@pytest.mark.parametrize("version", VERSIONS)
def test_every_unit_has_spellings_and_no_spelling_two_units_of_one_parameter(version):
    spellings: dict[str, set[str]] = {}
    for unit, spelling, multiply_by, divide_by in read_units():
        spellings.setdefault(unit, set()).add(spelling)
        assert spelling == spelling.lower()
        assert (multiply_by, divide_by) in ((1, 1), (1000, 1), (1, 1000)), "powers of ten alone"
    for parameter, rows in itertools.groupby(sorted(read_rules(version), key=lambda r: r.parameter), key=lambda r: r.parameter):
        units = {r.unit for r in rows if r.unit}
        assert units <= set(spellings), parameter
        assert all(not spellings[a] & spellings[b] for a, b in itertools.combinations(units, 2)), parameter


@pytest.mark.parametrize("version", VERSIONS)
def test_a_term_with_a_unit_has_one_in_every_row(version):
    """Otherwise a value in another unit would be graded by part of its term. CTCAE's grades by text alone have none."""
    by_term: dict[tuple[str, str], set[bool]] = {}
    for rule in read_rules(version):
        if rule.sign:
            by_term.setdefault((rule.term, rule.direction), set()).add(bool(rule.unit))
    assert all(len(kinds) == 1 for kinds in by_term.values())


def test_versions_agree_on_the_cuts_of_us_units_where_they_agree_on_si():
    """The cases of version 4 are in SI units alone: its US rows are those of version 5 wherever the SI rows are."""

    def cuts(version: str, system: str) -> dict[str, list[tuple]]:
        found: dict[str, list[tuple]] = {}
        for r in select_rules(version, "pharmaverse", None):
            if r.system == system:
                found.setdefault(r.term, []).append((r.grade, r.sign, r.number, r.basis, r.only_if, r.assumes))
        return found

    same = [term for term, rows in cuts("4", "SI").items() if rows == cuts("5", "SI").get(term)]
    assert len(same) == 21
    assert all(cuts("4", "US")[term] == cuts("5", "US")[term] for term in same)


def test_grades_that_no_value_decides():
    found = undecided_grades("5")
    assert ("Anemia", "low", 5, "death") in found
    assert [grade for term, _, grade, _ in found if term == "Hypoalbuminemia"] == [4, 5]
    assert {grade for *_, grade, _ in found} == {4, 5}


def test_highest_grades_agree_with_the_laboratory_rules():
    """Two files made from the printed table apart: no rule grades above its term, and no term of fewer grades lacks one."""
    highest, graded = highest_grades(), {}
    for rule in read_rules("5"):
        graded[rule.term.lower()] = max(rule.grade, graded.get(rule.term.lower(), 0))
    assert {t: g for t, g in graded.items() if t in highest} == {t: highest[t] for t in graded if t in highest}
    assert all(g >= 4 for t, g in graded.items() if t not in highest), "terms with a grade 5"


def test_words():
    rules = {(r.term, r.grade, r.basis, r.unit): r.words for r in select_rules("5", "printed", ("anticoagulation",))}
    assert rules["Alanine aminotransferase increased", 3, "x ULN", ""] == "> 5 x ULN, baseline not above ULN"
    assert rules["Platelet count decreased", 4, "value", "/mm3"] == "< 25000 /mm3"
    assert rules["Hemoglobin increased", 2, "+ ULN", "g/dL"] == "> ULN + 2 g/dL"
    assert rules["INR increased", 1, "x baseline", ""] == "> 1 x baseline, anticoagulation assumed"


def test_what_is_not_known_is_refused():
    with pytest.raises(ValueError, match="version '3' is not known; known: 5, 4"):
        define_rules(DuckDBEngine(), "3")
    with pytest.raises(ValueError, match="reading 'lenient'"):
        define_rules(DuckDBEngine(), reading="lenient")
    with pytest.raises(ValueError, match="no such finding: pain"):
        define_rules(DuckDBEngine(), assume=("pain",))


def test_assumptions_by_reading():
    assert assumptions("5") == ("anticoagulation", "physiologic consequences", "signs or symptoms", "symptoms")
    assert not any(r.assumes for r in select_rules("5", "printed", None))
    assert {r.assumes for r in select_rules("4", "pharmaverse", None)} == {"", *assumptions("4")}
