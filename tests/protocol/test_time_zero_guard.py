"""The time-zero guard: grouping or adjusting by something known after the index date stops with an explanation."""

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.time_zero import INDEX_DATE, known_at

BLOCK = """post_index:
  third_line:
    {label: Third line, kind: subsequent_therapy, line: 3, by: [yes_no, type], endpoint: os, clock: ttp, landmark_day: 42}
"""


def faults_of(path):
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    return caught.value.faults


def with_block(tiny, *changes, block=BLOCK):
    for old, new in changes:
        assert old in tiny.protocol
        tiny.protocol = tiny.protocol.replace(old, new)
    tiny.protocol += block
    return tiny.write()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("univariable: [age, female", "univariable: [age, third_line", "third_line"),
        ("{os: [age, treatment]}", "{os: [best_response, treatment]}", "best_response"),
        ("propensity: [age]", "propensity: [age, discontinued_for_ae]", "discontinued_for_ae"),
        ('"<60": "age < 60"', '"<60": "third_line"', "third_line"),
        ("kind: binary, from: \"sex = 'F'\"", 'kind: binary, from: "best_response = 1"', "best_response"),
        ("kind: continuous, from: age_index", "kind: continuous, from: age_index, known: after_index", "age"),
    ],
)
@pytest.mark.parametrize("block", ["", BLOCK])
def test_each_use_stops_with_the_bias_explained_and_the_way_out(tiny, old, new, name, block):
    found = [f for f in faults_of(with_block(tiny, (old, new), block=block)) if f.rule == "time zero"]
    assert any(f"'{name}'" in f.message for f in found)
    for words in ("guarantee-time bias", "landmark", "time-dependent Cox", "clone-censor-weight", "post_index"):
        assert words in found[0].message
    assert found[0].place.startswith("study.yaml:")


def test_the_guard_speaks_instead_of_an_unknown_name(tiny):
    found = faults_of(with_block(tiny, ("univariable: [age, female", "univariable: [third_line, female")))
    assert [f.rule for f in found] == ["time zero"]


def test_every_variable_knows_when_it_became_known(tiny):
    protocol = load_protocol(with_block(tiny))
    assert known_at(protocol, "age") == known_at(protocol, "status") == INDEX_DATE
    assert known_at(protocol, "third_line") == "Third line"
    assert known_at(protocol, "best_response") == "a scan after the index date"
    assert known_at(protocol, "ctcae_term") == "an adverse event"


def test_a_column_may_be_declared_known_at_the_index_date(tiny):
    path = with_block(tiny, ("from: age_index", "from: age_index, known: index"))
    assert known_at(load_protocol(path), "age") == INDEX_DATE


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (BLOCK.replace("line: 3, ", ""), "kind 'subsequent_therapy' needs 'line'"),
        (BLOCK.replace("endpoint: os", "endpoint: nos"), "there is no endpoint 'nos'"),
        (BLOCK.replace("clock: ttp", "clock: pfs"), "there is no endpoint 'pfs'"),
        (BLOCK.replace("landmark_day: 42", "landmark_day: 42, adjust: [weight]"), "there is no covariate 'weight'"),
        (BLOCK.replace("landmark_day: 42", "landmark_day: 42, adjust_over_time: [pfs]"), "there is no endpoint 'pfs'"),
        (BLOCK.replace("landmark_day: 42", "landmark_day: 42, adjust_over_time: [ttp]"), "'ttp' starts the clock"),
        (BLOCK.replace("landmark_day: 42", "landmark_day: 42, strategies: {a: {label: A, by: 9}}"), "declare at least two"),
        (
            BLOCK.replace(
                "landmark_day: 42", "landmark_day: 42, strategies: {a: {label: A, by: 9}, b: {label: B, since: 9, by: 9}}"
            ),
            "'by' must be later than 'since'",
        ),
        (BLOCK.replace("kind: subsequent_therapy, line: 3", "kind: column, day: third_day"), "kind 'column' reads a spreadsheet"),
        (
            BLOCK.replace("kind: subsequent_therapy, line: 3", "kind: response, criterion: mRECIST"),
            "responses by 'mRECIST' are not derived",
        ),
    ],
)
def test_a_block_that_points_nowhere(tiny, block, words):
    assert any(words in f.message for f in faults_of(with_block(tiny, block=block)))
