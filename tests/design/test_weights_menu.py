"""Weights by every method, trimmed and truncated, and classes of the score, from a protocol to the estimates: weights and hazard
ratios beside R, words, who left and why, what is refused."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import sheets

from equipoise.design.ends import patients_at_the_ends
from equipoise.errors import DataError, ProtocolError
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.designs import designs as methods_of
from equipoise.report.narrative.designs import designs_title
from equipoise.report.narrative.flow import weighting
from equipoise.report.tables.classes import class_tables
from equipoise.report.tables.design import effects_table
from equipoise.report.tables.lost import lost_reasons
from equipoise.study import run_study

R = json.loads((Path(__file__).parent / "reference" / "weights_menu.json").read_text())
SHORTHAND = "design: {propensity: [age, male, grade], caliper: 0.2}\n"
DESIGNS = """\
propensity: [age, male, grade]
primary: trimmed_truncated
designs:
  truncated_ate: {kind: weights, target: ate, truncate: 0.95}
  truncated_att: {kind: weights, target: att, truncate: 0.9}
  trimmed_ate: {kind: weights, target: ate, trim: {score: [0.45, 0.7]}}
  trimmed_truncated: {kind: weights, target: ate, trim: {score: [0.45, 0.7]}, truncate: 0.9}
  entropy_att: {kind: weights, target: att, method: entropy}
  entropy_ate: {kind: weights, target: ate, method: entropy}
  entropy_trimmed: {kind: weights, target: att, method: entropy, trim: {score: [0.45, 0.7]}}
  cbps_att: {kind: weights, target: att, method: cbps}
  cbps_ate: {kind: weights, target: ate, method: cbps, stabilised: true}
  strata_att: {kind: strata}
  strata_ate: {kind: strata, classes: 3, target: ate}
"""
NAMES = [name for name in R if name not in ("source", "within")]
STABILISED = "cbps_ate"


def protocol(designs):
    return sheets.PROTOCOL.replace(SHORTHAND, designs)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return run_study(sheets.write(tmp_path_factory.mktemp("weights"), sheets.patients(), protocol(DESIGNS)))


@pytest.fixture(scope="module")
def numbers(study):
    return Numbers(study)


@pytest.mark.parametrize("name", NAMES)
def test_weights_and_effective_sizes_are_those_of_r(study, name):
    sample, focal = study.design(name).sample, study.cohort.in_arm("newer")
    theirs = np.array(R[name]["weights"])
    if name == STABILISED:
        theirs = theirs * np.where(focal, focal.mean(), 1 - focal.mean())
    assert sample.weight == pytest.approx(theirs, rel=1e-8)
    assert [sample.among(mine).effective_n for mine in (focal, ~focal)] == pytest.approx(R[name]["ess"], rel=1e-8)


@pytest.mark.parametrize("name", [n for n in NAMES if n != STABILISED])  # whose hazard ratio hangs on the shares of the arms
def test_hazard_ratios_are_those_of_r(study, name):
    row = study.estimates[f"survival.os.{name}.cox.newer-vs-older.hr"]
    assert [row.value, row.low, row.high] == pytest.approx(R[name]["hr"], rel=1e-8)
    assert row.n == study.design(name).sample.n == R[name]["n"]


@pytest.mark.parametrize("name", ["strata_att", "strata_ate"])
def test_the_hazard_ratio_within_classes_is_that_of_r(study, name):
    row = study.estimates[f"survival.os.{name}.cox_class_stratified.newer-vs-older.hr"]
    assert [row.value, row.low, row.high] == pytest.approx(R["within"][name], rel=1e-8)
    assert "conditional on the class of the score" in row.method


@pytest.mark.parametrize("name", ["entropy_att", "entropy_ate", "cbps_att", "cbps_ate"])
def test_what_is_balanced_is_balanced_exactly(study, name):
    rows = [b for b in study.design(name).balance if b.in_propensity]
    assert rows and max(abs(b.smd) for b in rows) < 1e-10


def test_truncated_weights_are_counted_with_their_limit(study):
    for name in ("truncated_ate", "truncated_att", "trimmed_truncated"):
        sample, focal = study.design(name).sample, study.cohort.in_arm("newer")
        limit = study.estimates[f"design.{name}.weight_limit.value"].value
        seen = sample.include & (~focal if name == "truncated_att" else True)
        assert sample.weight[seen].max() == limit
        counted = [study.estimates[f"design.{name}.truncated.{arm}.value"].value for arm in ("newer", "older")]
        plain = np.where(focal, 1 / study.design(name).propensity, 1 / (1 - study.design(name).propensity))
        if name == "truncated_att":
            plain -= 1
        assert counted == [(seen & mine & (plain > limit)).sum() for mine in (focal, ~focal)] and sum(counted) > 0


def test_who_is_trimmed_leaves_with_that_reason(study, numbers):
    design, focal = study.design("trimmed_ate"), study.cohort.in_arm("newer")
    outside = (design.propensity < 0.45) | (design.propensity > 0.7)
    assert (design.left == np.where(outside, "trimmed", "")).all() and (design.include == ~outside).all()
    for arm, mine in (("newer", focal), ("older", ~focal)):
        assert study.estimates[f"design.trimmed_ate.left_out.trimmed.{arm}.n"].value == (outside & mine).sum()
        assert lost_reasons(numbers, "trimmed_ate", arm) == {"Propensity score outside 0.45 to 0.7": (outside & mine).sum()}
    assert "design.truncated_ate.left_out.trimmed.newer.n" not in study.estimates.rows
    assert f"{(outside & focal).sum()} had a propensity score outside 0.45 to 0.7" in weighting(numbers, "trimmed_ate")


def test_the_users_own_screen_says_whose_score_is_outside(study):
    lines = [s for s in patients_at_the_ends(study.protocol, study.designs) if "outside" in s]
    gone = {name: (~study.design(name).include).sum() for name in NAMES}
    assert len(lines) == sum(gone.values()) and all("outside 0.45 to 0.7" in s for s in lines)


def test_a_trimmed_score_is_on_its_limits_inclusive(tmp_path, study):
    """The limits are the scores of two patients: both stay."""
    score = np.sort(study.design("trimmed_ate").propensity)
    low, high = float(score[20]), float(score[70])
    text = protocol(
        f"propensity: [age, male, grade]\ndesigns: {{w: {{kind: weights, target: ate, trim: {{score: [{low!r}, {high!r}]}}}}}}\n"
    )
    design = run_study(sheets.write(tmp_path, sheets.patients(), text)).design("w")
    kept = np.sort(design.propensity[design.include])
    assert kept[0] == low and kept[-1] == high and len(kept) == ((score >= low) & (score <= high)).sum()


def test_trimming_changes_for_whom_the_effect_is(study):
    said = {name: study.design(name).words.estimand for name in NAMES}
    among = "among patients whose probability of having received Newer lay between 0.45 and 0.7."
    assert said["trimmed_ate"].startswith("The effect in all patients, had all") and said["trimmed_ate"].endswith(among)
    assert said["entropy_trimmed"] == f"The effect in patients like those who received Newer, {among}"
    assert (
        said["truncated_att"] == said["strata_att"] == said["cbps_att"] == "The effect in patients like those who received Newer."
    )


def test_labels_tell_the_designs_apart(study):
    assert [study.design(name).label for name in NAMES] == [
        "Weighted (ATE, truncated 95%)", "Weighted (ATT, truncated 90%)", "Weighted (ATE, score 0.45\u20130.7)",
        "Weighted (ATE, score 0.45\u20130.7, truncated 90%)", "Weighted (ATT, entropy balance)",
        "Weighted (ATE, entropy balance)", "Weighted (ATT, entropy balance, score 0.45\u20130.7)",
        "Weighted (ATT, balancing score)", "Weighted (ATE, balancing score)", "Stratified (ATT, 5 classes)",
        "Stratified (ATE, 3 classes)",
    ]  # fmt: skip
    assert len({study.design(name).words.cohort for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(
    "sentence",
    [
        "patients with a propensity score outside 0.45 to 0.7 were left out first (19 of 53 patients with newer and 13 of 37",
        "Weights above their 0.9 quantile (2.63) were brought down to it (0 with newer and 5 with older).",
        "Weights above their 0.9 quantile of the older arm",
        "patients of the older arm were weighted so that the means of the covariates of the score are those of the newer arm",
        "in each arm patients were weighted so that the means of the covariates of the score are those of all patients",
        "comes from a second logistic score, whose coefficients are those under which the weighted means",
        "patients were divided into 5 classes of the propensity score at quantiles of the newer arm, and weighted so that",
        "divided into 3 classes of the propensity score at quantiles of all patients",
        "The estimand is the effect in patients like those who received newer, among patients whose probability of having "
        "received newer lay between 0.45 and 0.7.",
    ],
)
def test_methods_say_how_it_was_weighted(numbers, sentence):
    assert sentence in " ".join(methods_of(numbers))
    assert designs_title(numbers) == "Propensity score, weighting and stratification"


def test_classes_have_a_table_and_a_conditional_hazard_ratio(study, numbers):
    tables = class_tables(numbers)
    assert [t.name for t in tables] == ["table_classes_strata_att", "table_classes_strata_ate"]
    counts = [[int(c.text) for c in row.cells[2:]] for row in tables[0].body]
    assert len(counts) == 5 and np.sum(counts, axis=0).tolist() == [53, 37]
    within = study.design("strata_att").sample.stratum
    assert counts == [[(within == k)[mine].sum() for mine in _arms(study)] for k in range(1, 6)]
    row = next(r for r in effects_table(numbers).body if r.cells[0].text == "Stratified (ATT, 5 classes), within classes")
    assert row.cells[2].text == "conditional"


def _arms(study):
    return study.cohort.in_arm("newer"), study.cohort.in_arm("older")


def test_an_empty_class_takes_the_patients_beside_it_and_says_so(tmp_path):
    """Nobody of the older arm is above the fourth limit: the oldest of them stands in the fifth class."""
    rows = [r for r in sheets.patients() if r["drug"] == "newer" or r["age"] < 70]
    text = protocol("propensity: [age]\ndesigns: {s: {kind: strata}}\n")
    study = run_study(sheets.write(tmp_path, rows, text))
    design, older = study.design("s"), study.cohort.in_arm("older")
    last = design.sample.stratum == 5
    assert (last & older).sum() == 1 and design.facts["moved"] >= 1
    age = study.covariates.values["age"]
    assert age[last & older][0] == age[older].max() < age[last & ~older].min()
    assert "moved to the adjacent class so that each class had patients of both arms" in " ".join(methods_of(Numbers(study)))


def told(tmp_path, design, rows=None, score="[age, male, grade]"):
    text = protocol(f"propensity: {score}\ndesigns: {{one: {design}}}\n")
    path = sheets.write(tmp_path, sheets.patients() if rows is None else rows, text)
    with pytest.raises((ProtocolError, DataError)) as caught:
        run_study(path)
    line = next(i for i, words in enumerate(path.read_text().splitlines(), 1) if words.startswith("designs:"))
    assert all(f.place.startswith(f"study.yaml:{line}") or "no balance" in f.rule for f in caught.value.faults)
    return "; ".join(fault.message for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("design", "sentence"),
    [
        (
            "{kind: weights, target: overlap, method: entropy}",
            "'method: entropy' has no weights for 'target: overlap', only for ate, att, atc; overlap weights by 'method: logi",
        ),
        ("{kind: weights, target: matching, method: cbps}", "'method: cbps' has no weights for 'target: matching'"),
        ("{kind: weights, target: att, method: entropy, stabilised: true}", "'stabilised' says nothing to 'method: entropy'"),
        ("{kind: weights, target: ate, truncate: 10}", "larger weights are brought down to, above 0.5 and below 1, as 0.99"),
        ("{kind: weights, target: ate, truncate: most}", "above 0.5 and below 1"),
        ("{kind: weights, target: ate, trim: [0.1, 0.9]}", "limits of the score, as {score: [0.1, 0.9]}"),
        ("{kind: weights, target: ate, trim: {score: [0.9, 0.1]}}", "the smaller one first, as [0.1, 0.9]"),
        ("{kind: weights, target: ate, trim: {score: [0, 1]}}", "limits of 0 and 1 leave nobody out"),
        ("{kind: weights, target: ate, trim: {score: [0.98, 0.99]}}", "nobody of the arm Newer and nobody of the arm Older has"),
        ("{kind: strata, target: overlap}", "target"),
        ("{kind: strata, classes: 40}", "40 classes are asked for, and an arm has 37 with a propensity score"),
        ("{kind: strata, classes: 1}", "classes"),
    ],
)
def test_what_has_no_weights_is_said_at_its_line(tmp_path, design, sentence):
    assert sentence in told(tmp_path, design)


def test_means_that_no_weights_reach_are_told_by_covariate(tmp_path):
    """Every older patient who could stand for the newer ones is younger than their mean."""
    rows = [r for r in sheets.patients() if r["drug"] == "newer" or r["age"] < 58]
    said = told(tmp_path, "{kind: weights, target: att, method: entropy}", rows)
    assert "an arm has nobody on one side of the mean of the arm Newer of 'age' (Age), so that no weights" in said
    assert "leave a covariate out of the score" in said and "58" not in said


def test_a_design_that_cannot_be_balanced_is_told_beside_others(tmp_path):
    rows = [r for r in sheets.patients() if r["drug"] == "newer" or r["age"] < 58]
    text = "propensity: [age, male]\nprimary: plain\ndesigns:\n  plain: {kind: weights, target: overlap}\n"
    text += "  balanced: {kind: weights, target: att, method: entropy}\n  score: {kind: weights, target: att, method: cbps}\n"
    study = run_study(sheets.write(tmp_path, rows, protocol(text)))
    assert [d.name for d in study.designs] == ["unadjusted", "plain"]
    assert "no weights" in study.designs.unmade["balanced"] and "no score balances" in study.designs.unmade["score"]


def test_a_missing_covariate_and_a_level_of_one_arm_leave_as_from_other_weights(tmp_path):
    rows = sheets.only_in_newer(sheets.without_age(sheets.patients()))
    text = "propensity: [age, male, grade]\nprimary: plain\ndesigns:\n  plain: {kind: weights, target: att}\n"
    text += "  balanced: {kind: weights, target: att, method: entropy}\n  classes: {kind: strata, classes: 3}\n"
    study = run_study(sheets.write(tmp_path, rows, protocol(text)))
    left = study.design("plain").left
    assert set(left) == {"", "missing_covariate", "no_counterpart"}
    for name in ("balanced", "classes"):
        assert (study.design(name).left == left).all() and (study.design(name).weight[left != ""] == 0).all()


# ---- lalonde


@pytest.fixture(scope="module")
def lalonde(third_party, tmp_path_factory):
    from sheet import Sheet

    with (third_party / "matching" / "lalonde_matchit.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("age", "educ", "married", "nodegree", "re74", "re75")
    sheet = Sheet(tmp_path_factory.mktemp("lalonde"))
    sheet.columns = {"id": [f"P{i:03d}" for i in range(len(rows))], "arm": ["A" if r["treat"] == "1" else "B" for r in rows]}
    sheet.columns |= {name: [r[name] for r in rows] for name in (*names, "race")}
    sheet.columns |= {"days": [1 + i % 97 for i in range(len(rows))], "dead": [1] * len(rows)}
    covariates = {name: {"label": name, "kind": "continuous", "from": name} for name in names}
    races = {"black": "Black", "hispan": "Hispanic", "white": "White"}
    covariates["race"] = {"label": "race", "kind": "categorical", "from": "race", "levels": races}
    del sheet.protocol["design"]
    sheet.protocol |= {"covariates": covariates, "cox": {}, "propensity": [*names, "race"], "primary": "glm_ate_trim_099"}
    sheet.protocol["designs"] = {key(case): {"label": case, **asked} for case, asked in CASES.items()}
    return run_study(sheet.write()), np.array([float(r["re78"]) for r in rows])


def key(case: str) -> str:
    return case.lower().replace(".", "")


GOLDEN = json.loads((Path(__file__).parent / "reference" / "weightit_menu.json").read_text())
CASES = {
    "glm_ATE_trim_0.99": {"kind": "weights", "target": "ate", "truncate": 0.99},
    "glm_ATT_trim_0.99": {"kind": "weights", "target": "att", "truncate": 0.99},
    "glm_ATE_ps_within_0.1_0.9": {"kind": "weights", "target": "ate", "trim": {"score": [0.1, 0.9]}},
    **{f"ebal_{t.upper()}": {"kind": "weights", "target": t, "method": "entropy"} for t in ("att", "ate", "atc")},
    **{f"cbps_{t.upper()}": {"kind": "weights", "target": t, "method": "cbps"} for t in ("att", "ate")},
    **{f"subclass{k}_{t.upper()}": {"kind": "strata", "classes": k, "target": t} for k in (5, 10) for t in ("att", "ate", "atc")},
}


@pytest.mark.parametrize("case", [c for c in CASES if not c.startswith("subclass")])
def test_weights_and_outcome_differences_are_those_of_weightit(lalonde, case):
    """At 1e-8; where weights come from its glm, which stops at epsilon 1e-8, at 1e-7."""
    study, re78 = lalonde
    sample, theirs = study.design(key(case)).sample, GOLDEN[case]
    close, means = 1e-7 if case.startswith("glm") else 1e-8, []
    for arm, name in (("a", "treated"), ("b", "control")):
        part = sample.among(study.cohort.in_arm(arm))
        ours = (part.effective_n, part.weights.sum(), part.weights.max())
        assert ours == pytest.approx([theirs[fact][name] for fact in ("ess", "sum", "max")], rel=close)
        means.append(np.average(re78[part.include], weights=part.weights))
    assert means[0] - means[1] == pytest.approx(theirs["outcome_difference"], rel=close)
    facts = study.design(key(case)).facts
    if "n_trimmed" in theirs:
        assert sum(facts["truncated"].values()) == theirs["n_trimmed"]
        assert facts["weight_limit"] == pytest.approx(theirs["bound_found"], rel=1e-7)
    if "n_dropped" in theirs:
        gone = ~sample.include
        assert [(gone & study.cohort.in_arm(a)).sum() for a in "ab"] == [theirs["n_dropped"][n] for n in ("treated", "control")]


def test_the_difference_in_earnings_by_entropy_balance(lalonde):
    study, re78 = lalonde
    sample = study.design("ebal_att").sample
    means = [np.average(re78[p.include], weights=p.weights) for p in (sample.among(study.cohort.in_arm(a)) for a in "ab")]
    assert means[0] - means[1] == pytest.approx(1273.26181391, abs=5e-9)


@pytest.mark.parametrize("case", [c for c in CASES if c.startswith("subclass")])
def test_classes_are_those_of_matchit(lalonde, case):
    study, _ = lalonde
    sample, theirs = study.design(key(case)).sample, GOLDEN[case]
    focal = study.cohort.in_arm("a")
    for mine, n, weight, arm in ((focal, "n_treated", "w_treated", "treated"), (~focal, "n_control", "w_control", "control")):
        assert [(mine & (sample.stratum == k + 1)).sum() for k in range(len(theirs[n]))] == theirs[n]
        ours = [sample.weight[mine & (sample.stratum == k + 1)][0] for k in range(len(theirs[n]))]
        assert ours == pytest.approx(theirs[weight], rel=1e-12)
        assert sample.among(mine).effective_n == pytest.approx(theirs["ess"][arm], rel=1e-12)


# ---- The synthetic cohort of 1,000


COHORT = json.loads((Path(__file__).parent / "reference" / "weights_cohort.json").read_text())
CLASSES = ("subclass5_ATT", "subclass5_ATE")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    from sheet import Sheet

    with gzip.open(Path(__file__).parents[1] / "stats" / "data" / "cohort_1000.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [f"x{i}" for i in range(1, 11)]
    sheet = Sheet(tmp_path_factory.mktemp("cohort"))
    sheet.columns = {n: [r[n] for r in rows] for n in names} | {
        "id": [r["id"] for r in rows],
        "arm": ["A" if r["treat"] == "1" else "B" for r in rows],
        "days": [r["time"] for r in rows],
        "dead": [r["event"] for r in rows],
    }
    sheet.protocol["covariates"] = {n: {"label": n, "kind": "continuous", "from": n} for n in names}
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": names, "cox": {}, "primary": "ate", "rmst": {"horizon": 1095}}
    targets = {"ate": "ate", "att": "att", "ato": "overlap", "atm": "matching"}
    sheet.protocol["designs"] = {name: {"kind": "weights", "target": t} for name, t in targets.items()}
    sheet.protocol["designs"] |= {c.lower(): {"kind": "strata", "target": c[-3:].lower()} for c in CLASSES}
    return run_study(sheet.write())


@pytest.mark.parametrize("case", [*CLASSES, "ATE", "ATT", "ATO", "ATM"])
def test_effects_are_those_of_r_with_weights_of_matchit_and_weightit(cohort, case):
    """Robust by patient; classes at 1e-8, weights of WeightIt, whose glm stops at epsilon 1e-8, at 1e-6."""
    close = 1e-8 if case in CLASSES else 1e-6
    row = cohort.estimates[f"survival.os.{case.lower()}.cox.a-vs-b.hr"]
    assert [row.value, row.low, row.high] == pytest.approx(COHORT[case]["hr"], rel=close)
    means = [cohort.estimates[f"effect.os.{case.lower()}.rmst.{arm}.rmst"].value for arm in "ab"]
    assert means == pytest.approx(COHORT[case]["rmst"], rel=close)
