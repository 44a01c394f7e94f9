"""Reconstruction of published curves: by hand, the Bonner trial (IPDfromKM's reconstruction), and a round trip."""

import csv

import numpy as np
import pytest

from equipoise.stats import ArrayError, cox, kaplan_meier, reconstruct_curve


def test_without_censoring_every_patient_comes_back():
    curve = reconstruct_curve([1, 2, 3, 4], [0.75, 0.5, 0.25, 0.0], [0], [4])
    assert curve.time.tolist() == [1, 2, 3, 4]
    assert curve.event.all()
    assert curve.rmse == 0


def test_numbers_at_risk_settle_the_censoring():
    """Ten at 0, five at 4, 0.9 from 1 on, 0.72 at 5. First guess: 10 x 0.9 - 5 = 4 censored, at 0.8, 1.6, 2.4 and 3.2, one in
    each gap. Nine at risk at 1, 9 x 0.1 rounds to one event: 8/9. Then 7, 6, 5 at risk: five at 4, as published. After it
    censoring goes on at 4 in 3 months, one in the gap; of 4 at risk 4 x (1 - 0.72 x 9/8) rounds to one event: 2/3."""
    curve = reconstruct_curve([1, 2, 3, 4, 5], [0.9, 0.9, 0.9, 0.9, 0.72], [0, 4], [10, 5])
    assert curve.fitted_at_risk.tolist() == [10, 5]
    assert curve.time.tolist() == [0.5, 1, 1.5, 2.5, 3.5, 4.5, 5, 5, 5, 5]
    assert curve.time[curve.event].tolist() == [1, 5]
    assert curve.fitted_survival.tolist() == pytest.approx([1, 8 / 9, 8 / 9, 8 / 9, 8 / 9, 2 / 3])


def test_a_total_of_events_settles_the_last_interval():
    """Of ten, one event at 1 and a curve of half at 2: 5 events without censoring; a total of 3 needs some."""
    free = reconstruct_curve([1, 2], [0.9, 0.5], [0], [10])
    told = reconstruct_curve([1, 2], [0.9, 0.5], [0], [10], total_events=3)
    assert free.n_events == 5
    assert told.n_events == 3
    assert told.n == 10


def test_points_are_made_a_falling_curve_from_one():
    curve = reconstruct_curve([2, -1, 1, 2], [0.4, 0.99, 0.5, 0.6], [0], [10])
    assert curve.point_time.tolist() == [0, 1, 2]
    assert curve.point_survival.tolist() == [1, 0.5, 0.4]


@pytest.mark.parametrize(
    "points, risk, word",
    [
        (([1, 2], [90, 50]), ([0], [9]), "percent"),
        (([1, 2], [0.9, 0.5]), ([1], [9]), "begin at 0"),
        (([1, 2], [0.9, 0.5]), ([0, 1], [9, 10]), "must not rise"),
        (([-1, 0], [0.9, 0.5]), ([0], [9]), "after 0"),
    ],
)
def test_what_no_curve_is_made_of(points, risk, word):
    with pytest.raises(ArrayError, match=word):
        reconstruct_curve(*points, *risk)


def test_bonner_trial(third_party):
    """Locoregional control: HR within 5 % of the 0.717 of IPDfromKM's patients; the medians printed by Bonner 2006 (14.9 and
    24.4 months) within 0.5 months."""
    folder = third_party / "digitised_km"
    risk = np.genfromtxt(folder / "bonner2010_nrisk.csv", delimiter=",", skip_header=1)
    arms = []
    for arm, name in enumerate(("radio", "radioplus")):
        points = np.genfromtxt(folder / f"bonner2010_{name}_points.csv", delimiter=",", skip_header=1)
        curve = reconstruct_curve(points[:, 0], points[:, 1] / 100, risk[:, 0], risk[:, 1 + arm])
        arms.append(curve)
        assert kaplan_meier(curve.time, curve.event).quantile(0.5).value == pytest.approx((14.9, 24.4)[arm], abs=0.5)
        assert curve.max_difference < 0.02
        assert curve.max_at_risk_difference <= 1
    group = np.repeat([0.0, 1.0], [arms[0].n, arms[1].n])
    fit = cox(np.concatenate([a.time for a in arms]), np.concatenate([a.event for a in arms]), group)
    assert float(np.exp(fit.coef[0])) == pytest.approx(0.717, rel=0.05)


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
@pytest.mark.parametrize("arm", ["lenvatinib", "sorafenib"])
def test_round_trip_of_the_founding_curves(repository, arm, endpoint):
    """Points of a curve of ours and its numbers at risk every 3 months give its median back within 0.1 months."""
    with (repository / "src/equipoise/founding/cohort.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["arm"] == arm]
    time = np.array([float(row[f"{endpoint}_days"]) for row in rows]) / 30.4375
    event = np.array([int(row[f"{endpoint}_event"]) for row in rows])
    known = kaplan_meier(time, event)
    when = np.arange(0, time.max(), 3.0)
    curve = reconstruct_curve(known.time, known.survival, when, [(time >= t).sum() for t in when])
    found = kaplan_meier(curve.time, curve.event)
    assert found.quantile(0.5).value == pytest.approx(known.quantile(0.5).value, abs=0.1)
    assert curve.n_events == pytest.approx(event.sum(), abs=2)
    assert curve.max_difference < 0.03
