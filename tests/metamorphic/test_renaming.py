"""Names carry no numbers: levels, patients, columns, arms and covariates may be called anything."""

from __future__ import annotations

import re

import pytest
import studies
from same import assert_same, assert_same_curves, numbers, pairs, words

from equipoise.errors import EquipoiseError

SPELLINGS = {
    "hangul": ["일기", "이기", "삼기"],
    "one word in three cases": ["stage", "Stage", "STAGE"],
    "signs only": ["+", "++", "+++"],
    "greek": ["α", "β", "γ"],
    "orders": ["<5", "5", ">=5"],
    "accents": ["café", "cafe", "cafè"],
    "quotes": ["'", '"', "''"],
    "sql": ["a'; drop table patients; --", 'b" or 1=1', "null"],
    "marks": ["$x$", "<b>&amp;</b>", "{{ 1 }}"],
    "look-alikes": ["A", "\u0391", "\u0410"],
    "composed and decomposed": ["\u00e9", "e\u0301", "e"],
    "long": ["a" * 60 + c for c in "123"],
}


def relabelled(example: studies.Example, name: str, spelling: list[str]) -> tuple[studies.Example, dict[str, str]]:
    """The levels of a categorical covariate under other words, in the data and in the protocol."""
    asked = example.protocol["covariates"][name]
    new = dict(zip(asked["levels"], spelling, strict=True))
    asked["levels"] = {new[key]: new[key] for key in asked["levels"]}
    for row in example.rows:
        row[asked["from"]] = new[row[asked["from"]]]
    return example, new


def some(everyday: set, *others) -> list:
    """All of them as parameters, those not of every day marked slow."""
    return [*sorted(everyday), *(pytest.param(other, marks=pytest.mark.slow) for other in others if other not in everyday)]


@pytest.mark.parametrize("spelling", some({"hangul", "one word in three cases", "composed and decomposed", "quotes"}, *SPELLINGS))
def test_levels(first, again, spelling):
    example, new = relabelled(studies.sheet(), "stage", SPELLINGS[spelling])
    study = again(example)
    assert_same(numbers(first("sheet"), words(level=new)), numbers(study))
    assert_same_curves(first("sheet"), study)
    assert len(set(study.estimates.rows)) == len(first("sheet").estimates.rows)
    assert all("" not in key.split(".") for key in study.estimates.rows)


@pytest.mark.parametrize("spelling", some({"hangul", "one word in three cases"}, "orders", "sql"))
def test_levels_of_a_subgroup(first, again, spelling):
    example = studies.sheet()
    levels = example.protocol["subgroups"]["by_age"]["levels"]
    old, chosen = list(levels), SPELLINGS[spelling][:2]
    example.protocol["subgroups"]["by_age"]["levels"] = dict(zip(chosen, levels.values(), strict=True))
    renamed = dict(zip(old, chosen, strict=True))
    population = {f"by_age {a}": f"by_age {b}" for a, b in renamed.items()}
    contrast = {" vs ".join(old): " vs ".join(chosen)}
    study = again(example)
    renaming = words(level=renamed, population=population, group=renamed, contrast=contrast)
    assert_same(numbers(first("sheet"), renaming), numbers(study))


@pytest.mark.parametrize("name", some({"sheet"}, "randomised", "one_arm"))
@pytest.mark.parametrize("spell", some({"환자-{:04d}", 'O\'Hara "{:04d}"'}, "p{:04d}", "{:04d}"))
def test_patients_in_the_same_order(first, again, name, spell):
    example = getattr(studies, name)()
    for i, row in enumerate(example.rows):
        row["patient"] = spell.format(i)
    study = again(example)
    assert_same(numbers(first(name)), numbers(study))
    assert_same_curves(first(name), study)


@pytest.mark.parametrize("name", some({"sheet"}, "randomised", "one_arm"))
def test_patients_in_another_order(first, again, name):
    example = getattr(studies, name)()
    n = len(example.rows)
    new = {row["patient"]: f"Q{(i * 37) % 1009:04d}" for i, row in enumerate(example.rows)}
    assert len(set(new.values())) == n
    for row in example.rows:
        row["patient"] = new[row["patient"]]
    study = again(example)
    assert_same(numbers(first(name)), numbers(study), 1e-10)
    if name == "sheet":
        assert {frozenset(new[p] for p in pair) for pair in pairs(first(name))} == pairs(study)


COLUMNS = {
    "hangul": {"patient": "환자번호", "treatment": "치료", "age": "나이", "stage": "병기", "days": "생존일수", "died": "사망"},
    "words of SQL": {"patient": "select", "treatment": "order", "age": "from", "stage": "table", "days": "group", "died": "end"},
    "case": {"patient": "PATIENT", "treatment": "Treatment", "age": "AGE", "stage": "Stage", "days": "DAYS", "died": "Died"},
    "signs": {
        "patient": "id no.",
        "treatment": "arm (A/B)",
        "age": "age [y]",
        "stage": "t'n'm",
        "days": 'os "d"',
        "died": "d;--",
    },
    "numbers": {"patient": "1", "treatment": "2", "age": "3", "stage": "4", "days": "5", "died": "6"},
    "injection": {"age": 'age" from patients; drop table patients; --', "days": "d) union select 1 --", "stage": "s'||'s"},
}


def with_columns(example: studies.Example, new: dict[str, str]) -> studies.Example:
    """The columns of the sheet under other names, in the data and wherever the protocol names one."""
    example.tables["patients"] = [{new.get(k, k): v for k, v in row.items()} for row in example.rows]
    asked = example.protocol

    def expression(text: str) -> str:
        return re.sub(r"[a-z_]+", lambda m: '"' + new[m[0]].replace('"', '""') + '"' if m[0] in new else m[0], text)

    asked["data"]["patient"] = new.get("patient", "patient")
    if "column" in asked["arms"]:
        asked["arms"]["column"] = new.get("treatment", "treatment")
    for covariate in asked["covariates"].values():
        covariate["from"] = expression(covariate["from"])
    for endpoint in asked["endpoints"].values():
        endpoint["time"]["column"] = new.get(endpoint["time"]["column"], endpoint["time"]["column"])
        endpoint["event"] = expression(endpoint["event"])
    return example


def decided_by(new: dict[str, str]):
    """The column of an endpoint's time is named in the rows that count its events by source."""
    return words(variable={"days": new["days"]} if "days" in new else {})


@pytest.mark.parametrize("naming", some({"hangul", "signs", "words of SQL"}, *COLUMNS))
def test_columns(first, again, naming):
    study = again(with_columns(studies.sheet(), COLUMNS[naming]))
    assert_same(numbers(first("sheet"), decided_by(COLUMNS[naming])), numbers(study))
    assert_same_curves(first("sheet"), study)


@pytest.mark.parametrize("pair", some({("days", "died")}, ("age", "marker"), ("stage", "site")))
def test_columns_that_differ_by_case(first, again, pair):
    """Read rightly, or refused with both names; never one for the other."""
    new = dict(zip(pair, ("score", "SCORE"), strict=True))
    try:
        study = again(with_columns(studies.sheet(), new))
    except EquipoiseError as error:
        assert "score" in str(error) and "SCORE" in str(error)
    else:
        assert_same(numbers(first("sheet"), decided_by(new)), numbers(study))


@pytest.mark.parametrize("values", some({("A", "a"), ("1", "2")}, ("신약", "기존"), ("'", '"'), ("1.5", "x"), ("$", "<")))
def test_words_of_the_arms_in_the_data(first, again, values):
    example = studies.sheet()
    new = dict(zip(("new", "old"), values, strict=True))
    for row in example.rows:
        row["treatment"] = new[row["treatment"]]
    for key, value in new.items():
        example.protocol["arms"]["groups"][key]["value"] = value
    study = again(example)
    assert_same(numbers(first("sheet")), numbers(study))


def test_keys_of_the_arms(first, again):
    example = studies.sheet()
    arms = example.protocol["arms"]
    arms["groups"] = {"zeta": arms["groups"]["new"], "alpha": arms["groups"]["old"]}
    arms["reference"], arms["focal"] = "alpha", "zeta"
    study = again(example)
    keys = {"new": "zeta", "old": "alpha"}
    renaming = words(group=keys, contrast={"new vs old": "zeta vs alpha"})
    assert_same(numbers(first("sheet"), renaming), numbers(study), 1e-12)  # the sums over the arms run in another order


def test_names_of_covariates(first, again):
    """The words of SQL among them, and a name that is a column of the sheet with another meaning."""
    new = {"age": "select", "marker": "age", "male": "order", "stage": "patient_id_x", "site": "case"}
    example = studies.sheet()
    asked = example.protocol
    asked["covariates"] = {new[k]: v for k, v in asked["covariates"].items()}
    asked["design"]["propensity"] = [new[k] for k in asked["design"]["propensity"]]
    asked["cox"]["univariable"] = [new.get(k, k) for k in asked["cox"]["univariable"]]
    asked["cox"]["multivariable"]["os"] = [new.get(k, k) for k in asked["cox"]["multivariable"]["os"]]
    asked["subgroups"]["by_age"]["levels"] = {"<62": '"select" < 62', ">=62": '"select" >= 62'}
    assert_same(numbers(first("sheet"), words(variable=new)), numbers(again(example)))


def test_labels(first, again):
    example = studies.sheet()
    for covariate in example.protocol["covariates"].values():
        covariate["label"] = "The same <label> & $x$ 'for' \"all\" " + "x" * 60
    for key, arm in example.protocol["arms"]["groups"].items():
        arm["label"] = f"약 & <b>$ {key}"
    example.protocol["endpoints"]["os"]["label"] = "생존 'os' \\ % {x}"
    assert_same(numbers(first("sheet")), numbers(again(example)))


@pytest.mark.slow
def test_patients_of_raw_tables(first, again):
    example = studies.raw()
    for rows in example.tables.values():
        for row in rows:
            row["patient_id"] = f"환자 {row['patient_id'][1:]}"
    assert_same(numbers(first("raw")), numbers(again(example)))


@pytest.mark.parametrize("spelling", some({"hangul"}, "quotes", "sql"))
def test_words_of_raw_tables(first, again, spelling):
    """Arms, sites, lesions and adverse events under other words."""
    example = studies.raw()
    a, b, c = SPELLINGS[spelling]
    drug = {"alfamab": a, "betanib": b}
    site = {"North": c, "South": a}
    for row in example.tables["index_treatment"]:
        row["drug"] = drug[row["drug"]]
    for row in example.tables["patient"]:
        row["site"] = site[row["site"]]
    for name in ("lesion", "lesion_measure"):
        for row in example.tables[name]:
            row["lesion_id"] = f"{b}1"
    for key, value in (("alfa", a), ("beta", b)):
        example.protocol["arms"]["groups"][key]["value"] = value
    study = again(example)
    assert_same(numbers(first("raw"), words(group=site, level={**site, **drug})), numbers(study))
