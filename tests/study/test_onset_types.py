"""Types of what became known after the index date: a grouping without them, patients of whom theirs is not recorded."""

import math

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.study import check_study, run_study
from sheet import Sheet

BLOCK = {"label": "Later drug", "kind": "column", "endpoint": "os", "day": "drug_day", "landmark_day": 1}


def with_later_drug(folder, **more) -> Sheet:
    """Every third patient has a later drug half way through, x or y in turn; of each fourth of these the kind is not recorded."""
    sheet = Sheet(folder)
    days, n = sheet.columns["days"], range(len(sheet.columns["id"]))
    sheet.columns["drug_day"] = [max(2, days[i] // 2) if i % 3 == 0 else "" for i in n]
    sheet.columns["drug"] = ["" if i % 3 or i % 12 == 0 else "xy"[i % 2] for i in n]
    sheet.protocol["post_index"] = {"later": {**BLOCK, **more}}
    sheet.protocol |= {"covariates": {}, "cox": {}}
    return sheet


def test_a_grouping_without_types_has_no_rows_of_types(tmp_path):
    rows = run_study(with_later_drug(tmp_path).write()).estimates.rows.values()
    assert any(r.analysis == "uptake" for r in rows)
    assert not [r.key for r in rows if r.analysis == "type"]


@pytest.mark.parametrize(
    "more",
    [
        {"by": ["type"]},
        {"types": {"x": "Drug X"}},
        {"strategies": {"none": {"label": "None", "start": "none", "by": 90}, "x": {"label": "X", "start": ["x"], "by": 90}}},
    ],
)
def test_types_are_asked_for_where_a_column_holds_them(tmp_path, more):
    with pytest.raises(ProtocolError) as error:
        load_protocol(with_later_drug(tmp_path / "a", **more).write())
    assert [f.rule for f in error.value.faults] == ["no types"]
    check_study(with_later_drug(tmp_path / "b", type="drug", **more).write())


def test_who_has_it_with_an_unrecorded_type_is_counted_as_such_and_no_group(tmp_path):
    """Nobody has the drug by the landmark of one day: there is no group to compare, and the run says so in no P."""
    sheet = with_later_drug(tmp_path, type="drug", by=["yes_no", "type"])
    drugs = [d for d, day in zip(sheet.columns["drug"], sheet.columns["drug_day"], strict=True) if day != ""]
    rows = run_study(sheet.write()).estimates.rows.values()
    found = {r.level: r for r in rows if (r.analysis, r.design, r.group, r.statistic) == ("type", "unadjusted", "total", "n")}
    assert {level: r.events for level, r in found.items()} == {
        "x": drugs.count("x"), "y": drugs.count("y"), "not recorded": drugs.count("")
    }  # fmt: skip
    assert {r.n for r in found.values()} == {len(drugs)}
    compared = {r.level for r in rows if r.phase == "post_index" and r.analysis == "naive_median"}
    assert compared == {"yes_no=no", "yes_no=yes", "type=x", "type=y"}
    assert all(math.isnan(r.value) for r in rows if r.analysis == "landmark_logrank" and r.level == "type" and r.statistic == "p")
