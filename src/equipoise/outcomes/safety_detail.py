"""What adverse events led to, how many there were on how much treatment, when the first came, and laboratory grades."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from equipoise.engine import Engine, read_sql, values
from equipoise.errors import Fault
from equipoise.outcomes.adverse_events import DAYS_AFTER_LAST_DOSE, PACKAGE
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
    place = {patient: i for i, patient in enumerate(cohort.patient)}
    events = engine.rows("select patient_id, term, grade, action, day, composite from safety_event order by term, source_row")
    course = engine.rows("select patient_id, exposure_days, end_day, death_day from safety_course")
    exposure, end, death = (np.full(cohort.n, np.nan) for _ in range(3))
    for patient, *found in course:
        for into, value in zip((exposure, end, death), found, strict=True):
            into[place[patient]] = np.nan if value is None else value
    return SafetyDetail(
        counts=_counts(events, place, cohort.n),
        led_to=_led_to(events, place, cohort.n),
        composites=tuple(sorted({term for _, term, *_, composite in events if composite})),
        exposure_days=exposure,
        first={name: _first(events, place, end, death, grade) for name, grade in FIRST.items()},
        laboratory=_laboratory(safety, engine, place, cohort.n),
    )


def _counts(events: list[tuple], place: dict, n: int) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(n, dtype=int))
    for patient, term, *_ in events:
        found[term][place[patient]] += 1
    return dict(found)


def _led_to(events: list[tuple], place: dict, n: int) -> dict[str, dict[str, np.ndarray]]:
    """action -> term -> whether an event of it led to the action."""
    found: dict[str, dict[str, np.ndarray]] = {a: defaultdict(lambda: np.zeros(n, dtype=bool)) for a in ACTIONS}
    for patient, term, _, action, *_ in events:
        if action in found:
            found[action][term][place[patient]] = True
    return {action: dict(terms) for action, terms in found.items()}


def _first(events: list[tuple], place: dict, end: np.ndarray, death: np.ndarray, grade: int) -> FirstEvent:
    """Time and cause (1 event, 2 death before it, 0 neither) of those whose follow-up is known; nan otherwise."""
    day = np.full(len(end), np.inf)
    for patient, _, worst, _, at, _ in events:
        if worst >= grade:
            day[place[patient]] = min(day[place[patient]], at)
    died = np.where(np.isnan(death), np.inf, death)
    cause = np.where(day <= np.minimum(died, end), 1, np.where(died <= end, 2, 0))
    time = np.select([cause == 1, cause == 2], [day, died], default=end)
    return FirstEvent(np.where(np.isnan(end), np.nan, time), cause)


def _laboratory(safety: Safety, engine: Engine, place: dict, n: int) -> dict[str, np.ndarray]:
    """Treatment-emergent worst grade by term: 0 none or not above the baseline, -1 not gradable."""
    if safety.laboratory is None:
        return {}
    define_lab_grades(engine, version=safety.laboratory)
    found: dict[str, np.ndarray] = defaultdict(lambda: np.full(n, -1))
    rows = engine.rows(
        "select patient_id, term, worst_grade, treatment_emergent from lab_toxicity order by lower(term), patient_id"
    )
    for patient, term, worst, emergent in rows:
        grade = -1 if worst is None or emergent is None else int(worst) if emergent else 0
        found[term][place[patient]] = grade
    return dict(found)
