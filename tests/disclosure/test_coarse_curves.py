"""Curves and numbers at risk under a minimum cell size, by hand."""

from __future__ import annotations

import numpy as np

from equipoise.disclosure.curves import coarse, masked_at_risk, masked_neighbours
from equipoise.records import Masked, Row
from equipoise.stats import kaplan_meier

LEAST = 5


def shown(counts: list[float]) -> list[object]:
    return [n.shown if isinstance(n, Masked) else n for n in masked_neighbours(counts, LEAST)]


def test_a_number_at_risk_is_masked_where_it_or_its_fall_is_small() -> None:
    assert shown([40, 37, 30, 30, 4, 0]) == [40, "masked", 30, 30, "<5", 0]
    assert shown([12, 7, 5, 1]) == [12, 7, "masked", "<5"]


def test_a_curve_steps_after_five_events_and_ends_with_five_at_risk() -> None:
    """Twenty patients, an event a day: steps on days 5, 10 and 15, and five at risk last on day 16."""
    days = np.arange(1.0, 21.0)
    drawn = coarse(kaplan_meier(days, np.ones(20, dtype=bool)), LEAST)
    assert drawn.time.tolist() == [5.0, 10.0, 15.0, 16.0]
    assert np.allclose(drawn.survival, [0.75, 0.5, 0.25, 0.25], rtol=1e-12)
    assert not drawn.censored.any()


def test_of_fewer_than_five_patients_nothing_but_the_start_is_drawn() -> None:
    drawn = coarse(kaplan_meier(np.arange(1.0, 5.0), np.ones(4, dtype=bool)), LEAST)
    assert (drawn.time.tolist(), drawn.survival.tolist()) == ([0.0], [1.0])


def test_rows_of_patients_at_risk_are_masked_as_the_curve_and_what_they_are_worth_with_them() -> None:
    """Two curves, one of them weighted; of each alone, whatever the order of the rows."""
    counts = {"a": [40, 37, 30, 4], "b": [50, 40, 40, 0]}
    rows = [
        Row("survival", statistic, n + shift, "kaplan_meier", "plain", "os", level=f"{i} months", group=group)
        for group, found in counts.items()
        for statistic, shift in (("at_risk", 0.0), *([("effective_at_risk", -0.5)] if group == "a" else []))
        for i, n in enumerate(found)
    ]
    masked = masked_at_risk(rows, LEAST)
    said = [row.value.shown if isinstance(row.value, Masked) else row.value for row in masked]
    assert said == [40, "masked", 30, "<5", 39.5, "masked", 29.5, "masked", 50, 40, 40, 0]
    assert [row.key for row in masked] == [row.key for row in rows]
