"""Columns that decide an event are read in full: every value is shown, and none counts that the protocol does not name."""

from __future__ import annotations

from pathlib import Path

import pytest

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.compared_values import compared_values
from equipoise.report.bundle import write_report
from equipoise.start.begin import start_study
from equipoise.start.given import Given
from equipoise.study import check_study, run_study

PROTOCOL = """\
study: {id: codes, title: "Coded events", disease: any, population: invented, notice: "Invented patients."}
data: {rows: codes.csv, patient: id}
arms: {column: arm, groups: {a: {label: A, value: a}, b: {label: B, value: b}}, reference: a, focal: b}
covariates:
  age: {label: Age, kind: continuous, from: age}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, time: {column: days, unit: days}, event: EVENT}
design: none
cox: {univariable: [age, treatment]}
"""
NAMED = '{column: state, is: ["1"], competing: ["2"], censored: ["0"]}'


def write(folder: Path, states: list[str], event: str, others: dict[str, list[str]] | None = None) -> Path:
    """A sheet with these states, one patient each, in two arms by turns."""
    more = others or {}
    lines = [",".join(["id", "arm", "age", "days", "state", *more])]
    for i, state in enumerate(states):
        extra = [column[i] for column in more.values()]
        lines.append(",".join([f"E{i:03d}", "ab"[i % 2], str(50 + (7 * i) % 23), str(30 + (41 * i) % 377), state, *extra]))
    (folder / "codes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "study.yaml").write_text(PROTOCOL.replace("EVENT", event), encoding="utf-8")
    return folder / "study.yaml"


def refusal(path: Path) -> str:
    """check and run refuse alike."""
    with pytest.raises((DataError, ProtocolError)) as by_check:
        check_study(path)
    with pytest.raises((DataError, ProtocolError)) as by_run:
        run_study(path)
    assert str(by_run.value) in str(by_check.value)
    return str(by_check.value)


FOUR = ["0"] * 9 + ["1"] * 12 + ["2"] * 4 + ["9"] * 7


def test_codes_that_nobody_named_are_listed_with_their_counts(tmp_path):
    said = refusal(write(tmp_path, FOUR, '"state = 1"'))
    assert "study.yaml:7: the column 'state', which decides 'Overall survival'" in said
    assert "1 (12, event), 0 (9), 9 (7), 2 (4)" in said and "not named: 0, 9, 2" in said
    assert "event: {column: state, is: [...], competing: [...], censored: [...]}" in said


@pytest.mark.parametrize("event", ['"state <> 0"', '"state >= 1"', '"state in (1, 2)"', '"state = 1 or state = 2"'])
def test_the_same_however_the_condition_is_written(tmp_path, event):
    assert "0 (9)" in refusal(write(tmp_path, FOUR, event))


def test_values_by_name_run_and_are_counted(undrawn, tmp_path):
    """By hand: 12 of 25 are the event, 4 compete and are censored."""
    path = write(tmp_path, FOUR[:25], NAMED)
    said: list[str] = []
    check_study(path, said.append)
    assert "events      Overall survival: column state: event 1 (12); competing 2 (4); censored 0 (9)" in said
    study = run_study(path)
    assert study.outcomes.endpoints["os"].event.sum() == 12
    page = (write_report(study, tmp_path / "out") / "report.html").read_text(encoding="utf-8")
    assert "Values that decide an event" in page and "Competing events are counted here and treated as censored" in page


def test_a_value_that_no_list_holds_is_refused(tmp_path):
    assert "this one is not named: 9" in refusal(write(tmp_path, FOUR, NAMED))


def test_two_values_need_no_names(tmp_path):
    said: list[str] = []
    check_study(write(tmp_path, ["no", "yes"] * 10, "\"state = 'yes'\""), said.append)
    assert "events      Overall survival: column state: event yes (10); censored no (10)" in said


def test_unknown_status_may_be_excluded(tmp_path):
    left = "{reason: Unknown, where: 'state = 9', known: after_index, why: no outcome, landmark_day: 1}"
    steps = f"eligibility: {{steps: [{{label: Known, exclude: [{left}]}}]}}\n"
    path = write(tmp_path, FOUR, NAMED)
    path.write_text(path.read_text(encoding="utf-8") + steps, encoding="utf-8")
    study = run_study(path)
    assert [(v.text, v.n) for v in study.outcomes.event_columns[0].values] == [("1", 12), ("0", 9), ("2", 4)]


@pytest.mark.parametrize("states", [["Yes", "yes", "No", "YES"] * 6, ["Yes", "yes"] * 9, ["Tod", "tod ", "lebt", "to d"] * 5])
def test_values_that_differ_by_capitals_or_blanks_are_named(tmp_path, states):
    said = refusal(write(tmp_path, states, f"\"state = '{states[0]}'\""))
    assert "some differ by capitals or blanks only" in said


def test_folded_values_are_one(tmp_path):
    path = write(tmp_path, ["Yes", "yes", "No", "YES", "no"] * 4, "\"lower(state) = 'yes'\"")
    check_study(path)
    assert run_study(path).outcomes.endpoints["os"].event.sum() == 12


def test_a_column_of_many_values_is_no_status(tmp_path):
    """An event within a time: the days are no codes."""
    check_study(write(tmp_path, ["0", "1"] * 12, '"state = 1 and days < 300"'))


def test_no_value_of_a_patient_beyond_a_category(tmp_path):
    text = "seen by Dr Someone on 2 May and then moved to another town"
    said = refusal(write(tmp_path, ["dead", "alive", text] * 5, "\"state = 'dead'\""))
    assert text not in said and "a longer text" in said


def test_a_value_is_named_once(tmp_path):
    path = write(tmp_path, FOUR, '{column: state, is: ["1"], censored: ["0", "1"]}')
    with pytest.raises(ProtocolError, match="study.yaml:7: endpoints.os.event: a value is either .* named twice: 1"):
        check_study(path)


def test_a_misspelt_key_is_named(tmp_path):
    path = write(tmp_path, FOUR, '{column: state, is: ["1"], competng: ["2"]}')
    with pytest.raises(ProtocolError, match="endpoints.os.event.competng: there is no such key; did you mean 'competing'"):
        check_study(path)


def test_what_an_expression_compares():
    found = compared_values("not state in ('a', 'b') and n > 3", "state")
    assert (found.values, found.negated, found.ranged) == ({"a", "b"}, True, False)
    assert compared_values("state in ('a') and n > 3", "n").ranged
    assert compared_values("upper(state) = 'A'", "state").folded
    assert compared_values("state is not null", "state").ranged
    assert compared_values("state = -1", "state").values == {"-1"}


DATED = """\
study: {id: vital, title: "Vital status", disease: any, population: invented, notice: "Invented patients."}
data: {rows: codes.csv, patient: id}
arms: {column: arm, groups: {a: {label: A, value: a}, b: {label: B, value: b}}, reference: a, focal: b}
covariates:
  age: {label: Age, kind: continuous, from: age}
sources:
  death: {table: patients, day: died_on WHERE}
  last: {table: patients, day: days}
endpoints:
  os: {label: Overall survival, short: OS, event_label: Death, events: [death], censoring: [last]}
design: none
cox: {univariable: [age, treatment]}
"""


def vital_sheet(folder: Path, states: list[str], died: list[str], where: str = "") -> Path:
    path = write(folder, states, "", {"died_on": died})
    path.write_text(DATED.replace("WHERE", where), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("dead", "alive"), [("dead", "alive"), ("사망", "생존"), ("décédé", "vivant"), ("died of disease", "living")]
)
@pytest.mark.parametrize("declared", [False, True])
def test_dead_without_a_day_is_refused_not_alive(tmp_path, dead, alive, declared):
    """Where the protocol says the status, and where it does not mention the column."""
    states = [dead, alive, dead, alive] * 6
    died = [str(20 + i) if s == dead else "" for i, s in enumerate(states)]
    where = f", where: {{column: state, is: ['{dead}'], censored: ['{alive}']}}" if declared else ""
    check_study(vital_sheet(tmp_path, states, died, where))
    died[2] = died[8] = ""
    said = refusal(vital_sheet(tmp_path, states, died, where))
    for row in (4, 10):
        assert f"codes.csv, row {row}, column died_on: recorded as dead (state) without a date of death" in said
    assert said.count("recorded as dead") == 2


def test_another_column_with_the_word_is_no_vital_status(tmp_path):
    """A donor who was dead says nothing of the patient: the column does not go with the dates of death."""
    died = [str(20 + i) if i % 3 == 0 else "" for i in range(24)]
    check_study(vital_sheet(tmp_path, ["dead donor", "living donor"] * 12, died))


@pytest.mark.parametrize(
    ("states", "events", "asked"),
    [
        (["0", "1", "2"] * 20, 20, "CONFIRM each of its values"),
        (["censored", "died from the tumor", "died from other causes"] * 20, 40, "CONFIRM each of its values"),
        (["0", "1", "1", "9"] * 15, 30, "CONFIRM each of its values"),
        (["Yes", "yes", "YES", "no"] * 15, 45, "CONFIRM: read as one word"),
    ],
)
def test_init_names_every_value_and_its_protocol_passes(undrawn, tmp_path, states, events, asked):
    write(tmp_path, states, "x")
    (tmp_path / "study.yaml").unlink()
    said: list[str] = []
    file = tmp_path / "codes.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("days,state", "os_days,status"), encoding="utf-8")
    start_study([file], None, None, Given(), said.append)
    path = tmp_path / "study.yaml"
    assert asked in path.read_text(encoding="utf-8")
    check_study(path)
    assert next(iter(run_study(path).outcomes.endpoints.values())).event.sum() == events
