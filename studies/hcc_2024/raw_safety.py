"""End of treatment and adverse events of the analysed patients, calibrated to the arm counts of Table 5.

Counts per term, arm, any grade and grade 3-4 are exact; 32 and 75 patients have any treatment-related event, 14 and 22 one of
grade 3-4 (33 printed for sorafenib cannot come from 22 listed events, and none is invented); 12 and 16 stop for an event.
"Treatment-related" is an attribution of possible, probable or definite. Unrelated events must not count.
"""

from __future__ import annotations

import numpy as np

from hcc_2024.raw_engine import CUTOFF, Course, RawTables, pick, stream

# Term: lenvatinib any grade, grade 3-4, sorafenib any grade, grade 3-4.
TERMS = {
    "AST elevation": (20, 4, 45, 2), "Total bilirubin elevation": (16, 2, 47, 2), "Thrombocytopenia": (20, 0, 19, 1),
    "ALT elevation": (15, 2, 22, 1), "Diarrhea": (16, 1, 20, 0), "Anorexia": (16, 1, 17, 1), "Proteinuria": (23, 12, 3, 1),
    "Fatigue": (6, 1, 16, 1), "Hypertension": (17, 0, 5, 0), "Nausea": (10, 0, 11, 1), "Anemia": (10, 0, 8, 0),
    "Rash": (4, 1, 13, 4), "Hand-Foot Syndrome": (2, 0, 17, 4), "Hypothyroidism": (14, 0, 1, 0), "Pruritus": (4, 0, 6, 1),
    "Oral Mucositis": (6, 0, 6, 0), "Neutropenia": (4, 0, 5, 0), "Vomiting": (1, 0, 6, 1),
    "Gastrointestinal bleeding": (3, 3, 3, 2), "Constipation": (3, 0, 1, 0), "Headache": (1, 0, 2, 0),
    "Chest pain": (0, 0, 2, 0), "Arthralgia": (2, 0, 0, 0),
}  # fmt: skip
PATIENTS_WITH_ANY, PATIENTS_WITH_SEVERE, STOPPED_FOR_EVENT = (32, 75), (14, 22), (12, 16)
MAY_BE_GRADE_4 = ("AST elevation", "Thrombocytopenia", "Gastrointestinal bleeding")
UNRELATED_TERMS = (
    "Abdominal pain", "Fever", "Pneumonia", "Hepatic encephalopathy", "Ascites", "Back pain", "Fatigue", "Anorexia", "Insomnia",
    "Nausea", "Edema", "Fall",
)  # fmt: skip
# CTCAE v5.0 has no grade 4 of these; the others may have one
NO_GRADE_4 = ("Abdominal pain", "Back pain", "Fatigue", "Insomnia", "Nausea", "Edema", "Fall")
ATTRIBUTIONS = (("possible", "probable", "definite"), (0.45, 0.4, 0.15))


def plan_stops(courses: list[Course], seed: int) -> None:
    """Last day on treatment and why. Who stops for an event does so before progression; progression-free survival stands."""
    rng = stream(seed, "stops")
    for arm, count in zip(("lenvatinib", "sorafenib"), STOPPED_FOR_EVENT, strict=True):
        able = [c for c in courses if c.row["arm"] == arm and c.row["pfs_days"] >= 40]
        for k in rng.choice(len(able), count, replace=False):
            able[k].stop_reason = "AE"
            able[k].stop_day = int(min(rng.integers(18, 150), able[k].row["pfs_days"] - rng.integers(2, 9)))
    for course in courses:
        if course.stop_reason:
            continue
        row, end = course.row, course.end
        if row["pfs_kind"] in ("radiologic", "clinical"):
            limit = min(end - 1, (row["third_line_start_day"] or end) - 1)
            course.stop_day, course.stop_reason = min(row["pfs_days"] + int(rng.integers(0, 15)), limit), "progression"
        elif row["pfs_kind"] == "death":
            course.stop_day, course.stop_reason = end, "death"
        elif (CUTOFF - course.on(end)).days <= 45:
            course.stop_day, course.stop_reason = end, "ongoing"
        else:
            course.stop_day, course.stop_reason = end, pick(rng, ("lost", "refusal"), (0.8, 0.2))


def plan_events(courses: list[Course], seed: int) -> None:
    """Events of every patient into course.events, related ones by the counts of Table 5, then unrelated ones."""
    rng = stream(seed, "events")
    for a, arm in enumerate(("lenvatinib", "sorafenib")):
        group = [c for c in courses if c.row["arm"] == arm]
        for course, terms in _patients_by_term(rng, group, a).items():
            _date_events(rng, group[course], terms)
        _mark_stops(rng, group)
    for course in courses:
        _add_unrelated(rng, course)
        course.events.sort(key=lambda e: (e["start"], e["term"], e["grade"]))
        for n, event in enumerate(course.events, start=1):
            event["ae_id"] = f"{course.patient_id}-A{n:02d}"


def _patients_by_term(rng, group: list[Course], arm: int) -> dict[int, dict[str, bool]]:
    """Position in group -> {term: grade 3-4?}, with the printed number of patients per term and in all."""
    weight = np.array([min(max(c.stop_day, 10), 200) ** 0.7 for c in group])
    stops = [k for k, c in enumerate(group) if c.stop_reason == "AE"]
    others = [k for k in range(len(group)) if k not in stops]
    p = weight[others] / weight[others].sum()
    rest = rng.choice(others, PATIENTS_WITH_ANY[arm] - len(stops), replace=False, p=p)
    patients = np.array(sorted([*stops, *rest]))
    terms: dict[int, dict[str, bool]] = {int(k): {} for k in patients}
    p = weight[patients] / weight[patients].sum()
    severe = rng.choice(patients, PATIENTS_WITH_SEVERE[arm], replace=False, p=p)
    counts = {t: (n[2 * arm], n[2 * arm + 1]) for t, n in TERMS.items()}
    _place_severe(rng, terms, severe, {t: n[1] for t, n in counts.items() if n[1]})
    left = {t: n[0] - n[1] for t, n in counts.items()}
    for k in rng.permutation([k for k in terms if not terms[k]]):  # nobody of those with any event stays without one
        term = pick(rng, left, left.values())
        terms[int(k)][term] = False
        left[term] -= 1
    for term, n in left.items():
        free = np.array([k for k in terms if term not in terms[k]])
        p = weight[free] / weight[free].sum()
        for k in rng.choice(free, n, replace=False, p=p):
            terms[int(k)][term] = False
    return terms


def _place_severe(rng, terms: dict[int, dict[str, bool]], severe: np.ndarray, counts: dict[str, int]) -> None:
    """Grade 3-4 events over these patients so that each has one: the commonest term first, then whoever is still without."""
    for term, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])):
        waiting = [k for k in severe if not terms[int(k)]]
        taken = list(rng.permutation(waiting))[:n]
        others = [k for k in severe if k not in taken and term not in terms[int(k)]]
        taken += list(rng.permutation(others))[: n - len(taken)]
        for k in taken:
            terms[int(k)][term] = True


def _date_events(rng, course: Course, terms: dict[str, bool]) -> None:
    """A start and a grade for each term; a third of them come in two rows, of which the worse one counts."""
    last = max(1, min(course.stop_day + 12, course.end - 1))
    for term, severe in terms.items():
        start = 1 + int((last - 1) * rng.beta(1.1, 2.2))
        grade = _grade(rng, term, severe)
        if grade > 1 and start > 8 and rng.random() < 0.45:
            _event(rng, course, term, grade - 1 if grade < 4 else 2, max(1, start - int(rng.integers(5, 15))))
        elif last - start > 20 and rng.random() < 0.2:
            _event(rng, course, term, 1, start + int(rng.integers(12, last - start + 1)))
        _event(rng, course, term, grade, start)


def _grade(rng, term: str, severe: bool) -> int:
    if severe:
        return 4 if term in MAY_BE_GRADE_4 and rng.random() < 0.25 else 3
    return 1 if rng.random() < 0.62 else 2


def _event(rng, course: Course, term: str, grade: int, start: int, attribution: str | None = None) -> None:
    length = int(rng.gamma(2, 9)) + 2
    over = start + length < course.end - 2
    action = "none"
    if attribution is None and start < course.stop_day - 3:
        action = pick(rng, ("none", "reduce", "interrupt"), {1: (1, 0, 0), 2: (0.7, 0.2, 0.1)}.get(grade, (0.15, 0.45, 0.4)))
    course.events.append(
        {
            "term": term, "grade": grade, "attribution": attribution or pick(rng, *ATTRIBUTIONS), "start": start,
            "stop": start + length if over else None, "action": action, "serious": bool(grade >= 3 and rng.random() < 0.3),
            "outcome": "recovered" if over else pick(rng, ("not recovered", "recovering", "unknown"), (0.6, 0.25, 0.15)),
        }
    )  # fmt: skip


def _mark_stops(rng, group: list[Course]) -> None:
    """The event behind each stop for toxicity: the worst related one, moved to the week before the stop."""
    for course in group:
        if course.stop_reason != "AE":
            continue
        worst = max(course.events, key=lambda e: (e["grade"], -e["start"], e["term"]))
        worst["start"] = max(1, course.stop_day - int(rng.integers(0, 7)))
        worst["action"] = "stop"
        for other in course.events:  # a milder row of the same term came before
            if other is not worst and other["term"] == worst["term"] and other["start"] == worst["start"]:
                other["start"] -= 3
        length = int(rng.integers(10, 40))
        over = worst["start"] + length < course.end - 2
        worst["stop"] = worst["start"] + length if over else None
        worst["outcome"] = "recovered" if over else "not recovered"


def _add_unrelated(rng, course: Course) -> None:
    """Events attributed to the disease or something else, of any grade below 5 that the term has."""
    for _ in range(int(rng.poisson(0.45))):
        term = pick(rng, UNRELATED_TERMS)
        grade = int(pick(rng, (1, 2, 3, 4), (0.4, 0.35, 0.22, 0.03)))
        grade = min(grade, 3) if term in NO_GRADE_4 else grade
        start = int(rng.integers(1, max(2, min(course.stop_day + 30, course.end))))
        _event(rng, course, term, grade, start, attribution=pick(rng, ("unrelated", "unlikely"), (0.6, 0.4)))


def add_events(tables: RawTables, course: Course) -> None:
    for e in course.events:
        tables.add(
            "ae", patient_id=course.patient_id, ae_id=e["ae_id"], ctcae_term=e["term"], grade=e["grade"],
            attribution=e["attribution"], start=course.on(e["start"]),
            stop=None if e["stop"] is None else course.on(e["stop"]), action=e["action"], serious=e["serious"],
            outcome=e["outcome"],
        )  # fmt: skip
