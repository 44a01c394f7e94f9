"""What adverse events led to, how many there were on how much treatment, when the first came, and laboratory grades."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, read_sql, values
from equipoise.errors import Fault
from equipoise.outcomes.adverse_events import DAYS_AFTER_LAST_DOSE, PACKAGE, by_term, rows_of
from equipoise.outcomes.ctcae import define_lab_grades
from equipoise.outcomes.ctcae.rules import highest_grades
from equipoise.outcomes.faults import LISTED
from equipoise.protocol.measures import Safety
from equipoise.records import Cohort, FirstEvent, SafetyDetail, Sources, SourceTable

HAND_FOOT = ("palmar-plantar erythrodysesthesia", "hand-foot syndrome", "hand-foot skin reaction")  # other names of one term
V5 = "CTCAE v5"
ACTIONS = ("reduce", "interrupt", "stop")
FIRST = {"any_grade": 1, "grade_3_5": 3}


def grade_faults(safety: Safety, sources: Sources) -> list[Fault]:
    """Grades above the highest that their term has, by row of the file. Terms of CTCAE v5.0 where the study's dictionary is
    that; hand-foot syndrome, which has no grade 4 in any version, always; then those that the protocol names."""
    known = highest_grades() if safety.dictionary.startswith(V5) else {}
    highest = known | dict.fromkeys(HAND_FOOT, 3) | {term.strip().lower(): grade for term, grade in safety.highest_grade.items()}
    table = sources.tables.get("ae", SourceTable("ae", "ae", 0, ""))
    known_terms = values(["term", "highest"], sorted(highest.items()))
    found = sources.engine.rows(
        f"select known.term, ae.source_row from ae join ({known_terms}) as known on lower(trim(ae.ctcae_term)) = known.term "
        "where ae.grade > known.highest order by ae.source_row"
    )
    faults = []
    for term, row in found[:LISTED]:
        message = f"'{term}' has no grade above {highest[term]}; mend the grade, or set highest_grade under 'safety'."
        faults.append(Fault(f"{table.file}, row {table.row(row)}, column grade", "highest grade", message))
    if len(found) > LISTED:
        left = len(found) - LISTED
        message = f"{left} more {'row has' if left == 1 else 'rows have'} a grade that the term does not have."
        faults.append(Fault(table.file, "highest grade", message))
    return faults


def detail(safety: Safety, engine: Engine, cohort: Cohort) -> SafetyDetail:
    """Everything beside the worst grades, in the order of the cohort. Needs `safety_event`."""
    engine.define("setting_period", values(["days_after_last_dose"], [(DAYS_AFTER_LAST_DOSE,)]), phase="outcomes")
    engine.define("safety_course", read_sql(PACKAGE, "safety_course.sql"), phase="outcomes")
    events = engine.fetch("select patient_id, term, grade, action, day, composite from safety_event order by term, source_row")
    events["place"] = cohort.places(events.pop("patient_id"))
    course = engine.fetch("select patient_id, exposure_days, end_day, death_day from safety_course")
    place = cohort.places(course.pop("patient_id"))
    exposure, end, death = (np.full(cohort.n, np.nan) for _ in range(3))
    for into, values_of in zip((exposure, end, death), course.values(), strict=True):
        into[place] = values_of.astype(float)
    return SafetyDetail(
        counts={term: np.bincount(events["place"][rows], minlength=cohort.n) for term, rows in rows_of(events["term"]).items()},
        led_to={action: _led_to(events, action, cohort.n) for action in ACTIONS},
        composites=tuple(sorted(set(events["term"][events["composite"].astype(bool)]))),
        exposure_days=exposure,
        first={name: _first(events, end, death, grade) for name, grade in FIRST.items()},
        laboratory=_laboratory(safety, engine, cohort),
    )


def _led_to(events: dict[str, np.ndarray], action: str, n: int) -> dict[str, np.ndarray]:
    """term -> whether an event of it led to the action."""
    rows = events["action"] == action
    there = np.ones(int(rows.sum()), dtype=int)
    found = by_term(events["term"][rows], events["place"][rows], there, n)
    return {term: led.astype(bool) for term, led in found.items()}


def _first(events: dict[str, np.ndarray], end: np.ndarray, death: np.ndarray, grade: int) -> FirstEvent:
    """Time and cause (1 event, 2 death before it, 0 neither) of those whose follow-up is known; nan otherwise."""
    day = np.full(len(end), np.inf)
    rows = events["grade"] >= grade
    np.minimum.at(day, events["place"][rows], events["day"][rows])
    died = np.where(np.isnan(death), np.inf, death)
    cause = np.where(day <= np.minimum(died, end), 1, np.where(died <= end, 2, 0))
    time = np.select([cause == 1, cause == 2], [day, died], default=end)
    return FirstEvent(np.where(np.isnan(end), np.nan, time), cause)


def _laboratory(safety: Safety, engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """Treatment-emergent worst grade by term: 0 none or not above the baseline, -1 not gradable."""
    if safety.laboratory is None:
        return {}
    define_lab_grades(engine, version=safety.laboratory)
    found = engine.fetch(
        "select patient_id, term, case when worst_grade is null or treatment_emergent is null then -1 "
        "when treatment_emergent then worst_grade else 0 end as grade from lab_toxicity order by lower(term), patient_id"
    )
    return by_term(found["term"], cohort.places(found["patient_id"]), found["grade"], cohort.n, empty=-1)
