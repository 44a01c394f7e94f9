"""Numbers that make no sense, names that stand twice and words that tell nothing apart are faults at their lines."""

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol

DESIGN = {"propensity": ["age", "vi"], "caliper": 0.2}
POST = {"label": "Later", "kind": "column", "endpoint": "os", "day": "later_day", "landmark_day": 90}


def put(protocol: dict, path: tuple, value: object) -> None:
    for key in path[:-1]:
        protocol = protocol.setdefault(key, {}) if isinstance(protocol, dict) else protocol[key]
    protocol[path[-1]] = value


def faults_of(sheet) -> list:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(sheet.write())
    return caught.value.faults


FIELDS: dict[tuple, tuple] = {
    ("landmarks", 0): (0, -5, 1e9, 40_000),
    ("design", "caliper"): (0, -0.2, 1e6),
    ("design", "balance_thresholds", 0): (0, -0.1, 1e6),
    ("windows", "imaging", "days", 0): (-1e6,),
    ("windows", "status", "flagged_from"): (-1e6,),
    ("response", "confirmation_days"): (0, -28, 1e6),
    ("response", "sd_minimum_days"): (-42, 1e6),
    ("response", "small_lesion_mm"): (0, -5, 1e6),
    ("response", "progression_from_day"): (-14, 1e6),
    ("response", "benchmark", "null"): (0, -0.1, 1, 15),
    ("endpoints", "os", "progression_from_day"): (-14, 1e6),
    ("safety", "highest_grade", "Rash"): (0, -1, 6),
    ("assessment", "scan_interval_days"): (0, -42, 1e6),
    ("assessment", "scan_window_days"): (-7, 1e6),
    ("dose", "a", 0, "mg_day"): (0, -8, 1e9),
    ("post_index", "later", "landmark_day"): (0, -90, 1e6),
    ("post_index", "later", "grace_days"): (0, -90, 1e6),
    ("post_index", "later", "minimum_group"): (0, -5, 1e9),
    ("post_index", "later", "strategies", "one", "by"): (0, -1, 1e6),
    ("post_index", "later", "strategies", "one", "since"): (-1, 1e6),
    ("conventions", "alpha"): (0, -0.05, 1),
    ("conventions", "days_per_month"): (0, -30, 1e6),
    ("eligibility", "steps", 0, "exclude", 0, "landmark_day"): (0, -90, 1e6),
    ("measurements", "AFP", "uln"): (-1, 1e12),
}  # fmt: skip
CASES = [(path, value) for path, values in FIELDS.items() for value in (*values, "nan", ".nan", "inf", ".inf", "-.inf")]


@pytest.mark.parametrize(("path", "value"), CASES, ids=lambda x: str(x))
def test_a_number_that_makes_no_sense_is_a_fault_at_its_line(sheet, path, value):
    p = sheet.protocol
    p["landmarks"], p["design"] = [12], {**DESIGN, "balance_thresholds": [0.1, 0.25]}
    p["windows"] = {"imaging": {"days": [-28, 0]}, "status": {"days": [-14, 0], "flagged_from": -28}}
    p["response"] = {"benchmark": {"null": 0.1, "source": "x"}}
    p["dose"] = {"a": [{"mg_day": 8}]}
    p["assessment"] = {"scan_interval_days": 56}
    p["post_index"] = {"later": {**POST, "strategies": {"one": {"label": "1", "by": 5}, "other": {"label": "2", "by": 5}}}}
    p["eligibility"] = {"steps": [{"label": "x", "exclude": [{"reason": "r", "where": "age < 18"}]}]}
    p["measurements"] = {"AFP": {"column": "age", "unit": "ng/mL"}}
    given = int(value) if isinstance(value, float) and value.is_integer() else value
    put(p, path, given)
    found = faults_of(sheet)
    line = sheet.path.read_text(encoding="utf-8").splitlines()
    places = {f"study.yaml:{i}" for i, words in enumerate(line, 1) if str(given) in words}
    where = ".".join(str(part) for part in path[:-1])
    assert any(f.place in places or where in f.message for f in found), found


LISTS = {
    ("cox", "univariable"): ["age", "vi", "age"],
    ("cox", "multivariable", "os"): ["vi", "age", "vi"],
    ("design", "propensity"): ["age", "vi", "age"],
    ("landmarks",): [6, 12, 6],
    ("packs",): ["liver", "liver"],
    ("response", "criteria"): ["RECIST 1.1", "mRECIST", "RECIST 1.1"],
    ("response", "readers"): ["A", "B", "A"],
    ("sensitivity", "propensity_variants", "v", "covariates"): ["age", "vi", "age"],
    ("sensitivity", "endpoints", "os"): ["ema", "fda2007", "ema"],
    ("post_index", "later", "adjust"): ["age", "vi", "age"],
    ("post_index", "later", "by"): ["yes_no", "yes_no"],
    ("data", "missing"): ["NA", "-", "NA"],
}


@pytest.mark.parametrize(("path", "names"), LISTS.items(), ids=lambda x: str(x))
def test_a_name_that_stands_twice_is_a_fault_at_its_line(sheet, path, names):
    p = sheet.protocol
    p["design"], p["post_index"] = dict(DESIGN), {"later": dict(POST)}
    p["sensitivity"] = {"propensity_variants": {"v": {"label": "V", "covariates": ["age"]}}}
    put(p, path, names)
    found = [f for f in faults_of(sheet) if "stands twice" in f.message]
    assert len(found) == 1 and f"'{names[-1]}'" in found[0].message
    text = sheet.path.read_text(encoding="utf-8").splitlines()
    line = int(found[0].place.rpartition(":")[2])
    assert text[line - 1].strip("- '") == str(names[-1])


def test_pairs_of_numbers_may_be_equal(sheet):
    sheet.protocol["windows"] = {"imaging": {"days": [0, 0]}}
    sheet.protocol["design"] = {**DESIGN, "balance_thresholds": [0.1, 0.1]}
    assert load_protocol(sheet.write()).windows.imaging.days == (0, 0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("arms", "groups", "b", "label"), "Alfa", "the arm 'b' has the label of 'a'"),
        (("arms", "groups", "b", "value"), "A", "the arm 'b' has the value of 'a'"),
        (("covariates", "stage", "levels", "III"), "II", "the level 'III' has the label of 'II'"),
        (("landmarks",), [6, 6.00000001], "prints as 6"),
        (("design", "balance_thresholds"), [0.25, 0.1], "the smaller one stands first"),
    ],
)
def test_words_that_tell_nothing_apart(sheet, path, value, message):
    sheet.protocol["design"] = dict(DESIGN)
    put(sheet.protocol, path, value)
    assert any(message in f.message for f in faults_of(sheet))


def test_landmarks_are_counted_in_the_unit_of_the_study(sheet):
    sheet.protocol |= {"time_unit": "years", "landmarks": [5, 101]}
    (fault,) = faults_of(sheet)
    assert "101 years is more than a hundred years" in fault.message
