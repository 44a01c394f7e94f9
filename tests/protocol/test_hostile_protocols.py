"""A protocol may come from a stranger: what would never end, never fit or never print is refused with its line, and quickly."""

import time
from pathlib import Path

import pytest

from equipoise.errors import EquipoiseError, ProtocolError
from equipoise.protocol.expressions import DEEPEST, columns_of, condition_faults, condition_sql, expression_faults
from equipoise.protocol.load import load_protocol
from equipoise.protocol.yaml_limits import MOST
from equipoise.study import check_study, run_study

STUDY = "study: {id: t, title: T, disease: d, population: p}\n"


def faults_of(folder: Path, text: str) -> list[str]:
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    return [f.sentence() for f in caught.value.faults]


def laughs(depth: int, width: int) -> str:
    """Lists of aliases of lists of aliases ...: width to the power of depth values."""
    lines = [f"k0: &k0 [{', '.join(['ha'] * width)}]"]
    lines += [f"k{i}: &k{i} [{', '.join([f'*k{i - 1}'] * width)}]" for i in range(1, depth)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (laughs(9, 9), 6, "aliases"),
        (laughs(30, 2), 16, "aliases"),
        (STUDY + "packs: &a [*a]\n", 2, "holds itself"),
        (STUDY + "cox: &a\n  multivariable: {os: *a}\n", 2, "holds itself"),
        ("one: &a [two, &b [three, *a]]\n", 1, "holds itself"),
        (STUDY + "packs: " + "[" * 3000, 2, "inside each other"),
        (STUDY + "packs: " + "{a: " * 3000, 2, "inside each other"),
        (STUDY + "landmarks: [" + "1, " * (2 * MOST) + "1]", 2, "values"),
        ("? [a, b]\n: c\n" + STUDY, 1, "a key is one word"),
        (STUDY + 'notice: "two\\0words"\n', 2, "control character (U+0000)"),
        (STUDY + 'notice: "\\e[31mred"\n', 2, "control character (U+001B)"),
        (STUDY + "notice: bell\a\n", 2, "control character (U+0007)"),
        (STUDY + 'notice: "\\ud83d"\n', 2, ""),
        (STUDY + 'notice: "a\\u202Eb"\n', 2, "turns the direction of writing (U+202E)"),
        (STUDY + "notice: a\u2067b\n", 2, "turns the direction of writing (U+2067)"),
        (STUDY + '"key\\u200f": x\n', 2, "turns the direction of writing (U+200F)"),
        (STUDY + 'notice: "\\uffff"\n', 2, "U+FFFF"),
    ],
)
def test_what_no_protocol_holds_is_refused_at_its_line(tmp_path, text, line, message):
    began = time.process_time()
    found = faults_of(tmp_path, text)
    assert any(f.startswith(f"study.yaml:{line}: ") and message in f for f in found), found
    assert time.process_time() - began < 5


def test_an_alias_that_is_used_as_meant_is_written_out(sheet):
    sheet.write()
    text = sheet.path.read_text(encoding="utf-8").replace("univariable:", "univariable: &models")
    text = text[: text.index("  multivariable:")] + "  multivariable: {os: *models}\n"
    sheet.path.write_text(text, encoding="utf-8")
    protocol = load_protocol(sheet.path)
    assert protocol.cox.multivariable["os"] == protocol.cox.univariable == ["age", "vi", "stage", "treatment"]


def test_twenty_thousand_unknown_keys_are_answered_in_seconds_and_counted(tmp_path):
    began = time.process_time()
    found = faults_of(tmp_path, STUDY + "".join(f"key_{i}: x\n" for i in range(20_000)))
    assert time.process_time() - began < 5
    assert len(found) < 100
    assert "study.yaml:2: key_0: there is no such key; known keys are" in "\n".join(found)
    assert any("19,950 more places" in f for f in found)


def test_twenty_thousand_unknown_names_are_counted(sheet):
    sheet.protocol["cox"]["univariable"] = [f"x_{i}" for i in range(20_000)]
    sheet.write()
    began = time.process_time()
    with pytest.raises(ProtocolError) as caught:
        load_protocol(sheet.path)
    assert time.process_time() - began < 10
    assert len(caught.value.faults) == 51 and "19,950 more names" in caught.value.faults[-1].message


DEEP = {
    "brackets": "(" * 300 + "x = 1" + ")" * 300,
    "many brackets": "(" * 20_000 + "x = 1" + ")" * 20_000,
    "not": "not " * 2_000 + "x = 1",
    "minus": "- " * 2_000 + "x = 1",
    "case": "case when x = 1 then " * 500 + "1" + " else 0 end" * 500,
    "calls": "abs(" * 500 + "x" + ")" * 500 + " = 1",
    "sum": "+".join(["x"] * 5_000) + " = 1",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_an_expression_that_is_too_deep_gets_a_sentence(text):
    (fault,) = expression_faults(text, ["x"], "study.yaml:9")
    assert fault.place == "study.yaml:9" and f"nests more than {DEEPEST} deep" in fault.message and len(fault.message) < 400
    assert columns_of(text) == []


@pytest.mark.parametrize("text", ['"a;b" = 1', "\"a;b\" = ';'", "\"a;b\" in ('--', '/*', 'it''s; --')"])
def test_signs_inside_a_quoted_name_or_text_are_no_code(text):
    assert expression_faults(text, ["a;b"], "study.yaml:9") == []


@pytest.mark.parametrize(
    "text",
    ['"a" ; "b"', "\"a\" = '' ; --'", "$$'$$; drop table x; $$'$$", '"a" -- "', "a /* ' */ = 'b'", "a = '\\'; drop table x"],
)
def test_signs_outside_quotes_are_code(text):
    (fault,) = expression_faults(text, ["a", "b"], "study.yaml:9")
    assert fault.rule == "expression"


def test_a_number_that_no_engine_keeps_is_refused():
    (fault,) = expression_faults("age > " + "9" * 39, ["age"], "study.yaml:9")
    assert "more than 38 digits" in fault.message and len(fault.message) < 400
    assert expression_faults("age > " + "9" * 38, ["age"], "study.yaml:9") == []


def test_a_chain_of_five_thousand_comparisons_runs(sheet):
    sheet.protocol["covariates"]["listed"] = {
        "label": "Listed age", "kind": "binary", "from": " or ".join(f"age = {i}" for i in range(5_000)),
    }  # fmt: skip
    study = run_study(sheet.write())
    assert set(study.covariates.values["listed"]) == {1.0}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1", "the number 1"),
        ("'yes'", "the text yes"),
        ("age", "the column 'age'"),
        ("not age", "the column 'age'"),
        ("age > 60 or stage", "the column 'stage'"),
        ("age + 1", "a value"),
        ("case when age > 1 then 1 else 0 end", "the number 1"),
        ("coalesce(age, 0)", "the column 'age'"),
        ("-age", "a value"),
    ],
)
def test_a_condition_is_a_comparison(text, what):
    found = condition_faults(text, ["age", "stage", "female"], "study.yaml:3", ["female"])
    assert any(f"takes {what} as true or false; a condition is a comparison" in f.message for f in found)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("female", "(female = 1)"),
        ("not female", "NOT (female = 1)"),
        ("female and age > 60", "(female = 1) AND age > 60"),
        ("coalesce(female, false)", "COALESCE((female = 1), FALSE)"),
        ("case when female then age > 1 else false end", "CASE WHEN (female = 1) THEN age > 1 ELSE FALSE END"),
        ("female is null", "female IS NULL"),
        ("female = 0 or age in (1, 2)", "female = 0 OR age IN (1, 2)"),
        ("true", "TRUE"),
    ],
)
def test_a_column_that_is_true_or_false_may_stand_alone(text, sql):
    assert condition_faults(text, ["age", "female"], "study.yaml:3", ["female"]) == []
    assert condition_sql(text, ["female"]) == sql


CONDITIONS = {
    "eligibility": lambda p, text: p.update(
        eligibility={"steps": [{"label": "Analysed", "exclude": [{"reason": "x", "where": text, "known": "index"}]}]}
    ),
    "event": lambda p, text: p["endpoints"]["os"].update(event=text),
    "subgroup": lambda p, text: p.update(
        subgroups={"group": {"label": "Group", "levels": {"one": text, "other": "age < 60"}}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", ["age", "1", "'x'"])
@pytest.mark.parametrize("key", CONDITIONS)
def test_every_condition_of_a_spreadsheet_is_held_to_it(sheet, key, text):
    CONDITIONS[key](sheet.protocol, text)
    sheet.write()
    with pytest.raises(ProtocolError) as caught:
        check_study(sheet.path)
    assert caught.value.faults[0].rule == "expression" and "a condition is a comparison" in caught.value.faults[0].message


@pytest.mark.parametrize("key", ["source", "dose", "eligibility"])
def test_every_condition_of_raw_tables_is_held_to_it(tiny, key):
    if key == "source":
        tiny.protocol = tiny.protocol.replace(
            "death: {table: followup, date: death_date}", "death: {table: followup, date: death_date, where: death_source}"
        )
    elif key == "dose":
        tiny.protocol += "dose: {alfa: [{mg_day: 12, when: weight_kg}]}\n"
    else:
        tiny.protocol = tiny.protocol.replace('where: "age_index < 18"', "where: age_index")
    tiny.write()
    with pytest.raises(ProtocolError) as caught:
        load_protocol(tiny.path)
    assert "a condition is a comparison" in caught.value.faults[0].message


def test_a_boolean_column_of_raw_tables_is_a_condition(tiny):
    old = "last_scan: {table: visit_response"
    new = "planned: {table: visit_imaging, date: date, where: scheduled and not evaluable}\n  " + old
    tiny.protocol = tiny.protocol.replace(old, new)
    assert load_protocol(tiny.write()).sources["planned"].where == "scheduled and not evaluable"


def test_a_subgroup_of_a_binary_covariate_counts_its_patients(sheet):
    levels = {"no": "not vi", "yes": "vi", "old": "not (vi or age < 70)"}
    sheet.protocol["subgroups"] = {"v": {"label": "Invasion", "levels": levels}}
    study = run_study(sheet.write())
    vi, age = sheet.columns["vi"], sheet.columns["age"]
    expected = {
        "v no": vi.count(0),
        "v yes": vi.count(1),
        "v old": sum(not v and a >= 70 for v, a in zip(vi, age, strict=True)),
    }
    counted = {population: 0.0 for population in expected}
    for row in study.estimates.rows.values():
        if row.population in counted and row.statistic == "median":
            counted[row.population] += row.n
    assert counted == expected


NAME = "HONG-GILDONG"
MISFITS = {
    "eligibility against a date": ("eligibility", "id = date '2021-01-01'"),
    "eligibility against a number": ("eligibility", "id > 5"),
    "event against a number": ("event", "id = 1"),
    "subgroup against a number": ("subgroup", "stage > 2"),
    "arithmetic": ("eligibility", "abs(id) > 1"),
}


@pytest.mark.parametrize(("key", "text"), MISFITS.values(), ids=MISFITS)
def test_text_against_a_number_or_a_date_is_a_sentence_without_a_value(sheet, key, text):
    sheet.columns["id"] = [f"{NAME}-{i:05d}" for i in range(60)]
    sheet.columns["stage"] = [NAME if s == "III" else s for s in sheet.columns["stage"]]
    sheet.protocol["covariates"]["stage"]["levels"] = {"I": "I", "II": "II", NAME: "III"}
    CONDITIONS[key](sheet.protocol, text)
    sheet.write()
    with pytest.raises(EquipoiseError) as caught:
        run_study(sheet.path)
    assert caught.value.__context__ is None or NAME not in str(caught.value.__context__)
    told = "\n".join(f.sentence() for f in caught.value.faults)
    assert "study.yaml:" in told and NAME not in told


def test_text_of_raw_tables_against_a_number_is_a_sentence(tiny):
    tiny.protocol = tiny.protocol.replace('where: "age_index < 18"', 'where: "site < 18"')
    tiny.write()
    with pytest.raises(ProtocolError, match="cannot be evaluated on these data"):
        check_study(tiny.path)


def test_text_of_a_source_against_a_date_is_a_sentence(tiny):
    old = "death: {table: followup, date: death_date}"
    tiny.protocol = tiny.protocol.replace(old, f"{old[:-1]}, where: \"patient_id > date '2020-01-01'\"}}")
    tiny.write()
    with pytest.raises(ProtocolError, match="cannot be evaluated on these data"):
        run_study(tiny.path)


@pytest.mark.parametrize(
    ("expression", "odd"),
    [
        ("sqrt(marker - 1)", 0.5),  # the root of a negative number
        ("(marker - 4) / (marker - 4)", 4),  # zero by zero, where others are 1
        ("marker", 1e180),  # its square overflows
    ],
)
def test_a_value_that_is_no_number_is_not_taken_for_an_empty_cell(sheet, expression, odd):
    marker = [2.0 + i for i in range(60)] if odd != 4 else [5.0 + i for i in range(60)]
    marker[10] = marker[20] = odd
    sheet.columns["marker"] = [*marker[:-1], ""]  # an empty cell stays what it is
    sheet.protocol["covariates"]["marker"] = {"label": "Marker", "kind": "continuous", "from": expression}
    path = sheet.write()
    with pytest.raises(EquipoiseError) as caught:
        check_study(path)
    (fault,) = caught.value.faults
    assert "2 patients of 60 have no finite value of covariate 'marker' (rows 12, 22 of the sheet)" in fault.message


def test_a_covariate_without_a_finite_value_names_its_rows(sheet):
    sheet.columns["marker"] = [1.5] * 60
    sheet.columns["marker"][10] = sheet.columns["marker"][20] = 1e300
    sheet.protocol["covariates"]["marker"] = {"label": "Marker", "kind": "continuous", "from": "marker * marker * 1e10"}
    sheet.write()
    with pytest.raises(EquipoiseError) as caught:
        check_study(sheet.path)
    (fault,) = caught.value.faults
    assert "2 patients of 60 have no finite value of covariate 'marker' (rows 12, 22 of the sheet)" in fault.message
    assert fault.place == f"study.yaml:{sheet.line_of('marker * marker')}"
