"""What has no value is unknown in a comparison: an engine holds infinity and not-a-number to be greater than everything."""

from __future__ import annotations

import pytest

from equipoise.engine import DuckDBEngine
from equipoise.protocol.expressions import condition_faults, safe_sql


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("a / b > 3", [True, None, False]),
        ("3 < a / b and c < 1", [True, None, False]),
        ("not (a / b > 3)", [False, None, True]),
        ("sqrt(c) > 0.5", [None, None, False]),
        ("ln(b) >= 0", [True, None, True]),
        ("log10(b) < 5", [True, None, True]),
        ("a / b between 1 and 100", [True, None, True]),
        ("sqrt(a / b) > 1", [True, None, False]),
        ("a / b > 3 or c < 0", [True, True, False]),
        ("a > 3", [True, True, False]),
    ],
)
def test_a_comparison_with_what_has_no_value(condition, holds):
    engine = DuckDBEngine()
    engine.define("t", "select * from (values (1, 8.0, 2.0, -4.0), (2, 8.0, 0.0, -1.0), (3, 1.0, 1.0, 0.0)) as t(nth, a, b, c)")
    sql = safe_sql(condition, ("a", "b", "c"), "study.yaml:1")
    assert [r[0] for r in engine.rows(f"select {sql} from t order by nth")] == holds
    engine.close()


def test_a_value_of_its_own_keeps_what_it_is():
    """A covariate without a finite value is a fault that names its patients, not a missing value."""
    assert "NULLIF" not in safe_sql("a / b", ("a", "b"), "study.yaml:1").upper()


@pytest.mark.parametrize("text", ["null", "(null)"])
def test_null_alone_is_no_condition(text):
    (fault,) = condition_faults(text, ("a",), "study.yaml:1")
    assert "takes null as true or false" in fault.message
