"""An unknown time or event: refused with the step that leaves such patients out, and that step works and is counted."""

import csv
import re

import pytest
import yaml

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.start.begin import start_study
from equipoise.study import check_study, run_study

ROWS = "id,drug,age,os days,dead\n" + "".join(
    f"{i},{'new' if i % 2 else 'old'},{50 + i % 13},{20 + 17 * i % 301},{i % 3 != 0:d}\n" for i in range(1, 41)
)
DAYS = "id,drug,age,death_day,contact_day\n" + "".join(
    f"{i},{'new' if i % 2 else 'old'},{50 + i % 13},{20 + i * 7 if i % 3 else ''},{30 + i * 7}\n" for i in range(1, 41)
)
PROTOCOL = """\
study: {id: sheet, title: A sheet, disease: a disease, population: patients}
data: {rows: sheet.csv, patient: id}
arms: {column: drug, groups: {new: {label: New, value: new}, old: {label: Old, value: old}}, reference: old, focal: new}
covariates: {age: {label: Age, kind: continuous, from: age}}
ENDS
design: none
"""
TIME = 'endpoints: {os: {label: Survival, short: OS, event_label: Death, time: {column: os days}, event: "dead = 1"}}'
SOURCES = """sources: {death: {table: patients, day: death_day}, contact: {table: patients, day: contact_day}}
endpoints: {os: {label: Survival, short: OS, event_label: Death, events: [death], censoring: [contact]}}"""


def study(folder, text=ROWS, ends=TIME, steps=""):
    (folder / "sheet.csv").write_text(text, encoding="utf-8")
    path = folder / "study.yaml"
    path.write_text(PROTOCOL.replace("ENDS", f"{ends}\n{steps}" if steps else ends), encoding="utf-8")
    return path


def without(text, *cells):
    """The sheet with these (row, column) cells empty; rows from 1 below the header."""
    table = [line.split(",") for line in text.splitlines()]
    for row, column in cells:
        table[row][table[0].index(column)] = ""
    return "\n".join(",".join(line) for line in table) + "\n"


def step_of(message):
    """The step that a fault writes down, as a part of a protocol."""
    (exclude,) = set(re.findall(r"exclude: (\[\{.*?\}\])", message))
    return f"eligibility: {{steps: [{{label: Analysed, exclude: {exclude}}}]}}"


@pytest.mark.parametrize(
    ("text", "ends", "cells", "place"),
    [
        (ROWS, TIME, [(3, "os days"), (8, "os days")], "row 4, column os days"),
        (ROWS, TIME, [(5, "dead")], "row 6, column dead"),
        (DAYS, SOURCES, [(6, "death_day"), (6, "contact_day")], "row 7, column contact_day"),
    ],
)
def test_the_remedy_of_a_fault_is_a_step_that_works(tmp_path, text, ends, cells, place):
    path = study(tmp_path, without(text, *cells), ends)
    for door in (check_study, run_study):
        with pytest.raises(DataError) as refused:
            door(path)
        assert f"sheet.csv, {place}: " in str(refused.value)
    mended = run_study(study(tmp_path, without(text, *cells), ends, step_of(str(refused.value))))
    assert mended.cohort.n == 40 - len({row for row, _ in cells})
    assert [(e.reason, e.n) for step in mended.cohort.attrition for e in step.excluded] == [
        ("Not recorded", 40 - mended.cohort.n)
    ]


def test_an_unknown_time_of_somebody_else_is_no_fault(tmp_path):
    text = without(ROWS, (3, "os days"), (8, "dead")).replace(",new,53,", ",other,53,").replace(",old,58,", ",other,58,")
    steps = "eligibility: {steps: [{label: Analysed, exclude: [{reason: Other, where: \"drug = 'other'\"}]}]}"
    check_study(study(tmp_path, text, TIME, steps))
    others = sum(row["drug"] == "other" for row in csv.DictReader(text.splitlines()))
    assert run_study(study(tmp_path, text, TIME, steps)).cohort.n == 40 - others


@pytest.mark.parametrize(
    ("ends", "where"),
    [
        (SOURCES, "death_day is null"),  # all who lived
        (SOURCES, "contact_day is null or death_day is null"),
        (TIME, '\\"os days\\" < 30'),
        (TIME, '\\"os days\\" is null or dead = 0'),
        (TIME, "dead is not null"),
        (TIME.replace("dead = 1", "dead is not null"), "dead is null"),
    ],
)
def test_it_opens_no_other_door_to_the_outcome(tmp_path, ends, where):
    steps = f'eligibility: {{steps: [{{label: Analysed, exclude: [{{reason: R, where: "{where}"}}]}}]}}'
    with pytest.raises(ProtocolError, match="immortal-time"):
        load_protocol(study(tmp_path, ROWS, ends, steps))


def test_patients_without_a_row_of_follow_up(tiny):
    del tiny.tables["followup"][:2]
    path = tiny.write()
    with pytest.raises(DataError) as refused:
        check_study(path)
    (exclude,) = set(re.findall(r"exclude: \[(\{.*?\})\]", str(refused.value)))
    assert "absent: true" in exclude
    tiny.protocol = tiny.protocol.replace(
        '- {reason: "Under age"', f'- {exclude}\n        - {{reason: "Under age"'
    )  # fmt: skip
    assert run_study(tiny.write()).cohort.n == 13


def test_a_word_for_unknown_is_told_how_to_be_read(tmp_path):
    with pytest.raises(DataError, match="name the word that stands for an empty cell under data, missing"):
        check_study(study(tmp_path, ROWS.replace("\n3,new,53,71,", "\n3,new,53,lost,")))


def test_a_first_protocol_leaves_them_out_and_runs(tmp_path):
    rows = without(ROWS.replace("os days", "os_months"), (3, "os_months"), (8, "os_months"), (9, "dead"))
    (tmp_path / "rows.csv").write_text(rows.replace(",dead", ",os_event"), encoding="utf-8")
    said: list[str] = []
    path = start_study([tmp_path / "rows.csv"], say=said.append)
    assert not [line for line in said if line.startswith("to mend")]
    steps = yaml.safe_load(path.read_text(encoding="utf-8"))["eligibility"]["steps"]
    assert [e["where"] for e in steps[0]["exclude"]] == ['"os_months" is null', '"os_event" is null']
    check_study(path)
    assert [e.n for e in run_study(path).cohort.attrition[0].excluded] == [2, 1]


def test_everything_that_run_would_refuse_is_said_at_once(tmp_path):
    text = without(ROWS, (3, "os days"))
    protocol = study(tmp_path, text).read_text(encoding="utf-8")
    protocol = protocol.replace("design: none", "design: {propensity: [age, site]}").replace(
        "covariates: {", "covariates: {site: {label: Site, kind: categorical, from: drug, levels: {new: East, old: West}}, "
    )
    (tmp_path / "study.yaml").write_text(protocol, encoding="utf-8")
    for door in (check_study, run_study):
        with pytest.raises(DataError) as refused:
            door(tmp_path / "study.yaml")
        said = str(refused.value)
        assert "'site' (Site) separates the arms completely" in said and "row 4, column os days" in said


def test_check_says_what_it_found_before_it_refuses(tmp_path):
    said: list[str] = []
    with pytest.raises(DataError):
        check_study(study(tmp_path, without(ROWS, (3, "os days"))), said.append)
    assert [line.split()[0] for line in said][:2] == ["protocol", "data"]
    assert {"cohort", "covariates", "design", "events"} <= {line.split()[0] for line in said}


def test_check_goes_as_far_as_the_estimates(tmp_path):
    said: list[str] = []
    check_study(study(tmp_path), said.append)
    assert said[-1].startswith("estimates ")
