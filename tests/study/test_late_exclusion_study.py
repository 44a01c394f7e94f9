"""An exclusion known only after the index date, declared: the naive and the landmark figure, in the rows and in the report."""

import pytest

from equipoise.document.model import Table
from equipoise.report.assemble import report_document
from equipoise.study import run_study

OLD = '{reason: "Under age", table: patient, where: "age_index < 18"}'
LATE = (
    '{reason: "No scan after the index date", table: visit_imaging, where: "visit > 0", absent: true, known: after_index, '
    'why: "response needs a scan", landmark_day: 100}'
)


@pytest.fixture
def study(tiny):
    tiny.protocol = tiny.protocol.replace(OLD, LATE)
    return run_study(tiny.write())


def test_the_landmark_keeps_those_still_followed_and_starts_its_clock_there(study):
    rows, outcome = study.estimates, study.outcomes.endpoints["os"]
    left = outcome.time > 100
    assert 0 < left.sum() < study.cohort.n
    key = "time_zero.os.unadjusted.{}.exclusion_1.alfa-vs-beta.hr"
    landmark, naive = rows[key.format("landmark")], rows[key.format("naive")]
    assert (landmark.n, landmark.events) == (left.sum(), outcome.event[left].sum())
    as_analysed = rows["survival.os.unadjusted.cox.alfa-vs-beta.hr"]
    assert (naive.value, naive.low, naive.high) == (as_analysed.value, as_analysed.low, as_analysed.high)
    assert landmark.value != naive.value and "from day 100" in landmark.method


@pytest.mark.slow
def test_methods_confess_and_the_table_stands_in_the_sensitivity_section(study):
    document = report_document(study, {})
    sections = {s.anchor: s for s in document.sections}
    said = str(sections["methods"])
    assert "'no scan after the index date' was known only after the index date, by day 100 (response needs a scan)" in said
    (table,) = [b for b in sections["sensitivity"].blocks if isinstance(b, Table) and b.name == "table_late_exclusions"]
    assert len(table.body) == 1 + 2 * 2  # a heading, and two endpoints naive and from the landmark


@pytest.mark.slow
def test_without_such_an_exclusion_nothing_is_said(tiny):
    study = run_study(tiny.write())
    assert not [k for k in study.estimates.rows if k.startswith("time_zero.")]
    assert "was known only after" not in str(report_document(study, {}))
