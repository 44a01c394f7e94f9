"""The rows from scans, doses and events on a harder study: planted defects, confirmed responses, recorded ones beside them, a
second reader, groupings over both arms, doses and scans missing."""

import csv
import shutil

import pytest
from test_r_script import compare, run_r

from defects import plant_defects
from equipoise.reproduce.coverage import not_regenerated
from equipoise.reproduce.write import export_study
from equipoise.study import run_study

PLANTED = ["lost_baseline_scan", "centimetres_for_millimetres", "dose_for_light_patient", "diagnosis_after_treatment"]
GROUPINGS = """\
post_index:
  responded: {label: Response, kind: response, criterion: RECIST 1.1, endpoint: os, within_arms: false, landmark_day: 90}
  diarrhea: {label: Diarrhea, kind: adverse_event, term: Diarrhea, endpoint: pfs, landmark_day: 60,
    grace_days: 45, adjust: [child_pugh_class, age, afp]}
  next_line:
    label: Third line
    kind: subsequent_therapy
    line: 3
    endpoint: os
    within_arms: false
    landmark_day: 60
    adjust: [child_pugh_class, age]
    adjust_over_time: [pfs]
    minimum_group: 2
    strategies:
      nothing: {label: "No third line by day 150", start: none, by: 150}
      sorafenib: {label: "Sorafenib by day 150", start: [sorafenib], by: 150}
      other: {label: "Another drug by day 150", start: [regorafenib, cabozantinib, nivolumab, lenvatinib], by: 150}
      later: {label: "Any drug from day 60 to 200", start: any, since: 60, by: 200}
  third_line:
    within_arms: false
"""


@pytest.fixture(scope="module")
def hard(repository, tmp_path_factory):
    """The founding study with planted defects, recorded responses of which every seventh is another one, and other settings."""
    founding = repository / "src" / "equipoise" / "founding"
    folder = tmp_path_factory.mktemp("hard")
    (folder / "data").mkdir()
    plant_defects(founding / "data", folder / "data", seed=20240130, defects=PLANTED)
    shutil.copy(founding / "printed.csv", folder)
    text = (founding / "study.yaml").read_text(encoding="utf-8")
    text = text.replace("    within_arms: true\n", "").replace("post_index:\n  third_line:\n", GROUPINGS)
    text = text.replace("confirmation: false", "confirmation: true").replace("intervals: clopper-pearson", "intervals: wilson")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    computed = run_study(folder / "study.yaml").outcomes.responses
    with (folder / "data" / "recorded_response.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient_id", "visit", "criterion", "response", "reader"])
        for i, r in enumerate(r for r in computed if r["overall"] is not None and r["visit"] > 0):
            response = ("SD", "PR", "PD", "NE")[i // 7 % 4] if i % 7 == 0 else r["overall"]
            writer.writerow([r["patient_id"], r["visit"], r["criterion"], response, "Reader A1"])
    return run_study(folder / "study.yaml")


@pytest.mark.slow
def test_r_gives_the_same_numbers_on_a_harder_study(hard, tmp_path):
    export_study(hard, tmp_path, "r")
    assert compare(hard, run_r(tmp_path)) >= 10000


def test_what_is_left_out_says_why(hard):
    reasons = not_regenerated(hard)
    assert {k.split(".")[0] for k in reasons} == {"attrition", "design", "lost", "published", "quality"}
    assert all(len(why) > 20 for why in reasons.values())
    whole = ("lost.", "published.")  # left out as a whole
    rows = [key for key in hard.estimates.rows if not key.startswith(whole)]
    assert len([key for key in reasons if not key.startswith(whole)]) < 0.03 * len(rows)
