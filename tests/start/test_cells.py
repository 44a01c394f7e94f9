"""Cells that a rule of their column reads: values at a limit, `-` for missing in one column and negative in another."""

from __future__ import annotations

import csv
import random

from equipoise.report.assemble import report_document
from equipoise.start import start_study
from equipoise.start.cells import own_rules
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
    rules, columns = own_rules({"HBsAg": cells("+", "-", "+"), "AFP": cells("3", "-", "5")})
    assert rules.missing == ("AFP",) and columns == {"HBsAg": cells("+", "-", "+"), "AFP": cells("3", None, "5")}


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
    assert 'limits: {"CRP": at_limit}' in text and 'missing_in: {"AFP": ["-"]}' in text
    study = run_study(path)
    assert study.sources.limits[0].below == 8
    said = [b for s in report_document(study, {}).sections if s.anchor == "methods" for b in s.blocks]
    assert "Values beyond a limit of measurement were set to that limit (CRP)." in str(said)
