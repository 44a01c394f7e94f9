"""Curves and numbers at risk under a minimum cell size, by hand."""

from __future__ import annotations

import numpy as np

from equipoise.disclosure.curves import coarse, masked_neighbours
from equipoise.records import Masked
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
