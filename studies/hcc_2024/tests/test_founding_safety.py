"""Table 5 by arm, doses and stops."""

from collections import Counter

import pytest

TABLE_5 = {  # lenvatinib any, grade 3-4, sorafenib any, grade 3-4
    "AST elevation": (20, 4, 45, 2), "Total bilirubin elevation": (16, 2, 47, 2), "Thrombocytopenia": (20, 0, 19, 1),
    "ALT elevation": (15, 2, 22, 1), "Diarrhea": (16, 1, 20, 0), "Anorexia": (16, 1, 17, 1), "Proteinuria": (23, 12, 3, 1),
    "Fatigue": (6, 1, 16, 1), "Hypertension": (17, 0, 5, 0), "Nausea": (10, 0, 11, 1), "Anemia": (10, 0, 8, 0),
    "Rash": (4, 1, 13, 4), "Hand-Foot Syndrome": (2, 0, 17, 4), "Hypothyroidism": (14, 0, 1, 0), "Pruritus": (4, 0, 6, 1),
    "Oral Mucositis": (6, 0, 6, 0), "Neutropenia": (4, 0, 5, 0), "Vomiting": (1, 0, 6, 1),
    "Gastrointestinal bleeding": (3, 3, 3, 2), "Constipation": (3, 0, 1, 0), "Headache": (1, 0, 2, 0),
    "Chest pain": (0, 0, 2, 0), "Arthralgia": (2, 0, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("arm", ["lenvatinib", "sorafenib"])
def test_table_5(founding, arm):
    worst = founding.worst_related()
    grades = [worst[p] for p, r in founding.cohort.items() if r["arm"] == arm]
    first = 0 if arm == "lenvatinib" else 2
    counted = Counter(t for g in grades for t in g)
    severe = Counter(t for g in grades for t, x in g.items() if x >= 3)
    assert set(counted) <= set(TABLE_5)
    for term, cells in TABLE_5.items():
        assert (counted[term], severe[term]) == cells[first : first + 2], term
    assert sum(bool(g) for g in grades) == (32 if arm == "lenvatinib" else 75)
    with_severe = sum(any(x >= 3 for x in g.values()) for g in grades)
    assert with_severe == 14 if arm == "lenvatinib" else with_severe <= 22


def test_unrelated_and_repeated_events_are_there(founding):
    rows = founding.tables["ae"]
    assert sum(r["attribution"] in ("unrelated", "unlikely") for r in rows) >= 20
    assert max(int(r["grade"]) for r in rows) <= 4
    repeated = Counter((r["patient_id"], r["ctcae_term"]) for r in rows)
    assert sum(n > 1 for n in repeated.values()) >= 30


def test_stops_for_toxicity(founding):
    stops = Counter()
    for r in founding.tables["exposure"]:
        if r["stop_reason"] == "AE":
            stops[founding.cohort[r["patient_id"]]["arm"]] += 1
            assert [e["action"] for e in founding.of("ae", r["patient_id"])].count("stop") == 1
    assert stops == {"lenvatinib": 12, "sorafenib": 16}
    assert sum(r["action"] == "stop" for r in founding.tables["ae"]) == 28


def test_doses(founding):
    for patient, row in founding.cohort.items():
        intervals = sorted(founding.of("exposure", patient), key=lambda r: r["start"])
        assert founding.days(patient, intervals[0]["start"]) == 0 and intervals[0]["change_reason"] == "start"
        assert [bool(r["stop_reason"]) for r in intervals] == [False] * (len(intervals) - 1) + [True]
        for a, b in zip(intervals, intervals[1:], strict=False):
            assert founding.days(patient, b["start"]) == founding.days(patient, a["stop"]) + 1
        full = 800 if row["arm"] == "sorafenib" else 12 if float(founding.finding(patient, "weight_kg")) >= 60 else 8
        dose = float(intervals[0]["dose_mg_day"])
        assert dose == full or dose < full and int(row["child_pugh_score"]) >= 7
        events = {e["ae_id"] for e in founding.of("ae", patient)}
        assert all(r["ae_id"] in events for r in intervals if r["ae_id"])
        third = row["third_line_start_day"]
        if third and intervals[-1]["stop"]:
            assert founding.days(patient, intervals[-1]["stop"]) < int(float(third))


LIVER = {"AST elevation": "AST", "ALT elevation": "ALT", "Total bilirubin elevation": "bilirubin"}
COUNTS = {  # analyte and the lower bounds of grades 1, 2, 3 (CTCAE v5.0), in g/dL or 10^9/L
    "Thrombocytopenia": ("platelets", (75, 50, 25)),
    "Anemia": ("Hb", (10, 8, 0)),
    "Neutropenia": ("ANC", (1.5, 1.0, 0.5)),
}
STEPS = {"AST": (3, 5, 20), "ALT": (3, 5, 20), "bilirubin": (1.5, 3, 10)}


def graded(founding, patient, term, row):
    """CTCAE v5.0 grade of a laboratory row, with multiples of an abnormal baseline for the liver tests."""
    value = float(row["value"])
    if term in LIVER:
        analyte = LIVER[term]
        base = float(founding.latest("lab", patient, "analyte", analyte, -14)["value"])
        limit = float(row["uln"])
        abnormal = base > limit
        ratio = value / (base if abnormal else limit)
        floor = 1.5 if abnormal and analyte != "bilirubin" else 1.0
        return 0 if ratio < floor else 1 + sum(ratio > s for s in STEPS[analyte])
    if term == "Proteinuria":
        return (value > float(row["uln"])) + (value >= 1) + (value >= 3.5)
    _, bounds = COUNTS[term]
    value /= 10 if row["unit"] == "g/L" else 1
    lower = float(row["lln"]) / (10 if row["unit"] == "g/L" else 1)
    return 0 if value >= lower else 1 + sum(value < b for b in bounds)


def test_laboratory_events_have_their_value(founding):
    checked = 0
    for event in founding.tables["ae"]:
        term, patient = event["ctcae_term"], event["patient_id"]
        if event["attribution"] in ("unrelated", "unlikely"):
            continue
        if term not in LIVER and term not in COUNTS and term != "Proteinuria":
            continue
        analyte = LIVER.get(term) or ("urine protein" if term == "Proteinuria" else COUNTS[term][0])
        rows = [r for r in founding.of("lab", patient) if r["analyte"] == analyte and r["date"] == event["start"]]
        assert len(rows) == 1, event
        assert graded(founding, patient, term, rows[0]) == int(event["grade"]), (event, rows)
        checked += 1
    assert checked > 200
