"""Restricted populations: each is analysed as the study would be that has nobody else."""

import copy
import math

import pytest

from equipoise.errors import EquipoiseError
from equipoise.study import check_study, run_study
from metamorphic.studies import sheet as invented

STAGE = {"label": "Stage I or II", "where": "stage in ('I', 'II')"}
OLD = {"label": "Older men", "where": "age > 60 and male"}
SECTIONS = ("design", "baseline", "response", "survival", "sensitivity", "safety", "conduct", "exposure", "post_index")


def in_words(condition):
    return {"label": "As asked", "exclude": [{"reason": "Not so", "table": "covariate", "where": condition, "absent": True}]}


def alone(example, restriction):
    """The same study whose eligibility leaves nobody else."""
    other = copy.deepcopy(example)
    other.protocol.pop("restrict", None)
    other.protocol.setdefault("eligibility", {}).setdefault("steps", []).append(in_words(restriction["where"]))
    return other


def numbers(estimates):
    rows = [r for r in estimates.rows.values() if r.phase in SECTIONS]
    return {r.texts: (r.value, r.low, r.high, r.n, r.events) for r in rows}


def agree(found, expected):
    assert set(found) == set(expected) and len(expected) > 100
    for texts, values in expected.items():
        for mine, theirs in zip(found[texts], values, strict=True):
            assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True), texts


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    example = invented()
    example.protocol["covariates"].setdefault("male", {"label": "Male", "kind": "binary", "from": "sex = 'M'"})
    example.protocol["restrict"] = {"early": STAGE, "old": OLD}
    return example, example.run(tmp_path_factory.mktemp("both"))


@pytest.mark.parametrize(("name", "restriction"), [("early", STAGE), ("old", OLD)])
def test_a_restricted_population_is_the_study_without_the_others(both, tmp_path, name, restriction):
    example, study = both
    expected = alone(example, restriction).run(tmp_path)
    part = study.among(name)
    assert list(part.cohort.patient) == list(expected.cohort.patient)
    assert [d.name for d in part.designs] == [d.name for d in expected.designs]
    agree(numbers(part.estimates), numbers(expected.estimates))
    assert {d.name: list(d.pair) for d in part.designs} == {d.name: list(d.pair) for d in expected.designs}
    for key, curve in expected.estimates.curves.items():
        assert list(part.estimates.curves[key].fit.survival) == list(curve.fit.survival)


def test_the_whole_study_is_what_it_was(both, tmp_path):
    example, study = both
    plain = copy.deepcopy(example)
    del plain.protocol["restrict"]
    before = plain.run(tmp_path).estimates
    assert {k: (r.value, r.low, r.high) for k, r in study.estimates.rows.items() if k in before.rows}.keys() == before.rows.keys()
    for key, row in before.rows.items():
        assert study.estimates.rows[key].value == pytest.approx(row.value, rel=1e-12, nan_ok=True), key


def test_rows_name_the_population_and_keep_the_shape_of_their_keys(both):
    _, study = both
    row = study.estimates["survival.os.matched.cox.early.new-vs-old.hr"]
    assert (row.population, row.design, row.analysis) == ("early", "matched", "cox")
    found = {r.population for r in study.estimates.rows.values()}
    subgroups = {f"{n} {level}" for n, s in study.protocol.subgroups.items() for level in s.levels}
    assert subgroups
    assert found == {p for name in ("early", "old") for p in (name, *(f"{name} {s}" for s in subgroups))} | {"all"} | subgroups
    part = study.among("early").estimates
    assert {r.population for r in part.rows.values()} == {"all"} | subgroups
    assert all(study.estimates.rows[r.key].value == r.value or math.isnan(r.value) for r in part.rows.values())


def test_the_flow_counts_who_is_in_it_and_who_is_not(both):
    _, study = both
    part = study.among("old")
    counts = {k: part.estimates.find("attrition", "n", **p).value for k, p in {
        "start": {"variable": "start"}, "left": {"variable": "step_1", "level": "reason_1"}, "in": {"variable": "step_1"},
    }.items()}  # fmt: skip
    assert counts["start"] == study.cohort.n and counts["in"] == part.cohort.n == counts["start"] - counts["left"] > 0
    arms = [part.estimates.find("attrition", "n", variable="arm", group=a).value for a in study.protocol.arms.groups]
    assert sum(arms) == part.cohort.n
    (said,) = [w for w in study.estimates.warnings if w.startswith("The analysis was repeated")]
    assert said.startswith("The analysis was repeated in 2 restricted populations (Stage I or II, Older men)")


def test_an_unknown_value_is_not_in_it_and_counted(sheet):
    sheet.columns["stage"][0] = sheet.columns["stage"][5] = ""
    sheet.protocol["restrict"] = {"third": {"label": "Stage III", "where": "stage = 'III'"}}
    lines = []
    study = run_study(sheet.write(), say=lines.append)
    part = study.among("third").cohort
    assert set(part.patient) == {p for p, s in zip(sheet.columns["id"], sheet.columns["stage"], strict=True) if s == "III"}
    assert [(e.reason, e.n) for e in part.attrition[0].excluded][1] == ("Unknown, because a value is missing", 2)
    assert any(line.startswith(f"restricted  third: {part.n} of 60 (2 unknown), a ") for line in lines)


@pytest.mark.slow
def test_raw_tables_and_columns_of_the_baseline(tiny):
    tiny.protocol = tiny.protocol.replace(
        "index:",
        "restrict:\n  fit: {label: ECOG 0, where: ecog = 0}\n  north: {label: Northern, where: \"site = 'North'\"}\nindex:",
    )
    study = run_study(tiny.write())
    fit = study.among("fit")
    assert set(fit.cohort.patient) == {r["patient_id"] for r in tiny.tables["observation"] if r["value"] == 0} - {"T16"}
    assert set(study.among("north").cohort.site) == {"North"}
    for part in (fit, study.among("north")):
        patients = set(part.cohort.patient)
        assert part.outcomes.responses and {r["patient_id"] for r in part.outcomes.responses} <= patients
        for values in (
            *part.covariates.values.values(),
            *part.outcomes.best_response.values(),
            part.outcomes.safety.exposure_days,
        ):
            assert len(values) == part.cohort.n
        assert part.estimates.find("response", "n", analysis="orr", design="unadjusted", endpoint="RECIST 1.1", group="alfa")
        assert [r for r in part.estimates.rows.values() if r.phase == "safety"]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("arm = 'B'", "Nothing was estimated in the population Some: nobody of the arm Alfa is in it."),
        ("age > 200", "Nothing was estimated in the population Some: nobody is in it."),
    ],
)
def test_an_arm_that_a_restriction_empties_is_a_sentence(sheet, where, words):
    sheet.protocol["restrict"] = {"some": {"label": "Some", "where": where}}
    lines = []
    check_study(sheet.write(), say=lines.append)
    assert any(line.startswith("restricted  some: ") and "is in it" in line for line in lines)
    study = run_study(sheet.path)
    assert words in study.estimates.warnings
    part = study.among("some")
    assert not part.designs.designs and {r.phase for r in part.estimates.rows.values()} == {"attrition"}


@pytest.mark.parametrize("where", ["age = 45", "id in ('P001', 'P002', 'P003', 'P004')", "age > 75", "stage = 'I' and vi = 1"])
def test_small_populations_say_what_is_not_estimable(sheet, where):
    sheet.protocol["design"] = {"propensity": ["age", "vi"]}
    sheet.protocol["subgroups"] = {"inv": {"label": "Invasion", "levels": {"yes": "vi", "no": "not vi"}}}
    sheet.protocol["restrict"] = {"few": {"label": "Few", "where": where}}
    check_study(sheet.write())
    study = run_study(sheet.path)
    part = study.among("few")
    for row in part.estimates.rows.values():
        assert not (row.statistic == "hr" and math.isnan(row.value)) or "not estimable" in row.method
        assert not math.isinf(row.value)
    if part.designs.designs and "matched" not in [d.name for d in part.designs]:
        assert any(
            w.startswith("The design 'matched' could not be made in the population Few: ") for w in study.estimates.warnings
        )


def test_one_arm(sheet):
    sheet.protocol["arms"] = {"groups": {"all": {"label": "Everybody"}}}
    sheet.protocol["cox"] = {"univariable": ["age"]}
    sheet.protocol["restrict"] = {"young": {"label": "Young", "where": "age < 60"}}
    study = run_study(sheet.write())
    part = study.among("young")
    assert part.cohort.n == sum(a < 60 for a in sheet.columns["age"])
    assert part.estimates.find("survival", "median", analysis="kaplan_meier", design="unadjusted", endpoint="os", group="all")


@pytest.mark.parametrize(
    ("key", "restriction", "words"),
    [
        ("inv", {"label": "x", "where": "vi"}, "'inv' names a subgroup; give the restriction another name"),
        ("all", {"label": "x", "where": "vi"}, "'all' names all patients; give the restriction another name"),
        (
            "r",
            {"label": "x", "where": "agee > 3"},
            "'agee' is neither a covariate nor another value known at baseline; did you mean",
        ),
        ("r", {"label": "x", "where": "age"}, "takes the column 'age' as true or false"),
        ("r", {"label": "x", "where": "age > 'old'"}, "cannot be evaluated on these data"),
        ("r", {"label": "x", "where": "dead = 1"}, "'dead' is known only after the index date"),
        (
            "r",
            {"label": "first ", "where": "vi"},
            "'r' has the label of 'one', so that nobody could tell the two populations apart",
        ),
    ],
)
def test_what_cannot_be_a_restriction_is_told_at_its_line(sheet, key, restriction, words):
    sheet.protocol["subgroups"] = {"inv": {"label": "Invasion", "levels": {"yes": "vi", "no": "not vi"}}}
    sheet.protocol["restrict"] = {"one": {"label": "First", "where": "age > 60"}, key: restriction}
    with pytest.raises(EquipoiseError) as caught:
        check_study(sheet.write())
    (fault,) = caught.value.faults
    assert words in fault.message and fault.place.startswith("study.yaml:")
    assert int(fault.place.split(":")[1]) >= sheet.line_of("restrict:")
