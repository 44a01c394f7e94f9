"""Which line of treatment the index treatment is: declared where the data do not show it, and what follows from it."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.lines import line_name, ordinal
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study

INDEX = "label: first dose,"


def with_lines(tiny, lines, declared=None):
    """The tiny study with later lines (patient number, line) 100 days after the first scan."""
    start = dt.date(2020, 9, 1)
    tiny.tables["subsequent_therapy"] = [
        {"patient_id": f"T{i:02d}", "line": line, "regimen": "gammacid", "start": start + dt.timedelta(days=20 * i), "stop": ""}
        for i, line in lines
    ]
    for row in tiny.tables["followup"]:
        row["last_contact"] = max(row["last_contact"], dt.date(2022, 12, 1))
        row["death_date"] = row["last_contact"] if row["death_date"] else ""
    if declared is not None:
        tiny.protocol = tiny.protocol.replace(INDEX, f"{INDEX} line: {declared},")
    return tiny.write()


def fault(path):
    with pytest.raises(DataError) as caught:
        read_sources(load_protocol(path))
    (found,) = caught.value.faults
    return found


def test_an_undeclared_line_is_the_first(tiny):
    path = with_lines(tiny, [(1, 2), (2, 2), (3, 2), (3, 3)])
    study = run_study(path)
    row = study.estimates["safety.unadjusted.patients_with.second_line.total.n"]
    assert row.value == 3
    assert not any("third" in key for key in study.estimates.rows)


def test_later_lines_that_do_not_follow_the_first_ask_for_the_line(tiny):
    found = fault(with_lines(tiny, [(1, 3), (2, 4)]))
    assert found.place.startswith("study.yaml:") and "index: {line: 2}" in found.message


def test_a_declared_line_calls_the_next_one_by_its_number(tiny):
    study = run_study(with_lines(tiny, [(1, 3), (2, 4), (4, 3)], declared=2))
    assert study.estimates["safety.unadjusted.patients_with.third_line.total.n"].value == 2


THIRD = """
post_index:
  third: {label: Third line, kind: subsequent_therapy, line: 3, endpoint: os, landmark_day: 90, adjust: [age]}
"""


def test_the_first_later_line_that_is_compared_says_the_line(tiny):
    tiny.protocol += THIRD
    study = run_study(with_lines(tiny, [(1, 3), (2, 4), (4, 3)]))
    assert study.protocol.index_line == 2
    assert study.estimates["safety.unadjusted.patients_with.third_line.total.n"].value == 2


def test_a_compared_line_that_is_not_the_first_later_one_asks_for_the_line(tiny):
    tiny.protocol += THIRD
    found = fault(with_lines(tiny, [(1, 2), (2, 3)]))
    assert "post_index compares is line 3" in found.message and "index: {line: 1}" in found.message
    study = run_study(with_lines(tiny, [(1, 2), (2, 3)], declared=1))
    assert study.protocol.index_line == 1


def test_a_later_line_that_is_not_later(tiny):
    assert "does not come after" in fault(with_lines(tiny, [(1, 2)], declared=2)).message


def test_nothing_is_said_of_tables_that_were_not_given(tiny):
    study = run_study(tiny.write())
    assert not [k for k in study.estimates.rows if "_line" in k or "discontinued" in k]


def test_an_infusion_of_the_line_before_asks_for_the_line(tiny):
    tiny.tables["firstline_infusion"] = [
        {"patient_id": "T01", "cycle": 1, "date": dt.date(2020, 1, 1), "given_ate": "true", "given_bev": "true"}
    ]
    infused = "{a: {given: given_ate}, b: {given: given_bev}}"
    tiny.protocol += f"packs: [prior_line]\nprior_line: {{drugs: {infused}}}\n"
    assert "say which line" in fault(tiny.write()).message


@pytest.mark.parametrize(("line", "days"), [(1, 0), (2, 14)])
def test_the_rule_of_day_14_needs_a_line_before(tiny, line, days):
    tiny.protocol = tiny.protocol.replace(INDEX, f"{INDEX} line: {line},")
    protocol = load_protocol(tiny.write())
    assert protocol.progression_from_day(protocol.endpoints["ttp"]) == days


def test_a_spreadsheet_may_say_its_line(tmp_path):
    from sheet import Sheet

    sheet = Sheet(tmp_path / "s")
    sheet.protocol["index"] = {"line": 2}
    assert load_protocol(sheet.write()).index_line == 2
    assert run_study(sheet.path).cohort.n == 60


def test_words():
    assert [ordinal(n) for n in (1, 2, 3, 12, 13)] == ["first", "second", "third", "twelfth", "13th"]
    assert line_name(3) == "third_line"


def test_the_case_of_a_first_line_study_prints_the_second_line(tiny, tmp_path, undrawn):
    from equipoise.report.bundle import write_report

    write_report(run_study(with_lines(tiny, [(1, 2), (2, 2)])), tmp_path / "out")
    with (tmp_path / "out" / "tables" / "other_counts.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row[0]: row[-1] for row in csv.reader(file) if row}
    assert "Second line" in rows and "Third line" not in rows
