"""Adverse events by term and worst grade, and what else befell a patient on the index line."""

from __future__ import annotations

import numpy as np

from equipoise.engine import Engine, read_sql, values
from equipoise.protocol.lines import line_name
from equipoise.protocol.measures import Safety
from equipoise.records import Cohort

PACKAGE = "equipoise.outcomes"
ATTRIBUTIONS = ("unrelated", "unlikely", "possible", "probable", "definite")
DAYS_AFTER_LAST_DOSE = 30  # the usual end of the treatment-emergent period


def define_safety(safety: Safety, engine: Engine) -> None:
    """Define `safety_event` and `worst_grade` from `observed_ae`; treatment-related means the attributions that the
    protocol names."""
    counted = safety.related if safety.attribution == "related" else [*ATTRIBUTIONS, "none"]
    related = [(attribution, DAYS_AFTER_LAST_DOSE) for attribution in counted]
    engine.define("setting_related", values(["attribution", "days_after_last_dose"], related), phase="outcomes")
    aliases = [(alias.strip().lower(), term) for alias, term in safety.aliases.items()]
    engine.define("setting_alias", values(["alias", "term"], aliases), phase="outcomes")
    composites = [(member.strip().lower(), name) for name, members in safety.composites.items() for member in members]
    engine.define("setting_composite", values(["member", "composite"], composites), phase="outcomes")
    engine.define("safety_event", read_sql(PACKAGE, "safety_event.sql"), phase="outcomes")
    engine.define("worst_grade", read_sql(PACKAGE, "worst_grade.sql"), phase="outcomes")


def define_course(engine: Engine, index_line: int) -> None:
    """Define `course`: discontinuation for an adverse event and the line after the index line. Needs `observed`."""
    engine.define("setting_line", values(["line"], [(index_line,)]), phase="outcomes")
    engine.define("course", read_sql(PACKAGE, "course.sql"), phase="outcomes")


def worst_grades(engine: Engine, cohort: Cohort) -> dict[str, np.ndarray]:
    """term -> worst grade per patient in the order of the cohort, 0 = none; terms in alphabetical order."""
    found = engine.fetch("select term, patient_id, grade from worst_grade order by lower(term), patient_id")
    return by_term(found["term"], cohort.places(found["patient_id"]), found["grade"], cohort.n)


def by_term(terms: np.ndarray, place: np.ndarray, grades: np.ndarray, n: int, empty: int = 0) -> dict[str, np.ndarray]:
    """term -> int per patient, in the order in which the terms come. One element per row: its term, its patient's place among n,
    and the number that he gets; `empty` is the number of all others."""
    found: dict[str, np.ndarray] = {}
    for term, rows in rows_of(terms).items():
        found[term] = np.full(n, empty)
        found[term][place[rows]] = grades[rows]
    return found


def rows_of(words: np.ndarray) -> dict[str, np.ndarray]:
    """word -> positions at which it stands, in the order in which the words come."""
    given = words.tolist()
    code = {word: k for k, word in enumerate(dict.fromkeys(given))}
    codes = np.fromiter(map(code.__getitem__, given), dtype=int, count=len(given))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(code)))
    return dict(zip(code, np.split(order, ends[:-1]), strict=True)) if code else {}


def flags(engine: Engine, cohort: Cohort, index_line: int) -> dict[str, np.ndarray]:
    """discontinued_for_ae (bool), and of the line after the index line, by its number: third_line (bool), third_line_regimen
    (text or None), third_line_day (nan = none). Nothing is said of a table that was not given."""
    found = engine.fetch("select * from course")
    place = {patient: i for i, patient in enumerate(found.pop("patient_id"))}
    order = np.array([place[patient] for patient in cohort.patient], dtype=int)
    out = {"discontinued_for_ae": found["discontinued_for_ae"][order]} if engine.has("exposure") else {}
    if engine.has("subsequent_therapy"):
        name = line_name(index_line + 1)
        for part in ("", "_regimen", "_day"):
            out[f"{name}{part}"] = found[f"later_line{part}"][order]
        out[f"{name}_day"] = out[f"{name}_day"].astype(float)
    return out
