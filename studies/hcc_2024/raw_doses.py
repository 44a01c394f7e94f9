"""Dosing intervals of the index drug: full dose by weight, reduced and interrupted at adverse events, stopped as planned."""

from __future__ import annotations

from hcc_2024.raw_engine import Course, RawTables, pick, stream

LADDER = {"lenvatinib": (12, 8, 4), "sorafenib": (800, 600, 400, 200)}
HEAVY_KG = 60


def first_dose(rng, course: Course) -> int:
    """Lenvatinib 12 mg from 60 kg, otherwise 8 mg; sorafenib 800 mg; a few with Child-Pugh B begin lower."""
    careful = course.row["child_pugh_score"] >= 7 and rng.random() < 0.2
    if course.row["arm"] == "lenvatinib":
        return 12 if course.weight_kg >= HEAVY_KG and not careful else 8
    return 400 if careful else 800


def add_doses(tables: RawTables, course: Course, seed: int) -> None:
    """One row per interval; intervals follow each other without gap until the last day on treatment."""
    rng = stream(seed, "doses", course.number)
    ladder = LADDER[course.row["arm"]]
    dose = first_dose(rng, course)
    intervals = [{"start": 0, "dose": dose, "why": "start", "ae": None}]
    for event in course.events:
        day = event["start"]
        if event["action"] not in ("reduce", "interrupt") or day <= intervals[-1]["start"] or day >= course.stop_day - 1:
            continue
        lower = next((x for x in ladder if x < dose), dose)
        if event["action"] == "interrupt":
            back = day + int(rng.integers(5, 15))
            if back >= course.stop_day - 1:
                continue
            dose = pick(rng, (dose, lower), (0.4, 0.6))
            intervals.append({"start": day, "dose": 0, "why": "interruption", "ae": event["ae_id"]})
            intervals.append({"start": back, "dose": dose, "why": "resume", "ae": event["ae_id"]})
        elif lower < dose:
            dose = lower
            intervals.append({"start": day, "dose": dose, "why": "AE", "ae": event["ae_id"]})
    for k, interval in enumerate(intervals):
        last = k + 1 == len(intervals)
        stop = course.stop_day if last else intervals[k + 1]["start"] - 1
        ongoing = last and course.stop_reason == "ongoing"
        tables.add(
            "exposure", patient_id=course.patient_id, start=course.on(interval["start"]),
            stop=None if ongoing else course.on(stop), dose_mg_day=interval["dose"], change_reason=interval["why"],
            ae_id=interval["ae"], stop_reason=course.stop_reason if last else None,
        )  # fmt: skip
