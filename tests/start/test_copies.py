"""What is told from cells alone: identifiers, and columns that say again what the arm, the time or the event says.

By hand: each column is made from the drawn arm, time and event by the rule that its name gives.
"""

from __future__ import annotations

import csv
import random
import re

import pytest

from equipoise.start.begin import begin_study
from equipoise.start.profiles import profile_of
from equipoise.start.vocabulary import control, endpoint_of, names


def begun(folder, rows):
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    said: list[str] = []
    found = begin_study([folder / "rows.csv"], say=said.append)
    return found, {line[12:].split(":")[0]: line for line in said if line.startswith("left out")}, said


def drawn(n=80):
    draw = random.Random(8)
    for i in range(n):
        time = round(draw.expovariate(0.05) + 1, 1)
        yield i, draw.random() < 0.5, time, draw.random() < 0.6, draw.randint(30, 80)


COPIES = {
    "kb1": (lambda i, arm, time, died: 100000 + 13 * i, "an identifier"),
    "kb2": (lambda i, arm, time, died: i + 1, "an identifier"),
    "kb3": (lambda i, arm, time, died: "xy"[died], "the event in other words"),
    "kb4": (lambda i, arm, time, died: "AB"[i % 2] if died else "", "known only later"),
    "kb5": (lambda i, arm, time, died: round(time * 30.4375), "another unit of it"),
    "kb6": (lambda i, arm, time, died: int(time >= 12), "it follows from the time and the event"),
    "kb7": (lambda i, arm, time, died: 400 + i % 2 * 200 if arm else 8 + i % 2 * 4, "a copy of the arm, or its dose"),
    "kb8": (lambda i, arm, time, died: i % 5 + 1 if arm else "", "a copy of the arm, or its dose"),
}


def test_what_says_again_what_another_column_says_is_left_out(tmp_path):
    rows = [
        {"id": f"p{i}", "arm": "ab"[arm], "os_months": time, "os_event": int(died), "age": age}
        | {name: rule(i, arm, time, died) for name, (rule, _) in COPIES.items()}
        for i, arm, time, died, age in drawn()
    ]
    _, left, said = begun(tmp_path, rows)
    assert {name for name, (_, why) in COPIES.items() if why in left.get(name, "")} == set(COPIES)
    assert "covariates  age" in said
    written = (tmp_path / "study.yaml").read_text(encoding="utf-8") + (tmp_path / "mapping.csv").read_text(encoding="utf-8")
    assert "100013" not in written + " ".join(said) and "p17" not in written + " ".join(said)


def test_what_is_measured_stays(tmp_path):
    """Whole numbers of uneven size, a marker that goes with the event only in part, a status of the tumor."""
    draw = random.Random(5)
    rows = [
        {
            "id": i, "arm": "ab"[arm], "os_months": time, "os_event": int(died), "AFP": int(10 ** draw.uniform(0, 4)),
            "marker": "hi" if died and i % 4 else "lo", "HER2 status": "pn"[i % 2], "end-stage renal disease": i % 3 % 2,
        }
        for i, arm, time, died, _ in drawn()
    ]  # fmt: skip
    _, left, said = begun(tmp_path, rows)
    assert "covariates  AFP, marker, HER2 status, end-stage renal disease" in said and not left


def test_a_repeated_patient_is_no_row(tmp_path):
    rows = [
        {"visit_id": i, "case_no": f"C{i % 30}", "arm": "ab"[arm], "os_months": t, "os_event": int(d)}
        for i, arm, t, d, _ in drawn()
    ]
    found, _, _ = begun(tmp_path, rows)
    said = r"30 different values of 'case_no', 30 of them in several rows.*'visit_id' differs in every row.*--one-row first"
    assert len(found.open) == 1 and re.search(said, found.open[0])


@pytest.mark.parametrize(
    "column", ["age group", "sex", "race", "stage", "center", "ECOG", "prior therapy", "response to treatment"]
)
def test_what_is_never_an_arm(tmp_path, column):
    rows = [{"id": i, column: "ab"[arm], "os_months": t, "os_event": int(d), "age": a} for i, arm, t, d, a in drawn()]
    found, _, said = begun(tmp_path, rows)
    assert not found.open and any(line.startswith("arm         one arm, all patients") for line in said)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("치료군", "arm"), ("治疗分组", "arm"), ("治療群", "arm"), ("Behandlung", "arm"), ("tratamiento", "arm"),
        ("traitement", "arm"), ("braço de tratamento", "arm"), ("trattamento", "arm"),
        ("사망여부", "died"), ("死亡", "died"), ("décès", "died"),
        ("óbito", "died"), ("Überlebenszeit", "time"), ("성별", "sex"), ("idade", "age"), ("생년월일", "identifying"),
        ("geb. Datum", "identifying"), ("data di nascita", "identifying"), ("末次随访", "later"), ("最終確認日", "last"),
    ],
)  # fmt: skip
def test_words_of_nine_languages(name, what):
    assert names(name, what)


def test_endpoints_controls_and_origins():
    assert [endpoint_of(n) for n in ("OStime", "Survie globale (mois)", "무진행생존기간", "OS.time", "dose")] == [
        "os",
        "os",
        "pfs",
        "os",
        "",
    ]
    assert control("Placebo") and control("대조군") and control("témoin") and not control("Drug A")
    assert profile_of(["PATIENT_ID", "os_months", "OS_STATUS", "AGE"]) == "cBioPortal, clinical data" and profile_of(["a"]) == ""
