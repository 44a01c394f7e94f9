"""Published numbers beside this run's: how a value is judged, and the founding study's scorecard."""

import dataclasses
import math

import pytest

from equipoise.errors import EquipoiseError
from equipoise.records import Estimates, Row
from equipoise.report.pages.comparison import (
    ABSENT,
    COLUMNS,
    INFO,
    MET,
    NOT_MET,
    Printed,
    comparison_document,
    judge,
    read_printed,
)

BLANK = {c: "" for c in COLUMNS}


def judged(study, value: float, printed: str, low_limit: float = math.nan, **more: str) -> str:
    row = Row("survival", "median", value, "kaplan_meier", low=low_limit, n=10.0)
    study = dataclasses.replace(study, estimates=Estimates.from_rows([row]))
    target = Printed(
        **{**BLANK, "key": row.key, "field": "value", "scale": "none", "rule": "rounding", "printed": printed, **more}
    )
    return judge(study, target).verdict


@pytest.mark.parametrize(
    ("value", "printed", "more", "verdict"),
    [
        (10.349, "10.3", {}, MET),
        (10.351, "10.3", {}, NOT_MET),
        (0.0004, "<0.001", {}, MET),
        (0.0011, "<0.001", {}, NOT_MET),
        (math.nan, "NA", {"rule": "exact"}, MET),
        (5.0, "NA", {"rule": "exact"}, NOT_MET),
        (14120.0, "14,120", {"rule": "exact"}, MET),
        (35.0, "36", {"rule": "range", "low": "35", "high": "37"}, MET),
        (34.0, "36", {"rule": "range", "low": "35", "high": "37"}, NOT_MET),
        (34.0, "36", {"rule": "info"}, INFO),
        (34.0, "36", {"key": "nothing"}, ABSENT),
        (0.643, "64.3", {"scale": "percent"}, MET),
        (10.0, "10", {"field": "n"}, MET),
    ],
)
def test_a_value_is_judged_by_its_rule(tiny_study, value, printed, more, verdict):
    assert judged(tiny_study, value, printed, **more) == verdict


def test_days_are_judged_in_the_unit_of_the_protocol(founding):
    assert judged(founding, 309.0, "10.3", scale="days_per_unit") == MET


def test_a_broken_list_of_printed_numbers_is_refused_with_every_fault(tiny, tmp_path):
    from equipoise.study import run_study

    tiny.protocol += "\ncomparison: {printed: printed.csv, source: nowhere}\n"
    path = tiny.write()
    (path.parent / "printed.csv").write_text(",".join(COLUMNS) + "\n1,t,i,c,1,k,valeu,none,rounding,x,,,\n", encoding="utf-8")
    study = run_study(path)
    with pytest.raises(EquipoiseError) as raised:
        read_printed(study)
    assert len(raised.value.faults) == 3 and "row 1, column field" in str(raised.value)
    assert "row 1, column key: 'k' is the key of no result" in str(raised.value)


def test_the_founding_study_meets_its_publication_or_says_why_not(founding):
    verdicts = [judge(founding, t) for t in read_printed(founding)]
    assert not [j.target.key for j in verdicts if j.verdict == ABSENT]
    missed = [j.target for j in verdicts if j.verdict == NOT_MET]
    assert all(t.remark for t in missed), [t.id for t in missed if not t.remark]
    assert sum(j.verdict == MET for j in verdicts) > 730
    for place in ("Figure 1: selection of patients", "Table 2: unadjusted cohort", "Table 2: matched cohort"):
        assert all(j.verdict == MET for j in verdicts if j.target.place == place)
    print_errors = [t for t in missed if t.place == "Table 3: survival"]
    assert [t.item for t in print_errors] == ["PFS, log-rank P, matched (abstract)"]


def test_the_page_says_that_the_data_are_synthetic_and_links_back(founding):
    page = comparison_document(founding)
    assert page is not None and "ynthetic" in page.notice and page.links == (("Report", "report.html"),)


def test_no_publication_no_page(spreadsheet):
    assert comparison_document(spreadsheet) is None
