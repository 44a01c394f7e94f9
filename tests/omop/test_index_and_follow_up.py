"""Who has which index date, and from when to when an outcome counts: each boundary with a person on it and one beside it."""

from __future__ import annotations

import datetime as dt

from equipoise.study import run_study
from omop_cdm import ALFA, BETA, BLEED, Database, condition, day, exposure


def date(n: int) -> dt.date:
    return dt.date.fromisoformat(day(n))


def test_first_exposure_is_the_index_date(database: Database):
    database.tables["drug_exposure"].append(exposure(90, 1, ALFA, 150, 160))
    found = database.patients("arm", "index_date")
    assert found[1] == ("alfa", date(150))
    assert found[2] == ("beta", date(200))


def test_washout_counts_from_the_end_of_what_went_before(database: Database):
    """Washout of 60 days: a record of any arm that ends 60 days before the start is in it, one of 61 days before is not."""
    database.replaced("{prior_observation_days: 100}", "{washout_days: 60, prior_observation_days: 0}")
    database.tables["observation_period"][0]["observation_period_start_date"] = day(0)
    rows = database.tables["drug_exposure"]
    rows += [exposure(91, 1, BETA, 100, 140), exposure(92, 3, BETA, 100, 139)]
    found = database.patients("arm", "index_date")
    assert found[1] == ("beta", date(100))  # the first of all is fresh in either case
    assert found[3] == ("beta", date(100))
    rows += [exposure(93, 1, BETA, -30, 99), exposure(94, 3, BETA, -30, 99)]
    found = database.patients("arm", "index_date")
    assert found[1] == ("beta", date(-30))


def test_a_later_start_counts_after_the_washout(database: Database):
    """`ever` looks for the first of all; a washout lets a later start count only for whom no earlier one is fresh."""
    database.replaced("{prior_observation_days: 100}", "{washout_days: ever, prior_observation_days: 0}")
    database.tables["drug_exposure"].append(exposure(91, 1, BETA, 100, 140))
    assert database.patients("arm")[1] == ("beta",)


def test_two_arms_on_one_day_leave(database: Database):
    database.tables["drug_exposure"].append(exposure(91, 1, BETA, 200, 210))
    study = run_study(database.write())
    first = study.cohort.attrition[0].excluded[0]
    assert (first.reason, first.n) == ("Records of several arms on the index date", 1)
    assert "1" not in study.cohort.patient


def test_prior_observation(database: Database):
    """100 days are enough, 99 are not; an index date outside observation is a reason of its own."""
    periods = database.tables["observation_period"]
    periods[0]["observation_period_start_date"] = day(100)
    periods[1]["observation_period_start_date"] = day(101)
    periods[2]["observation_period_start_date"] = day(201)
    periods[3]["observation_period_end_date"] = day(199)
    periods[4]["observation_period_start_date"] = day(200)
    study = run_study(database.write())
    counted = {e.reason: e.n for e in study.cohort.attrition[0].excluded}
    assert counted["Index date outside the time of observation"] == 2
    assert counted["Fewer than 100 days of observation before the index date"] == 2
    assert "1" in study.cohort.patient
    assert not {"2", "3", "4", "5"} & set(study.cohort.patient)


def test_calendar_and_age(database: Database):
    """Index date 19 July 2020; persons are 79 (person 1) down to 56 years old by the calendar."""
    database.replaced(
        "{prior_observation_days: 100}",
        "{prior_observation_days: 100, from: 2020-07-19, to: 2020-07-19, age: [57, 78]}",
    )
    database.tables["drug_exposure"][1]["drug_exposure_start_date"] = day(199)
    database.tables["drug_exposure"][2]["drug_exposure_start_date"] = day(201)
    study = run_study(database.write())
    counted = {e.reason: e.n for e in study.cohort.attrition[0].excluded}
    assert counted["Index date before 2020-07-19"] == 1
    assert counted["Index date after 2020-07-19"] == 1
    assert counted["Younger than 57 years"] == 1
    assert counted["Older than 78 years"] == 1


def test_outcome_counts_from_the_first_day_of_the_risk_window(database: Database):
    """start_day 1: an event on the index date is none, one on day 1 is; nothing counts after the end of observation."""
    rows = database.tables["condition_occurrence"]
    rows += [condition(301, 1, BLEED, 200), condition(302, 2, BLEED, 201), condition(303, 4, BLEED, 1000)]
    rows += [condition(304, 7, BLEED, 1001)]
    found = database.patients("bleed_days", "bleed_event")
    assert found[1] == (800, 0)
    assert found[2] == (1, 1)
    assert found[4] == (800, 1)
    assert found[7] == (800, 0)


def test_death_ends_follow_up_and_is_an_outcome(database: Database):
    found = database.patients("bleed_days", "bleed_event", "death_days", "death_event")
    assert found[5] == (200, 0, 200, 1)
    assert found[7] == (800, 0, 800, 0)


def test_dead_before_the_index_date_is_outside_observation(database: Database):
    database.tables["death"].append({"person_id": 1, "death_date": day(199)})
    database.tables["death"].append({"person_id": 2, "death_date": day(200)})
    assert database.patients("observed_on_index_date")[1] == (0,)
    assert database.patients("observed_on_index_date")[2] == (1,)


def test_fixed_days(database: Database):
    database.replaced("arms:\n  groups", "  risk_window: {days: 90}\narms:\n  groups")
    found = database.patients("bleed_days", "bleed_event")
    assert found[9] == (90, 1)  # on day 90
    assert found[12] == (90, 0)


def test_on_treatment(database: Database):
    """Exposures at most 10 days apart are one treatment; 5 days more count. Person 1: day 29, then 10 days on to day 60;
    person 2: 11 days on, and so the end is day 29."""
    window = "risk_window: {kind: on_treatment, gap_days: 10, surveillance_days: 5}"
    database.replaced("arms:\n  groups", f"  {window}\narms:\n  groups")
    database.tables["drug_exposure"] += [exposure(91, 1, ALFA, 239, 260), exposure(92, 2, BETA, 240, 260)]
    found = database.patients("bleed_days", "bleed_event")
    assert found[1] == (65, 0)
    assert found[2] == (34, 0)
    assert found[3] == (30, 1)
    assert found[6] == (34, 0)


def test_exposures_without_an_end_are_a_finding(database: Database):
    database.replaced("arms:\n  groups", "  risk_window: {kind: on_treatment, gap_days: 10}\narms:\n  groups")
    database.tables["drug_exposure"][0]["drug_exposure_end_date"] = ""
    assert database.patients("bleed_days")[1] == (0,)
    (finding,) = [f for f in database.sources().findings if f.rule == "no end"]
    assert "1 record of the arms without a last day: each counts as treatment on its first day alone" in finding.sentence()


def test_overlapping_periods_of_observation_are_one(database: Database):
    rows = database.tables["observation_period"]
    rows.append({**rows[0], "observation_period_id": 90, "observation_period_start_date": day(150)})
    rows.append({**rows[0], "observation_period_id": 91, "observation_period_end_date": day(1200)})
    assert database.patients("prior_observation_days", "bleed_days")[1] == (200, 1000)


def test_switch(database: Database):
    database.replaced("arms:\n  groups", "  risk_window: {switch: censored}\narms:\n  groups")
    database.tables["drug_exposure"] += [exposure(91, 1, BETA, 300, 310), exposure(92, 3, ALFA, 210, 310)]
    found = database.patients("bleed_days", "bleed_event")
    assert found[1] == (100, 0)
    assert found[3] == (30, 1)


def test_clean_window_of_an_outcome(database: Database):
    """30 clean days: a record 30 days before the index date leaves, one of 31 days before does not."""
    database.replaced("short: Bleeding, concepts: bleed}", "short: Bleeding, concepts: bleed, clean_days: 30}")
    rows = database.tables["condition_occurrence"]
    rows += [condition(301, 1, BLEED, 170), condition(302, 2, BLEED, 169), condition(303, 4, BLEED, 200)]
    study = run_study(database.write())
    last = study.cohort.attrition[0].excluded[-1]
    assert (last.reason, last.n) == ("Bleeding in the 30 days before the index date", 2)
    assert "2" in study.cohort.patient


def test_exclusions(database: Database):
    database.replaced(
        "  covariates:\n    age",
        "  exclusions:\n    - {concepts: pain, days: [-61, -1]}\n    - {concepts: albumin, days: ever, absent: true}\n"
        "  covariates:\n    age",
    )
    database.tables["measurement"] = database.tables["measurement"][:-1]
    study = run_study(database.write())
    counted = {e.reason: e.n for e in study.cohort.attrition[0].excluded}
    assert counted["Record of pain on days -61 to -1"] == 2
    assert counted["No record of albumin before the index date"] == 1
