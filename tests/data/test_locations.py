"""Files outside the protocol's folder and behind links: read where the protocol names them, said, and refused when confined."""

from __future__ import annotations

import shutil

import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from sheet import Sheet


def located(path, confine=False):
    return [
        (f.rule, f.message) for f in read_sources(load_protocol(path, confine=confine)).findings if f.rule in ("link", "outside")
    ]


def elsewhere(sheet, folder):
    folder.mkdir()
    sheet.write()
    return shutil.move(sheet.folder / "d.csv", folder / "d.csv")


def test_a_file_in_the_folder_has_no_finding(tmp_path):
    assert located(Sheet(tmp_path / "study").write(), confine=True) == []


def test_a_file_elsewhere_is_read_and_said(tmp_path):
    sheet = Sheet(tmp_path / "study")
    sheet.protocol["data"]["rows"] = "../share/d.csv"
    target = elsewhere(sheet, tmp_path / "share")
    ((rule, message),) = located(sheet.path)
    assert rule == "outside" and f"read is {target}" in message
    with pytest.raises(DataError) as caught:
        located(sheet.path, confine=True)
    (fault,) = caught.value.faults
    assert fault.place == f"study.yaml:{sheet.line_of('rows:')}" and "--confine" in fault.message


def test_a_link_is_followed_and_named(tmp_path):
    sheet = Sheet(tmp_path / "study")
    target = elsewhere(sheet, tmp_path / "share")
    (sheet.folder / "d.csv").symlink_to(target)
    found = located(sheet.path)
    assert [rule for rule, _ in found] == ["link", "outside"]
    with pytest.raises(DataError):
        located(sheet.path, confine=True)


def test_tables_behind_a_link(tiny, tmp_path):
    tiny.write()
    target = shutil.move(tiny.folder / "data" / "ae.csv", tmp_path / "ae.csv")
    (tiny.folder / "data" / "ae.csv").symlink_to(target)
    assert [rule for rule, _ in located(tiny.path)] == ["link", "outside"]
    with pytest.raises(DataError):
        located(tiny.path, confine=True)


def test_a_folder_of_tables_elsewhere_is_said_once(tiny, tmp_path):
    tiny.protocol = tiny.protocol.replace("tables: data", "tables: ../share")
    tiny.write()
    shutil.move(tiny.folder / "data", tmp_path / "share")
    assert [rule for rule, _ in located(tiny.path)] == ["outside"]


def test_a_link_in_circles_and_a_name_that_is_too_long(tmp_path):
    sheet = Sheet(tmp_path / "study")
    sheet.write()
    (sheet.folder / "d.csv").unlink()
    (sheet.folder / "d.csv").symlink_to(sheet.folder / "d.csv")
    with pytest.raises(DataError):
        located(sheet.path)
    (sheet.folder / "d.csv").unlink()
    sheet.protocol["data"]["rows"] = f"{'x' * 400}.csv"
    sheet.write()
    with pytest.raises(DataError):
        located(sheet.path)


def test_the_command_line_confines(tmp_path):
    from typer.testing import CliRunner

    from equipoise.cli import app

    sheet = Sheet(tmp_path / "study")
    sheet.protocol["data"]["rows"] = "../share/d.csv"
    elsewhere(sheet, tmp_path / "share")
    said = CliRunner().invoke(app, ["check", str(sheet.path)])
    assert said.exit_code == 0 and "lies outside the protocol's folder" in said.output
    refused = CliRunner().invoke(app, ["check", "--confine", str(sheet.path)])
    assert refused.exit_code == 2 and "--confine" in refused.output
    assert CliRunner().invoke(app, ["run", "--confine", str(sheet.path)]).exit_code == 2
    assert not (sheet.folder / "out").exists()
