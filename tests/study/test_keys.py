"""Keys of results: every text makes one, whatever its script; two texts never share one; those that stood before stay."""

import re

import pytest

from equipoise.records import Estimates, Row
from equipoise.report.bundle import write_report
from equipoise.report.lookup import Numbers
from equipoise.study import run_study

PART = re.compile(r"[0-9a-z_\-]+")
LEVELS = {
    "Hangul": ["여", "남"],
    "Greek": ["α", "β", "γ"],
    "Cyrillic": ["да", "нет"],
    "signs": ["+", "++", "-", "(+)"],
    "case": ["Ia", "IA", "ib", "IB"],
    "sides": ["<5", ">=5", "≥5", "5"],
    "end": ["grade 1", "grade 1 ", "grade 1+", "grade 1-"],
    "positions taken": ["가", "1", "2", "나"],
    "mixed": ["T 1", "T-1", "T_1", "T.1", "女"],
    "one of another script": ["other", "기타"],
}


def rows(levels: list[str], variable: str = "x") -> list[Row]:
    return [Row("baseline", "n", float(i), design="d", variable=variable, level=t) for i, t in enumerate(levels)]


@pytest.mark.parametrize("levels", LEVELS.values(), ids=LEVELS)
def test_levels_of_any_script_have_keys_of_their_own(levels):
    made = rows(levels)
    found = Estimates.from_rows(made)
    assert len(found.rows) == len(levels)
    for key, row in found.rows.items():
        assert row.key == key and all(PART.fullmatch(part) for part in key.split("."))
        assert len(key.split(".")) == 5
    for row in made:
        assert found.find("baseline", "n", design="d", variable="x", level=row.level).value == row.value


def test_only_what_would_collide_is_renamed():
    found = Estimates.from_rows([*rows(["Ia", "IA", "II"]), *rows(["ia", "Female"], "y")])
    assert list(found.rows) == [
        "baseline.d.x.ia_1.n", "baseline.d.x.ia_2.n", "baseline.d.x.ii.n", "baseline.d.y.ia.n", "baseline.d.y.female.n",
    ]  # fmt: skip


def test_a_name_is_the_same_in_every_row_of_a_variable():
    made = [replace_group(r, g) for g in ("a", "b") for r in rows(["남", "여"])]
    only_one = Row("baseline", "percent", 1.0, design="d", variable="x", level="여", group="a")
    found = Estimates.from_rows([*made, only_one])
    assert "baseline.d.x.2.a.percent" in found.rows and "baseline.d.x.2.b.n" in found.rows


def replace_group(row: Row, group: str) -> Row:
    return Row(row.phase, row.statistic, row.value, design=row.design, variable=row.variable, level=row.level, group=group)


def test_parts_that_are_left_out_do_not_make_two_rows_one():
    one = Row("response", "n", 1.0, "agreement", population="x")
    other = Row("response", "n", 2.0, "agreement", level="x")
    found = Estimates.from_rows([one, other])
    assert len(found.rows) == 2
    assert [found.find("response", "n", analysis="agreement", **{part: "x"}).value for part in ("population", "level")] == [
        1.0,
        2.0,
    ]


def test_a_row_that_stands_twice_is_our_fault():
    with pytest.raises(AssertionError):
        Estimates.from_rows(rows(["a", "a"]))


@pytest.mark.parametrize("name", ["Hangul", "Greek", "signs", "case", "sides"])
def test_a_study_with_such_levels_counts_them_right(sheet, undrawn, name, tmp_path):
    levels = LEVELS[name]
    sheet.columns["x"] = [levels[i % len(levels)] for i in range(60)]
    sheet.protocol["covariates"]["x"] = {
        "label": "X", "kind": "categorical", "from": "x", "levels": {t: f"level {i}" for i, t in enumerate(levels)},
    }  # fmt: skip
    sheet.protocol["cox"]["univariable"].append("x")
    sheet.protocol["subgroups"] = {"x": {"label": "X", "levels": {t: f"x = '{t}'" for t in levels}}}
    study = run_study(sheet.write())
    numbers = Numbers(study)
    for level in levels:
        row = numbers.row("baseline", "n", design="unadjusted", variable="x", level=level, group="total")
        assert row.value == sheet.columns["x"].count(level)
    assert all(PART.fullmatch(part) for key in study.estimates.rows for part in key.split("."))
    page = (write_report(study, tmp_path / "out") / "report.html").read_text(encoding="utf-8")
    assert all(f"level {i}" in page for i in range(len(levels)))
