"""Index treatment, later lines and the end of follow-up of the analysed patients."""

from __future__ import annotations

from hcc_2024.raw_engine import CUTOFF, Course, RawTables, pick, stream

CAUSES = (("hepatocellular carcinoma", "liver failure", "infection", "bleeding", "other"), (0.68, 0.16, 0.07, 0.05, 0.04))

FOURTH_LINE = ("cabozantinib", "regorafenib", "5-FU")


def add_index(tables: RawTables, course: Course, seed: int) -> None:
    """Drug and day; recorded scores mostly agree with what the raw values give, a few do not, some are missing."""
    rng = stream(seed, "follow-up", 10_000 + course.number)
    score, stage = course.row["child_pugh_score"], course.row["bclc"]
    recorded = pick(rng, (score, None, score + 1 if score < 8 else 7), (0.85, 0.11, 0.04))
    recorded_stage = pick(rng, (stage, None, "B" if stage == "C" else "C"), (0.87, 0.1, 0.03))
    tables.add(
        "index_treatment", patient_id=course.patient_id, drug=course.row["arm"], index_date=course.index,
        recorded_child_pugh=recorded, recorded_bclc=recorded_stage,
    )  # fmt: skip


def add_follow_up(tables: RawTables, course: Course, seed: int) -> None:
    """last contact, death, clinical progression: the event itself, or in some a later note after radiologic progression."""
    rng = stream(seed, "follow-up", course.number)
    row, end = course.row, course.end
    clinical = row["pfs_days"] if row["pfs_kind"] == "clinical" else None
    if row["pfs_kind"] == "radiologic" and end - row["pfs_days"] > 20 and rng.random() < 0.12:
        clinical = row["pfs_days"] + int(rng.integers(4, min(60, end - row["pfs_days"])))
    tables.add(
        "followup", patient_id=course.patient_id, last_contact=course.on(end),
        last_imaging=course.on(course.scans[-1]) if course.scans else None,
        death_date=course.on(end) if row["os_event"] else None, death_cause=pick(rng, *CAUSES) if row["os_event"] else None,
        progression_date=None if clinical is None else course.on(clinical), data_cutoff=CUTOFF,
    )  # fmt: skip
    if row["third_line"]:
        _add_later_lines(tables, course, rng)


def _add_later_lines(tables: RawTables, course: Course, rng) -> None:
    """Third line as in the cohort; in some long survivors a fourth one after it."""
    start, end = course.row["third_line_start_day"], course.end
    stop = start + 14 + int(rng.gamma(1.4, 55))
    known = stop < end
    tables.add(
        "subsequent_therapy", patient_id=course.patient_id, line=3, regimen=course.row["third_line_drug"],
        start=course.on(start), stop=course.on(stop) if known else None,
    )  # fmt: skip
    if known and end - stop > 60 and rng.random() < 0.4:
        later = pick(rng, [x for x in FOURTH_LINE if x != course.row["third_line_drug"]])
        tables.add("subsequent_therapy", patient_id=course.patient_id, line=4, regimen=later, start=course.on(stop + 21))
