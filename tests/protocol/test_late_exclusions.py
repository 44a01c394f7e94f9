"""Exclusions by something known only after the index date: a stop that explains, and three ways to declare them."""

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.population import Exclude

OLD = '{reason: "Under age", table: patient, where: "age_index < 18"}'
SHEET = """\
study: {id: sheet, title: "A sheet", disease: a disease, population: patients}
data: {rows: sheet.csv, patient: id}
arms: {column: drug, groups: {a: {label: A, value: a}, b: {label: B, value: b}}, reference: a, focal: b}
eligibility: {steps: [{label: Analysed, exclude: [{reason: Left out, where: "EXPRESSION"EXTRA}]}]}
covariates: {age: {label: Age, kind: continuous, from: age}}
endpoints: {os: {label: Overall survival, short: OS, event_label: Death, time: {column: os_days}, event: "dead = 1"}}
design: {propensity: [age]}
"""


def faults_of(path):
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    return caught.value.faults


def excluding(tiny, exclude):
    tiny.protocol = tiny.protocol.replace(OLD, exclude)
    return tiny.write()


@pytest.mark.parametrize(
    ("exclude", "words"),
    [
        ('{reason: Died early, table: followup, where: "death_date is not null"}', "What 'followup' holds is known only after"),
        ('{reason: No follow-up scan, table: visit_imaging, where: "visit > 0", absent: true}', "'visit_imaging' holds records"),
        ("{reason: One cycle only, table: exposure, where: \"stop_reason = 'toxicity'\"}", "'exposure' holds records from after"),
        ("{reason: Later ECOG 2, table: observation, where: \"item = 'ecog' and value >= 2\"}", "(date <= the index date)"),
        ('{reason: Toxicity, table: ae, where: "grade >= 3"}', "(start <= the index date)"),
        ("{reason: New lesion, table: lesion, where: \"role = 'new'\"}", "(first_visit = 0)"),
    ],
)
def test_an_exclusion_by_the_course_after_the_index_date_stops(tiny, exclude, words):
    (fault,) = faults_of(excluding(tiny, exclude))
    assert fault.rule == "time zero" and fault.place.startswith("study.yaml:")
    assert words in fault.message
    for part in ("immortal-time and selection bias", "'known: after_index'", "'why:'", "'landmark_day:'", "beside the naive"):
        assert part in fault.message


def test_what_was_known_by_then_passes(tiny):
    tables = {
        "patient": "where: \"sex = 'F'\"",
        "firstline_infusion": 'where: "cycle > 9"',
        "ae": 'where: "grade > 4", known: index',
    }
    for table, rest in tables.items():
        tiny.protocol = tiny.protocol.replace(OLD, f"{OLD}\n        - {{reason: By {table}, table: {table}, {rest}}}")
    tiny.protocol += "packs: [prior_line]\n"
    assert len(load_protocol(tiny.write()).eligibility.steps[0].exclude) == 5


def test_follow_up_cannot_be_declared_known_at_the_index_date(tiny):
    (fault,) = faults_of(excluding(tiny, '{reason: Died, table: followup, where: "death_date is not null", known: index}'))
    assert "It cannot be known at the index date" in fault.message


@pytest.mark.parametrize("missing", ["why: a reason, ", "landmark_day: 30, ", "known: after_index, "])
def test_a_late_exclusion_needs_its_reason_and_its_day(tiny, missing):
    whole = (
        '{reason: Died, table: followup, why: a reason, landmark_day: 30, known: after_index, where: "death_date is not null"}'
    )
    assert "'known: after_index' goes with 'why'" in faults_of(excluding(tiny, whole.replace(missing, "")))[0].message
    tiny.protocol = tiny.protocol.replace(whole.replace(missing, ""), whole)
    assert load_protocol(tiny.write()).eligibility.steps[0].exclude[1].landmark_day == 30


@pytest.mark.parametrize(
    ("expression", "stops"),
    [
        ("os_days < 30", True),  # survived 30 days
        ("n_scans = 0", True),  # at least one scan
        ("cycles_received < 2", True),
        ("responder = 0", True),
        ("stage = 'IV'", False),
        ("prior_relapses > 2", False),
        ("days_from_diagnosis_to_index > 365", False),
    ],
)
def test_columns_of_a_spreadsheet_are_judged_by_use_and_name(tmp_path, expression, stops):
    def written(extra=""):
        path = tmp_path / "study.yaml"
        path.write_text(SHEET.replace("EXPRESSION", expression).replace("EXTRA", extra), encoding="utf-8")
        return path

    if not stops:
        load_protocol(written())
        return
    assert [f.rule for f in faults_of(written())] == ["time zero"]
    load_protocol(written(", known: index"))
    load_protocol(written(", known: after_index, why: said so, landmark_day: 30"))


def test_an_expression_that_cannot_be_read_is_one_fault(tiny):
    (fault,) = faults_of(excluding(tiny, '{reason: Odd, table: patient, where: "age_index < ("}'))
    assert "cannot be read as an expression" in fault.message


def test_defaults():
    exclude = Exclude(reason="x", where="true")
    assert (exclude.absent, exclude.known, exclude.why, exclude.landmark_day) == (False, None, "", None)
