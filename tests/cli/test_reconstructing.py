"""equipoise reconstruct: files in, patients out; faults are sentences of places without their values."""

import pytest
from typer.testing import CliRunner

from equipoise.cli import app


@pytest.fixture
def files(tmp_path):
    (tmp_path / "points.csv").write_text("time,survival\n1,75\n2,50\n3,25\n4,0\n")
    (tmp_path / "risk.csv").write_text("0,4\n")
    return tmp_path


def ran(folder, *more):
    return CliRunner().invoke(app, ["reconstruct", str(folder / "points.csv"), "--at-risk", str(folder / "risk.csv"), *more])


def test_patients_of_a_curve_in_percent(files):
    result = ran(files)
    assert result.exit_code == 0, result.output
    assert (files / "points-patients.csv").read_text() == "time,event\n1,1\n2,1\n3,1\n4,1\n"


def test_every_faulty_row_is_named(files):
    (files / "points.csv").write_text("time,survival\n1,SECRET\n2\n3,0.5\n")
    (files / "risk.csv").write_text("0,many\n")
    result = ran(files)
    assert result.exit_code == 2
    said = result.output + (result.stderr if result.stderr_bytes else "")
    for place in ("points.csv, row 2", "points.csv, row 3", "risk.csv, row 1"):
        assert place in said
    assert "SECRET" not in said


def test_numbers_at_risk_start_at_0_and_fall(files):
    (files / "risk.csv").write_text("1,4\n2,5\n")
    result = ran(files, "--events", "9")
    assert result.exit_code == 2
    said = result.output + (result.stderr if result.stderr_bytes else "")
    assert "time 0" in said
    assert "do not rise" in said
    assert "--events" in said


def test_a_file_that_is_not_there(files):
    (files / "risk.csv").unlink()
    assert ran(files).exit_code == 2


def test_a_file_of_another_kind_is_not_replaced(files):
    before = (files / "points.csv").read_text()
    assert ran(files, "--out", str(files / "points.csv")).exit_code == 2
    assert (files / "points.csv").read_text() == before
    assert [ran(files).exit_code, ran(files).exit_code] == [0, 0]  # ours is


def test_points_too_far_apart_are_remarked(files):
    (files / "points.csv").write_text("0.5,98\n3,70\n6,40\n9,25\n")
    (files / "risk.csv").write_text("0,86\n3,55\n6,25\n")
    assert "not well reproduced" in ran(files).output
