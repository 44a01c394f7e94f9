"""Responses at scans, and other rows of patients, as columns: what went in comes back, also of some of the patients."""

import numpy as np

from equipoise.outcomes.adverse_events import by_term, rows_of
from equipoise.records import VisitResponses

ROWS = [("a", "SD", 40, -12.5), ("b", "NE", 41, np.nan), ("b", None, 80, 3.0), ("c", "PD", 60, 25.0)]


def responses() -> VisitResponses:
    names, overall, day, change = (list(cells) for cells in zip(*ROWS, strict=True))
    place = np.array(["abc".index(name) for name in names])
    criterion, answers = np.array(["RECIST 1.1"] * 4, dtype=object), np.array(overall, dtype=object)
    patients, visit, new = np.array(list("abc"), dtype=object), np.arange(1, 5), np.zeros(4, dtype=bool)
    return VisitResponses(patients, place, criterion, visit, np.array(day), answers, np.array(change), new)


def test_rows_are_those_that_went_in():
    rows = list(responses())
    assert [(r["patient_id"], r["overall"], r["day"]) for r in rows] == [row[:3] for row in ROWS]
    assert [r["change_from_baseline_pct"] for r in rows] == [-12.5, None, 3.0, 25.0]
    assert [r["visit"] for r in responses()[1:3]] == [2, 3] and responses()[3]["overall"] == "PD"
    assert responses().answered.tolist() == [True, False, False, True]


def test_some_of_the_patients():
    part = responses().among(np.array([False, True, True]))
    assert [r["patient_id"] for r in part] == ["b", "b", "c"] and part.patients.tolist() == ["b", "c"]
    assert part != responses() and part == responses().among(np.array([False, True, True]))
    assert not VisitResponses()


def test_words_in_the_order_in_which_they_come():
    words = np.array(["b", "a", "b", "c", "a"], dtype=object)
    assert {word: rows.tolist() for word, rows in rows_of(words).items()} == {"b": [0, 2], "a": [1, 4], "c": [3]}
    assert list(rows_of(words)) == ["b", "a", "c"] and rows_of(words[:0]) == {}
    grades = by_term(words, np.array([0, 1, 2, 0, 2]), np.array([3.0, 1.0, 2.0, 4.0, 5.0]), 3, empty=-1)
    assert {term: grade.tolist() for term, grade in grades.items()} == {"b": [3, -1, 2], "a": [-1, 1, 5], "c": [4, -1, -1]}
