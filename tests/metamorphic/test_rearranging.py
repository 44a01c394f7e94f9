"""The same patients told in another order, on another scale, against another reference: what must not change does not, and what
must, does so by algebra."""

from __future__ import annotations

import math
import random

import pytest
import studies
from same import assert_same, assert_same_curves, close, numbers, pairs, words

from equipoise.errors import EquipoiseError


def seldom(*values):
    """Parameters of the slow tests."""
    return [pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.slow) for value in values]


FITTED = 1e-9  # numbers of a fit whose columns stand otherwise


def tables_permuted(example: studies.Example, seed: int) -> studies.Example:
    shuffle = random.Random(seed).shuffle
    for rows in example.tables.values():
        shuffle(rows)
    return example


@pytest.mark.parametrize("name", ["sheet", "raw", *seldom("randomised", "one_arm")])
def test_order_of_rows(first, again, name):
    study = again(tables_permuted(getattr(studies, name)(), 1))
    assert_same(numbers(first(name)), numbers(study))
    assert_same_curves(first(name), study)
    assert study.cohort.patient.tolist() == first(name).cohort.patient.tolist()
    if len(study.designs) > 1:
        assert pairs(study) == pairs(first(name))


@pytest.mark.parametrize("name", ["sheet", *seldom("one_arm", "raw")])
def test_order_of_columns(first, again, name):
    example = getattr(studies, name)()
    for table, rows in example.tables.items():
        order = sorted(rows[0], key=lambda column: column[::-1])
        example.tables[table] = [{column: row[column] for column in order} for row in rows]
    assert_same(numbers(first(name)), numbers(again(example)))


def test_order_of_covariates_in_the_protocol(first, again):
    example = studies.sheet()
    asked = example.protocol
    asked["covariates"] = dict(reversed(asked["covariates"].items()))
    asked["design"]["propensity"].reverse()
    asked["cox"]["univariable"].reverse()
    asked["cox"]["multivariable"]["os"].reverse()
    study = again(example)
    assert_same(numbers(first("sheet")), numbers(study), FITTED)
    assert pairs(study) == pairs(first("sheet"))


def test_columns_nobody_asked_for(first, again):
    example = studies.sheet()
    for i, row in enumerate(example.rows):
        row |= {"note": f"note {i}, with a comma", "empty": "", 'x"; drop table patients': i, "=1+1": "=1+1", "비고": "비고"}
    assert_same(numbers(first("sheet")), numbers(again(example)), but=lambda place: place[0] == "quality")


@pytest.mark.parametrize("order", [["III", "II", "I"], *seldom(["II", "I", "III"])])
def test_reference_level(first, again, order):
    """HR of a level against another reference by division; everything that does not speak of a level stays."""
    example = studies.sheet()
    levels = example.protocol["covariates"]["stage"]["levels"]
    example.protocol["covariates"]["stage"]["levels"] = {key: levels[key] for key in order}
    old, new = numbers(first("sheet")), numbers(again(example))

    def of_a_level(place):
        return place[6] in ("stage", "intercept") and place[1] in (
            "cox_univariable",
            "cox_multivariable",
            "screening",
            "propensity",
        )

    assert_same(old, new, FITTED, of_a_level)
    for analysis, design in (("cox_univariable", "unadjusted"), ("cox_multivariable", "unadjusted")):
        beta_old, beta_new = log_hrs(old, analysis, design, "I"), log_hrs(new, analysis, design, order[0])
        for level, beta in beta_new.items():
            assert beta == pytest.approx(beta_old[level] - beta_old[order[0]], abs=1e-8)


def log_hrs(rows, analysis, design, reference):
    """Log hazard ratio of each stage; 0 for the reference."""
    found = {reference: 0.0}
    for place, row in rows.items():
        if place[1:3] == (analysis, design) and place[6] == "stage" and place[9] == "hr":
            found[place[7]] = math.log(row.value)
    assert len(found) == 3
    return found


@pytest.mark.parametrize("factor", [1000.0, *seldom(1e-3, -1.0)])
def test_scale_of_a_covariate(first, again, factor):
    example = studies.sheet()
    for row in example.rows:
        row["marker"] = repr(row["marker"] * factor)
    study = again(example)
    old, new = numbers(first("sheet")), numbers(study)
    described = {"mean", "median", "q1", "q3", "sd", "smd", "smd_within", "coef", "se", "hr", "odds_ratio"}
    mirrored = {"quality"} if factor < 0 else set()  # a negative concentration is a finding of its own
    assert_same(old, new, FITTED, lambda place: place[6] == "marker" and place[9] in described or place[0] in mirrored)
    assert pairs(study) == pairs(first("sheet"))
    checked = set()
    for place, row in old.items():
        if place[6] != "marker" or place[9] not in described:
            continue
        other, statistic = new[place], place[9]
        checked.add(statistic)
        if statistic in ("mean", "median") or (statistic in ("q1", "q3") and factor > 0):
            assert other.value == pytest.approx(row.value * factor, rel=1e-9)
        elif statistic == "sd":
            assert other.value == pytest.approx(row.value * abs(factor), rel=1e-9)
        elif statistic in ("smd", "smd_within"):
            assert other.value == pytest.approx(row.value * math.copysign(1, factor), rel=1e-9, abs=1e-12)
        elif statistic in ("hr", "odds_ratio"):
            assert math.log(other.value) * factor == pytest.approx(math.log(row.value), rel=1e-7, abs=1e-9)
        elif statistic in ("coef", "se"):
            assert abs(other.value * factor) == pytest.approx(abs(row.value), rel=1e-7)
    assert {"mean", "sd", "smd", "hr", "coef", "se"} <= checked


@pytest.mark.parametrize("name", ["sheet", *seldom("randomised", "raw")])
def test_reference_arm(first, again, name):
    """Hazard and rate ratios are inverted, differences change their sign, limits are exchanged; P and pairs stay."""
    example = getattr(studies, name)()
    arms = example.protocol["arms"]
    arms["reference"] = next(key for key in arms["groups"] if key != arms["reference"])
    study = again(example)
    ours, theirs = first(name).protocol.arms.contrast, study.protocol.arms.contrast
    assert ours != theirs
    old, new = numbers(first(name), words(contrast={ours: theirs})), numbers(study)

    def ratio(place):
        return place[9] in ("hr", "rate_ratio", "ratio", "odds_ratio") and (place[5] == theirs or place[6] == "treatment")

    def difference(place):
        return place[9] == "difference" and place[5] == theirs

    assert_same(old, new, FITTED, lambda place: ratio(place) or difference(place))
    ratios, differences = [place for place in old if ratio(place)], [place for place in old if difference(place)]
    assert len(ratios) >= 4 and len(differences) >= 2
    for place in differences:
        a, b = old[place], new[place]
        assert close(a.value, -b.value, 1e-9) and close(a.low, -b.high, 1e-7) and close(a.high, -b.low, 1e-7)
        assert (a.n, a.events) == (b.n, b.events)
    for place in ratios:
        a, b = old[place], new[place]
        assert close(a.value * b.value, 1.0, 1e-9) and close(a.low * b.high, 1.0, 1e-7) and close(a.high * b.low, 1.0, 1e-7)
        assert (a.n, a.events) == (b.n, b.events)
    if len(study.designs) > 1:
        assert pairs(study) == pairs(first(name))


@pytest.mark.slow
def test_focal_arm_of_a_comparison_without_a_match(first, again):
    """Standardized differences (pooled) change their sign, variance ratios are inverted, nothing else moves."""
    example = studies.randomised()
    example.protocol["conventions"] = {"profile": "r", "smd_denominator": "pooled"}
    before = again(example.copy())
    example.protocol["arms"]["focal"] = "old"
    old, new = numbers(before), numbers(again(example))
    signed = {"smd", "smd_within", "variance_ratio"}
    assert_same(old, new, FITTED, lambda place: place[9] in signed)
    for place in (p for p in old if p[9] in signed):
        a, b = old[place].value, new[place].value
        if place[9] == "variance_ratio":
            assert close(a * b, 1.0, 1e-12)
        else:
            assert close(a, -b, 1e-12) or (place[6] in ("stage", "site") and not place[7] and close(a, b, 1e-12))


def test_focal_arm_of_a_match(first, again):
    """The score becomes its complement; what the whole cohort says is untouched."""
    example = studies.sheet()
    example.protocol["arms"]["focal"] = "old"
    study = again(example)
    before = first("sheet")
    assert study.design("matched").propensity == pytest.approx(1 - before.design("matched").propensity, abs=1e-9)
    outcomes = ("survival",)
    old = {k: v for k, v in numbers(before).items() if k[0] in outcomes and k[2] == "unadjusted"}
    new = {k: v for k, v in numbers(study).items() if k[0] in outcomes and k[2] == "unadjusted"}
    assert_same(old, new)


def test_arms_listed_the_other_way(first, again):
    example = studies.sheet()
    example.protocol["arms"]["groups"] = dict(reversed(example.protocol["arms"]["groups"].items()))
    assert_same(numbers(first("sheet")), numbers(again(example)), 1e-12)


def test_patients_who_are_excluded_change_nothing_but_the_flow(first, again):
    example = studies.sheet()
    strangers = [dict(row, patient=f"X{i:03d}", treatment="other", stage="IV", age="") for i, row in enumerate(example.rows[:7])]
    example.tables["patients"] = [*strangers[:4], *example.rows, *strangers[4:]]
    reason = {"reason": "Another treatment", "where": "treatment = 'other'"}
    example.protocol["eligibility"] = {"start": "Patients", "steps": [{"label": "Analysed", "exclude": [reason]}]}
    study = again(example)
    flow = ("attrition", "quality", "design")
    assert_same(numbers(first("sheet")), numbers(study), but=lambda place: place[0] in flow and place[1] != "propensity")
    assert study.cohort.n_start == 127 and study.cohort.n == 120
    assert pairs(study) == pairs(first("sheet"))


@pytest.mark.slow
def test_excluded_patients_of_raw_tables(first, again):
    example = studies.raw()
    for name, rows in example.tables.items():
        strangers = [dict(row) for row in rows if row["patient_id"] in ("T001", "T002", "T003")]
        for row in strangers:
            row["patient_id"] = "A" + row["patient_id"]  # sorts before everybody
            if name == "index_treatment":
                row["drug"] = "gammacid"
        rows[0:0] = strangers
    study = again(example)
    flow = ("attrition", "quality", "design")
    assert_same(numbers(first("raw")), numbers(study), but=lambda place: place[0] in flow and place[1] != "propensity")
    assert study.cohort.n_start == 67 and study.cohort.n == 64


@pytest.mark.parametrize(("name", "kept"), [("sheet", 0), ("raw", 1), *seldom(("sheet", 1), ("raw", 0), ("randomised", 0))])
def test_an_arm_without_patients_is_a_sentence(again, name, kept):
    example = getattr(studies, name)()
    arms = example.protocol["arms"]
    value = list(arms["groups"].values())[kept]["value"]
    table = "patients" if name != "raw" else "index_treatment"
    for row in example.tables[table]:
        row[arms["column"]] = value
    empty = list(arms["groups"])[1 - kept]
    with pytest.raises(EquipoiseError) as error:
        again(example)
    assert f"'{empty}'" in str(error.value)


@pytest.mark.parametrize("kept", [1, 2])
@pytest.mark.parametrize("name", ["randomised", *seldom("sheet")])
def test_an_arm_of_very_few_patients_is_a_sentence_or_a_study(again, name, kept):
    """Nothing but blanks where nothing can be said."""
    example = getattr(studies, name)()
    few = [row for row in example.rows if row["treatment"] == "new"][:kept]
    example.tables["patients"] = few + [row for row in example.rows if row["treatment"] == "old"]
    try:
        study = again(example)
    except EquipoiseError as error:
        assert name == "sheet", error
    else:
        assert study.cohort.in_arm("new").sum() == kept
        assert not any(math.isinf(getattr(row, part)) for row in study.estimates.rows.values() for part in ("value", "n"))


def with_clinics(example: studies.Example) -> studies.Example:
    """A categorical covariate of twelve levels."""
    draw = random.Random(9).randrange
    for row in example.rows:
        row["clinic"] = str(draw(12))
    levels = {str(k): f"Clinic {k + 1}" for k in range(12)}
    example.protocol["covariates"]["clinic"] = {"label": "Clinic", "kind": "categorical", "from": "clinic", "levels": levels}
    example.protocol["cox"]["univariable"].append("clinic")
    return example


def test_twelve_levels(first, again):
    """A covariate beside the others moves nothing of theirs; its counts add up; renamed and reordered it says the same."""
    example = with_clinics(studies.sheet())
    study = again(example)
    follows = ("cox_residual",)  # adjusts for whatever stays unbalanced, the clinic too
    numbered = numbers(first("sheet")), numbers(study)
    follows += ("squares_and_interactions",)  # of it too
    assert_same(*numbered, but=lambda p: p[6] in ("clinic", "all") or p[0] == "quality" or p[1] in follows)
    counts = [row.value for p, row in numbers(study).items() if p[0] == "baseline" and p[2] == "unadjusted" and p[6] == "clinic"
              and p[7] and p[8] == "total" and p[9] == "n"]  # fmt: skip
    assert len(counts) == 12 and sum(counts) == 120
    levels = example.protocol["covariates"]["clinic"]["levels"]
    new = {key: "병원" + "ㄱ" * i for i, key in enumerate(levels)}
    for row in example.rows:
        row["clinic"] = new[row["clinic"]]
    example.protocol["covariates"]["clinic"]["levels"] = {new[key]: new[key] for key in levels}
    assert_same(numbers(study, words(level=new)), numbers(again(example)))


def test_a_categorical_covariate_of_two_levels_is_the_binary_one(again):
    """The same standardized difference, tests and hazard ratio however the variable is declared."""
    example = studies.sheet()
    binary = again(example.copy())
    example.protocol["covariates"]["male"] = {
        "label": "Sex", "kind": "categorical", "from": "sex", "levels": {"F": "Female", "M": "Male"},
    }  # fmt: skip
    old, new = numbers(binary), numbers(again(example))
    products = "squares_and_interactions"  # of the rarer level, which need not be the one that the binary variable is 1 of
    assert_same(old, new, FITTED, lambda place: place[6] == "male" or place[1] == products)
    said = {(p[2], p[9]): r.value for p, r in old.items() if p[6] == "male" and p[0] == "baseline" and p[9] in ("smd", "p")}
    again_said = {(p[2], p[9]): r.value for p, r in new.items() if p[6] == "male" and p[0] == "baseline" and not p[7]}
    for place, value in said.items():
        assert abs(again_said[place]) == pytest.approx(abs(value), rel=1e-12), place  # of all levels together: a distance
    ratio = next(r.value for p, r in old.items() if p[6] == "male" and p[1] == "cox_multivariable" and p[9] == "hr")
    assert next(r.value for p, r in new.items() if p[6] == "male" and p[7] == "M" and p[1] == "cox_multivariable"
                and p[9] == "hr") == pytest.approx(ratio, rel=1e-9)  # fmt: skip


def test_unit_of_time(first, again):
    """Times told in weeks give the same days."""
    example = studies.sheet()
    for row in example.rows:
        row["days"] = repr(row["days"] / 7)
    example.protocol["endpoints"]["os"]["time"]["unit"] = "weeks"
    assert_same(numbers(first("sheet")), numbers(again(example)), 1e-10)
