"""`equipoise init`: the protocol that it writes loads and runs, and every guess can be read.

Witnesses: R survival 3.5-3 (gbsg hormon HR 0.695, 0.544-0.888; lung 165 deaths, log-rank by sex 10.33; pbc 125 deaths among
the 312 randomised; veteran 128 deaths; ovarian 12).
"""

from __future__ import annotations

import csv
import random
import shutil
from pathlib import Path

import pytest
from beginning import begin, write_csv
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.errors import DataError, ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.start import start_study
from equipoise.start.columns import see, slug
from equipoise.start.given import Given
from equipoise.start.levels import ordered
from equipoise.study import run_study


def clinic(n: int = 120) -> list[dict]:
    """Invented patients in the words of a clinic: identifiers, dates, words for events, empty cells written NA."""
    draw = random.Random(11)
    rows = []
    for i in range(n):
        rows.append(
            {
                "Patient ID": f"K{i:03d}", "Name": f"person {i}", "MRN": 900000 + i,
                "Birth date": f"19{40 + i % 40}-03-0{1 + i % 9}",
                "Treatment": draw.choice(["Drug A", "Drug A", "Drug B", "Drug B", "Drug C"]),
                "Hospital": draw.choice(["East", "West"]), "Age": draw.randint(40, 80), "ECOG": draw.choice([0, 1]),
                "Stage": draw.choice(["I", "II", "III"]), "Smoker": draw.choice(["yes", "no"]),
                "AFP (ng/mL)": draw.choice(["NA", 3.5, 12, 250.25, 900, 41, 77.7, 18, 5]), "First dose": f"2021-0{1 + i % 9}-11",
                "OS months": round(draw.expovariate(0.06) + 0.1, 1), "Vital status": draw.choice(["Dead", "Dead", "Alive"]),
                "PFS months": round(draw.expovariate(0.15) + 0.1, 1), "Progression": draw.choice([0, 1]),
                "Best response": draw.choice(["PR", "SD", "PD"]), "Country": "Z", "Remarks": f"free text {i}",
            }
        )  # fmt: skip
    return rows


@pytest.fixture
def clinic_file(tmp_path):
    return write_csv(tmp_path / "clinic.csv", clinic())


def test_a_clinic_file_runs_as_it_is(clinic_file):
    path, _ = begin(clinic_file)
    study = run_study(path)
    assert study.protocol.arms.column == "Treatment"
    endpoints = study.protocol.endpoints
    assert list(endpoints) == ["os"] and endpoints["os"].time.unit == "months"
    assert endpoints["os"].event == "\"Vital status\" = 'Dead'"
    assert {n: c.kind for n, c in study.protocol.covariates.items()} == {
        "age": "continuous", "ecog": "binary", "stage": "categorical", "smoker": "binary", "afp_ng_ml": "continuous",
    }  # fmt: skip
    assert list(study.protocol.covariates["stage"].levels) == ["I", "II", "III"]
    assert study.cohort.n == study.cohort.n_start == 120 and len(study.protocol.arms.groups) == 3


def test_several_treatments_are_several_arms_and_two_of_them_are_offered(clinic_file, tmp_path):
    path, said = begin(clinic_file)
    text = path.read_text(encoding="utf-8")
    counts = {d: sum(r["Treatment"] == d for r in clinic()) for d in ("Drug A", "Drug B", "Drug C")}
    listed = ", ".join(f"{d} {n}" for d, n in counts.items())
    assert any(f"'Treatment' ({listed}): its name says so; 3 treatments of 5 patients and more: CONFIRM" in s for s in said)
    assert "# EDIT 1 and 2: the 3 arms" in text and "# or two of them, 'Treatment' (Drug A " in text
    study = run_study(path)
    assert {str(a): int((study.cohort.arm == a).sum()) for a in study.protocol.arms.groups} == {
        "drug_a": counts["Drug A"], "drug_b": counts["Drug B"], "drug_c": counts["Drug C"],
    }  # fmt: skip
    again = start_study([clinic_file], tmp_path / "two", given=Given(arms=("Drug A", "Drug C"), reference="Drug A"))
    study = run_study(again)
    assert list(study.protocol.arms.groups) == ["drug_a", "drug_c"] and study.cohort.n == 120 - counts["Drug B"]
    with pytest.raises(DataError, match="the column 'Treatment' has no value 'Drug D'; it has Drug A, Drug B, Drug C"):
        start_study([clinic_file], tmp_path / "none", given=Given(arms=("Drug D",)))


def test_what_is_no_treatment_is_no_arm(tmp_path):
    rows = clinic()
    for i, row in enumerate(rows):
        row["Treatment"] = "Screen Failure" if i % 8 == 0 else row["Treatment"].replace("Drug C", "Drug A")
    path, _ = begin(write_csv(tmp_path / "clinic.csv", rows))
    study = run_study(path)
    assert list(study.protocol.arms.groups) == ["drug_a", "drug_b"] and study.cohort.n == 105


def test_every_guess_has_its_reason(clinic_file):
    path, _ = begin(clinic_file)
    text = path.read_text(encoding="utf-8")
    for column in ("Name", "MRN", "Birth date"):
        assert f"#   {column}: looks like it identifies patients" in text
    assert "#   First dose: a date" in text
    assert "#   Country: constant" in text
    assert "#   Best response: its name suggests that it became known after the index date" in text
    assert "#   Remarks: text with" in text
    empty = sum(r["AFP (ng/mL)"] == "NA" for r in clinic())
    assert f'    "AFP (ng/mL)": ["NA"]    # {empty} cells' in text
    assert "# pfs:" in text or "  # pfs:" in text
    with (path.parent / "mapping.csv").open(encoding="utf-8") as file:
        mapping = {r["column"]: r for r in csv.DictReader(file)}
    assert set(mapping) == set(clinic()[0])
    assert mapping["Treatment"]["used_as"] == "arm" and mapping["Name"]["used_as"] == "left out"
    assert all(r["reason"] for r in mapping.values())


def test_no_row_of_a_patient_is_written(clinic_file):
    path, said = begin(clinic_file)
    written = path.read_text(encoding="utf-8") + (path.parent / "mapping.csv").read_text(encoding="utf-8") + "\n".join(said)
    for value in ("person 7", "900007", "free text 7", "K007", "1947-03"):
        assert value not in written


def test_wrong_guesses_cost_at_most_five_lines(tmp_path):
    """Names that say nothing: the arm, its reference, the event's code and a later variable are mended by hand."""
    draw = random.Random(5)
    rows = [
        {
            "code": i, "g": draw.choice(["new", "old"]), "sex": draw.choice("FM"), "age": draw.randint(30, 90),
            "weeks": draw.randint(1, 90), "cens": draw.choice([0, 0, 1]), "cycles_given": draw.randint(1, 30),
        }
        for i in range(100)
    ]  # fmt: skip
    path, said = begin(write_csv(tmp_path / "plain.csv", rows))
    before = path.read_text(encoding="utf-8")
    assert "cens' may mean the opposite; CONFIRM" in before and "not that of a treatment; CONFIRM" in before
    after = before.replace("""event: '"cens" = 1'""", """event: '"cens" = 0'""")
    after = "\n".join(line for line in after.splitlines() if not line.startswith("  cycles_given:"))
    after = after.replace(", cycles_given", "").replace("reference: old, focal", "reference: new, focal")
    changed = set(before.splitlines()) - set(after.splitlines())
    assert 1 < len(changed) <= 5
    path.write_text(after, encoding="utf-8")
    study = run_study(path)
    assert study.protocol.arms.reference == "new" and "cycles_given" not in study.protocol.covariates
    assert study.estimates["survival.endpoint.unadjusted.event_count.total.events"].value == sum(r["cens"] == 0 for r in rows)


def test_gbsg2_without_an_edit(repository, tmp_path):
    shutil.copyfile(repository / "examples" / "gbsg2" / "gbsg2.xlsx", tmp_path / "gbsg2.xlsx")
    path, _ = begin(tmp_path / "gbsg2.xlsx")
    row = run_study(path).estimates["survival.endpoint.unadjusted.cox.yes-vs-no.hr"]
    assert (round(row.value, 3), round(row.low, 3), round(row.high, 3)) == (0.695, 0.544, 0.888)


@pytest.mark.slow
def test_founding_folder(repository, tmp_path):
    shutil.copytree(repository / "src" / "equipoise" / "founding" / "data", tmp_path / "data")
    path, _ = begin(tmp_path / "data", arms=("sorafenib", "lenvatinib"))
    protocol = load_protocol(path)
    assert set(protocol.arms.groups) == {"lenvatinib", "sorafenib"} and protocol.data.tables == "data"
    study = run_study(path)
    assert study.cohort.n == 126 and set(study.outcomes.endpoints) == {"os", "pfs"}
    assert study.estimates["survival.os.unadjusted.event_count.total.events"].value == 81


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("gbsg", "survival.rfs.unadjusted.cox.hormon_1-vs-hormon_0.hr", 0.695),
        ("lung", "survival.endpoint.unadjusted.kaplan_meier.all.median", 310),
        ("veteran", "survival.endpoint.unadjusted.event_count.total.events", 128),
        ("pbc", "survival.endpoint.unadjusted.event_count.total.events", 125),
        ("ovarian", "survival.os.unadjusted.event_count.total.events", 12),
    ],
)
def test_known_data_without_an_edit(third_party, tmp_path, name, key, value):
    shutil.copyfile(third_party / "survival_r" / f"{name}.csv", tmp_path / f"{name}.csv")
    path, _ = begin(tmp_path / f"{name}.csv")
    assert run_study(path).estimates[key].value == pytest.approx(value, abs=6e-4)


def test_lung_has_no_treatment_and_becomes_a_single_arm(third_party, tmp_path):
    """A person's sex is no treatment. R survival 3.5-3: median 310 days (285-363) of 228 patients, 165 deaths."""
    shutil.copyfile(third_party / "survival_r" / "lung.csv", tmp_path / "lung.csv")
    path, said = begin(tmp_path / "lung.csv")
    assert any(line.startswith("arm         one arm, all patients") for line in said)
    study = run_study(path)
    assert study.protocol.arms.single and study.protocol.design is None and "sex" in study.protocol.covariates
    median = study.estimates["survival.endpoint.unadjusted.kaplan_meier.all.median"]
    assert (median.n, median.events, median.value, median.low, median.high) == (228, 165, 310, 285, 363)


def test_sex_may_be_named_as_the_arm(third_party, tmp_path):
    """R: log-rank by sex 10.327."""
    shutil.copyfile(third_party / "survival_r" / "lung.csv", tmp_path / "lung.csv")
    path, _ = begin(tmp_path / "lung.csv", arm="sex")
    assert run_study(path).estimates["survival.endpoint.unadjusted.logrank.chi2"].value == pytest.approx(10.327, abs=6e-4)


def test_a_file_without_a_treatment_column_runs_as_one_arm(tmp_path):
    rows = [{k: v for k, v in r.items() if k not in ("Treatment", "Smoker", "Hospital", "ECOG")} for r in clinic()]
    path, _ = begin(write_csv(tmp_path / "plain.csv", rows))
    text = path.read_text(encoding="utf-8")
    assert 'arms: {groups: {all: {label: "All patients"}}}' in text and "design:" not in text and "treatment]" not in text
    assert load_protocol(path).arms.reference == ""
    assert run_study(path).cohort.n == 120


def test_a_treatment_column_with_one_value_is_one_arm(tmp_path):
    rows = [r | {"Treatment": "Drug A" if i else ""} for i, r in enumerate(clinic())]
    path, _ = begin(write_csv(tmp_path / "one.csv", rows))
    study = run_study(path)
    assert study.protocol.arms.column == "Treatment" and study.protocol.arms.label("drug_a") == "Drug A"
    assert study.cohort.n == 119 and study.cohort.n_start == 120


def test_single_arm_may_be_asked_for(clinic_file, tmp_path):
    path, _ = begin(clinic_file, single=True)
    study = run_study(path)
    assert study.protocol.arms.single and study.cohort.n == 120
    with pytest.raises(DataError, match="leave out --arm"):
        start_study([clinic_file], tmp_path / "other", given=Given(arm="Treatment", single=True))
    done = CliRunner().invoke(app, ["init", str(clinic_file), "--single-arm", "--out", str(tmp_path / "flag")])
    assert done.exit_code == 0 and "one arm, all patients" in done.output


def test_a_folder_with_one_treatment_runs_as_one_arm(tiny):
    for row in tiny.tables["index_treatment"]:
        row["drug"] = "alfamab"
    tiny.write().unlink()
    path, _ = begin(tiny.folder / "data")
    study = run_study(path)
    assert list(study.protocol.arms.groups) == ["alfamab"] and study.cohort.n == 16


def test_lung_says_what_it_could_not_know(third_party, tmp_path):
    shutil.copyfile(third_party / "survival_r" / "lung.csv", tmp_path / "lung.csv")
    path, _ = begin(tmp_path / "lung.csv")
    text = path.read_text(encoding="utf-8")
    assert "row_number" in text and "CONFIRM" in text and "#   inst: a site" in text


def test_several_rows_per_patient_are_refused(third_party, tmp_path):
    shutil.copyfile(third_party / "survival_r" / "pbcseq.csv", tmp_path / "pbcseq.csv")
    with pytest.raises(DataError, match="several rows per patient"):
        begin(tmp_path / "pbcseq.csv")


def test_refusals(clinic_file, tmp_path):
    with pytest.raises(DataError, match="did you mean 'Treatment'"):
        begin(clinic_file, arm="Treatmen")
    write_csv(tmp_path / "no_time.csv", [{"id": i, "arm": "ab"[i % 2], "age": 50 + i} for i in range(20)])
    with pytest.raises(DataError, match="no pair of a time and an event column"):
        begin(tmp_path / "no_time.csv")
    assert "time: {column: EDIT" in (tmp_path / "study.yaml").read_text(encoding="utf-8")
    with pytest.raises(ProtocolError, match="this question of `equipoise init` is open"):
        load_protocol(tmp_path / "study.yaml")
    dated = [
        {"id": i, "arm": "ab"[i % 2], "when": "2021-01-05", "then": f"202{2 * (i > 0)}-01-05", "dead": i % 2} for i in range(20)
    ]
    write_csv(tmp_path / "dates.csv", dated)
    with pytest.raises(DataError, match=r"holds dates \(when, then\), but their names do not say which"):
        start_study([tmp_path / "dates.csv"], tmp_path / "dated")
    clinic_file = write_csv(tmp_path / "other" / "clinic.csv", clinic())
    begin(clinic_file)
    with pytest.raises(DataError, match="already in"):
        begin(clinic_file)


def test_named_columns_are_taken(clinic_file):
    path, _ = begin(clinic_file, arm="Smoker", time="PFS months", event="Progression")
    protocol = load_protocol(path)
    assert protocol.arms.column == "Smoker" and protocol.endpoints["pfs"].time.column == "PFS months"


def test_command_line(clinic_file):
    result = CliRunner().invoke(app, ["init", str(clinic_file), "--out", str(clinic_file.parent / "study")])
    assert result.exit_code == 0, result.output
    assert "left out    MRN: looks like it identifies patients" in result.output
    assert run_study(clinic_file.parent / "study" / "study.yaml").cohort.n


def test_init_ends_with_the_first_numbers(clinic_file):
    """By hand: the rows of drugs A and B, the dead among them."""
    asked = ["--out", str(clinic_file.parent / "study"), "--no-ask", "--arm-is", "Drug A", "--arm-is", "Drug B"]
    result = CliRunner().invoke(app, ["init", str(clinic_file), *asked])
    kept = [r for r in clinic() if r["Treatment"] != "Drug C"]
    sizes = ", ".join(f"{drug} {sum(r['Treatment'] == drug for r in kept)}" for drug in ("Drug A", "Drug B"))
    assert f"patients    {len(kept)} of 120: {sizes}" in result.output
    assert f"events      OS: {sum(r['Vital status'] == 'Dead' for r in kept)}" in result.output
    assert "pairs" in result.output and "median      OS, months: Drug A" in result.output


def test_words_among_times_are_a_counted_exclusion_or_named(tmp_path):
    rows = [{"id": i, "arm": "ab"[i % 2], "age": 40 + i % 30, "os_months": i + 1, "os_event": i % 3 % 2} for i in range(60)]
    rows[4]["os_months"] = rows[9]["os_months"] = "ND"
    study = run_study(begin(write_csv(tmp_path / "words" / "rows.csv", rows))[0])
    assert study.cohort.n == 58 and [e.n for e in study.cohort.attrition[-1].excluded] == [2]
    rows[4]["os_months"] = ">60"
    with pytest.raises(DataError, match=r"'os_months' would be a time, but .* ND \(1\), a sign or more than a number \(1\)"):
        begin(write_csv(tmp_path / "signs" / "rows.csv", rows))


def undecided(path: Path) -> Path:
    """Neither the arm nor the event says what it is."""
    draw = random.Random(2)
    rows = [
        {"id": i, "hbv": draw.choice(["yes", "no"]), "age": draw.randint(30, 90), "os_months": i + 1, "os_status": "uvw"[i % 3]}
        for i in range(60)
    ]
    return write_csv(path, rows)


def test_an_open_question_stays_in_the_file_and_ends_with_2(tmp_path):
    file = undecided(tmp_path / "open.csv")
    result = CliRunner().invoke(app, ["init", str(file)])
    assert result.exit_code == 2 and "2 questions are open" in result.output
    assert "Candidates: 'hbv' (no" in result.output and "u (20), v (20), w (20)" in result.output
    text = (tmp_path / "study.yaml").read_text(encoding="utf-8")
    assert "\narms: EDIT\n" in text and "    event: EDIT" in text
    with pytest.raises(ProtocolError) as error:
        load_protocol(tmp_path / "study.yaml")
    assert [f.rule for f in error.value.faults] == ["open question"] * 2


def test_options_answer_it(tmp_path):
    command = ["init", str(undecided(tmp_path / "open.csv")), "--arm", "hbv", "--event-is", "v", "--event-is", "w"]
    result = CliRunner().invoke(app, [*command, "--reference", "yes", "--without", "age"])
    assert result.exit_code == 0, result.output
    protocol = load_protocol(tmp_path / "study.yaml")
    assert protocol.arms.label(protocol.arms.reference) == "hbv yes" and not protocol.covariates
    assert "events      OS: 40" in result.output


def test_answers_on_a_terminal(tmp_path):
    """Arm 1, reference by its value, time as proposed, event column as proposed, its values, a covariate that goes."""
    answers = "\n".join(("1", "yes", "", "", "9", "v, w", "age", ""))
    result = CliRunner().invoke(app, ["init", str(undecided(tmp_path / "open.csv")), "--ask"], input=answers)
    assert result.exit_code == 0, result.output
    assert "this is none of the answers" in result.output and "events      OS: 40" in result.output
    assert "left out    age: named with --without" in result.output


@pytest.mark.parametrize(
    ("values", "number", "expected"),
    [
        ([">20", "<10", "10-20"], False, ["<10", "10-20", ">20"]),
        (["≥65", "<65"], False, ["<65", "≥65"]),
        ([">5 cm", "≤5 cm"], False, ["≤5 cm", ">5 cm"]),
        (["Stage 10", "Stage 2", "Stage 1"], False, ["Stage 1", "Stage 2", "Stage 10"]),
        (["Stage IV", "Stage IIA", "Stage I"], False, ["Stage I", "Stage IIA", "Stage IV"]),
        (["70+", "50-59", "60-69", "<50"], False, ["<50", "50-59", "60-69", "70+"]),
        (["있음", "없음"], False, ["없음", "있음"]),
        (["有", "无"], False, ["无", "有"]),
        (["sí", "no"], False, ["no", "sí"]),
        (["oui", "non"], False, ["non", "oui"]),
        (["ja", "nein"], False, ["nein", "ja"]),
        (["sim", "não"], False, ["não", "sim"]),
        (["+", "-"], False, ["-", "+"]),
        (["Unknown", "high", "low"], False, ["low", "high", "Unknown"]),
        (["poorly differentiated", "well differentiated"], False, ["well differentiated", "poorly differentiated"]),
        (["10", "9"], True, ["9", "10"]),
        (["III", "I", "II"], False, ["I", "II", "III"]),
        (["yes", "no"], False, ["no", "yes"]),
        (["severe", "none", "mild"], False, ["none", "mild", "severe"]),
        (["b", "a"], False, ["a", "b"]),
    ],
)
def test_order_of_levels(values, number, expected):
    assert ordered(values, number) == expected


def test_columns():
    assert see("x", ["1", None, "2.5"]).number and not see("x", ["1", "b"]).number
    assert see("d", ["2021-05-01", "01.02.2020"]).date
    assert slug("AFP (ng/mL)") == "afp_ng_ml" and slug("5-FU", "arm") == "arm_5_fu"


def visits() -> list[dict]:
    """Sixty patients at up to three visits; the baseline value stands at the first."""
    draw = random.Random(3)
    rows = []
    for i in range(60):
        months, died, arm, age = round(draw.expovariate(0.05) + 0.1, 1), i % 3 % 2, draw.choice("ab"), draw.randint(40, 80)
        for v in reversed(range(1 + i % 3)):
            rows.append(
                {
                    "patient": f"P{i}", "visit_date": f"2020-0{1 + v}-11", "arm": arm, "age": age, "albumin": 40 - 5 * v - i % 7,
                    "os_months": months, "os_event": died,
                }
            )  # fmt: skip
    return rows


def test_several_rows_of_a_patient_are_an_open_question_with_its_answer(tmp_path):
    """By hand: 20 patients have one row, 20 two, 20 three; the first visit holds albumin of 40 - i % 7."""
    file = write_csv(tmp_path / "visits.csv", visits())
    result = CliRunner().invoke(app, ["init", str(file), "--no-ask"])
    assert result.exit_code == 2 and "--one-row first --by 'visit_date' (or last)" in result.output
    assert (
        "120 rows hold 60 different values of 'patient', 40 of them in several rows, up to 3, that differ in visit_date, albumin"
        in (result.output)
    )
    text = (tmp_path / "study.yaml").read_text(encoding="utf-8")
    assert '  one_row: EDIT    # {keep: first, by: "visit_date"} or {keep: last, by: "visit_date"}' in text
    with pytest.raises(ProtocolError, match="is open"):
        load_protocol(tmp_path / "study.yaml")
    for out, options, answers in (
        ("named", ["--no-ask", "--one-row", "first", "--by", "visit_date"], ""),
        ("asked", ["--ask"], "first\narm\na\nos_months\nos_event\nmonths\n1\nnone\n"),
    ):
        result = CliRunner().invoke(app, ["init", str(file), "--out", str(tmp_path / out), *options], input=answers)
        assert result.exit_code == 0, result.output
        study = run_study(tmp_path / out / "study.yaml")
        assert study.cohort.n == 60 and study.sources.reduced.rows == 60
        assert sorted(study.covariates.values["albumin"]) == sorted(40 - i % 7 for i in range(60))
