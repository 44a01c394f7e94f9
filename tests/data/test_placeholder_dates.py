"""Dates that stand for 'none' are refused with the remedy; what is only early, late or rare is not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from equipoise.data.placeholder_dates import _Dated, _limits
from equipoise.data.sources import examine_sources, read_sources
from equipoise.engine import literal, open_engine
from equipoise.errors import DataError
from equipoise.protocol.load import load_protocol
from equipoise.start.begin import start_study
from equipoise.start.given import Given
from equipoise.study import check_study, run_study

PROTOCOL = """\
study: {id: far, title: "Far dates", disease: any, population: invented, notice: "Invented patients."}
data: {rows: far.csv, patient: id, dates: {from: start, order: ymd, days: {death_day: death, last_day: last}} MISSING}
arms: {column: arm, groups: {a: {label: A, value: a}, b: {label: B, value: b}}, reference: a, focal: b}
covariates: {age: {label: Age, kind: continuous, from: age}}
sources: {death: {table: patients, day: death_day}, last: {table: patients, day: last_day}}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last]}
design: none
cox: {univariable: [age, treatment]}
"""


def sheet(folder: Path, living: str = "", column: str = "death", rows: tuple[int, ...] | None = None, missing: str = "") -> Path:
    """30 invented patients, every third dead. living: in the death column of the living, or in `column` of these rows."""
    lines = ["id,arm,age,start,death,last"]
    for i in range(30):
        start = dt.date(2018, 1, 9) + dt.timedelta(days=31 * i)
        end = start + dt.timedelta(days=60 + (47 * i) % 500)
        cells = {"start": str(start), "death": str(end) if i % 3 == 0 else "", "last": str(end)}
        if rows is None and i % 3 or i in (rows or ()):
            cells[column] = living
        lines.append(f"F{i:02d},{'ab'[i % 2]},{50 + (7 * i) % 23},{cells['start']},{cells['death']},{cells['last']}")
    (folder / "far.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "study.yaml").write_text(PROTOCOL.replace(" MISSING", missing), encoding="utf-8")
    return folder / "study.yaml"


def test_rows_are_those_of_the_file_below_titles(tmp_path):
    path = sheet(tmp_path, "9999-12-31", missing=", form: {header_row: 4}")
    (tmp_path / "far.csv").write_text(
        "A title\n\nInvented\n" + (tmp_path / "far.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert "far.csv, row 6, column death" in refusal(path)


def refusal(path: Path) -> str:
    protocol = load_protocol(path)
    with pytest.raises(DataError) as caught:
        read_sources(protocol)
    return str(caught.value)


def test_the_sheet_itself_is_sound(tmp_path):
    check_study(sheet(tmp_path))


@pytest.mark.parametrize("date", ["9999-12-31", "2099-01-01", "1900-01-01", "2035-06-30", "1899-12-30", "2222-02-02"])
def test_a_date_for_the_living_is_a_fault_that_names_the_remedy(tmp_path, date):
    said = refusal(sheet(tmp_path, date))
    assert said.count("column death:") == 6 and "(15 more rows)" in said and "far.csv, row 3, column death" in said
    assert "list it as it is written under data: missing:" in said
    assert date not in said


@pytest.mark.parametrize("date", ["9999-12-31", "2035-06-30"])
def test_the_remedy_works(tmp_path, date):
    """By hand: every third of 30 died."""
    path = sheet(tmp_path, date, missing=f", missing: ['{date}']")
    check_study(path)
    assert run_study(path).outcomes.endpoints["os"].event.sum() == 10


@pytest.mark.parametrize(("column", "date"), [("last", "2031-01-05"), ("start", "1970-01-01"), ("last", "2108-03-03")])
def test_other_columns_too(tmp_path, column, date):
    assert f"far.csv, row 6, column {column}:" in refusal(sheet(tmp_path, date, column, (4, 7)))


def test_a_far_date_of_one_patient_is_a_finding_and_the_study_runs(tmp_path):
    path = sheet(tmp_path, "2031-05-17", "last", (4,))
    sources = check_study(path)
    found = [f.sentence() for f in sources.findings if f.rule == "placeholder date"]
    assert len(found) == 1 and "far.csv, row 6, column last" in found[0] and "in one patient alone" in found[0]
    assert "2031" not in found[0]
    assert max(run_study(path).outcomes.endpoints["os"].time) > 4000
    for date, rows in (("2031-12-31", (4,)), ("2031-05-17", (4, 7))):
        assert "this looks like a placeholder" in refusal(sheet(tmp_path, date, "last", rows))


def test_a_survivor_of_two_more_years_is_none(tmp_path):
    check_study(sheet(tmp_path, "2023-06-01", "last", (4,)))


def test_the_living_censored_on_one_day_are_none(tmp_path):
    check_study(sheet(tmp_path, "2021-12-31", "last", tuple(i for i in range(30) if i % 3)))


def days(*years: float) -> list[tuple[dt.date, int]]:
    return [(dt.date(2000, 1, 1) + dt.timedelta(days=round(365.25 * y)), 1) for y in years]


def limits(dates: list[tuple[dt.date, int]]) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last date that the others bear out; each date as often as is said, of patients of their own."""
    rows = [f"(cast({literal(d)} as date), 'p{i}_{k}')" for i, (d, n) in enumerate(dates) for k in range(n)]
    engine = open_engine()
    engine.create("dated", f"select * from (values {', '.join(rows)}) as given(day, patient_id)")
    return _limits(engine, [_Dated("dated", "day", "day", True)])[:2]


def test_limits_by_hand():
    ordinary = days(*range(10))
    assert limits(ordinary) == (ordinary[0][0], ordinary[-1][0])
    assert limits([*ordinary, *days(20, 30)])[1] == ordinary[-1][0], "two far ones"
    assert limits([*ordinary, *days(20, 21, 22, 23, 24)])[1] == days(24)[0][0], "five are a second wave of patients"
    assert limits(days(0, 20)) == (None, None), "too few to tell"
    assert limits([(dt.date(1990, 1, 1), 2), *ordinary])[0] == ordinary[0][0]
    assert limits([(dt.date(1990, 1, 1), 1), *ordinary])[0] == dt.date(1990, 1, 1), "one early patient may be"


@pytest.mark.parametrize(
    ("table", "column"), [("followup", "death_date"), ("visit_imaging", "date"), ("patient", "diagnosis_date")]
)
def test_raw_tables(tiny, table, column):
    for row in tiny.tables[table]:
        row.setdefault(column, "")
    tiny.tables[table][3][column] = "1900-01-01"
    _, faults = examine_sources(load_protocol(tiny.write()))
    assert [f.place for f in faults if f.rule == "placeholder date"] == [f"{table}.csv, row 5, column {column}"]


def test_clean_raw_tables_hold_none(tiny):
    _, faults = examine_sources(load_protocol(tiny.write()))
    assert faults == []


def test_nines_among_day_numbers(tmp_path):
    (tmp_path / "far.csv").write_text(
        "id,arm,age,days,dead\n"
        + "".join(f"N{i},{'ab'[i % 2]},{50 + i},{9999 if i == 4 else 100 + i},{i % 2}\n" for i in range(20)),
        encoding="utf-8",
    )
    text = PROTOCOL.replace(", dates: {from: start, order: ymd, days: {death_day: death, last_day: last}} MISSING", "")
    text = text.replace("sources: {death: {table: patients, day: death_day}, last: {table: patients, day: last_day}}\n", "")
    text = text.replace("events: [death], censoring: [last]", 'time: {column: days}, event: "dead = 1"')
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    assert "far.csv, row 6, column days: this number is far beyond every other one" in refusal(tmp_path / "study.yaml")


def test_init_lists_them_as_missing(tmp_path):
    sheet(tmp_path, "9999-12-31")
    (tmp_path / "study.yaml").unlink()
    start_study([tmp_path / "far.csv"], None, None, Given(), lambda line: None)
    check_study(tmp_path / "study.yaml")
    assert '"death": ["9999-12-31"]    # 20 cells' in (tmp_path / "study.yaml").read_text(encoding="utf-8")
