"""Who was screened, who is left: the counts of Figure 1 from screening and index_treatment."""

from collections import Counter


def test_flow(founding):
    screening = {r["patient_id"]: (r["firstline_stop_reason"], r["post_firstline_status"]) for r in founding.tables["screening"]}
    drugs = {r["patient_id"]: r["drug"] for r in founding.tables["index_treatment"]}
    stopped = Counter(reason for reason, _ in screening.values())
    progressed = [p for p, (reason, _) in screening.items() if reason == "progression"]
    assert len(screening) == len(founding.tables["patient"]) == 194
    assert stopped == {"death": 34, "deterioration": 8, "progression": 152}
    assert Counter(screening[p][1] for p in progressed) == {"second line": 136, "deterioration": 16}
    assert Counter(drugs.values()) == {"sorafenib": 86, "lenvatinib": 40, "regorafenib": 8, "5-FU": 2}
    assert {p for p in progressed if screening[p][1] == "second line"} == set(drugs)
    assert set(founding.cohort) == {p for p, d in drugs.items() if d in ("lenvatinib", "sorafenib")}


def test_calendar(founding):
    first = min(r["date"] for r in founding.tables["firstline_infusion"])
    assert first >= "2020-05-01"
    assert max(founding.index.values()).isoformat() <= "2022-12-31"
    for patient, start in founding.index.items():
        last = max(r["date"] for r in founding.of("firstline_infusion", patient))
        assert 14 <= (start - type(start).fromisoformat(last)).days <= 42


def test_long_follow_up_ends_shortly_before_the_cutoff(founding):
    """The living are followed to the cut-off or were lost before; nobody stands at a common cap."""
    alive = [p for p, r in founding.cohort.items() if r["os_event"] == "0"]
    days = [int(founding.cohort[p]["os_days"]) for p in alive]
    assert max(Counter(d // 10 for d in days if d > 365).values(), default=0) <= 3


def test_a_cycle_is_an_atezolizumab_infusion(founding):
    for patient, row in founding.cohort.items():
        assert founding.cycles(patient) == int(row["prior_cycles"]), patient
    rows = founding.tables["firstline_infusion"]
    assert any(r["given_bev"] == "false" for r in rows) and any(r["given_ate"] == "false" for r in rows)
