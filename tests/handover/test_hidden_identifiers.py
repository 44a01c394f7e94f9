"""Identifiers in columns whose headings do not say so: numbers of several lengths, running numbers, names behind a title."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from equipoise.cli import app

N = 60
COLUMNS = {
    "insurer": (lambda i: 9901 + 7919 * i, "as identifiers do"),
    "book": (lambda i: 301 + i, "as identifiers do"),
    "Referring": (lambda i: ("Dr Lee", "Dr. Park", "Prof. Cho")[i % 3], "it holds names of persons"),
    "seen by": (lambda i: ("Frau Weiss", "Herr Roth")[i % 2], "it holds names of persons"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_they_are_left_out(tmp_path, name):
    write, why = COLUMNS[name]
    lines = [f"patient,arm,age,dr,{name}", *(f"K{i},{'AB'[i % 2]},{40 + i % 30},{'xy'[i % 2]},{write(i)}" for i in range(N))]
    (tmp_path / "d.csv").write_text("\n".join(lines), encoding="utf-8")
    done = CliRunner().invoke(app, ["deidentify", str(tmp_path / "d.csv"), "--seed", str(2**80)])
    assert done.exit_code == 0, done.output
    assert f"patients.{name}: " in done.output and why in done.output
    (table,) = (tmp_path / "d-deidentified").glob("*.csv")
    head = table.read_text(encoding="utf-8").splitlines()[0]
    assert head == "patient,arm,age,dr" and "dr may name a hospital or a person who treats" in done.output
