"""What counts as a change after the lock and what does not, the history, and that a lock holds no patient."""

from __future__ import annotations

import copy
import hashlib
import json
import random

import pytest
from locking import NOON, found, locked

from equipoise.errors import DataError, EquipoiseError
from equipoise.report.bundle import write_report
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.lock import locked as said
from equipoise.study import Locking, design_study, run_study


def change(protocol, *path, to):
    *outer, last = path
    for name in outer:
        protocol = protocol[name]
    protocol[last] = to


DECIDES = {
    "caliper": (("design", "caliper"), 0.4, "designs, matched, caliper was 0.5 and is now 0.4"),
    "score": (("design", "propensity"), ["age"], "designs, matched, propensity was age, vi and is now age"),
    "ties": (("design", "ties"), "rows", "designs, matched, ties was identifier and is now rows"),
    "covariate": (("covariates", "age", "from"), "age + 1", "covariates, age, from was age and is now age + 1"),
    "level": (("covariates", "stage", "levels"), {"I": "I", "III": "III", "II": "II", "IV": "IV"}, "covariates, stage, levels"),
    "exclusion": (
        ("eligibility",),
        {"steps": [{"label": "Analysed", "exclude": [{"reason": "Young", "where": "age < 42"}]}]},
        "eligibility, steps was not there",
    ),
    "restriction": (("restrict",), {"old": {"label": "Old", "where": "age > 60"}}, "restrict was not there"),
    "focal arm": (("arms", "focal"), "b", "arms, focal was a and is now b"),
    "thresholds": (("balance",), {"thresholds": [0.05, 0.1]}, "balance, thresholds was 0.1, 0.25 and is now 0.05, 0.1"),
    "a second design": (
        ("sensitivity",), {"propensity_variants": {"other": {"label": "Other", "covariates": ["age", "stage"]}}}, "variants",
    ),
}  # fmt: skip
NO_CHANGE = {
    "title": (("study", "title"), "Another title"),
    "label of an arm": (("arms", "groups", "a", "label"), "Alpha"),
    "label of a covariate": (("covariates", "age", "label"), "Age at diagnosis"),
    "order of levels": (("covariates", "stage", "levels"), {"III": "3", "I": "1", "II": "2"}),
    "blanks": (("covariates", "vi", "from"), "vi   =  1"),
    "order of the score": (("design", "propensity"), ["vi", "age"]),
    "reason for a covariate": (("design", "why"), {"age": "a confounder"}),
    "endpoint": (("endpoints", "os", "event"), "dead = 0"),
    "reference of the hazard ratio": (("arms", "reference"), "a"),
    "models": (("cox",), {"univariable": ["age"]}),
    "subgroups": (("subgroups",), {"g": {"label": "G", "levels": {"young": "age < 60", "old": "age >= 60"}}}),
}


@pytest.mark.parametrize("name", DECIDES)
def test_a_changed_protocol_is_refused_with_what_changed(matched, name):
    locked(matched.write())
    path, to, words = DECIDES[name]
    change(matched.protocol, *path, to=to)
    with pytest.raises(DataError) as refused:
        found(matched.write())
    text = str(refused.value)
    assert words in text and "after it was locked on 2026-03-01 12:00" in text and "--changed-design" in text
    assert any(words in c for c in found(matched.path, accepted=True).changes)


@pytest.mark.parametrize("name", NO_CHANGE)
def test_what_decides_no_design_is_no_change(matched, name):
    first = locked(matched.write())
    path, to = NO_CHANGE[name]
    change(matched.protocol, *path, to=to)
    state = found(matched.write())
    assert state.lock is not None and state.changes == ()
    again = locked(matched.path, 5)
    assert again.lock.lock.locked == first.lock.lock.locked


def test_one_match_by_either_name_is_the_same(matched):
    locked(matched.write())
    matched.protocol["designs"] = {"matched": {"kind": "match", **matched.protocol.pop("design")}}
    assert found(matched.write()).changes == ()


def _one_cell(columns):
    columns["age"][3] += 1


def _two_swapped(columns):
    i, j = columns["age"].index(max(columns["age"])), columns["age"].index(min(columns["age"]))
    columns["age"][i], columns["age"][j] = columns["age"][j], columns["age"][i]


def _one_more(columns):
    for name, cells in columns.items():
        cells.append("P999" if name == "id" else cells[0])


def _one_less(columns):
    for cells in columns.values():
        cells.pop()


def _other_arm(columns):
    columns["arm"][0] = "A" if columns["arm"][0] == "B" else "B"


def _emptied(columns):
    columns["vi"][5] = ""


CHANGED = {
    _one_cell: "values changed in age", _two_swapped: "values changed in age", _one_more: "60 rows then, 61 now",
    _one_less: "60 rows then, 59 now", _other_arm: "values changed in arm", _emptied: "values changed in vi",
}  # fmt: skip


@pytest.mark.parametrize("how", CHANGED, ids=lambda f: f.__name__)
def test_changed_data_are_refused_with_the_column(matched, how):
    locked(matched.write())
    how(matched.columns)
    with pytest.raises(DataError) as refused:
        found(matched.write())
    assert f"the table patients: {CHANGED[how]}" in str(refused.value)
    assert not any(p in str(refused.value) for p in matched.columns["id"])


def test_order_of_rows_and_outcomes_are_no_change(matched):
    locked(matched.write())
    order = list(range(60))
    random.Random(1).shuffle(order)
    matched.columns = {name: [cells[i] for i in order] for name, cells in matched.columns.items()}
    matched.columns["days"] = [d + 400 for d in matched.columns["days"]]
    matched.columns["extra"] = ["x"] * 60
    assert found(matched.write()).changes == ()


def test_follow_up_that_goes_on_is_no_change(tiny):
    locked(tiny.write())
    for row in tiny.tables["followup"]:
        row["data_cutoff"] = "2024-01-01"
    late = dict(tiny.tables["observation"][0], date="2022-12-01", value=1)
    tiny.tables["observation"].append(late)
    assert found(tiny.write()).changes == ()
    early = dict(tiny.tables["observation"][0], date="2020-05-30", value=1)
    tiny.tables["observation"].append(early)
    with pytest.raises(DataError, match="the table observation: 16 rows then, 17 now"):
        found(tiny.write())


def test_records_that_change_places_within_a_patient_are_seen(tiny):
    first = tiny.tables["observation"][0]
    tiny.tables["observation"].append(dict(first, date="2020-05-25", value=1 - first["value"]))
    locked(tiny.write())
    rows = tiny.tables["observation"]
    rows[0]["value"], rows[-1]["value"] = rows[-1]["value"], rows[0]["value"]
    with pytest.raises(DataError, match="values stand in other rows of the same patients"):
        found(tiny.write())


def test_the_lock_holds_no_patient_and_no_value(matched):
    matched.columns["age"] = [a + k / 1000 for k, a in enumerate(matched.columns["age"])]
    matched.protocol["designs"] = {
        "matched": {"kind": "match", **matched.protocol.pop("design")},
        "overlap": {"kind": "weights", "target": "overlap", "propensity": ["age", "vi"]},
    }
    matched.protocol["primary"] = "matched"
    locked(matched.write())
    text = (matched.folder / "design.lock").read_text(encoding="utf-8")
    content = json.loads(text)
    assert not [p for p in matched.columns["id"] if p in text]
    assert not [a for a in matched.columns["age"] if str(a) in text]
    assert len(content["designs"]["matched"]["sets"]) == content["designs"]["matched"]["facts"]["pairs"]
    assert len(content["designs"]["overlap"]["weights"]) == 60
    # whoever has the lock and the identifiers, but not the data, cannot look a patient up
    known = {hashlib.sha256(p.encode()).hexdigest()[:16] for p in matched.columns["id"]}
    assert not known & set(content["designs"]["overlap"]["weights"])
    balance = content["designs"]["matched"]["balance"]
    assert {b["variable"] for b in balance} == {"age", "vi", "stage"}


def test_the_history_is_kept_and_told(matched):
    locked(matched.write())
    change(matched.protocol, "design", "caliper", to=0.4)
    second = locked(matched.write(), 10).lock
    assert second.lock.locked.day == 11 and [e.locked.day for e in second.lock.earlier] == [1]
    change(matched.protocol, "design", "caliper", to=0.3)
    locked(matched.write(), 20)
    study = run_study(matched.path)
    text = " ".join(said(Numbers(study)))
    assert "The design was locked on 21 March 2026, 12:00 UTC (protocol " in text and "before outcome data were accessed." in text
    assert "It replaced 2 earlier locks of 1 March 2026, 12:00 UTC and 11 March 2026, 12:00 UTC." in text
    assert "designs, matched, caliper was 0.5 and is now 0.4" in text and "was 0.4 and is now 0.3" in text
    assert "Whether outcome data were accessed between the locks is not recorded." in text


def test_a_lock_made_beside_a_report_says_that_outcomes_had_been_opened(matched):
    write_report(run_study(matched.write()), matched.folder / "out")
    locked(matched.path)
    text = " ".join(said(Numbers(run_study(matched.path))))
    assert "outcome data had been accessed" in text and "before outcome data were accessed" not in text


def test_without_a_lock_the_report_says_so_once(matched, sheet):
    page = write_report(run_study(matched.write()), matched.folder / "out") / "report.html"
    assert page.read_text(encoding="utf-8").count("The design was not locked before outcome data were accessed.") == 1


def test_a_changed_design_that_was_accepted_is_told_and_two_runs_are_the_same_bytes(matched):
    locked(matched.write())
    change(matched.protocol, "design", "caliper", to=0.4)
    with pytest.raises(DataError, match="caliper was 0.5 and is now 0.4"):
        run_study(matched.write())
    pages = []
    for name in ("first", "second"):
        study = run_study(matched.path, locking=Locking(accepted=True))
        folder = write_report(study, matched.folder / name)
        pages.append([(p.name, p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()])
    assert pages[0] == pages[1]
    text = dict(pages[0])["report.html"].decode()
    assert (
        "The design was changed after it had been locked: the protocol: designs, matched, caliper was 0.5 and is now 0.4." in text
    )


def test_profiles_are_compared_without_the_lock(matched):
    locked(matched.write())
    assert run_study(matched.path, profile="sas").lock.lock is None


SPOILT = {
    "no json": lambda text: "not a lock",
    "a date moved by hand": lambda text: text.replace("2026-03-01T12", "2025-03-01T12"),
    "cut short": lambda text: text[: len(text) // 2],
    "nested without end": lambda text: "[" * 100_000,
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_is_no_lock_is_refused_and_left_alone(matched, how):
    locked(matched.write())
    file = matched.folder / "design.lock"
    file.write_text(SPOILT[how](file.read_text(encoding="utf-8")), encoding="utf-8")
    before = file.read_bytes()
    for refused in (found, locked):
        with pytest.raises(EquipoiseError, match="no lock that Equipoise wrote"):
            refused(matched.path)
    assert file.read_bytes() == before


def test_the_lock_of_another_study_is_none_of_this_one(matched):
    locked(matched.write())
    change(matched.protocol, "study", "id", to="other")
    assert found(matched.write()).lock is None
    with pytest.raises(EquipoiseError, match="lock of another study"):
        locked(matched.path)


def test_a_page_of_somebody_else_is_not_overwritten(matched):
    matched.write()
    (matched.folder / "design.html").write_text("mine", encoding="utf-8")
    with pytest.raises(EquipoiseError, match="would be overwritten"):
        locked(matched.path)
    assert (matched.folder / "design.html").read_text(encoding="utf-8") == "mine"
    assert not (matched.folder / "design.lock").exists()


def test_the_page_shows_the_design_and_no_outcome(matched):
    locked(matched.write())
    page = (matched.folder / "design.html").read_text(encoding="utf-8")
    for words in (
        "The lock",
        "Selection of patients",
        "Baseline characteristics",
        "Propensity scores",
        "In equipoise",
        "Patients retained",
    ):
        assert words in page, words
    assert not [p for p in matched.columns["id"] if p in page]
    assert "Overall survival" not in page and "hazard" not in page.lower()


def test_restricted_populations_are_locked_with_their_designs(matched):
    matched.protocol["restrict"] = {"young": {"label": "Young", "where": "age < 70"}}
    lock = locked(matched.write()).lock.lock
    assert {"young/unadjusted", "young/matched", "matched"} <= set(lock.made)
    assert lock.made["young/matched"]["sets"] != lock.made["matched"]["sets"]
    change(matched.protocol, "restrict", "young", "where", to="age < 69")
    with pytest.raises(DataError, match="restrict, young, where was age < 70 and is now age < 69"):
        found(matched.write())


def test_a_lock_elsewhere_is_named(matched):
    path = matched.write()
    design_study(path, NOON, out=matched.folder / "registry" / "our.lock")
    assert (matched.folder / "registry" / "our.html").exists() and found(path).lock is None
    lines = []
    study = run_study(path, lines.append, locking=Locking(file=matched.folder / "registry" / "our.lock"))
    assert study.lock.lock is not None and study.lock.changes == ()
    assert "lock        locked on 1 March 2026, 12:00 UTC; design and data are as they were" in lines
    with pytest.raises(DataError, match="there is no such file"):
        run_study(path, locking=Locking(file=matched.folder / "nowhere.lock"))
    with pytest.raises(EquipoiseError, match="name the lock otherwise"):
        design_study(path, NOON, out=matched.folder / "lock.html")


def test_confined_a_link_is_not_followed(matched):
    locked(matched.write())
    (matched.folder / "design.lock").rename(matched.folder / "elsewhere.lock")
    (matched.folder / "design.lock").symlink_to(matched.folder / "elsewhere.lock")
    assert run_study(matched.path).lock.lock is not None
    with pytest.raises(DataError, match="--confine does not follow"):
        run_study(matched.path, confine=True)


def test_one_arm_is_locked_too(sheet):
    asked = copy.deepcopy(sheet.protocol)
    asked["arms"] = {"groups": {"all": {"label": "All"}}}
    asked["cox"] = {}
    del asked["design"]
    sheet.protocol = asked
    locked(sheet.write())
    assert found(sheet.path).changes == ()


WEIGHED = {
    "method": ({"method": "entropy"}, "designs, w, method was not there and is now entropy"),
    "truncation": ({"truncate": 0.9}, "designs, w, truncate was not there and is now 0.9"),
    "trimming": ({"trim": {"score": [0.2, 0.8]}}, "designs, w, trim was not there and is now score: [0.2, 0.8]"),
    "classes": ({"kind": "strata", "classes": 3}, "designs, w, classes was not there and is now 3"),
}


@pytest.mark.parametrize("name", WEIGHED)
def test_other_weights_are_another_design(matched, name):
    more, words = WEIGHED[name]
    del matched.protocol["design"]
    matched.protocol["designs"] = {"w": {"kind": "weights", "target": "att", "propensity": ["age", "vi"]}}
    lock = locked(matched.write()).lock.lock
    assert "method" not in lock.request["designs"]["w"]  # of logistic weights, as before there were others
    matched.protocol["designs"]["w"] |= more
    with pytest.raises(DataError) as refused:
        found(matched.write())
    assert words in str(refused.value)
    again = locked(matched.path, 5).lock.lock
    assert found(matched.path).changes == () and again.made["w"]["kind"] == ("strata" if name == "classes" else "weights")
    assert len(again.made["w"]["weights"]) == sum(again.made["w"]["patients"].values())
    assert name != "classes" or len(again.made["w"]["sets"]) == 3


@pytest.mark.parametrize("least", ["", "minimum_cell: 5\n"])
def test_a_lock_beside_a_minimum_cell_is_said_to_be_no_masked_file(tiny, least):
    tiny.protocol += least
    lines: list[str] = []
    design_study(tiny.write(), NOON, say=lines.append)
    assert any("which no minimum cell masks" in line for line in lines) is bool(least)
