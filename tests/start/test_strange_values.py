"""Values of strangers' files: events of which one side alone is written, states of life in other words, words for no value in
nine languages, a time in a unit that nobody lives to see. Invented patients; what is right was drawn with them."""

from __future__ import annotations

import random

import pytest
from beginning import write_csv

from equipoise.errors import EquipoiseError
from equipoise.start.begin import begin_study
from equipoise.start.given import Given
from equipoise.study import run_study

N = 70


def cohort(**columns):
    draw = random.Random(5)
    rows = []
    for i in range(N):
        r = {"i": i, "days": draw.randint(20, 900), "died": draw.random() < 0.6, "other": draw.random() < 0.3, "x": draw.random()}
        arm = {"id": f"Q{i}", "arm": "AB"[draw.random() < 0.5], "age": draw.randint(35, 84), "os_days": r["days"]}
        rows.append(arm | {name: write(r) for name, write in columns.items()})
    return rows


DEATHS = sum(draw["dead"] for draw in cohort(dead=lambda r: r["died"]))


def begun(folder, rows, **given):
    said: list[str] = []
    found = begin_study([write_csv(folder / "d.csv", rows)], given=Given(**given), say=said.append)
    return found, said


@pytest.mark.parametrize("written", ["1", "x", "Y", "ja", "✓"])
def test_an_event_alone_is_a_question_and_its_answer_counts_everybody(tmp_path, written):
    rows = cohort(died=lambda r: written if r["died"] else "")
    open_one, _ = begun(tmp_path / "a", rows)
    assert [q for q in open_one.open if q.startswith("event: 'died'") and f"nothing in {N - DEATHS} rows" in q]
    found, _ = begun(tmp_path / "b", rows, happened=(written,))
    assert not found.open
    study = run_study(found.path)
    (endpoint,) = study.outcomes.endpoints.values()
    assert study.cohort.n == N and int(endpoint.event.sum()) == DEATHS


STATES = {
    "최종상태": (("암사망", "기타사망"), ("무병생존", "추적소실")),
    "最終確認": (("原病死", "他病死"), ("無再発生存", "担癌生存")),
    "situación": (("fallecido", "fallecido"), ("vivo", "vivo con enfermedad")),
    "vitalstat": (("D", "D"), ("A", "A")),
    "décès": (("O", "O"), ("N", "N")),
    "verstorben": (("J", "J"), ("N", "N")),
    "éxitus": (("S", "S"), ("N", "N")),
    "Did the patient die?": (("Yes", "Yes"), ("No", "No")),
}


@pytest.mark.parametrize("name", STATES)
def test_states_of_life_in_other_words(tmp_path, name):
    rows = cohort(**{name: lambda r: STATES[name][not r["died"]][r["other"]]})
    found, said = begun(tmp_path, rows)
    assert not found.open, found.open
    study = run_study(found.path)
    (endpoint,) = study.outcomes.endpoints.values()
    assert int(endpoint.event.sum()) == DEATHS


def test_codes_in_between_are_told(tmp_path):
    _, said = begun(tmp_path, cohort(status=lambda r: 0 if not r["died"] else 1 + r["other"]))
    assert any(line.startswith("event") and "1 in between is taken as a competing event; CONFIRM" in line for line in said)


WORDS = [
    "k.A.",
    "nicht bekannt",
    "inconnu",
    "sin datos",
    "sconosciuto",
    "não informado",
    "미측정",
    "不明",
    "缺失",
    ".A",
    "#NULL!",
]


@pytest.mark.parametrize("word", WORDS)
def test_words_for_no_value(tmp_path, word):
    found, said = begun(
        tmp_path, cohort(albumin=lambda r: word if r["x"] < 0.1 else round(30 + 20 * r["x"], 1), dead=lambda r: +r["died"])
    )
    assert "covariates  age, albumin" in said
    assert word in found.path.read_text(encoding="utf-8")


def test_signs_in_brackets_are_results(tmp_path):
    _, said = begun(tmp_path, cohort(PVTT=lambda r: ("(-)", "(+)")[r["other"]], dead=lambda r: +r["died"]))
    assert "covariates  age, PVTT" in said


def test_two_doses_may_be_the_arms(tmp_path):
    rows = [{("dose group" if k == "arm" else k): v for k, v in r.items()} for r in cohort(dead=lambda r: +r["died"])]
    _, said = begun(tmp_path, rows)
    assert any(line.startswith("arm         'dose group'") for line in said)


def test_a_time_that_nobody_lives_to_see_is_refused(tmp_path):
    """Microseconds under the name of days: as times they cost all memory."""
    rows = cohort(dead=lambda r: +r["died"])
    found, _ = begun(tmp_path, [r | {"os_days": r["os_days"] * 86_400_000_000} for r in rows])
    with pytest.raises(EquipoiseError, match="row 2, column os_days: the time of 'Overall survival' is above 150 years in days"):
        run_study(found.path)
