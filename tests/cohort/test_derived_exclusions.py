"""Exclusions by what was derived at baseline: in the order of the protocol, unknown values counted, nothing from later."""

import pytest

from equipoise.data.sources import read_sources
from equipoise.errors import EquipoiseError
from equipoise.protocol.load import load_protocol
from equipoise.records import AttritionStep, Exclusion
from equipoise.study import build_cohort, check_study, derive_covariates, run_study

UNDER_AGE = '{reason: "Under age", table: patient, where: "age_index < 18"}'


def excluding(tiny, *exclusions):
    tiny.protocol = tiny.protocol.replace(UNDER_AGE, "\n        - ".join(exclusions))
    return tiny


def cohort_of(study):
    protocol = load_protocol(study.write())
    sources = read_sources(protocol)
    return build_cohort(protocol, sources), sources, protocol


def refused(study):
    with pytest.raises(EquipoiseError) as caught:
        check_study(study.write())
    return caught.value.faults


@pytest.mark.parametrize(
    "where",
    [
        "where: \"status = '1'\", table: covariate",  # the covariate, with the keys of its levels
        "where: \"status = '1'\"",  # not of the index table, so the covariate
        'where: "status > 0"',  # codes compare as numbers too
        'where: "status >= 1 and status < 2.5"',
        "where: \"status in ('1', '2')\"",
        'where: "ecog = 1"',  # a column of the baseline that no covariate is named after
        'where: "ecog > 0 and age < 200"',
        "where: \"status <> '1'\", table: covariate, absent: true",
    ],
)
def test_derived_values_exclude(tiny, where):
    cohort, sources, protocol = cohort_of(excluding(tiny, f"{{reason: Not fit, {where}}}"))
    left = {r["patient_id"] for r in tiny.tables["observation"] if r["value"] == 0} - {"T16"}
    assert set(cohort.patient) == left
    assert cohort.attrition[-1].excluded[-1] == Exclusion("Not fit", 15 - len(left))
    values = derive_covariates(protocol, sources, cohort).values
    assert set(values["status"]) == {"0"} and len(values["age"]) == len(left)


def test_each_patient_leaves_under_the_first_reason_of_the_protocol(tiny):
    derived, raw = "{reason: Not fit, where: \"status = '1'\"}", '{reason: "Over 60", table: patient, where: "age_index > 60"}'
    unfit = {r["patient_id"] for r in tiny.tables["observation"] if r["value"] == 1} - {"T16"}
    old = {r["patient_id"] for r in tiny.tables["patient"] if r["age_index"] > 60} - {"T16"}
    assert unfit & old and unfit - old and old - unfit
    before = tiny.protocol
    for order, first, second in ((True, unfit, old - unfit), (False, old, unfit - old)):
        tiny.protocol = before
        cohort, _, _ = cohort_of(excluding(tiny, *((derived, raw) if order else (raw, derived))))
        reasons = ("Not fit", "Over 60") if order else ("Over 60", "Not fit")
        (step,) = cohort.attrition
        assert step.excluded == (
            Exclusion("Received gammacid", 1), Exclusion(reasons[0], len(first)), Exclusion(reasons[1], len(second)),
        )  # fmt: skip


def test_steps_keep_their_order_and_their_counts(tiny):
    steps = (
        '    - label: "Fit"\n      exclude: [{reason: Not fit, where: "status = \'1\'"}]\n    - label: "Young"\n'
        '      exclude: [{reason: Old, where: "age > 60"}]\ncovariates:'
    )
    tiny.protocol = tiny.protocol.replace("covariates:", steps, 1)
    cohort, _, _ = cohort_of(tiny)
    labels = [(s.label, s.n_left) for s in cohort.attrition]
    assert labels == [("Treated", 15), ("Fit", labels[1][1]), ("Young", cohort.n)]
    assert isinstance(cohort.attrition[1], AttritionStep) and cohort.attrition[1].excluded[0].n == 15 - labels[1][1] > 0


def test_a_treatment_that_a_later_reason_excludes_is_no_obstacle(tiny):
    gammacid = '{reason: "Received gammacid", table: index_treatment, where: "drug = \'gammacid\'"}'
    tiny.protocol = tiny.protocol.replace(f"        - {gammacid}\n", "")
    cohort, _, _ = cohort_of(excluding(tiny, "{reason: Not fit, where: \"status = '0'\"}", gammacid))
    counts = [e.n for e in cohort.attrition[0].excluded]
    assert sum(counts) + cohort.n == 16 and counts[0] > 0


def test_an_unknown_value_excludes_nobody_and_is_counted(tiny):
    tiny.tables["observation"] = [r for r in tiny.tables["observation"] if r["patient_id"] not in ("T02", "T04", "T16")]
    cohort, _, _ = cohort_of(excluding(tiny, '{reason: Not fit, where: "ecog > 0"}'))
    assert {"T02", "T04"} <= set(cohort.patient)
    assert cohort.remarks == (
        "Whether 'Not fit' holds is unknown of 2 patients, because a value is missing: they do not leave by it.",
    )


def test_said_the_other_way_round_they_leave_and_are_counted(tiny):
    tiny.tables["observation"] = [r for r in tiny.tables["observation"] if r["patient_id"] != "T02"]
    cohort, _, _ = cohort_of(excluding(tiny, '{reason: Not shown to be fit, where: "ecog = 0", absent: true}'))
    assert "T02" not in cohort.patient
    assert cohort.remarks[0].endswith("is unknown of 1 patient, because a value is missing: they leave by it.")


def test_a_sheet_too(sheet):
    sheet.columns["stage"][0] = ""
    sheet.columns["vi"][1] = ""
    sheet.protocol["eligibility"] = {"steps": [{"label": "Analysed", "exclude": [
        {"reason": "Stage III", "table": "covariate", "where": "stage = 'III'"},
        {"reason": "Invasion, high age", "where": "high and vi = 1"},
    ]}]}  # fmt: skip
    sheet.protocol["covariates"]["high"] = {"label": "Age above 70", "kind": "binary", "from": "age > 70"}
    cohort, _, _ = cohort_of(sheet)
    c = sheet.columns
    third = {p for p, s in zip(c["id"], c["stage"], strict=True) if s == "III"}
    invaded = {p for p, v, a in zip(c["id"], c["vi"], c["age"], strict=True) if v == 1 and a > 70}
    assert set(cohort.patient) == set(c["id"]) - third - invaded
    assert [e.n for e in cohort.attrition[0].excluded] == [len(third), len(invaded - third)]
    assert len(cohort.remarks) in (1, 2) and "'Stage III' holds is unknown of 1 patient" in cohort.remarks[0]


def test_of_clinical_scores_of_a_sheet(sheet):
    sheet.protocol["packs"] = ["liver"]
    sheet.protocol["measurements"] = {
        "albumin": {"column": "alb", "unit": "g/L"},
        "bilirubin": {"column": "bil", "unit": "umol/L"},
    }
    n = len(sheet.columns["id"])
    sheet.columns |= {"alb": [15 + i % 30 for i in range(n)], "bil": [10 + i % 7 for i in range(n)]}
    sheet.protocol["eligibility"] = {"steps": [{"label": "A", "exclude": [{"reason": "ALBI 3", "where": "albi_grade = 3"}]}]}
    cohort, sources, _ = cohort_of(sheet)
    albi = dict(sources.engine.rows("select patient_id, albi_score from candidate_baseline"))
    assert set(cohort.patient) == {p for p, score in albi.items() if not score > -1.39}
    assert 0 < cohort.n < n


def test_one_arm(sheet):
    sheet.protocol["arms"] = {"groups": {"all": {"label": "Everybody"}}}
    sheet.protocol["cox"] = {}
    sheet.protocol["eligibility"] = {
        "steps": [{"label": "A", "exclude": [{"reason": "III", "table": "covariate", "where": "stage = 'III'"}]}]
    }
    study = run_study(sheet.write())
    assert study.cohort.n == sum(s != "III" for s in sheet.columns["stage"]) and set(study.covariates.values["stage"]) <= {
        "I",
        "II",
    }


def test_every_relation_runs_alone(tiny, monkeypatch):
    import duckdb

    cohort, sources, _ = cohort_of(excluding(tiny, "{reason: Not fit, where: \"status = '1'\"}"))
    monkeypatch.chdir(tiny.folder / "data")
    for name in ("candidate_baseline", "candidate_value", "criterion_hit", "cohort"):
        with duckdb.connect(":memory:") as fresh:
            alone = sorted(map(repr, fresh.execute(sources.engine.script(name)).fetchall()))
        assert alone == sorted(map(repr, sources.engine.rows(f"select * from {name}"))), name


def test_an_unknown_name_is_told_with_those_that_may_stand_there(tiny, sheet):
    (fault,) = refused(excluding(tiny, '{reason: Not fit, table: covariate, where: "statsu > 0"}'))
    assert fault.place == "study.yaml:23" and fault.rule == "unknown name"
    assert "'statsu' is neither a covariate nor another value known at baseline; did you mean 'status'?" in fault.message
    assert "Covariates are age, female, status; beside them: patient_id, site, sex" in fault.message
    sheet.protocol["eligibility"] = {"steps": [{"label": "A", "exclude": [{"reason": "x", "where": "grade = 3"}]}]}
    (fault,) = refused(sheet)
    assert "Covariates are age, vi, stage; beside them: arm, days, dead, id" in fault.message


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("where: \"best_response = 'PD'\"", "'best_response' is known only after the index date"),
        ("table: visit_response, where: \"overall = 'PD'\"", "What 'visit_response' holds is known only after the index date"),
        ("table: covariate, where: \"worst = '1'\"", "'worst' is known only after the index date"),
    ],
)
def test_what_became_known_later_is_refused(tiny, where, words):
    late = '  worst: {label: W, kind: categorical, from: ecog, known: after_index, levels: {"0": "0", "1": "1"}}\nresponse:'
    tiny.protocol = tiny.protocol.replace("response:", late, 1)
    faults = refused(excluding(tiny, f"{{reason: Course, {where}}}"))
    assert [f.rule for f in faults] == ["time zero"] and words in faults[0].message


def test_a_covariate_that_sounds_like_the_course_is_asked_for_in_a_sheet(sheet):
    sheet.columns["n_scans"] = sheet.columns["age"]
    sheet.protocol["covariates"]["many"] = {"label": "Many scans", "kind": "binary", "from": "n_scans > 50"}
    sheet.protocol["eligibility"] = {
        "steps": [{"label": "A", "exclude": [{"reason": "x", "table": "covariate", "where": "many"}]}]
    }
    (fault,) = refused(sheet)
    assert "'n_scans', by its name, is known only after the index date" in fault.message
    sheet.protocol["covariates"]["many"]["known"] = "index"
    check_study(sheet.write())


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("age > 'old'", "cannot be evaluated on these data"),
        ("age", "takes the column 'age' as true or false"),
        ("status", "takes the column 'status' as true or false"),
    ],
)
def test_a_condition_that_does_not_fit_is_a_sentence(tiny, where, words):
    (fault,) = refused(excluding(tiny, f'{{reason: x, table: covariate, where: "{where}"}}'))
    assert words in fault.message and fault.place == "study.yaml:23"
