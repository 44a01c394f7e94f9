"""Calendar of the raw tables: sites, index dates, infusions of the line before.

The follow-up times of the cohort get their calendar here. Who is alive after long follow-up was seen last shortly before the
data cut-off, so the index date follows from the cut-off; shorter follow-up of the living ended with a transfer elsewhere.
"""

from __future__ import annotations

from datetime import date, timedelta

from hcc_2024.raw_engine import CUTOFF, FIRST_INFUSION, LAST_INDEX, SITES, Course, pick, stream

LAST_VISIT_BEFORE_CUTOFF = 45


def place(course: Course, seed: int) -> None:
    """Site, index date and infusions of an analysed patient."""
    rng = stream(seed, "calendar", course.number)
    course.site = pick(rng, SITES, (0.68, 0.32))
    gap = int(rng.integers(14, 36))
    cycles, end = course.row["prior_cycles"], course.row["os_days"]
    latest = min(LAST_INDEX, CUTOFF - timedelta(days=end))
    earliest = FIRST_INFUSION + timedelta(days=21 * (cycles - 1) + gap)
    if earliest > latest:
        gap = 14
        earliest = FIRST_INFUSION + timedelta(days=21 * (cycles - 1) + gap)
    room = (latest - earliest).days
    if room < 0:
        raise ValueError(f"{course.patient_id}: {cycles} cycles and {end} days do not fit into the calendar")
    before_cutoff = (CUTOFF - latest).days - end
    if not course.row["os_event"] and before_cutoff <= LAST_VISIT_BEFORE_CUTOFF:
        back = int(rng.integers(0, LAST_VISIT_BEFORE_CUTOFF - before_cutoff + 1))
        course.index = latest - timedelta(days=min(back, room))
    else:
        course.index = earliest + timedelta(days=int(room * rng.beta(1.6, 1.1)))
    course.infusions = infusions(rng, course.index - timedelta(days=gap), cycles)


def infusions(rng, last: date, cycles: int) -> list[dict]:
    """One row per infusion, the last on a given day, every three weeks with a few delays; `cycles` of them hold atezolizumab.

    Some patients missed bevacizumab, and in a few it was given once without atezolizumab: no cycle then.
    """
    days, day = [last], last
    spare = (last - FIRST_INFUSION).days - 21 * (cycles - 1)
    alone = cycles >= 3 and spare > 60 and rng.random() < 0.06
    for _ in range(cycles - 1 + alone):
        delay = int(pick(rng, (0, 7, 14), (0.85, 0.11, 0.04)))
        if delay > spare - 30 * alone:
            delay = 0
        spare -= delay
        day = day - timedelta(days=21 + delay)
        days.append(day)
    days.reverse()
    without_atezolizumab = int(rng.integers(1, len(days) - 1)) if alone else -1
    no_bevacizumab_from = int(rng.integers(1, cycles)) if cycles > 1 and rng.random() < 0.09 else len(days)
    rows = []
    for k, when in enumerate(days):
        ate = k != without_atezolizumab
        bev = k < no_bevacizumab_from or not ate
        rows.append(
            dict(cycle=k + 1, date=when, given_ate=ate, given_bev=bev,
                 atezolizumab_mg=1200 if ate else 0, bevacizumab_mg_kg=15 if bev else 0)
        )  # fmt: skip
    return rows
