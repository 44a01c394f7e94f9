"""The Results in sentences: each number of a sentence stands in a table, and what a paper says of its patients is said."""

import dataclasses
import math
import re

import pytest

from equipoise.document.model import Document, Paragraph, Section
from equipoise.records import Estimates, Exclusion, Study
from equipoise.report import format as fmt
from equipoise.report.assemble import report_document
from equipoise.report.lookup import Numbers
from equipoise.report.narrative import baseline, flow, predictors, safety, survival
from equipoise.report.narrative.structured_abstract import abstract, highlights
from equipoise.report.themes import asked, themed

RESULTS = ("patients", "baseline", "response", "survival", "predictors", "subgroups", "safety")
# a number behind a letter or a version is none: S1, RECIST 1.1, mRECIST, TNM stages
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w.]*\w)")
EVENTS = re.compile(r"(\d+)/(\d+)")
REFERENCE = re.compile(r"\[\d[\d,\u2013]*\]|(?:Table|Figure)s?[\u00a0 ]S?\d+(?:(?:\u2013|, | and )S?\d+)*")


def numbers_in(text: str) -> set[str]:
    return set(NUMBER.findall(REFERENCE.sub("", text.replace("\u2060", ""))))


def told(section: Section) -> str:
    return " ".join("".join(r.text for r in b.runs if not r.ref) for b in section.blocks if isinstance(b, Paragraph))


def in_tables(document: Document, rounding: str) -> set[str]:
    """Every number of the tables: cells, titles, notes and footnotes; of events over patients the percentage too."""
    found: set[str] = set()
    for table in document.tables():
        rows = (*table.head, *table.body)
        texts = [c.text for r in rows for c in r.cells] + [table.title, *table.notes, *(words for _, words in table.footnotes)]
        found |= {n for text in texts for n in numbers_in(text)}
        pairs = [(int(a), int(b)) for text in texts for a, b in EVENTS.findall(text)]
        found |= {fmt.percent(a, b, rounding) for a, b in pairs if b}
    return found


def declared(study: Study) -> set[str]:
    """Numbers of labels and settings, which are no results."""
    protocol = study.protocol
    texts = [c.label for c in protocol.covariates.values()] + [x for c in protocol.covariates.values() for x in c.levels.values()]
    texts += [s.label for s in protocol.subgroups.values()] + [x for s in protocol.subgroups.values() for x in s.levels]
    texts += [str(t) for t in protocol.balance_thresholds] + [protocol.ci, str(protocol.conventions.alpha)]
    texts += [e.reason for step in study.cohort.attrition for e in step.excluded]
    return {n for text in texts for n in numbers_in(text)}


def counted_here(study: Study) -> set[str]:
    """What is a sum of counts of the tables: those excluded, with the event in both arms, tests, variables above a threshold."""
    cohort, rows = study.cohort, study.estimates.rows.values()
    numbers = Numbers(study)
    sizes = [r.value for r in rows if r.phase == "baseline" and r.statistic == "smd" and r.design == "unadjusted" and not r.level]
    tested = sum(r.analysis == "interaction" and r.statistic == "p" and not math.isnan(r.value) for r in rows)
    values = [cohort.n_start - cohort.n, tested, sum(abs(v) > numbers.protocol.balance_thresholds[1] for v in sizes)]
    events = [r for r in rows if r.analysis == "event_count" and r.group == "total" and r.statistic == "events"]
    shares = {fmt.percent(r.value, r.n, study.protocol.conventions.percent_rounding) for r in events}
    return {f"{n:,d}" for n in [*values, *(round(r.value) for r in events)]} | shares


@pytest.mark.parametrize("which", ["founding", "spreadsheet", "one_arm"])
def test_each_number_of_a_sentence_stands_in_a_table(which, request, undrawn):
    study = request.getfixturevalue(which)
    document = report_document(study, {})
    known = in_tables(document, study.protocol.conventions.percent_rounding) | declared(study) | counted_here(study)
    checked = 0
    for section in document.sections:
        if section.anchor in RESULTS:
            found = numbers_in(told(section))
            assert sorted(found - known) == [], section.title
            checked += len(found)
    assert checked > 25


@pytest.mark.parametrize("which", ["founding", "spreadsheet", "one_arm"])
def test_each_number_of_the_abstract_stands_in_the_results(which, request, undrawn):
    study = request.getfixturevalue(which)
    numbers = Numbers(study)
    results = " ".join(told(s) for s in report_document(study, {}).sections if s.anchor in RESULTS)
    with themed(asked(study.protocol.report)):
        said = " ".join([dict(abstract(numbers))["Results"], *highlights(numbers)])
    assert numbers_in(said) - numbers_in(results) - declared(study) == set()


def test_the_flow_adds_up(founding):
    said = flow.selection(Numbers(founding))
    start, lost = map(int, re.match(r"Of (\d+) patients screened, (\d+) were excluded", said).groups())
    reasons = [int(n) for n in re.findall(r"\(n = (\d+)\)", said)]
    kept, *arms = map(int, re.search(r"remaining (\d+) patients were included: (\d+) with .* and (\d+) with", said).groups())
    assert start - lost == kept == sum(arms) and sum(reasons) == lost


def test_of_many_reasons_the_main_ones_are_named_and_the_others_counted(founding):
    cohort = founding.cohort
    first = cohort.attrition[0]
    split = tuple(Exclusion(f"Reason {i}", n) for i, n in enumerate((2, 10, 8, 1, 6, 4, 3), 1))
    assert sum(e.n for e in split) == first.excluded[0].n
    step = dataclasses.replace(first, excluded=(*split, *first.excluded[1:]))
    many = dataclasses.replace(founding, cohort=dataclasses.replace(cohort, attrition=(step, *cohort.attrition[1:])))
    said = flow.selection(Numbers(many))
    assert "reason 2 (n = 10); reason 3 (n = 8); " in said and "other reasons (n = 18)." in said
    assert sum(int(n) for n in re.findall(r"\(n = (\d+)\)", said)) == 68


def test_deaths_and_progressions_are_said_in_the_words_of_the_paper(founding):
    assert survival.followed(Numbers(founding)).endswith(
        "81 of 126 patients (64.3%) died and disease progression or death occurred in 107 of 126 (84.9%)."
    )
    matched = survival.events(Numbers(founding), "os", "matched")
    assert matched == "Death occurred in 19 of 36 patients (52.8%) with lenvatinib and 25 of 36 (69.4%) with sorafenib."


def test_what_a_paper_names_of_its_patients(founding):
    """Median age, sex, etiology, stage, Child-Pugh class and previous cycles as the published article prints them."""
    said = " ".join([*baseline.characteristics(Numbers(founding)), *baseline.differences(Numbers(founding))])
    for part in (
        "Median age was 63 years (interquartile range 55\u201370), and 111 of 126 patients (88.1%) were male.",
        "etiology was viral in 92 (73.0%)",
        "Child-Pugh class was A in 91 (72.2%)",
        "Child-Pugh class (A in 92.5% with lenvatinib and 62.8% with sorafenib; SMD 1.13)",
        "(median 6 with lenvatinib and 3 with sorafenib; SMD 0.44)",
    ):
        assert part in said


def test_the_commonest_events_of_any_grade_and_of_grade_3_4(founding):
    said = " ".join(safety.safety(Numbers(founding)))
    assert "proteinuria (23, 57.5%), AST elevation (20, 50.0%) and thrombocytopenia (20, 50.0%) with lenvatinib" in said
    assert "grade 3\u20134 were proteinuria (12, 30.0%), AST elevation (4, 10.0%) and gastrointestinal bleeding (3, 7.5%)" in said
    assert "led to discontinuation in 12 of 40 patients (30.0%) with lenvatinib and 16 of 86 (18.6%) with sorafenib" in said
    assert "to dose reduction in 13 of 40 (32.5%)" in said and said.endswith("No adverse event was fatal.")


def test_what_is_not_estimable_is_in_no_sentence(founding):
    gone = [
        dataclasses.replace(r, value=math.nan, low=math.nan, high=math.nan) if r.statistic in ("hr", "p", "median") else r
        for r in founding.estimates.rows.values()
    ]
    numbers = Numbers(dataclasses.replace(founding, estimates=Estimates.from_rows(gone, curves=founding.estimates.curves)))
    said = [survival.followed(numbers), predictors.predictors(numbers, "os"), *safety.safety(numbers)]
    said += [words for _, words in abstract(numbers)] + highlights(numbers)
    assert not [s for s in said if re.search(r"\bnan\b|\bNA\b|not estimable", s)], said
