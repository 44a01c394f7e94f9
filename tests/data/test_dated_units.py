"""A time column whose unit the dates beside it decide: a finding where the protocol says another, and what init writes."""

from __future__ import annotations

import datetime as dt

import pytest

from equipoise.data.sources import read_sources
from equipoise.protocol.load import load_protocol
from equipoise.start.begin import start_study

PER = {"days": 1, "weeks": 7, "months": 30.4375, "years": 365.25}


def dated(sheet, unit, digits, written="%Y-%m-%d", plus=0):
    """The days of the sheet as dates from entry to last contact, and as a time in the unit."""
    days = [int(d) for d in sheet.columns.pop("days")]
    starts = [dt.date(2018, 1, 3) + dt.timedelta(days=17 * i) for i in range(len(days))]
    sheet.columns["entry"] = [f"{d:{written}}" for d in starts]
    sheet.columns["seen"] = [f"{s + dt.timedelta(days=d):{written}}" for s, d in zip(starts, days, strict=True)]
    sheet.columns["fu"] = [round((d + plus) / PER[unit], digits) for d in days]
    sheet.protocol["endpoints"]["os"]["time"] = {"column": "fu", "unit": "months"}
    return sheet


def findings(sheet):
    return [f.sentence() for f in read_sources(load_protocol(sheet.write())).findings if f.rule == "unit"]


@pytest.mark.parametrize(
    ("unit", "digits", "written", "plus"),
    [("days", 0, "%Y-%m-%d", 0), ("days", 0, "%d.%m.%Y", 1), ("weeks", 1, "%Y-%m-%d", 0), ("years", 2, "%d/%m/%Y", 0)],
)
def test_another_unit_than_the_protocol_says(sheet, unit, digits, written, plus):
    found = findings(dated(sheet, unit, digits, written, plus))
    assert len(found) == 1
    assert f"the protocol says months, and between 'entry' and 'seen' lie as many {unit}: write unit: {unit}" in found[0]
    assert found[0].startswith("study.yaml:")


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_the_right_unit_says_nothing(sheet, digits):
    assert not findings(dated(sheet, "months", digits))


def test_what_is_not_decidable_says_nothing(sheet):
    """Dates that are not those of the time; days and months that could be exchanged; too few long times."""
    dated(sheet, "days", 0)
    sheet.columns["fu"] = [d * 3 + 5 for d in sheet.columns["fu"]]
    assert not findings(sheet)
    sheet.columns["entry"] = ["03/04/2020"] * 60
    assert not findings(sheet)
    sheet.columns = {name: list(cells)[:8] for name, cells in sheet.columns.items()}
    assert not findings(sheet)


@pytest.mark.parametrize(("unit", "digits"), [("days", 0), ("weeks", 1), ("months", 1), ("years", 2)])
def test_init_writes_the_unit_that_the_dates_say(sheet, tmp_path, unit, digits):
    """The name says none, and years up to 5 look like months."""
    dated(sheet, unit, digits).write()
    sheet.path.unlink()
    said: list[str] = []
    text = start_study([sheet.folder / "d.csv"], tmp_path / "out", say=said.append).read_text(encoding="utf-8")
    assert f"unit: {unit}" in text and any("two columns of dates lie so far apart" in line for line in said)


def test_init_says_that_name_and_dates_contradict_each_other(sheet, tmp_path):
    dated(sheet, "days", 0)
    sheet.columns["os_months"] = sheet.columns.pop("fu")
    sheet.write()
    sheet.path.unlink()
    said: list[str] = []
    text = start_study([sheet.folder / "d.csv"], tmp_path / "out", say=said.append).read_text(encoding="utf-8")
    assert "unit: days" in text and any("though its name says months: CONFIRM" in line for line in said)
