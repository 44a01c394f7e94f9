"""Imaging visits of an analysed patient, and the rows of visit_imaging, lesion and lesion_measure.

Baseline scan in -28..0 days; then the cohort's first scan and one every 8 to 12 weeks up to the end of progression-free
survival, which is itself a scan if it ends in radiologic progression or censoring. Some scans could not be read and some come
after progression: a correct derivation ignores both.
"""

from __future__ import annotations

from hcc_2024.raw_engine import Course, RawTables, pick, stream
from hcc_2024.raw_lesions import Lesion, Plan, baseline_lesions, grow


def scan_days(rng, row: dict) -> list[int]:
    """Days of the evaluable scans after baseline that decide response and progression."""
    first, end, kind = row["first_scan_day"], row["pfs_days"], row["pfs_kind"]
    if row["bor_recist"] == "NE":
        return []
    if first == end:
        return [first]
    if kind in ("clinical", "death"):
        days = [first]
        while days[-1] + 63 < end - 7:
            days.append(min(days[-1] + int(rng.integers(56, 85)), end - 7))
        return days
    gaps = max(1, round((end - first) / 68))
    inner = [first + round((end - first) * (k + rng.uniform(-0.08, 0.08)) / gaps) for k in range(1, gaps)]
    return [first, *inner, end]


def response_plan(rng, row: dict, n_scans: int, has_non_target: bool) -> Plan:
    """Category per scan, so that the best by each criterion and the day of progression are the cohort's."""
    progressed = row["pfs_kind"] == "radiologic"
    before = n_scans - progressed
    when = int(rng.integers(0, min(before, 2))) if before else 0

    def path(best: str) -> list[str]:
        if best == "PR":
            return ["SD"] * when + ["PR"] * (before - when)
        return ["SD"] * before

    recist, mrecist = path(row["bor_recist"]), path(row["bor_mrecist"])
    way = pick(rng, ("growth", "new", "non-target"), (0.6, 0.26, 0.14))
    if row["bor_recist"] == "PD" and row["bor_mrecist"] == "SD":
        way = "growth"
    elif way == "non-target" and not has_non_target or way == "growth" and row["bor_recist"] != row["bor_mrecist"]:
        way = "new"
    if progressed:
        recist.append("PD")
        mrecist.append("SD" if row["bor_mrecist"] == "SD" and row["bor_recist"] == "PD" else "PD")
    return Plan(recist, mrecist, way)


def add_imaging(tables: RawTables, course: Course, seed: int) -> int:
    """All imaging rows; sets course.scans (days of evaluable scans after baseline) and returns the baseline day."""
    rng = stream(seed, "scans", course.number)
    row = course.row
    differs = row["bor_recist"] != row["bor_mrecist"]
    lesions = baseline_lesions(stream(seed, "lesions", course.number), row, liver_only=differs)
    days = scan_days(rng, row)
    has_non_target = any(x.role == "non-target" and not x.node for x in lesions)
    plan = response_plan(rng, row, len(days), has_non_target)
    grow(rng, lesions, plan)
    extra = _scan_after_progression(rng, course, lesions, plan, days)
    baseline = -int(pick(rng, (1, 3, 6, 9, 13, 18, 24, 27), (0.12, 0.16, 0.18, 0.16, 0.14, 0.12, 0.08, 0.04)))
    visits = [(baseline, True)] + [(d, True) for d in days + extra]
    visits += [(d, False) for d in _unreadable(rng, row)]
    _write(tables, course, lesions, sorted(visits), rng)
    course.scans = days + extra
    return baseline


def _scan_after_progression(rng, course: Course, lesions: list[Lesion], plan: Plan, days: list[int]) -> list[int]:
    """In some, a scan under later treatment: mostly worse, in a few much smaller, which is no response to the index drug."""
    row = course.row
    room = row["os_days"] - row["pfs_days"]
    if row["pfs_kind"] != "radiologic" or plan.recist != plan.mrecist or room < 70 or rng.random() > 0.3:
        return []
    day = row["pfs_days"] + int(rng.integers(42, 64))
    shrinks = row["third_line"] and rng.random() < 0.3
    for x in lesions:
        if x.role == "non-target":
            continue
        scale = rng.uniform(0.4, 0.5) if shrinks else rng.uniform(1.05, 1.4)
        x.size.append(max(5, round(x.size[-1] * scale)))
        if x.viable:
            x.viable.append(max(4, round(x.viable[-1] * scale)))
    return [day]


def _unreadable(rng, row: dict) -> list[int]:
    """Days of scans that could not be read: before the first in a few without response, after the last in a few censored."""
    end, censored = row["pfs_days"], row["pfs_kind"] == "censored"
    if row["bor_recist"] == "NE":
        return [end - int(rng.integers(3, 9))] if not censored and end >= 28 and rng.random() < 0.35 else []
    return [end + 20] if censored and row["os_days"] - end > 25 and rng.random() < 0.35 else []


def _write(tables: RawTables, course: Course, lesions: list[Lesion], visits: list[tuple[int, bool]], rng) -> None:
    modality = pick(rng, ("CT", "MRI"), (0.72, 0.28))
    reader = f"reader {'A' if course.site == 'Site A' else 'B'}{int(rng.integers(1, 3))}"
    number = {}
    for visit, (day, readable) in enumerate(visits):
        scheduled = readable and (visit == 0 or day >= 49)
        tables.add(
            "visit_imaging", patient_id=course.patient_id, visit=visit, date=course.on(day), modality=modality,
            scheduled=scheduled, evaluable=readable, reader=reader,
        )  # fmt: skip
        if readable:
            number[len(number)] = visit
    for x in lesions:
        tables.add(
            "lesion", patient_id=course.patient_id, lesion_id=x.name, role=x.role, organ=x.organ, is_lymph_node=x.node,
            first_visit=number[x.first_visit],
        )  # fmt: skip
        for k in range(x.first_visit, len(number)):
            size = x.size[k] if k < len(x.size) else None
            viable = x.viable[k] if k < len(x.viable) else None
            status = "unequivocal progression" if 0 < x.worse <= k else "present"
            tables.add(
                "lesion_measure", patient_id=course.patient_id, lesion_id=x.name, visit=number[k], diameter_mm=size,
                viable_mm=viable, status=status,
            )  # fmt: skip
