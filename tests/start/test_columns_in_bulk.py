"""Files with a column for each gene: none of them is a covariate unasked, and the clinical columns stay."""

from __future__ import annotations

import random

import pytest
import yaml
from beginning import begin, write_csv

N = 80


def people(genes: int, cell):
    draw = random.Random(3)
    return [
        {
            "id": f"P{i}", "age": draw.randint(40, 80), "stage": draw.choice(["I", "II"]), "arm": draw.choice("AB"),
            "days": draw.randint(20, 900), "dead": draw.randint(0, 1),
        }
        | {f"GENE{g}": cell(draw) for g in range(genes)}
        for i in range(N)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "kind"), [(lambda d: round(d.gauss(0, 1), 3), "continuous"), (lambda d: d.randint(0, 1), "binary")]
)
def test_they_are_left_out_with_the_reason(tmp_path, cell, kind):
    path, said = begin(write_csv(tmp_path / "d.csv", people(101, cell)))
    assert set(yaml.safe_load(path.read_text(encoding="utf-8"))["covariates"]) == {"age", "stage"}
    (line,) = (line for line in said if f"one of 101 {kind} columns" in line)
    assert line.startswith("left out    101 columns, GENE0 to GENE100: ")


def test_a_long_clinical_file_is_taken_whole(tmp_path):
    path, _ = begin(write_csv(tmp_path / "d.csv", people(30, lambda d: round(d.gauss(0, 1), 3))))
    assert len(yaml.safe_load(path.read_text(encoding="utf-8"))["covariates"]) == 32
