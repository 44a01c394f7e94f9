"""The column `unit` of results.csv: every word of the vocabulary has one, and it is that of the number."""

import csv
import io
import math

import pytest

from equipoise.records import Row
from equipoise.records.units import OF_ANALYSIS, OF_STATISTIC, OF_VARIABLE, OF_WHAT_IS_DESCRIBED, unit
from equipoise.records.vocabulary import PHASES, STATISTICS, entries
from equipoise.report.rows import results_csv


def test_every_statistic_has_a_unit_and_no_other_word_has():
    assert {*OF_STATISTIC, *OF_WHAT_IS_DESCRIBED, "difference", "value"} == set(STATISTICS)


def test_every_named_value_has_a_unit():
    named = {v for _, analysis, statistic, v in entries() if statistic == "value" and analysis != "covariate_caliper"}
    assert named == set(OF_VARIABLE)


def test_exceptions_are_of_the_vocabulary():
    for phase, analysis, statistic in OF_ANALYSIS:
        found = PHASES[phase].analyses[analysis]
        assert not statistic or any(statistic in p.names for p in found.parts), (phase, analysis, statistic)


def test_a_unit_for_whatever_can_be_written(founding):
    for phase, analysis, statistic, variable in entries():
        assert isinstance(unit(Row(phase, statistic, 1.0, analysis, variable=variable), founding.protocol), str)


WITNESSED = {
    "baseline.unadjusted.age.total.median": "years",
    "baseline.unadjusted.age.total.sd": "years",
    "baseline.unadjusted.male.total.percent": "%",
    "baseline.unadjusted.age.smd": "SD",
    "survival.os.unadjusted.kaplan_meier.lenvatinib.median": "days",
    "survival.os.unadjusted.kaplan_meier.lenvatinib.events": "events",
    "survival.os.unadjusted.cox.sorafenib-vs-lenvatinib.hr": "ratio",
    "survival.os.unadjusted.cox.sorafenib-vs-lenvatinib.p": "probability",
    "effect.os.matched.rmst.sorafenib-vs-lenvatinib.difference": "days",
    "effect.os.matched.survival_difference.6_months.sorafenib-vs-lenvatinib.difference": "proportion",
    "response.recist_1_1.matched.deepest_change.total.median": "%",
    "exposure.unadjusted.relative_dose_intensity.total.median": "%",
    "conduct.unadjusted.contact_gap.total.median": "days",
    "design.matched.pairs.value": "pairs",
    "attrition.start.n": "patients",
}


@pytest.fixture(scope="module")
def rows(founding):
    return list(csv.DictReader(io.StringIO(results_csv(founding.estimates, founding.protocol))))


@pytest.mark.parametrize("key", WITNESSED)
def test_units_of_known_numbers(rows, key):
    assert {r["key"]: r["unit"] for r in rows}[key] == WITNESSED[key]


def test_numbers_lie_where_their_unit_lets_them(rows):
    """A share between 0 and 1 called percent, or days called months, would fall outside."""
    span = {"%": (-100, math.inf), "proportion": (-1, 1), "probability": (0, 1), "patients": (0, 200), "ratio": (0, math.inf)}
    largest = {}
    for row in rows:
        if row["value"]:
            value = float(row["value"])
            low, high = span.get(row["unit"], (-math.inf, math.inf))
            assert low <= value <= high, row["key"]
            largest[row["unit"]] = max(largest.get(row["unit"], 0), value)
    assert largest["%"] > 60 and largest["days"] > 300


def test_the_unit_stands_behind_the_value(rows):
    columns = list(rows[0])
    assert columns[columns.index("value") + 1] == "unit"


def test_a_covariate_without_a_unit_has_none(founding):
    assert unit(Row("baseline", "median", 1.0, variable="nothing_known"), founding.protocol) == ""
