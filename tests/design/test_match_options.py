"""Calipers on covariates, a variable ratio and the rest of a match's menu, from the protocol on: against MatchIt 4.7.2, in words,
regenerated in R, and refused where they mean nothing."""

import csv
import gzip
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import sheets

from equipoise.cohort.build import build_cohort
from equipoise.data.sources import read_sources
from equipoise.derive.covariates import derive_covariates
from equipoise.design.make import make_designs
from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.designs import denominator_of
from equipoise.protocol.load import load_protocol
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.designs import designs as sentences
from equipoise.report.narrative.matching import reason_words
from equipoise.reproduce.write import export_study
from equipoise.study import run_study
from sheet import Sheet

HERE = Path(__file__).parent
COHORT = json.loads((HERE / "reference" / "matchit_sets.json").read_text())["cohort"]["cases"]
SHORTHAND = "design: {propensity: [age, male, grade], caliper: 0.2}\n"
MATCHIT = {
    "variable_1to4_mean2_largest": {"caliper": None, "ratio": {"mean": 2, "max": 4}},
    "variable_1to4_mean2_cal0.2sd_largest": {"ratio": {"mean": 2, "min": 1, "max": 4}},
    "variable_1to6_mean2_closest": {"caliper": None, "order": "closest", "ratio": {"mean": 2, "min": 1, "max": 6}},
    "covcal_abs_largest": {"calipers": {"x1": 5}},
    "covcal_sd_closest": {"order": "closest", "distance": "logit", "calipers": {"x1": "0.25 sd"}},
}


def protocol(one, more=""):
    return sheets.PROTOCOL.replace(SHORTHAND, f"propensity: [age, male, grade]\ndesigns: {{one: {one}}}\n{more}")


@pytest.fixture(scope="module")
def matched(tmp_path_factory):
    """The cohort of MatchIt's answers as a spreadsheet, each case as a design."""
    with gzip.open(HERE.parent / "stats" / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = Sheet(tmp_path_factory.mktemp("cohort"))
    names = [f"x{k}" for k in range(1, 11)]
    sheet.columns = {"id": [f"P{i:04d}" for i in range(len(rows))], "arm": ["BA"[int(r["treat"])] for r in rows]}
    sheet.columns |= {name: [r[name] for r in rows] for name in (*names, "time", "event")}
    del sheet.protocol["design"]
    sheet.protocol["covariates"] = {name: {"label": name, "kind": "continuous", "from": name} for name in names}
    os = {"label": "Survival", "short": "OS", "event_label": "Death", "time": {"column": "time"}, "event": "event = 1"}
    sheet.protocol |= {"cox": {}, "endpoints": {"os": os}, "propensity": names, "primary": "one"}
    cases = {"one": MATCHIT["covcal_abs_largest"], **{f"m{k}": keys for k, keys in enumerate(MATCHIT.values())}}
    sheet.protocol["designs"] = {
        name: {"kind": "match", "label": name, "ties": "matchit", "caliper": 0.2, **keys} for name, keys in cases.items()
    }
    asked = load_protocol(sheet.write())
    sources = read_sources(asked)
    cohort = build_cohort(asked, sources)
    return make_designs(asked, cohort, derive_covariates(asked, sources, cohort))


@pytest.mark.parametrize("case", MATCHIT)
def test_the_units_are_those_of_matchit(matched, case):
    design, theirs = matched[f"m{list(MATCHIT).index(case)}"], next(c for c in COHORT if c["id"] == case)
    focal, sets = matched.cohort.in_arm("a"), design.sample.cluster
    pairs = [(i, j) for i in np.flatnonzero(focal & (sets > 0)) for j in np.flatnonzero(~focal & (sets == sets[i]))]
    assert hashlib.sha256(";".join(f"{i}-{j}" for i, j in pairs).encode()).hexdigest()[:16] == theirs["digest"]
    assert design.facts.get("calipers", {}) == pytest.approx(theirs["asked"].get("narrow", {}), rel=1e-12)


def told(tmp_path, one, rows=None):
    numbers = Numbers(run_study(sheets.write(tmp_path, rows or sheets.patients(), protocol(one))))
    return numbers, " ".join(sentences(numbers))


def test_methods_say_how_far_partners_may_be_apart(tmp_path):
    rows = [{**r, "age": ""} if i in (3, 4) else r for i, r in enumerate(sheets.patients())]
    one = "{kind: match, propensity: [male, grade], calipers: {age: 0.25 sd}}"
    numbers, said = told(tmp_path, one, rows)
    study = numbers.study
    age, pair = study.covariates.values["age"].astype(float), study.design("one").pair
    width = 0.25 * np.nanstd(age, ddof=1)
    assert study.estimates["design.one.covariate_caliper.age.value"].value == pytest.approx(width, rel=1e-12)
    assert f"by at most 0.25 standard deviations ({width:.4g}) in age (standard deviations of all patients who have" in said
    assert all(np.ptp(age[pair == k]) <= width for k in range(1, pair.max() + 1))
    assert [study.design("one").left[i] for i in (3, 4)] == ["missing_covariate"] * 2
    assert "had a covariate of the score or of the match missing (by covariate: age 2)" in said
    assert reason_words(numbers, "one", "no_partner", "newer") == "no unmatched partner within the calipers"


def test_methods_say_who_gets_how_many_partners(tmp_path):
    numbers, said = told(tmp_path, "{kind: match, ratio: {mean: 1.5, min: 1, max: 3}, calipers: {age: 5}}")
    assert "without replacement to the nearest patients of the older arm on the logit of the score (variable ratio: 1 for" in said
    assert "3 for the others, 1.5 on average asked for)" in said and "Patients who are matched to each other differ by at" in said
    sample = numbers.study.design("one").sample
    older = ~numbers.study.cohort.in_arm("newer")
    sizes = np.bincount(sample.cluster[older & sample.include])[1:]
    assert sizes.max() <= 3 and len(set(sizes.tolist())) > 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_makes_the_widths_again(tmp_path):
    path = sheets.write(tmp_path, sheets.patients(), protocol("{kind: match, calipers: {age: 0.25 sd}, caliper_sd: pooled}"))
    study = run_study(path)
    export_study(study, tmp_path / "again", "r")
    subprocess.run(["Rscript", "reproduce.R"], cwd=tmp_path / "again", check=True, capture_output=True)
    with (tmp_path / "again" / "results_r.csv").open(newline="") as file:
        theirs = {row["key"]: row["value"] for row in csv.DictReader(file)}
    key = "design.one.covariate_caliper.age.value"
    assert float(theirs[key]) == pytest.approx(study.estimates[key].value, rel=1e-12)


@pytest.mark.parametrize(
    ("one", "line", "sentence"),
    [
        ("{kind: match, ratio: {mean: 6, max: 5}}", "ratio", "mean number of partners lies between 'min' and 'max'"),
        ("{kind: match, ratio: {mean: 2, max: 4, most: 4}}", "ratio", "there is no such key; known keys are mean, min, max"),
        ("{kind: match, ratio: {mean: 2}}", "ratio", "designs.one.ratio.max: this key is needed and missing"),
        ("{kind: match, ratio: two}", "ratio", "designs.one.ratio: input should be a valid integer"),
        ("{kind: match, method: optimal, ratio: {mean: 2, max: 4}}", "ratio", "gives everybody the same number of partners"),
        ("{kind: match, replace: true, ratio: {mean: 2, max: 4}}", "ratio", "a variable ratio has no meaning"),
        ("{kind: match, method: full, ratio: {mean: 2, max: 4}}", "ratio", "'ratio' says nothing to 'method: full'"),
        ("{kind: match, calipers: {age: wide}}", "calipers", "designs.one.calipers.age: a caliper on a covariate is the largest"),
        ("{kind: match, calipers: {age: -1}}", "calipers", "a number above 0 in the unit of the covariate"),
        ("{kind: match, calipers: {age: 11 sd}}", "calipers", "up to 10 of its standard deviations"),
        ("{kind: match, calipers: {agge: 5}}", "calipers", "there is no covariate 'agge'; did you mean 'age'"),
        ("{kind: match, calipers: {male: 1}}", "calipers", "'male' is binary and has no differences to limit"),
        ("{kind: match, exact: [age], calipers: {age: 5}}", "calipers", "keep one of the two"),
        ("{kind: match, method: cem, calipers: {age: 5}}", "calipers", "'calipers' says nothing to 'method: cem'"),
        ("{kind: match, method: cem, caliper: 0.1}", "caliper", "'caliper' says nothing to 'method: cem'"),
        ("{kind: match, distance: logit, scale: probability}", "designs", "'scale: probability' contradict each other"),
    ],
)
def test_what_means_nothing_is_a_sentence_at_its_line(tmp_path, one, line, sentence):
    path = sheets.write(tmp_path, sheets.patients(), protocol(one))
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    found = [f for f in caught.value.faults if sentence in f.message]
    assert len(found) == 1, [f.message for f in caught.value.faults]
    assert line in path.read_text().splitlines()[int(found[0].place.split(":")[1]) - 1]


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        ("{kind: match, ratio: {mean: 2, max: 60}}", "60 partners are asked for a patient, and the other arm has 37 who"),
        (
            "{kind: match, calipers: {age: 1e-9}, anti_exact: [age]}",
            "no pair lies within the calipers of the score, age together",
        ),
    ],
)
def test_what_the_data_do_not_hold_is_a_sentence(tmp_path, one, sentence):
    with pytest.raises(DataError) as caught:
        run_study(sheets.write(tmp_path, sheets.patients(), protocol(one)))
    assert sentence in caught.value.faults[0].message and caught.value.faults[0].place == "study.yaml:17"


def test_the_distance_on_the_logit_has_two_spellings(tmp_path):
    one, two = (
        load_protocol(sheets.write(tmp_path / str(k), sheets.patients(), protocol(text))).primary_design
        for k, text in enumerate(("{kind: match, distance: logit}", "{kind: match, distance: score, scale: logit}"))
    )
    assert one == two and one.plain


@pytest.mark.parametrize(
    ("keys", "denominator"),
    [
        ("target: ate", "pooled"),
        ("target: atc", "other"),
        ("target: att", "focal"),
        ("target: ate, smd_denominator: focal", "focal"),
        ("target: ate}, two: {kind: match, method: optimal", "pooled"),
    ],
)
def test_the_denominator_of_a_difference_follows_the_target(tmp_path, keys, denominator):
    more = "primary: one\n" if "two" in keys else ""
    asked = load_protocol(sheets.write(tmp_path, sheets.patients(), protocol(f"{{kind: match, method: full, {keys}}}", more)))
    assert denominator_of(asked.primary_design) == asked.smd_denominator == denominator
    sas = sheets.PROTOCOL.replace("conventions: r", "conventions: sas")
    assert load_protocol(sheets.write(tmp_path / "sas", sheets.patients(), sas)).smd_denominator == "pooled"


def test_a_protocol_read_back_from_its_own_description_stands(tmp_path):
    one = "{kind: match, ratio: {mean: 2, max: 4}, calipers: {age: 0.250 SD}}"
    asked = load_protocol(sheets.write(tmp_path, sheets.patients(), protocol(one)))
    again = type(asked.primary_design).model_validate(asked.describe()["designs"]["one"])
    assert again == asked.primary_design and again.calipers == {"age": "0.25 sd"}
