"""The exported R script, run by R, gives the estimates of results.csv at 1e-8."""

import csv
import functools
import math
import shutil
import subprocess

import pytest

from equipoise.reproduce.analysis_data import column_name
from equipoise.reproduce.coverage import not_regenerated
from equipoise.reproduce.write import export_study
from equipoise.study import run_study
from sheet import Sheet


def study_path(repository, name):
    if name == "gbsg2":
        return repository / "examples" / "gbsg2" / "study.yaml"
    if name in ("designs", "matches", "weights", "scores"):
        return repository / "examples" / "gbsg2" / f"{name}.yaml"
    if name == "single-arm":
        return repository / "examples" / "gbsg2" / "single-arm.yaml"
    return repository / "src" / "equipoise" / "founding" / "study.yaml"


@functools.cache
def has_package(name: str) -> bool:
    return subprocess.run(["Rscript", "-e", f"library({name})"], capture_output=True, check=False).returncode == 0


def run_r(folder) -> dict[str, dict[str, str]]:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not on this machine")
    if not has_package("survival"):
        pytest.skip("R has no package survival on this machine")
    done = subprocess.run(["Rscript", "reproduce.R"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (folder / "results_r.csv").open(encoding="utf-8") as f:
        return {row["key"]: row for row in csv.DictReader(f)}


def compare(study, theirs) -> int:
    """Every number is made again or stands in not_regenerated.csv, never both."""
    wrong, compared, outside = [], 0, not_regenerated(study)
    no_cmprsk = not has_package("cmprsk")
    for key, row in study.estimates.rows.items():
        if key not in theirs:
            left_out = key in outside or (no_cmprsk and row.analysis == "cumulative_incidence")
            assert left_out or math.isnan(row.value), f"the R script has no {key}"
            continue
        assert key not in outside
        for field in ("value", "low", "high"):
            ours, text = getattr(row, field), theirs[key][field]
            if math.isnan(ours):
                same = text in ("", "NA", "NaN", "Inf")
            else:
                same = text not in ("", "NA", "NaN") and ours == pytest.approx(float(text), rel=1e-8, abs=1e-300)
            if not same:
                wrong.append((key, field, ours, text))
            compared += 1
    assert wrong == []
    return compared


EXAMPLES = (("designs", 5000), ("matches", 4000), ("weights", 4500), ("scores", 3000), ("founding", 11000))
SEVERAL = [pytest.param(*s, marks=pytest.mark.slow) for s in EXAMPLES]


@pytest.mark.parametrize(("name", "at_least"), [("gbsg2", 1500), ("single-arm", 490), *SEVERAL])
def test_r_gives_the_same_numbers(repository, tmp_path, name, at_least):
    study = run_study(study_path(repository, name))
    export_study(study, tmp_path, "r")
    assert compare(study, run_r(tmp_path)) >= at_least


@pytest.mark.slow
def test_r_gives_the_same_numbers_of_one_arm_from_raw_tables(lenvatinib_alone, tmp_path):
    study = run_study(lenvatinib_alone)
    export_study(study, tmp_path, "r")
    theirs = run_r(tmp_path)
    assert compare(study, theirs) >= 4000
    assert not [key for key in theirs if key not in study.estimates.rows]


@pytest.mark.slow
def test_r_gives_the_same_numbers_under_sas_conventions(repository, tmp_path):
    study = run_study(study_path(repository, "founding"), profile="sas")
    export_study(study, tmp_path, "r")
    assert compare(study, run_r(tmp_path)) >= 11000


def test_r_gives_the_hazard_ratio_of_a_step(tmp_path):
    """In R the column is divided before the model; by hand the hazard ratio of ten years is the tenth power of that of one."""
    sheet = Sheet(tmp_path / "s")
    one = run_study(sheet.write())
    sheet.protocol["covariates"]["age"]["per"] = 10
    study = run_study(sheet.write())
    for analysis in ("cox_univariable", "cox_multivariable"):
        where = ("survival", analysis, "age", "hr")
        (ten,), (year,) = (
            [r for r in s.estimates.rows.values() if (r.phase, r.analysis, r.variable, r.statistic) == where]
            for s in (study, one)
        )
        for field in ("value", "low", "high"):
            assert getattr(ten, field) == pytest.approx(getattr(year, field) ** 10, rel=1e-9)
    export_study(study, tmp_path / "r", "r")
    assert "steps <- c('age' = 10" in (tmp_path / "r" / "reproduce.R").read_text(encoding="utf-8")
    assert compare(study, run_r(tmp_path / "r")) > 100
    sas = export_study(study, tmp_path / "sas", "sas").read_text(encoding="utf-8")
    assert "hazardratio age / units=10;" in sas


def test_r_gives_the_same_numbers_where_nothing_happens(tmp_path):
    """An arm without events, a risk of 1 under weights, two patients to a penalised model, nobody with the later drug."""
    sheet = Sheet(tmp_path / "s")
    columns = sheet.columns
    columns["dead"] = [0 if a == "A" else d for a, d in zip(columns["arm"], columns["dead"], strict=True)]
    columns["days"] = [max(100, round(d, -2)) for d in columns["days"]]
    columns["drug_day"] = [5000 if i == 7 else "" for i in range(len(columns["id"]))]
    del sheet.protocol["design"]
    sheet.protocol |= {"designs": {"w": {"kind": "weights", "target": "ate", "propensity": ["age", "vi"]}}, "primary": "w"}
    later = {"label": "Later drug", "kind": "column", "endpoint": "os", "day": "drug_day", "landmark_day": 100}
    sheet.protocol |= {"post_index": {"later": later}, "landmarks": [50, 300]}
    sheet.protocol["subgroups"] = {"g": {"label": "Age", "levels": {"<41": "age < 41", ">=41": "age >= 41"}}}
    words = {"label": "Alive", "short": "A50", "event_label": "Alive on day 50"}
    sheet.protocol["endpoints"]["alive"] = {"kind": "binary", "of": "os", "within_days": 50, "absent": True, **words}
    study = run_study(sheet.write())
    rows = study.estimates.rows.values()
    risk = [r for r in rows if r.endpoint == "alive" and r.statistic == "percent"]
    assert len(risk) == 4 and {r.value for r in risk} == {100.0}
    assert not [r.key for r in rows if r.endpoint == "alive" and r.statistic.startswith("p_") or r.key.endswith("alive.p")]
    export_study(study, tmp_path / "r", "r")
    assert compare(study, run_r(tmp_path / "r")) > 200


def test_the_folder_holds_what_it_says(repository, tmp_path, tiny):
    study = run_study(tiny.write())
    for language in ("r", "sas"):
        script = export_study(study, tmp_path / language, language)
        assert script.exists() and (tmp_path / language / "README.txt").exists()
        with (tmp_path / language / "analysis.csv").open(encoding="utf-8") as f:
            assert len(list(csv.DictReader(f))) == study.cohort.n
    sas = (tmp_path / "sas" / "reproduce.sas").read_text(encoding="utf-8")
    assert "proc phreg data=d covs(aggregate); model os_time*os_event(0) = treated / ties=efron" in sas
    assert "Not run by its writers" in sas


@pytest.mark.slow
def test_r_gives_the_landmark_of_a_late_exclusion(tmp_path, tiny):
    old = '{reason: "Under age", table: patient, where: "age_index < 18"}'
    new = (
        '{reason: "No later scan", table: visit_imaging, where: "visit > 0", absent: true, known: after_index, '
        'why: "response needs a scan", landmark_day: 80}'
    )
    tiny.protocol = tiny.protocol.replace(old, new)
    study = run_study(tiny.write())
    export_study(study, tmp_path, "r")
    theirs = run_r(tmp_path)
    assert compare(study, theirs) >= 500
    found = [k for k in theirs if k.startswith("time_zero.")]
    assert len(found) == 2 * 2 * 2 * 2 and set(found) <= set(study.estimates.rows)  # endpoint, design, analysis, hr and p


@pytest.mark.slow
def test_weights_of_raw_tables_in_both_languages(tmp_path, tiny):
    """A weighted response, readings, a landmark, weights stabilised; the weights of SAS are a column."""
    old = '{reason: "Under age", table: patient, where: "age_index < 18"}'
    new = (
        '{reason: "No later scan", table: visit_imaging, where: "visit > 0", absent: true, known: after_index, '
        'why: "response needs a scan", landmark_day: 80}'
    )
    short, named = "design: {propensity: [age], caliper: 3}", "designs: {w: {kind: weights, target: ate, stabilised: true, "
    assert old in tiny.protocol and short in tiny.protocol
    tiny.protocol = tiny.protocol.replace(old, new).replace(short, named + "propensity: [age]}}")
    study = run_study(tiny.write())
    export_study(study, tmp_path / "r", "r")
    theirs = run_r(tmp_path / "r")
    assert compare(study, theirs) >= 200
    assert {key.split(".")[0] for key in theirs if ".w." in key} >= {"time_zero", "response", "survival", "baseline", "design"}
    sas = export_study(study, tmp_path / "sas", "sas").read_text(encoding="utf-8")
    assert (
        "covs(aggregate); model os_time*os_event(0) = treated / ties=efron rl fconv=1e-12; weight weight_w; id patient_id" in sas
    )
    assert not [line for line in sas.splitlines() if "weight_w" in line and ("lifetest" in line or "npar1way" in line)]


@pytest.mark.slow
def test_balanced_trimmed_and_stratified_weights_are_made_again(sheet, tmp_path):
    """Each from the score on; the weights themselves are not read."""
    score, limits = ["age", "vi", "stage"], {"score": [0.25, 0.7]}
    weights = {
        "cut": {"target": "ate", "truncate": 0.9, "trim": limits}, "entropy": {"target": "att", "method": "entropy"},
        "both": {"target": "ate", "method": "entropy", "trim": limits}, "score": {"target": "atc", "method": "cbps"},
        "even": {"target": "ate", "method": "cbps", "stabilised": True, "truncate": 0.95},
    }  # fmt: skip
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": score, "primary": "cut", "landmarks": [50], "cox": {}}
    sheet.protocol["designs"] = {name: {"kind": "weights", **asked} for name, asked in weights.items()}
    sheet.protocol["designs"]["classes"] = {"kind": "strata", "classes": 4, "target": "ate"}
    study = run_study(sheet.write())
    export_study(study, tmp_path / "r", "r")
    theirs = run_r(tmp_path / "r")
    assert compare(study, theirs) >= 1000
    made = {"design.cut.weight_limit.value", "design.classes.score_class.1.a.n", "effect.os.cut.doubly_robust.50_days.a-vs-b.p"}
    assert made | {"survival.os.classes.cox_class_stratified.a-vs-b.hr"} <= set(theirs)
    sas = export_study(study, tmp_path / "sas", "sas").read_text(encoding="utf-8")
    assert "strata class_classes; run;" in sas


def test_names_stay_within_what_sas_takes():
    names = [column_name("ae", f"Palmar-plantar erythrodysesthesia syndrome {k}") for k in range(40)]
    assert len(set(names)) == 40 and all(len(n) <= 26 for n in names)
    assert column_name("ae", "Rash maculo-papular") == "ae_rash_maculo_papular"


def test_the_export_counts_what_it_leaves_out(repository, tmp_path):
    study = run_study(study_path(repository, "gbsg2"))
    export_study(study, tmp_path, "r")
    with (tmp_path / "not_regenerated.csv").open(encoding="utf-8") as f:
        left = list(csv.DictReader(f))
    assert left and all(row["key"] in study.estimates.rows and row["reason"] for row in left)
    valued = sum(not math.isnan(r.value) for r in study.estimates.rows.values())
    assert f"{valued - len(left)} of {valued} numbers are" in (tmp_path / "README.txt").read_text(encoding="utf-8")


def test_one_arm_has_no_contrast_in_sas(repository, tmp_path):
    study = run_study(study_path(repository, "single-arm"))
    sas = export_study(study, tmp_path, "sas").read_text(encoding="utf-8")
    assert not [word for word in ("treated", "focal", "test=logrank", "fisher") if word in sas]
    assert "proc lifetest data=d method=km conftype=log; time rfs_time*rfs_event(0); strata arm; run;" in sas
    assert "model rfs_time*rfs_event(0) = age menopause" in sas


@pytest.mark.parametrize("levels", [["여", "남"], ["Ia", "IA", "+", "≥5"], ["it's", 'a "b"', "c\\d"]])
@pytest.mark.slow
def test_r_finds_the_keys_of_levels_that_letters_do_not_name(sheet, tmp_path, levels):
    sheet.columns["x"] = [levels[i % len(levels)] for i in range(60)]
    sheet.protocol["covariates"]["x"] = {"label": "X", "kind": "categorical", "from": "x", "levels": {t: t for t in levels}}
    sheet.protocol["cox"]["univariable"].append("x")
    quoted = {t: t.replace("'", "''") for t in levels}
    sheet.protocol["subgroups"] = {"x": {"label": "X", "levels": {t: f"x = '{q}'" for t, q in quoted.items()}}}
    study = run_study(sheet.write())
    export_study(study, tmp_path, "r")
    theirs = run_r(tmp_path)
    assert compare(study, theirs) >= 500
    assert not [key for key in theirs if key not in study.estimates.rows]


@pytest.mark.slow
def test_a_reference_level_without_events(tmp_path):
    sheet = Sheet(tmp_path / "study")
    columns = sheet.columns
    columns["dead"] = [0 if stage == "I" else dead for stage, dead in zip(columns["stage"], columns["dead"], strict=True)]
    sheet.protocol["cox"]["multivariable"] = {"os": ["age", "stage", "treatment"]}
    study = run_study(sheet.write())
    export_study(study, tmp_path / "out", "r")
    theirs = run_r(tmp_path / "out")
    assert "survival.os.unadjusted.cox_multivariable_contrast.stage.iii.iii-vs-ii.hr" in theirs
    assert "survival.os.unadjusted.cox_multivariable.stage.ii.hr" not in theirs
    assert compare(study, theirs) > 300


@pytest.mark.parametrize("kind", ["few patients", "no event"])
@pytest.mark.slow
def test_a_sparse_arm(tmp_path, kind):
    sheet = Sheet(tmp_path / "study")
    columns = sheet.columns
    if kind == "few patients":
        columns["arm"] = ["A" if i % 20 == 3 else "B" for i in range(len(columns["id"]))]
    else:
        columns["dead"] = [0 if arm == "A" else dead for arm, dead in zip(columns["arm"], columns["dead"], strict=True)]
    study = run_study(sheet.write())
    export_study(study, tmp_path / "out", "r")
    theirs = run_r(tmp_path / "out")
    assert {f"survival.os.unadjusted.cox_firth.a-vs-b.{statistic}" for statistic in ("hr", "p")} <= set(theirs)
    assert ("survival.os.unadjusted.cox.a-vs-b.hr" in theirs) == (kind == "few patients")
    assert compare(study, theirs) > 200


@pytest.mark.slow
def test_restricted_populations_and_strata_are_listed_as_not_made_again(tmp_path):
    sheet = Sheet(tmp_path / "sheet")
    sheet.protocol["restrict"] = {"old": {"label": "Old", "where": "age > 60"}}
    sheet.protocol["cox"]["strata"] = ["stage"]
    study = run_study(sheet.write())
    export_study(study, tmp_path / "out", "r")
    theirs = run_r(tmp_path / "out")
    assert compare(study, theirs) > 100
    assert not [key for key in theirs if key not in study.estimates.rows]
    reasons = not_regenerated(study)
    assert reasons["survival.os.unadjusted.cox.a-vs-b.hr"] == "the script fits Cox models without strata"
    assert reasons["survival.os.unadjusted.cox.old.a-vs-b.hr"].startswith("of a restricted population")
    assert "survival.os.unadjusted.cox_univariable.age.hr" in theirs
    export_study(study, tmp_path / "sas", "sas")
    note = (tmp_path / "sas" / "README.txt").read_text(encoding="utf-8")
    assert "Its Cox models have no strata, those of results.csv do. It leaves out the restricted populations." in note
