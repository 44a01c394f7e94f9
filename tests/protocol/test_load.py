"""Faults of a protocol: all at once, each with its line and the nearest right key."""

from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    return [f.sentence() for f in caught.value.faults]


def line_of(text: str, part: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), start=1) if part in line)


def changed(tiny, old: str, new: str):
    assert old in tiny.protocol
    tiny.protocol = tiny.protocol.replace(old, new)
    tiny.write()
    return tiny


def test_a_misspelt_key_names_its_line_and_the_nearest_key(tiny):
    changed(tiny, "caliper: 3", "calipre: 3")
    line = line_of(tiny.protocol, "calipre")
    assert faults_of(tiny.path) == [f"study.yaml:{line}: design.calipre: there is no such key; did you mean 'caliper'?"]


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("weihgt_kg >= 60", "uses the unknown column 'weihgt_kg'; did you mean 'weight_kg'?"),
        ("weight_kg >=", "cannot be read as an expression"),
        ("weight_kg > (select 60)", "sub-query"),
        ("child_pugh_clas = 'A'", "did you mean 'child_pugh_class'?"),
    ],
)
def test_a_dose_rule_is_checked_with_the_protocol(tiny, when, message):
    """Not only when the study runs; a column of a rule pack is known too."""
    tiny.protocol += f'dose: {{alfa: [{{mg_day: 12, when: "{when}"}}, {{mg_day: 8}}]}}\n'
    tiny.write()
    (found,) = faults_of(tiny.path)
    assert found.startswith(f"study.yaml:{line_of(tiny.protocol, 'dose:')}") and message in found


def test_a_covariate_is_checked_with_the_protocol(tiny):
    changed(tiny, "from: age_index", "from: age_indx")
    assert any("did you mean 'age_index'?" in f for f in faults_of(tiny.path))


def test_a_misspelt_top_level_key(tiny):
    changed(tiny, "\nendpoints:", "\nendpionts:")
    found = faults_of(tiny.path)
    assert any("endpionts: there is no such key; did you mean 'endpoints'?" in f for f in found)
    assert any("endpoints: this key is needed and missing" in f for f in found)


def test_all_faults_are_reported_at_once(tiny):
    tiny.protocol = (
        tiny.protocol.replace("caliper: 3", "caliper: -1")
        .replace("focal: alfa", "focal: alpha")
        .replace("kind: binary", "kind: binery")
    )
    tiny.write()
    found = faults_of(tiny.path)
    assert len(found) == 3
    assert all(f.startswith("study.yaml:") for f in found)


def test_a_date_that_does_not_exist(tiny):
    changed(tiny, "from: 2020-01-01", "from: 2020-13-01")
    (found,) = faults_of(tiny.path)
    assert found.startswith(f"study.yaml:{line_of(tiny.protocol, '2020-13-01')}: index.accrual.from")


def test_a_duplicate_key(tiny):
    changed(tiny, "conventions: r\n", "conventions: r\nconventions: sas\n")
    assert any("the key 'conventions' stands twice" in f for f in faults_of(tiny.path))


def test_words_that_yaml_would_turn_into_something_else_stay_text(tiny):
    changed(tiny, "value: alfamab", "value: no")
    assert load_protocol(tiny.path).arms.groups["alfa"].value == "no"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("propensity: [age]", "propensity: [agee]", "there is no covariate 'agee'; did you mean 'age'?"),
        ("os: [age, treatment]", "oss: [age, treatment]", "there is no endpoint 'oss'; did you mean 'os'?"),
        ("events: [death]", "events: [deth]", "there is no source 'deth'; did you mean 'death'?"),
        ("{table: followup, date: death_date}", "{table: followup, date: death}", "did you mean 'death_date'?"),
        ("{table: followup, date: last_contact}", "{table: folowup, date: last_contact}", "did you mean 'followup'?"),
        ("column: drug", "column: drag", "did you mean 'drug'?"),
        ("age < 60", "agee < 60", "unknown column 'agee'; did you mean 'age'?"),
    ],
)
def test_names_that_point_nowhere(tiny, old, new, message):
    changed(tiny, old, new)
    assert any(message in f for f in faults_of(tiny.path))


@pytest.mark.parametrize(
    "expression",
    [
        "age_index < 18; drop table patient",
        "age_index in (select age_index from patient)",
        "age_index = (select 1)",
        "exists (select 1)",
        "read_text('/etc/hosts') = 'x'",
        "age_index < (from read_csv('lab.csv'))",
        "sum(age_index) > 1",
        "row_number() over () = 1",
        "getenv('HOME') = 'x'",
        "age_index::varchar = 'x'",
        "patient.age_index < 18",
        "age_index < 18 -- all",
        "age_index <",
    ],
)
def test_an_expression_may_not_reach_beyond_its_columns(tiny, expression):
    changed(tiny, '"age_index < 18"', f'"{expression}"')
    found = faults_of(tiny.path)
    assert len(found) >= 1
    assert all(f.startswith(f"study.yaml:{line_of(tiny.protocol, expression)}: the expression") for f in found)


@pytest.mark.parametrize(
    "expression",
    [
        "age_index between 10 and 17",
        "sex in ('M', 'F') and not age_index > 17.5",
        "coalesce(age_index, 0) + 1 < least(18, 19) or site is null",
        "case when lower(sex) = 'm' then age_index < 18 else false end",
        "date_diff('day', diagnosis_date, date '2021-05-01') > 30",
    ],
)
def test_ordinary_expressions_are_allowed(tiny, expression):
    changed(tiny, '"age_index < 18"', f'"{expression}"')
    assert load_protocol(tiny.path).eligibility.steps[0].exclude[1].where == expression


def test_the_first_endpoint_is_a_main_one(tiny):
    changed(tiny, "os: {label: Overall survival,", "os: {role: exploratory, label: Overall survival,")
    line = line_of(tiny.protocol, "role: exploratory")
    found = faults_of(tiny.path)
    assert f"study.yaml:{line}: 'os' stands first and must be a main endpoint; exploratory ones follow it" in found
    assert any("'os' is exploratory and has no multivariable model; leave it out here, or give it" in f for f in found)


def test_a_spreadsheet_study_cannot_ask_for_raw_tables(tiny):
    changed(tiny, "data: {tables: data}", "data: {rows: a.xlsx, patient: id}")
    found = " ".join(faults_of(tiny.path))
    assert "'response' needs raw tables" in found and "'safety' needs raw tables" in found


def test_a_missing_file_and_a_broken_file(tmp_path):
    assert "there is no such protocol file" in faults_of(tmp_path / "none.yaml")[0]
    (tmp_path / "broken.yaml").write_text("study: [unclosed\n")
    assert faults_of(tmp_path / "broken.yaml")[0].startswith("broken.yaml:")
    (tmp_path / "list.yaml").write_text("- a\n")
    assert "a protocol is a mapping" in faults_of(tmp_path / "list.yaml")[0]
