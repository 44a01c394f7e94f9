"""Cohort definitions of ATLAS as arms and outcomes: who is in them, the counts in the flow diagram, and what is refused in a
sentence with its JSON path."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest
from circe_cases import drawn_definition

from equipoise.errors import Fault
from equipoise.protocol.cohort_file import definition as read
from equipoise.protocol.load import load_protocol
from equipoise.report.assemble import report_document
from equipoise.report.made import spoken
from equipoise.report.words import texts, worded
from equipoise.study import run_study
from omop_cdm import ALFA, BETA, BLEED, PAIN, Database, condition, day, exposure

AROUND = {"Start": {"Days": 60, "Coeff": -1}, "End": {"Days": 0, "Coeff": 1}}


def definition(concept: int, kind: str = "DrugExposure", **more: Any) -> dict[str, Any]:
    """The first record of a concept and what is below it; no rule."""
    item = {"concept": {"CONCEPT_ID": concept, "CONCEPT_NAME": "x"}, "includeDescendants": True}
    pain = {"concept": {"CONCEPT_ID": PAIN, "CONCEPT_NAME": "Back pain"}}
    sets = [
        {"id": 0, "name": "entry", "expression": {"items": [item]}},
        {"id": 1, "name": "pain", "expression": {"items": [pain]}},
    ]
    primary = {"CriteriaList": [{kind: {"CodesetId": 0}}], "ObservationWindow": {"PriorDays": 100, "PostDays": 0}}
    primary["PrimaryCriteriaLimit"] = {"Type": "First"}
    limits = {"QualifiedLimit": {"Type": "First"}, "ExpressionLimit": {"Type": "First"}}
    return {"ConceptSets": sets, "PrimaryCriteria": primary, **limits, "InclusionRules": [], **more}


def rule(name: str, at_least: int = 1, window: dict[str, Any] = AROUND, **criterion: Any) -> dict[str, Any]:
    """So many records of back pain in the window."""
    counted = {
        "Criteria": {"ConditionOccurrence": {"CodesetId": 1, **criterion}}, "StartWindow": window,
        "Occurrence": {"Type": 2, "Count": at_least},
    }  # fmt: skip
    return {"name": name, "expression": {"Type": "ALL", "CriteriaList": [counted], "DemographicCriteriaList": [], "Groups": []}}


class Cohorts:
    """The study with its arms by cohorts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.alfa, self.beta = definition(ALFA), definition(BETA)
        self.bleed = definition(BLEED, "ConditionOccurrence", ExpressionLimit={"Type": "All"})
        self.bleed["PrimaryCriteria"] |= {"ObservationWindow": {}, "PrimaryCriteriaLimit": {"Type": "All"}}
        made = "  cohorts:\n" + "".join(f"    {n}: {{atlas: {n}.json}}\n" for n in ("alfa", "beta", "bleed"))
        database.replaced("    alfa: {ids: [101]}\n    beta: {ids: [102]}\n", "")
        database.replaced("    bleed: {ids: [201], descendants: true, label: bleeding}\n", "")
        database.replaced("  index: {prior_observation_days: 100}\n", made)

    def write(self):
        for name in ("alfa", "beta", "bleed"):
            (self.database.folder / f"{name}.json").write_text(json.dumps(getattr(self, name)))
        return self.database.write()

    def run(self):
        return run_study(self.write())

    def faults(self) -> list[str]:
        self.write()
        return self.database.faults()


@pytest.fixture
def cohorts(database: Database) -> Cohorts:
    return Cohorts(database)


def test_the_same_study_as_by_concept_sets(database: Database, tmp_path_factory):
    by_sets = run_study(Database(tmp_path_factory.mktemp("sets")).write())
    by_cohorts = Cohorts(database).run()
    assert list(by_cohorts.cohort.patient) == list(by_sets.cohort.patient)
    for name in ("bleed", "death"):
        ours, theirs = by_cohorts.outcomes.endpoints[name], by_sets.outcomes.endpoints[name]
        assert (ours.event == theirs.event).all()
        assert (ours.time == theirs.time).all()


def test_inclusion_rules_are_counted_in_the_flow_diagram(cohorts: Cohorts):
    """Back pain in the 60 days before: person 1 (day 150) has it, person 2 (61 days before) not. The other arm has no rule."""
    cohorts.alfa["InclusionRules"] = [rule("Back pain before"), rule("Twice", 2)]
    cohorts.database.tables["condition_occurrence"] += [condition(401, 3, PAIN, 199), condition(402, 3, PAIN, 200)]
    excluded = {e.reason: e.n for e in cohorts.run().cohort.attrition[0].excluded}
    assert excluded["Inclusion rule not met: Back pain before (alfa)"] == 10
    assert excluded["Inclusion rule not met: Twice (alfa)"] == 1
    assert not any("(beta)" in reason and n for reason, n in excluded.items())


def test_rules_that_both_arms_have_are_told_once(cohorts: Cohorts):
    cohorts.alfa["InclusionRules"] = cohorts.beta["InclusionRules"] = [
        {"name": "Adults over 60", "expression": {"Type": "ALL", "DemographicCriteriaList": [{"Age": {"Value": 60, "Op": "gt"}}]}}
    ]
    excluded = {e.reason: e.n for e in cohorts.run().cohort.attrition[0].excluded}
    assert excluded["Inclusion rule not met: Adults over 60"] == 5  # born in 1960 to 1964, in 2020


def test_observation_before_the_entry_event_comes_before_the_limit(cohorts: Cohorts):
    """An exposure with too little observation before it is no entry event, and a later one is the first."""
    rows = cohorts.database.tables["drug_exposure"]
    rows += [exposure(90, 1, ALFA, 50, 60), exposure(91, 4, BETA, 99, 120)]
    rows[6]["drug_exposure_start_date"] = day(99)
    study = cohorts.run()
    excluded = {e.reason: e.n for e in study.cohort.attrition[0].excluded}
    assert excluded["Fewer than 100 days of observation before the entry event"] == 1
    assert "7" not in study.cohort.patient
    assert {"1", "4"} <= set(study.cohort.patient)


def test_the_first_flag_looks_at_all_records(cohorts: Cohorts):
    """With First the record with too little observation before it is the one, and nobody else's."""
    cohorts.alfa["PrimaryCriteria"]["CriteriaList"][0]["DrugExposure"]["First"] = True
    cohorts.database.tables["drug_exposure"].append(exposure(90, 1, ALFA, 50, 60))
    assert "1" not in cohorts.run().cohort.patient


def test_the_end_of_the_cohort_ends_follow_up(cohorts: Cohorts):
    """30 days of exposure that ends on day 229, a gap of 20 days: with surveillance of 5 days until day 234; and not without a
    word."""
    for cohort in (cohorts.alfa, cohorts.beta):
        cohort["EndStrategy"] = {"CustomEra": {"DrugCodesetId": 0, "GapDays": 20, "Offset": 0}}
    (fault,) = cohorts.faults()
    assert "the cohort 'alfa' ends before observation does" in fault
    cohorts.database.replaced("arms:\n  groups", "  risk_window: {kind: cohort_end, surveillance_days: 5}\narms:\n  groups")
    cohorts.database.tables["drug_exposure"].append(exposure(91, 2, BETA, 249, 260))
    cohorts.write()
    found = cohorts.database.patients("bleed_days", "bleed_event")
    assert found[1] == (34, 0)
    assert found[2] == (65, 0)
    assert found[3] == (30, 1)


def test_a_rule_that_looks_ahead_is_declared_as_known_later(cohorts: Cohorts):
    ahead = {"Start": {"Days": 0, "Coeff": -1}, "End": {"Days": 30, "Coeff": 1}}
    cohorts.alfa["InclusionRules"] = [rule("Back pain after", window=ahead)]
    late = [e for s in load_protocol(cohorts.write()).eligibility.steps for e in s.exclude if e.known == "after_index"]
    assert [(e.landmark_day, e.reason) for e in late] == [(30, "Inclusion rule not met: Back pain after (alfa)")]
    cohorts.alfa["InclusionRules"] = [rule("Back pain ever", window={"Start": {"Coeff": -1}, "End": {"Coeff": 1}})]
    assert any("looks at the whole time after the entry event" in fault for fault in cohorts.faults())


def late(cohorts: Cohorts) -> list[tuple[float, str]]:
    """Exclusions that are declared as known later, each with its landmark."""
    steps = load_protocol(cohorts.write()).eligibility.steps
    return [(e.landmark_day, e.reason) for s in steps for e in s.exclude if e.known == "after_index"]


def followed_by_pain(days: int, since: int = 0) -> dict[str, Any]:
    """A nested criterion: back pain so many days after the record at most."""
    window = {"Start": {"Days": since, "Coeff": 1}, "End": {"Days": days, "Coeff": 1}}
    return {"CorrelatedCriteria": rule("", window=window)["expression"]}


def test_an_entry_event_that_looks_ahead_has_a_landmark(cohorts: Cohorts):
    """Of the odd persons 3 and 5 have back pain in the 40 days from the entry event on; the other ten leave, and are counted."""
    cohorts.alfa["PrimaryCriteria"]["CriteriaList"][0]["DrugExposure"] |= followed_by_pain(40)
    cohorts.database.tables["condition_occurrence"] += [condition(401, 3, PAIN, 240), condition(402, 5, PAIN, 200)]
    cohorts.database.tables["condition_occurrence"] += [condition(403, 7, PAIN, 241)]
    assert late(cohorts) == [(40, "Entry event without what must follow it (alfa)")]
    study = cohorts.run()
    assert {p for p in study.cohort.patient if int(p) % 2} == {"3", "5"}
    excluded = {e.reason: e.n for e in study.cohort.attrition[0].excluded}
    assert excluded["Entry event without what must follow it (alfa)"] == 10


def test_an_entry_event_that_looks_back_has_none(cohorts: Cohorts):
    back = {"CorrelatedCriteria": rule("")["expression"]}
    cohorts.alfa["PrimaryCriteria"]["CriteriaList"][0]["DrugExposure"] |= back
    assert late(cohorts) == []


def test_a_criterion_within_a_rule_counts_from_its_record(cohorts: Cohorts):
    """Back pain up to day 30 after the entry event with another one 60 days after that: known by day 90; where the first lies at
    least 10 days before it, by day 50."""
    ahead = {"Start": {"Days": 0, "Coeff": -1}, "End": {"Days": 30, "Coeff": 1}}
    before = {"Start": {"Days": 60, "Coeff": -1}, "End": {"Days": 10, "Coeff": -1}}
    for window, by in ((ahead, 90), (before, 50)):
        cohorts.alfa["InclusionRules"] = [rule("Twice", window=window, **followed_by_pain(60, 1))]
        assert late(cohorts) == [(by, "Inclusion rule not met: Twice (alfa)")]


@pytest.mark.parametrize(
    ("kind", "test", "by"),
    [
        ("DrugEra", {"EraLength": {"Value": 90, "Op": "gte"}}, 90),
        ("DrugEra", {"EraLength": {"Value": 90, "Op": "gt"}}, 91),
        ("DrugEra", {"EraLength": {"Value": 10, "Extent": 90, "Op": "bt"}}, 91),
        ("DrugExposure", {"OccurrenceEndDate": {"Value": "2020-03-01", "Op": "gt"}}, 0),
        ("DrugExposure", {"DaysSupply": {"Value": 30, "Op": "gte"}}, 0),
        ("DrugEra", {"OccurrenceCount": {"Value": 3, "Op": "gte"}}, inf),
        ("DrugEra", {"EraEndDate": {"Value": "2020-03-01", "Op": "gt"}}, inf),
        ("VisitOccurrence", {"VisitLength": {"Value": 3, "Op": "gte"}}, 3),
    ],
)
def test_what_is_known_of_a_record_only_later(cohorts: Cohorts, kind: str, test: dict[str, Any], by: float):
    """Eras of at least 90 days are those of persons who went on for as long: immortal time."""
    cohorts.alfa["PrimaryCriteria"]["CriteriaList"] = [{kind: {"CodesetId": 0, **test}}]
    if by == inf:
        assert any("looks at the whole time after the entry event" in fault for fault in cohorts.faults())
    else:
        assert [day for day, _ in late(cohorts)] == ([by] if by else [])


def test_eras_that_are_too_short_are_counted(cohorts: Cohorts):
    cohorts.alfa["PrimaryCriteria"]["CriteriaList"] = [{"DrugEra": {"CodesetId": 0, "EraLength": {"Value": 30, "Op": "gte"}}}]
    cohorts.database.tables["drug_era"] = [
        {
            "drug_era_id": p, "person_id": p, "drug_concept_id": ALFA, "drug_era_start_date": day(200),
            "drug_era_end_date": day(229 + (p < 20)),
        }
        for p in range(1, 25, 2)
    ]  # fmt: skip
    study = cohorts.run()
    excluded = {e.reason: e.n for e in study.cohort.attrition[0].excluded}
    assert excluded["Entry event without what must follow it (alfa)"] == 2
    assert int(study.cohort.in_arm("alfa").sum()) == 10


def test_the_last_event_makes_no_index_date(cohorts: Cohorts):
    for change in ({"ExpressionLimit": {"Type": "Last"}}, {"PrimaryCriteriaLimit": {"Type": "Last"}}):
        cohorts.alfa = definition(ALFA)
        cohorts.alfa["PrimaryCriteria"] |= {"PrimaryCriteriaLimit": {"Type": "All"}}
        for key, value in change.items():
            (cohorts.alfa["PrimaryCriteria"] if key.startswith("Primary") else cohorts.alfa)[key] = value
        assert any("the last event of a person makes the index date" in fault for fault in cohorts.faults())
    cohorts.alfa = definition(ALFA, ExpressionLimit={"Type": "Last"})  # of first events alone
    assert late(cohorts) == []


def test_exclusions_and_covariates_by_cohorts_that_look_ahead(cohorts: Cohorts):
    """Bleeding in the window [-100, -10] that counts where back pain follows within 60 days: known by day 50."""
    cohorts.bleed["PrimaryCriteria"]["CriteriaList"][0]["ConditionOccurrence"] |= followed_by_pain(60)
    exclusion = "  exclusions: [{concepts: bleed, days: [-100, -10]}]\n"
    cohorts.database.replaced("  covariates:\n", f"{exclusion}  covariates:\n")
    assert [day for day, _ in late(cohorts)] == [50]
    cohorts.database.replaced("[-100, -10]", "[-100, -60]")
    assert late(cohorts) == []
    covariate = "    bled: {label: Bled before, concepts: bleed, days: [-100, -10]}\n"
    cohorts.database.replaced("  covariates:\n", f"  covariates:\n{covariate}")
    (fault,) = cohorts.faults()
    assert "end the window 50 days earlier" in fault
    cohorts.bleed["PrimaryCriteria"]["PrimaryCriteriaLimit"] = {"Type": "Last"}
    assert sum("immortal-time bias" in fault for fault in cohorts.faults()) == 2


def test_every_reason_has_a_name_for_other_languages(cohorts: Cohorts):
    """As the texts of the report have them (made.toml), with the arm behind it and, where both arms have it, without."""
    cohorts.alfa |= {"InclusionRules": [rule("Pain")], "AdditionalCriteria": rule("")["expression"]}
    cohorts.alfa["EndStrategy"] = {"DateOffset": {"DateField": "StartDate", "Offset": 30}}
    cohorts.alfa["PrimaryCriteria"]["ObservationWindow"] = {"PriorDays": 100, "PostDays": 30}
    cohorts.alfa["PrimaryCriteria"]["CriteriaList"][0]["DrugExposure"] |= followed_by_pain(40)
    cohorts.database.replaced("arms:\n  groups", "  risk_window: {kind: cohort_end}\narms:\n  groups")
    for beta in (cohorts.beta, cohorts.alfa):
        cohorts.beta = beta
        eligibility = load_protocol(cohorts.write()).eligibility
        reasons = [eligibility.start, *(e.reason for s in eligibility.steps for e in s.exclude)]
        assert len(reasons) > 7
        with worded({key: f"*{text}" for key, text in texts("en").items()}):
            assert [reason for reason in reasons if not spoken(reason).startswith("*")] == []


def test_the_report_says_whose_definitions_they_are(cohorts: Cohorts):
    document = report_document(cohorts.run(), {})
    said = "\n".join(block.text if hasattr(block, "text") else str(block) for block in document.blocks())
    assert "The index date of a person was the first entry into the cohort of alfa or beta." in said
    (figure,) = [f for f in document.figures() if "design_diagram" in f.name]
    assert "no entry into the cohort of any arm" in figure.alt
    assert "by its definition in ATLAS, with the rules of Circe (alfa, beta and bleed)" in said
    (table,) = [t for t in document.tables() if t.name == "table_concepts"]
    assert ["bleed: entry", "201", "Bleeding", "with descendants", "2"] in [[c.text for c in row.cells] for row in table.body]


def test_two_arms_entered_on_one_day(cohorts: Cohorts):
    cohorts.database.tables["drug_exposure"].append(exposure(90, 1, BETA, 200, 210))
    excluded = {e.reason: e.n for e in cohorts.run().cohort.attrition[0].excluded}
    assert excluded["Entry into the cohorts of several arms on the index date"] == 1


def test_wrapped_as_atlas_exports_it(cohorts: Cohorts):
    cohorts.alfa = {"id": 1, "name": "alfa", "expression": json.dumps(cohorts.alfa)}
    assert int(cohorts.run().cohort.in_arm("alfa").sum()) == 12


SPECIMEN = {"name": "x", "expression": {"Type": "ALL", "CriteriaList": [{"Criteria": {"Specimen": {}}}]}}
STOPPED = {"DrugExposure": {"CodesetId": 0, "StopReason": {"Text": "x", "Op": "contains"}}}
HOURS = {"Start": {"TimeUnitValue": 3, "TimeUnit": "hour", "Coeff": -1}, "End": {"Days": 0, "Coeff": 1}}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("InclusionRules", [SPECIMEN], "expression.CriteriaList[0].Criteria: criteria of 'Specimen' are not read"),
        ("CensoringCriteria", [STOPPED], "CensoringCriteria[0].DrugExposure.StopReason: 'StopReason' of criteria of"),
        ("InclusionRules", [rule("x", window=HOURS)], "StartWindow.Start.TimeUnit: this is none of day"),
        ("InclusionRules", [rule("x", CodesetId=7)], "ConceptSets: this holds no concept set of the id 7"),
        ("EndStrategy", {"Custom": {"a": 1}}, "EndStrategy.Custom: 'Custom' of the end strategy is not read here"),
        ("CollapseSettings", {"CollapseType": "OTHER"}, "CollapseSettings.CollapseType: this is none of ERA"),
        ("Sampling", {"n": 5}, "alfa.json, Sampling: 'Sampling' of the cohort definition is not read here"),
        ("ExpressionLimit", {"Type": "Third"}, "ExpressionLimit.Type: this is none of First, Last, All"),
        ("PrimaryCriteria", None, "alfa.json: this holds no cohort definition: there is no PrimaryCriteria"),
        ("PrimaryCriteria", {"CriteriaList": "x"}, "PrimaryCriteria.CriteriaList: this is no list"),
        ("CensorWindow", {"StartDate": "soon"}, "CensorWindow.StartDate: this is no date"),
    ],
)  # fmt: skip
def test_refused_with_the_path(cohorts: Cohorts, key: str, value: Any, said: str):
    cohorts.alfa[key] = value
    faults = cohorts.faults()
    assert any(said in fault for fault in faults), faults


def test_all_faults_at_once(cohorts: Cohorts):
    cohorts.alfa["InclusionRules"] = [SPECIMEN]
    cohorts.beta["Sampling"] = {"n": 5}
    faults = cohorts.faults()
    assert sum("alfa.json" in fault for fault in faults) == 1
    assert sum("beta.json" in fault for fault in faults) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("alfa.json}", "nowhere.json}", "there is no file 'nowhere.json' beside the protocol"),
        ("alfa.json}", "alfa.json, read: 1}", "'read' is no key of a cohort"),
        ("alfa: {label: Alfamab}", "alfa: {label: Alfamab, value: pain}", "make all arms in one way"),
        ("concepts: albumin, value", "concepts: bleed, value", "is a cohort, whose entries have no measured number"),
        ("    pain: {names", "    bleed: {names", "a concept set is called 'bleed' too"),
        ("arms:\n", "  risk_window: {kind: on_treatment, gap_days: 3}\narms:\n", "take kind: cohort_end"),
        ("arms:\n", "  risk_window: {switch: censored}\narms:\n", "state a switch there"),
    ],
)
def test_refused(cohorts: Cohorts, old: str, new: str, said: str):
    cohorts.database.replaced(old, new)
    faults = cohorts.faults()
    assert any(said in fault for fault in faults), faults


def places(given: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every mapping of a definition, but those that name a concept, or a concept set by words."""
    if isinstance(given, dict) and "CONCEPT_ID" not in given:
        yield from () if len(path) == 2 and path[0] == "ConceptSets" else (path,)
        for key, value in given.items():
            yield from places(value, (*path, key))
    elif isinstance(given, list):
        for i, value in enumerate(given):
            yield from places(value, (*path, i))


@pytest.mark.parametrize("seed", range(6))
def test_no_key_that_says_something_is_passed_over(seed: int):
    """A key that is not known is refused wherever it stands; one that says nothing is not."""
    given = drawn_definition(seed)
    for path in places(given):
        for value, refused in ((None, False), ({"Value": 1, "Op": "gt"}, True)):
            changed = copy.deepcopy(given)
            here = changed
            for key in path:
                here = here[key]
            here["Unheard"] = value
            faults: list[Fault] = []
            read(changed, "a.json", faults)
            assert bool(faults) == refused, (path, [f.sentence() for f in faults])


ODD = [None, True, 0, -1, 1e400, float("nan"), 2**70, "", "\x00", "2020-13-45", [], [1], {"a": 1}, [None], "'; drop table x; --"]


@pytest.mark.parametrize("seed", range(6))
def test_odd_values_are_read_or_refused(seed: int):
    """Whatever stands in the file, there is a definition or a sentence."""
    r = random.Random(seed)
    for _ in range(150):
        given = drawn_definition(seed)
        path = r.choice([path for path in places(given) if path])
        here = given
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = r.choice(ODD)
        faults: list[Fault] = []
        found = read(given, "a.json", faults)
        assert faults or found.steps


def test_the_concept_of_what_is_not_mapped(cohorts: Cohorts):
    cohorts.alfa["ConceptSets"][0]["expression"]["items"][0]["concept"]["CONCEPT_ID"] = 0
    assert any("the concept 0 stands for whatever could not be mapped" in fault for fault in cohorts.faults())
