"""All raw tables of the founding study from the analysis-level cohort: what a hospital would have recorded behind each row."""

from __future__ import annotations

from hcc_2024.raw_calendar import place
from hcc_2024.raw_doses import add_doses
from hcc_2024.raw_dropouts import add_dropouts
from hcc_2024.raw_engine import Course, RawTables
from hcc_2024.raw_follow_up import add_follow_up, add_index
from hcc_2024.raw_labs import add_baseline_labs, add_later_labs
from hcc_2024.raw_person import add_findings, add_person, add_screening, add_tumour
from hcc_2024.raw_safety import add_events, plan_events, plan_stops
from hcc_2024.raw_scans import add_imaging


def make_raw_tables(cohort: list[dict], seed: int) -> RawTables:
    """cohort: rows of `raw_engine.read_cohort`. Pure NumPy; under two seconds."""
    tables = RawTables()
    courses = [Course(row["patient_id"], k, row) for k, row in enumerate(cohort, start=1)]
    for course in courses:
        place(course, seed)
    plan_stops(courses, seed)
    plan_events(courses, seed)
    for course in courses:
        add_person(tables, course, seed)
        add_screening(tables, course, "progression", "second line")
        add_index(tables, course, seed)
        baseline_scan = add_imaging(tables, course, seed)
        ascites, encephalopathy, base = add_baseline_labs(tables, course, seed)
        add_findings(tables, course, ascites, encephalopathy, seed)
        add_tumour(tables, course, baseline_scan, seed)
        add_later_labs(tables, course, base, seed)
        add_events(tables, course)
        add_doses(tables, course, seed)
        add_follow_up(tables, course, seed)
    add_dropouts(tables, len(courses) + 1, seed)
    return tables
