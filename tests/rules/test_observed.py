"""One end of observation: the earlier of the file's and the protocol's data cut-off; what comes after it had not happened."""

from __future__ import annotations

import datetime as dt

import pytest

from equipoise.outcomes.observed import define_observed

FOLLOWUP = """patient_id | last_contact_day | death_date_day | progression_date_day | data_cutoff_day
              P1 | 300 | 300 | 250 | 400
              P2 | 90 |  |  | 400"""
EXPOSURE = """patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason
              P1 | 0 | 99 | 12 | start |
              P1 | 100 | 260 | 8 | AE | progression
              P1 | 270 | 280 | 4 | resume | AE"""
AE = """patient_id|ae_id|ctcae_term|grade|start_day|stop_day|outcome
        P1|1|Rash|1|5|10|recovered
        P1|2|Rash|2|190|210|recovered
        P1|3|Rash|3|205||"""
TABLES = {"followup": FOLLOWUP, "exposure": EXPOSURE, "ae": AE}
INDEX = dt.date(2022, 3, 1)


@pytest.fixture
def seen(draw):
    def define(cutoff_day=None, tables=None):
        study = draw("P1 P2", tables or TABLES)
        index = study.engine.rows("select min(index_date) from cohort")[0][0]
        define_observed(
            study.engine, None if cutoff_day is None else index + dt.timedelta(days=cutoff_day), study.protocol.contract.tables
        )
        return lambda sql: study.engine.rows(sql)

    return define


DAYS = "date_diff('day', index_date, {0})"


def test_the_earlier_cut_off_ends_the_observation(seen):
    asked = f"select patient_id, cutoff_day, {DAYS.format('first_date')}, {DAYS.format('last_date')} from observed"
    assert seen()(asked) == [("P1", 400, 0, 300), ("P2", 400, 0, 90)]
    assert seen(200)(asked) == [("P1", 200, 0, 200), ("P2", 200, 0, 90)]
    assert seen(500)(asked) == [("P1", 400, 0, 300), ("P2", 400, 0, 90)]


def test_what_came_later_had_not_happened(seen):
    rows = seen(200)
    assert rows("select ae_id, stop, outcome from observed_ae where ae_id <> '1'") == [("2", None, None)]
    assert rows("select dose_mg_day, stop is null, stop_reason from observed_exposure") == [
        (12.0, False, None),
        (8.0, True, None),
    ]
    day = "date_diff('day', (select min(index_date) from cohort), last_contact)"
    assert rows(f"select patient_id, {day}, death_date, progression_date from observed_followup order by patient_id") == [
        ("P1", 200, None, None), ("P2", 90, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "n"), [(189, 1), (190, 2), (205, 3)])
def test_the_day_of_the_cut_off_counts(seen, day, n):
    assert seen(day)("select count(*) from observed_ae") == [(n,)]


def test_without_a_cut_off_everything_counts(seen):
    rows = seen(tables={"ae": AE})
    assert rows("select count(*) from observed_ae") == [(3,)]
    assert rows("select distinct cutoff_date from observed") == [(None,)]
    assert rows("select count(*) from observed_followup") == [(0,)]
