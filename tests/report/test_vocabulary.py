"""What is estimated is printed or declared as unprinted; what is asked for, somebody writes."""

import dataclasses

import pytest
import words
from asked import written
from methods_text import methods_text
from questions import questions
from record import AGAIN, asked_text, differing, written_text
from wide import recorded_studies

from equipoise.records import Estimates, Row
from equipoise.records.vocabulary import PHASES, STATISTICS, entries, key_may_exist
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import said
from equipoise.report.narrative.methods import PARTS
from equipoise.report.unprinted import unprinted

NOT_WRITTEN = {
    ("response", "dcr", "p", "benchmark"): "the benchmark of the test set is of the objective response rate; one code makes both",
    ("baseline", "covariate_group", "n", "*"): "of studies on OMOP tables, in tests/omop",
    ("baseline", "covariate_group", "smd", "*"): "of studies on OMOP tables, in tests/omop",
}


@pytest.fixture(scope="module")
def named(repository, tmp_path_factory):
    return recorded_studies(repository, tmp_path_factory.mktemp)


@pytest.fixture(scope="module")
def studies(named):
    return list(named.values())


@pytest.fixture(scope="module")
def observed(named):
    return {name: questions(study) for name, study in named.items()}


@pytest.fixture(scope="module")
def pages(observed):
    """What the pages of all studies were given."""
    return set().union(*(given for _, given in observed.values()))


def test_each_study_writes_what_is_recorded(named):
    """A word of estimate/ exchanged with another valid one changes the record."""
    assert differing("written.csv", written_text(named)) == [], AGAIN


def test_each_page_asks_for_what_is_recorded(observed):
    """A word of report/ exchanged with another valid one changes the record."""
    assert differing("asked.csv", asked_text({name: asked for name, (asked, _) in observed.items()})) == [], AGAIN


def test_what_is_estimated_is_printed_or_declared(studies, pages):
    estimated = set().union(*(written(study) for study in studies))
    silent = estimated - pages
    assert silent - unprinted() == set(), "estimated, on no page, and not declared in report/unprinted.py"
    assert unprinted() & pages == set(), "declared as unprinted and yet asked for"


def test_every_entry_of_the_vocabulary_is_written_by_some_study(studies):
    estimated = set().union(*(written(study) for study in studies))
    assert set(entries()) - estimated == set(NOT_WRITTEN)


def test_the_vocabulary_explains_every_word():
    used = {s for phase in PHASES.values() for _, a in _analyses(phase) for p in a.parts for s in p.names}
    assert used == set(STATISTICS)
    assert all(phase.words and a.words for phase in PHASES.values() for _, a in _analyses(phase))


def test_methods_tell_every_analysis_of_the_vocabulary_once():
    """Or say in UNTOLD why not; and nothing else."""
    assert words.told_once()


def test_methods_tell_what_was_estimated_in_a_study_and_nothing_else(named):
    for name, study in named.items():
        numbers = Numbers(study)
        estimated = set().union(*(n.analyses for n in (numbers, *numbers.comparisons.values())))
        for one in (one for _, paragraphs in PARTS for paragraph in paragraphs for one in paragraph if one.of):
            assert bool(said([one], numbers)) == bool(estimated & set(one.of)), (name, one.of)


def test_methods_hold_no_condition_and_no_column(named):
    for name, study in named.items():
        words = methods_text(study)
        for endpoint in study.protocol.endpoints.values():
            raw = [endpoint.event, f"column {endpoint.time.column}"] if endpoint.time is not None else []
            assert not [r for r in raw if r in words], name
        assert not [r.where for r in study.protocol.restrict.values() if r.where in words], name


def test_methods_of_three_arms_name_the_tests_of_three_and_of_two(named):
    words = methods_text(named["three_arms"])
    assert "All arms together were compared by the Kruskal-Wallis test" in words
    assert "Two arms at a time were compared by the Mann-Whitney U test" in words
    assert "with a Wald test of all of them together" in words


def test_methods_say_which_tests_are_one_sided(named):
    found = [r.method for r in named["raw"].estimates.rows.values() if r.analysis == "pair_bounds" and r.statistic == "p"]
    assert found and all("one-sided" in method for method in found)
    assert "Tests were two-sided, except for the test within matched pairs" in methods_text(named["raw"])
    assert "All tests were two-sided" in methods_text(named["founding"])


def _analyses(phase):
    return [*phase.analyses.items(), *((named.rule, a) for named, a in phase.families)]


def test_every_word_in_the_sources_is_in_the_vocabulary():
    """Literals given as a phase, analysis or statistic, or compared with one, in estimate/, report/ and reproduce/."""
    found = list(words.literals())
    assert len(found) > 300
    unknown = [f"{w.file.name}:{w.line} {w.part} {w.text}" for w in found if w.text not in words.KNOWN[w.part]]
    assert not unknown, unknown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"phase": "survial"}, "'survial' is no phase of the vocabulary"),
        ({"analysis": "coxs"}, "'coxs' is no analysis of the phase 'survival'"),
        ({"statistic": "median"}, "'median' is no statistic of the phase 'survival', analysis 'cox'"),
        ({"variable": "treatment"}, "'treatment' is no variable of the phase 'survival', analysis 'cox'"),
    ],
)
def test_what_the_vocabulary_lacks_can_be_neither_written_nor_asked_for(founding, change, said):
    parts = {"phase": "survival", "analysis": "cox", "statistic": "hr", **change}
    with pytest.raises(AssertionError, match=said):
        Estimates.from_rows([Row(value=1.0, **parts)])
    with pytest.raises(AssertionError, match=said):
        Numbers(founding).row(**parts)
    with pytest.raises(AssertionError, match=said):
        founding.estimates.find(**parts)
    if "variable" not in change:
        with pytest.raises(AssertionError, match=said):
            Numbers(founding).where(**parts)
        with pytest.raises(AssertionError, match=said):
            Numbers(founding).has(**parts)


@pytest.mark.parametrize(
    ("part", "name"),
    [("design", "macthed"), ("endpoint", "oss"), ("group", "lenvatinb"), ("population", "al"), ("dessign", "matched")],
)
def test_a_page_cannot_ask_for_a_name_that_the_study_lacks(founding, part, name):
    numbers = Numbers(founding)
    for ask in (numbers.where, numbers.has):
        with pytest.raises(AssertionError, match=part):
            ask("survival", **{part: name})
    with pytest.raises(AssertionError, match=part):
        numbers.row("survival", "hr", analysis="cox", **{part: name})


def test_every_key_of_a_study_may_exist_and_a_misspelt_one_may_not(studies):
    for study in studies:
        assert all(key_may_exist(key) for key in study.estimates.rows)
    for key in ("survival.os.matched.coxs.hr", "survial.os.matched.cox.hr", "survival.os.matched.cox.hrr", "survival", "k"):
        assert not key_may_exist(key)


def test_a_row_that_names_nothing_known_stops_the_run(founding):
    rows = [dataclasses.replace(r, analysis="x") for r in founding.estimates.rows.values()][:1]
    with pytest.raises(AssertionError, match="records/vocabulary.py"):
        Estimates.from_rows(rows)
