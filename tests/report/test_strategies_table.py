"""Declared strategies stand in a table of the grouping's section, the first as the reference."""

import pytest

from equipoise.report.lookup import Numbers
from equipoise.report.tables.strategies import strategies_table
from equipoise.study import run_study

OLD = "    grace_days: 42\n"
NEW = OLD + (
    "    strategies:\n"
    "      nothing: {label: No third line by day 42, start: none, by: 42}\n"
    "      any: {label: Third line by day 42, start: any, by: 42}\n"
)


@pytest.fixture(scope="module")
def numbers(repository, tmp_path_factory):
    source = repository / "src" / "equipoise" / "founding"
    folder = tmp_path_factory.mktemp("strategies")
    text = (
        (source / "study.yaml").read_text(encoding="utf-8").replace(OLD, NEW).replace("tables: data ", f"tables: {source}/data ")
    )
    path = folder / "study.yaml"
    path.write_text(text.replace("printed: printed.csv", f"printed: {source}/printed.csv"), encoding="utf-8")
    return Numbers(run_study(path))


def test_none_against_any_is_the_comparison_of_the_grace_period(numbers):
    rows = numbers.study.estimates.rows
    for arm in ("lenvatinib", "sorafenib"):
        mine = rows[f"post_index.os.unadjusted.clone_strategies.third_line.any_vs_nothing.{arm}.hr"]
        other = rows[f"post_index.os.unadjusted.clone_censor_weight.third_line.yes_no.{arm}.hr"]
        assert (mine.value, mine.low, mine.high) == pytest.approx((other.value, other.low, other.high), rel=1e-12)


def test_the_first_strategy_is_the_reference(numbers):
    table = strategies_table(numbers, "third_line")
    lines = [r for r in table.body if r.cells[0].text == "No third line by day 42"]
    assert lines and all(r.cells[3].text == "1 (reference)" for r in lines)
    assert len(table.body) == 4 * 3  # a cohort and an arm each: its heading and two strategies
    assert "progression" in table.notes[0]


def test_no_table_without_strategies(repository):
    study = run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")
    assert strategies_table(Numbers(study), "third_line") is None
