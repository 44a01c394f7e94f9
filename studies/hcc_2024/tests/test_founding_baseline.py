"""Baseline covariates come back from the latest record in each window, decoys notwithstanding."""

from datetime import timedelta


def test_findings(founding):
    names = {"ecog": "ecog", "n_tumors": "n_nodules", "ehm": "ehm", "ln_met": "ln_met", "mvi": "mvi"}
    as_text = {"true": "1", "false": "0"}
    for patient, row in founding.cohort.items():
        for item, column in names.items():
            value = founding.finding(patient, item)
            assert as_text.get(value, value) == row[column], (patient, item)
        assert float(founding.finding(patient, "max_size_cm")) == float(row["max_size_cm"])


def test_child_pugh_and_markers(founding):
    for patient, row in founding.cohort.items():
        assert founding.child_pugh(patient) == int(row["child_pugh_score"]), patient
        assert founding.lab(patient, "AFP") == float(row["afp"])
        assert founding.lab(patient, "PIVKA-II") == float(row["pivka"])


def test_person_and_etiology(founding):
    people = {r["patient_id"]: r for r in founding.tables["patient"]}
    for patient, row in founding.cohort.items():
        assert people[patient]["sex"] == ("M" if row["male"] == "1" else "F")
        assert people[patient]["age_index"] == row["age"]
        assert founding.viral(patient) == (row["viral"] == "1"), patient


def test_a_five_month_hepatitis_is_not_viral(founding):
    """At least one patient without viral etiology was HBsAg positive twice, less than six months apart."""
    decoys = 0
    for patient, row in founding.cohort.items():
        dates = [
            founding.index[patient] + timedelta(days=founding.days(patient, r["date"]))
            for r in founding.of("serology", patient)
            if r["test"] == "HBsAg" and r["result"] == "positive"
        ]
        decoys += row["viral"] == "0" and len(dates) >= 2
    assert decoys >= 1


def test_decoys_would_change_the_score(founding):
    """Taking the newest record of all, or the oldest, gives other values for many patients."""
    changed = 0
    for patient in founding.cohort:
        for pickone in (max, min):
            row = pickone((r for r in founding.of("lab", patient) if r["analyte"] == "albumin"), key=lambda r: r["date"])
            changed += float(row["value"]) != float(founding.latest("lab", patient, "analyte", "albumin", -14)["value"])
    assert changed > 60


def test_baseline_scan_in_its_window(founding):
    for patient in founding.cohort:
        scan = next(r for r in founding.of("visit_imaging", patient) if r["visit"] == "0")
        assert -28 <= founding.days(patient, scan["date"]) <= 0 and scan["evaluable"] == "true"
        targets = [r for r in founding.of("lesion", patient) if r["role"] == "target"]
        organs = [r["organ"] for r in targets]
        assert 1 <= len(targets) <= 5 and max(organs.count(o) for o in organs) <= 2
