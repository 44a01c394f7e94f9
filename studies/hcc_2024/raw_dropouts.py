"""The 68 screened but not analysed: 34 died and 8 deteriorated in the first line, 16 after it, 10 had other drugs."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from hcc_2024.raw_calendar import infusions
from hcc_2024.raw_engine import CUTOFF, FIRST_INFUSION, LAST_INDEX, SITES, Course, RawTables, pick, stream
from hcc_2024.raw_follow_up import CAUSES
from hcc_2024.raw_labs import put_lab
from hcc_2024.raw_person import add_person, add_screening

# Why the first line stopped, what followed, drug of the second line, number of patients.
GROUPS = (
    ("death", "none", None, 34),
    ("deterioration", "none", None, 8),
    ("progression", "deterioration", None, 16),
    ("progression", "second line", "regorafenib", 8),
    ("progression", "second line", "5-FU", 2),
)


def add_dropouts(tables: RawTables, first_number: int, seed: int) -> None:
    """Rows of everyone in GROUPS, in a random order of patient numbers from first_number on."""
    everyone = [g[:3] for g in GROUPS for _ in range(g[3])]
    order = stream(seed, "calendar").permutation(len(everyone))
    for k, which in enumerate(order):
        _add_dropout(tables, first_number + k, *everyone[which], seed)


def _add_dropout(tables: RawTables, number: int, stopped: str, then: str, drug: str | None, seed: int) -> None:
    rng = stream(seed, "calendar", number)
    row = {"male": int(rng.random() < 0.87), "viral": int(rng.random() < 0.73), "age": int(np.clip(rng.normal(64, 10), 36, 87))}
    course = Course(f"P{number:03d}", number, row, site=pick(rng, SITES, (0.68, 0.32)))
    cycles = int(min(8, 1 + rng.geometric(0.33 if stopped == "progression" else 0.42)))
    first = FIRST_INFUSION + timedelta(days=21 * (cycles + 2) + int(760 * rng.beta(1.5, 1.2)))
    course.infusions = infusions(rng, first, cycles)
    last = course.infusions[-1]["date"]
    if drug:
        course.index = min(last + timedelta(days=int(rng.integers(14, 36))), LAST_INDEX)
        row["os_days"] = int(min(30 + rng.gamma(1.5, 110), (CUTOFF - course.index).days))
    add_person(tables, course, seed)
    add_screening(tables, course, stopped, then)
    _add_values(tables, course, rng, worse=not drug)
    if drug:
        tables.add("index_treatment", patient_id=course.patient_id, drug=drug, index_date=course.index)
    days = 3 + int(rng.gamma(1.5, 12)) if stopped == "death" else row.get("os_days") or 20 + int(rng.gamma(1.4, 45))
    begin = course.index or last
    end = min(begin + timedelta(days=days), CUTOFF)
    dead = end < CUTOFF and (stopped == "death" or rng.random() < 0.7)
    tables.add(
        "followup", patient_id=course.patient_id, last_contact=end, death_date=end if dead else None,
        death_cause=pick(rng, *CAUSES) if dead else None, data_cutoff=CUTOFF,
    )  # fmt: skip


def _add_values(tables: RawTables, course: Course, rng, worse: bool) -> None:
    """A few laboratory values and findings near the end of the first line, with a worse liver than the analysed."""
    day = min(course.index or course.infusions[-1]["date"] + timedelta(days=2), course.infusions[-1]["date"] + timedelta(days=14))
    values = {
        "bilirubin": rng.uniform(1.6, 4.5) if worse else rng.uniform(0.5, 1.6),
        "albumin": rng.uniform(2.3, 3.3) if worse else rng.uniform(3.2, 4.3),
        "INR": rng.uniform(1.1, 1.7),
        "AFP": 3 + rng.lognormal(6, 2.5),
    }
    for analyte, value in values.items():
        put_lab(tables, course, day, analyte, float(value))
    ecog = pick(rng, (1, 2, 3), (0.3, 0.45, 0.25)) if worse else pick(rng, (0, 1), (0.5, 0.5))
    weight = round(float(rng.normal(63, 9)), 1)
    for item, value, unit in (("ecog", ecog, None), ("weight_kg", weight, "kg")):
        tables.add("observation", patient_id=course.patient_id, date=day, item=item, value=value, unit=unit)
