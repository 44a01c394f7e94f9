"""Response, progression and survival come back from lesions, follow-up and deaths."""

from collections import Counter

TABLE_2 = {  # PR, SD, PD, NE: all patients, then the matched
    ("lenvatinib", "bor_recist"): ((3, 24, 11, 2), (2, 22, 10, 2)),
    ("sorafenib", "bor_recist"): ((5, 16, 47, 18), (3, 5, 22, 6)),
    ("lenvatinib", "bor_mrecist"): ((6, 22, 10, 2), (5, 20, 9, 2)),
    ("sorafenib", "bor_mrecist"): ((6, 15, 47, 18), (4, 4, 22, 6)),
}


def test_survival(founding):
    for patient, row in founding.cohort.items():
        follow = founding.of("followup", patient)[0]
        assert founding.days(patient, follow["last_contact"]) == int(row["os_days"])
        assert bool(follow["death_date"]) == (row["os_event"] == "1")
        assert follow["death_date"] in ("", follow["last_contact"])


def test_progression_free_survival(founding):
    for patient, row in founding.cohort.items():
        assert founding.progression_free(patient) == (int(row["pfs_days"]), row["pfs_kind"]), patient


def test_best_response(founding):
    for patient, row in founding.cohort.items():
        assert founding.best(patient, viable=False) == row["bor_recist"], patient
        assert founding.best(patient, viable=True) == row["bor_mrecist"], patient


def test_table_2(founding):
    for (arm, column), cells in TABLE_2.items():
        for matched_only, expected in zip((False, True), cells, strict=True):
            rows = [r for r in founding.cohort.values() if r["arm"] == arm and (r["matched"] == "1" or not matched_only)]
            counts = Counter(r[column] for r in rows)
            assert tuple(counts[x] for x in ("PR", "SD", "PD", "NE")) == expected


def test_progression_shows_in_several_ways(founding):
    new = sum(r["role"] == "new" for r in founding.tables["lesion"])
    worse = {r["patient_id"] for r in founding.tables["lesion_measure"] if r["status"] == "unequivocal progression"}
    assert new >= 8 and len(worse) >= 4


def test_third_line(founding):
    for patient, row in founding.cohort.items():
        lines = {r["line"]: r for r in founding.of("subsequent_therapy", patient)}
        assert ("3" in lines) == (row["third_line"] == "1")
        if lines:
            assert lines["3"]["regimen"] == row["third_line_drug"]
            assert founding.days(patient, lines["3"]["start"]) == int(float(row["third_line_start_day"]))
