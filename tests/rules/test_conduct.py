"""Schedule of scans, completeness of follow-up and exposure, drawn on small tables and counted by hand."""

from __future__ import annotations

import math

import pytest

from equipoise.derive import derive_covariates
from equipoise.errors import ProtocolError
from equipoise.estimate.conduct import conduct_remarks, conduct_rows, exposure_rows
from equipoise.outcomes import derive_outcomes

SCHEDULE = {"scan_interval_days": 56, "scan_window_days": 7}
DOSE = {
    "a": [{"mg_day": 12, "when": "weight_kg >= 60"}, {"mg_day": 8, "when": "weight_kg < 60"}],
    "b": [{"mg_day": 800}],
}
FOLLOWED = "patient_id | last_contact_day | death_date_day | death_cause | data_cutoff_day\n"
ARMS = "patient_id | drug | index_day\n"


@pytest.fixture
def derive(draw):
    """derive(tables, arms) -> (study, outcomes, rows by key without the phase). arms: `P1 a, P2 b`."""

    def _derive(tables: dict, arms: str, **given):
        pairs = [p.split() for p in arms.split(",")]
        start = "patient_id | drug | index_date\n" + "\n".join(f"{p} | {arm} | 2022-03-01" for p, arm in pairs)
        followup = FOLLOWED + "\n".join(f"{p} | 300 || | 400" for p, _ in pairs)
        settings = {"assessment": SCHEDULE, "dose": DOSE} | given
        study = draw(" ".join(p for p, _ in pairs), {"followup": followup, **tables, "index_treatment": start}, **settings)
        derive_covariates(study.protocol, study.sources, study.cohort)
        outcomes = derive_outcomes(study.protocol, study.sources, study.cohort)
        found = [f(study.protocol, study.cohort, outcomes) for f in (conduct_rows, exposure_rows)]
        return study, outcomes, {r.key.split(".", 2)[2]: r for rows in found for r in rows}

    return _derive


def scans(*lines: str) -> str:
    """Lines `patient visit day scheduled evaluable reader`."""
    return "patient_id | visit | day | scheduled | evaluable | reader\n" + "\n".join(" | ".join(x.split()) for x in lines)


@pytest.mark.parametrize(
    ("case", "days", "missed"),
    [
        ("on schedule", [56, 112], 0),
        ("at the end of the window", [63, 126], 0),
        ("a day late", [64], 1),
        ("one missed, at the end", [126], 1),
        ("two missed", [127], 2),
        ("two missed between scans", [56, 183], 2),
        ("one and one", [70, 140], 2),
        ("none after the last scan", [56], 0),
    ],
)
def test_missed_scans(derive, case, days, missed):
    drawn = scans("P1 0 -3 true true R1", *(f"P1 {k + 1} {d} true true R1" for k, d in enumerate(days)))
    _, outcomes, _ = derive({"visit_imaging": drawn}, "P1 a")
    assert outcomes.conduct.followed["n_missed"].tolist() == [missed], case
    assert outcomes.conduct.followed["first_scan_day"].tolist() == [days[0]]


def test_scans_by_arm_and_reader(derive):
    drawn = scans(
        "P1 0 -3 true true R1", "P1 1 50 true true R1", "P1 2 80 false true R2",
        "P2 0 -3 true true R1", "P2 1 120 true false R2",
    )  # fmt: skip
    _, _, rows = derive({"visit_imaging": drawn}, "P1 a, P2 b")
    assert (rows["first_scan.a.median"].value, rows["first_scan.b.median"].value) == (50, 120)
    assert (rows["scans.a.n"].value, rows["scans.b.n"].value, rows["scans.total.n"].value) == (2, 1, 3)
    unscheduled, missed = rows["scans.unscheduled.a.percent"], rows["scans.missed.b.percent"]
    assert (unscheduled.value, unscheduled.events, unscheduled.n) == (50, 1, 2)
    assert (missed.value, missed.events, missed.n) == (50, 1, 2), "one made, one missed"
    assert rows["scans.unreadable.b.percent"].value == 100
    assert rows["reader.r2.total.percent"].value == pytest.approx(200 / 3)


def test_unequal_schedules_are_a_warning(derive):
    lines = [f"P{k} 0 -3 true true R1" for k in (1, 2)] + ["P1 1 50 true true R1", "P2 1 58 true true R1"]
    study, _, rows = derive({"visit_imaging": scans(*lines)}, "P1 a, P2 b")
    (said,) = conduct_remarks(study.protocol, list(rows.values()))
    assert "median of 50 days (A) and 58 days (B)" in said
    lines[-1] = "P2 1 57 true true R1"
    study, _, rows = derive({"visit_imaging": scans(*lines)}, "P1 a, P2 b")
    assert list(conduct_remarks(study.protocol, list(rows.values()))) == []


def test_completeness_of_follow_up_by_hand(derive):
    """Clark's index: P1 dies on day 100 (100 of 100), P2 is lost on day 50 (50 of 200), P3 is seen to the cut-off (200 of
    200), P4 after it (200 of 200): 550 of 700."""
    followup = FOLLOWED + "P1|100|100|cancer|200\nP2|50|||200\nP3|200|||200\nP4|260|||200"
    _, _, rows = derive({"followup": followup}, "P1 a, P2 a, P3 b, P4 b")
    assert rows["completeness.total.percent"].value == pytest.approx(100 * 550 / 700)
    assert rows["completeness.a.percent"].value == pytest.approx(50.0)
    assert rows["completeness.b.percent"].value == 100
    assert (rows["contact_gap.a.median"].value, rows["contact_gap.b.median"].value) == (150, 0)
    assert rows["contact_gap.a.median"].n == 1, "the living only"
    assert rows["cause_of_death.cancer.a.percent"].value == 100


def test_where_deaths_were_learned_by_arm(derive):
    """Of the deaths: a 1 of 2 by the registry and one not recorded, b 1 of 1 by a call; the living have no source."""
    drawn = "patient_id|last_contact_day|death_date_day|death_source|data_cutoff_day\n"
    rows = "P1|100|100|registry|400\nP2|90|90||400\nP3|80|80|call|400\nP4|300|||400"
    _, outcomes, found = derive({"followup": drawn + rows}, "P1 a, P2 a, P3 b, P4 b")
    assert outcomes.conduct.followed["death_source"].tolist() == ["registry", "not recorded", "call", None]
    registry, unknown = found["source_of_death.registry.a.percent"], found["source_of_death.not_recorded.a.percent"]
    assert (registry.value, registry.events, registry.n) == (50, 1, 2) and unknown.value == 50
    assert found["source_of_death.call.b.percent"].n == 1
    _, _, found = derive({"followup": FOLLOWED + "P1|100|100|cancer|400"}, "P1 a")
    assert not [k for k in found if k.startswith("source_of_death")], "no column, no row"


def test_a_death_after_the_cut_off_is_no_death(derive):
    _, outcomes, rows = derive({"followup": FOLLOWED + "P1|300|300||200\nP2|90|90||200"}, "P1 a, P2 b")
    assert outcomes.conduct.followed["followed_days"].tolist() == [200, 90]
    assert [k for k in rows if k.startswith("cause_of_death")] == [
        f"cause_of_death.not_recorded.{g}.percent" for g in ("total", "b")
    ]


def doses(text: str) -> str:
    return "patient_id | start_day | stop_day | dose_mg_day | change_reason | stop_reason\n" + text


def weight(*pairs: tuple[str, float]) -> str:
    return "patient_id | day | item | value\n" + "\n".join(f"{p} | -3 | weight_kg | {w}" for p, w in pairs)


@pytest.mark.parametrize(
    ("case", "lines", "kg", "expected"),
    [  # days treated, days dosed, mg, reductions, interruptions, relative dose intensity in percent
        ("full dose", "P1|0|9|12|start|progression", 60, (10, 10, 120, 0, 0, 100)),
        ("light: the lower dose is full", "P1|0|9|8|start|progression", 59.9, (10, 10, 80, 0, 0, 100)),
        ("light at the higher dose", "P1|0|9|12|start|progression", 59, (10, 10, 120, 0, 0, 150)),
        ("weight unknown", "P1|0|9|8|start|progression", None, (10, 10, 80, 0, 0, None)),
        ("reduced", "P1|0|4|12|start| \n P1|5|9|6|AE|AE", 70, (10, 10, 90, 1, 0, 75)),
        ("interrupted, then the same dose", "P1|0|3|12|start| \n P1|4|5|0|interruption| \n P1|6|9|12|resume|AE", 70,
         (10, 8, 96, 0, 1, 80)),
        ("a gap is an interruption", "P1|0|3|12|start| \n P1|6|9|6|resume|AE", 70, (10, 8, 72, 1, 1, 60)),
        ("stopped while interrupted", "P1|0|7|12|start| \n P1|8|9|0|interruption|AE", 70, (8, 8, 96, 0, 0, 100)),
        ("an open interval ends before the next", "P1|0||12|start| \n P1|5|9|6|AE|AE", 70, (10, 10, 90, 1, 0, 75)),
        ("an open last interval lasts to last contact", "P1|0||12|start|ongoing", 70, (301, 301, 3612, 0, 0, 100)),
    ],
)  # fmt: skip
def test_dose_intensity_by_hand(derive, case, lines, kg, expected):
    tables = {"exposure": doses(lines)} | ({} if kg is None else {"observation": weight(("P1", kg))})
    _, outcomes, _ = derive(tables, "P1 a")
    found = outcomes.conduct.exposed
    names = ("treated_days", "dosed_days", "given_mg", "n_reductions", "n_interruptions", "rdi")
    got = tuple(None if math.isnan(found[n][0]) else found[n][0] for n in names)
    assert got == pytest.approx(expected) if expected[-1] is not None else got[:-1] == expected[:-1] and got[-1] is None, case


def test_exposure_by_arm(derive):
    lines = """P1|0|99|8|start|progression
        P2|0|49|800|start|
        P2|50|99|400|AE|AE
        P3|0|300|800|start|ongoing"""
    therapy = "patient_id | line | regimen | start_day\nP1 | 3 | sorafenib | 120\nP2 | 4 | x | 150"
    tables = {"exposure": doses(lines), "observation": weight(("P1", 80)), "subsequent_therapy": therapy}
    _, _, rows = derive(tables, "P1 a, P2 b, P3 b")
    assert rows["relative_dose_intensity.a.median"].value == pytest.approx(100 * 8 / 12)
    assert rows["relative_dose_intensity.b.q1"].value == pytest.approx(75 + 0.25 * 25)
    median = rows["time_on_treatment.b.median"]
    assert (median.value, median.events) == (200.5, 1), "the curve rests at one half from day 100 to 301"
    assert rows["patients_with.started_below_protocol.a.percent"].value == 100
    assert rows["patients_with.reduced.b.percent"].value == 50
    assert rows["stop_reason.ongoing.b.percent"].value == 50
    assert rows["third_line.sorafenib.a.percent"].value == 100 and rows["third_line.sorafenib.b.percent"].value == 0
    assert not any(k.startswith("third_line.x") for k in rows), "the fourth line is not the third"


def test_treatment_of_a_patient_lost_to_follow_up_is_censored(derive):
    lines = """P1|0|99|800|start|lost
        P2|0|199|800|start|progression
        P3|0|299|800|start|AE"""
    _, _, rows = derive({"exposure": doses(lines), "observation": weight(("P1", 80))}, "P1 a, P2 b, P3 b")
    assert (rows["time_on_treatment.total.median"].value, rows["time_on_treatment.total.median"].events) == (250, 2)
    assert math.isnan(rows["time_on_treatment.a.median"].value), "nobody of arm a was seen to stop"


def test_a_dose_rule_sees_only_baseline_columns(derive):
    with pytest.raises(ProtocolError) as caught:
        derive({"exposure": doses("P1|0|9|12|start|AE")}, "P1 a", dose={"a": [{"mg_day": 12, "when": "weihgt_kg > 60"}]})
    assert "did you mean 'weight_kg'?" in str(caught.value)
