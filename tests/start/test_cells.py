"""Cells that a rule of their column reads: values at a limit, `-` for missing in one column and negative in another."""

from __future__ import annotations

import csv
import random

import pytest

from equipoise.report.assemble import report_document
from equipoise.start import start_study
from equipoise.start.cells import own_rules
from equipoise.start.missing import missing_of
from equipoise.study import run_study


def cells(*values: str | None) -> list[str | None]:
    return list(values)


def test_values_at_a_limit_are_numbers_at_it():
    rules, columns = own_rules({"CRP": cells("<0.5", "1.5", "2", "7.25", ">50", None)})
    assert rules.limits == {"CRP": 2} and columns["CRP"] == cells("0.5", "1.5", "2", "7.25", "50", None)


def test_classes_words_and_times_are_left_alone():
    given = {
        "size": cells("<10", "10-20", ">20", "<10"),  # classes
        "count": cells("<5", "5", "5", "5"),  # one number beside the limit
        "marker": cells("<5", "7", "9", "11", "lost"),  # a word too
        "OS_months": cells("12", "24", ">60", "36", "48"),  # a time that goes on is no value at a limit
    }
    rules, columns = own_rules(given)
    assert rules.limits == {} and columns == given


def test_minus_is_negative_beside_plus_alone():
    missing, columns = missing_of({"HBsAg": cells("+", "-", "+"), "AFP": cells("3", "-", "5")})
    assert missing.words == {"AFP": {"-": 1}} and columns == {"HBsAg": cells("+", "-", "+"), "AFP": cells("3", None, "5")}


def test_words_for_missing_are_counted_by_column_and_doubted_where_they_may_be_a_level():
    given = {
        "AFP": cells("3", "NA", "[Not Available]", "5", "NA"),
        "smoker": cells("yes", "no", "Unknown", "yes", "Unknown"),
        "crp": cells("1.5", "2", "unknown", "7", "8"),
    }
    missing, columns = missing_of(given)
    assert missing.words == {"AFP": {"NA": 2, "[Not Available]": 1}, "smoker": {"Unknown": 2}, "crp": {"unknown": 1}}
    assert missing.doubtful == {"smoker": ("Unknown",)} and columns["smoker"] == cells("yes", "no", None, "yes", None)
    assert missing.lines() == [
        "  missing_in:    # words that stand for an empty cell, by column",
        '    "AFP": ["NA", "[Not Available]"]    # 3 cells',
        '    "smoker": ["Unknown"]    # 2 cells; "Unknown" may mean something here: CONFIRM',
        '    "crp": ["unknown"]    # 1 cell',
    ]


def test_a_word_of_many_columns_is_said_once():
    missing, _ = missing_of({f"x{i}": cells("1", "NA", "2") for i in range(9)} | {"y": cells("NA", "?", "5")})
    assert missing.lines() == [
        '  missing: ["NA"]    # words for an empty cell: "NA" in 10 cells of 10 columns',
        "  missing_in:    # words that stand for an empty cell, by column",
        '    "y": ["?"]    # 1 cell',
    ]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*range(20), 9999, 9999], ["9999"]),
        ([*range(20), 9999], ["9999"]),  # 500 times the next
        ([*range(0, 8000, 400), 9999, 9999], []),  # AFP up to 7,600: 9999 may be measured
        ([*range(20), -9], ["-9"]),
        ([*range(-5, 15), -9], []),
        ([0.5, *range(20), 99, 99], []),  # a measured 99
        ([0, 1, 2] * 7 + [99, 99], ["99"]),
        ([50, 999], []),  # too few to tell
    ],
)
def test_nines_beyond_every_other_number(values, codes):
    missing, columns = missing_of({"x": [str(v) for v in values]})
    assert list(missing.words.get("x", {})) == codes and list(missing.doubtful.get("x", ())) == codes
    assert columns["x"].count(None) == sum(str(v) in codes for v in values)


def test_a_file_with_both_runs_and_methods_say_it(tmp_path):
    draw = random.Random(4)
    with (tmp_path / "clinic.csv").open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["case", "treatment", "os_months", "death", "HBsAg", "AFP", "CRP"])
        for i in range(80):
            crp = "<0.5" if i % 10 == 0 else f"{draw.uniform(0.5, 40):.1f}"
            afp = "-" if i % 16 == 0 else str(draw.randint(2, 900))
            row = [
                f"k{i}",
                "AB"[i % 2],
                f"{draw.expovariate(0.07) + 0.1:.1f}",
                draw.choice([0, 1, 1]),
                draw.choice("+-"),
                afp,
                crp,
            ]
            write.writerow(row)
    path = start_study([tmp_path / "clinic.csv"], out=tmp_path / "out")
    text = path.read_text(encoding="utf-8")
    assert 'limits: {"CRP": at_limit}' in text and '    "AFP": ["-"]    # 5 cells' in text
    study = run_study(path)
    assert study.sources.limits[0].below == 8
    said = [b for s in report_document(study, {}).sections if s.anchor == "methods" for b in s.blocks]
    assert "Values beyond a limit of measurement were set to that limit (CRP)." in str(said)
