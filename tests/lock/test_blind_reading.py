"""A design reads no outcome: whatever the tables and columns of the course hold, or whether they are there at all."""

from __future__ import annotations

import pytest
from locking import locked

from equipoise.data.sources import read_sources
from equipoise.errors import DataError
from equipoise.protocol.blinded import without_outcomes
from equipoise.protocol.load import load_protocol
from equipoise.study import run_study

COURSE = ("followup", "visit_imaging", "lesion", "lesion_measure", "ae")
SPOILED = {
    "bytes that are no table": lambda path: path.write_bytes(b"\x00\xff\xfe\x00 no table \x00"),
    "words for numbers and dates": lambda path: path.write_text(
        path.read_text(encoding="utf-8").splitlines()[0] + "\n" + "never,sometimes,x,y,z,q,r\n" * 3, encoding="utf-8"
    ),
    "no file": lambda path: path.unlink(),
}


def made(study):
    return study.lock.lock.made


@pytest.mark.parametrize("how", SPOILED)
def test_tables_of_the_course_are_not_opened(tiny, how):
    whole = locked(tiny.write())
    for name in COURSE:
        SPOILED[how](tiny.folder / "data" / f"{name}.csv")
    (tiny.folder / "design.lock").unlink()
    (tiny.folder / "design.html").unlink()
    study = locked(tiny.path)
    assert made(study) == made(whole) and study.lock.lock.data == whole.lock.lock.data
    assert set(study.sources.tables) == {"patient", "index_treatment", "observation"}
    with pytest.raises(DataError):
        run_study(tiny.path)


def test_the_design_is_the_one_that_a_run_makes(tiny):
    study, whole = locked(tiny.write()), run_study(tiny.path)
    assert whole.lock.lock == study.lock.lock or whole.lock.lock.made == made(study)
    for design in study.designs:
        assert (design.pair == whole.designs[design.name].pair).all()
    rows = whole.estimates.rows
    assert {k: r.value for k, r in study.estimates.rows.items() if r.value == r.value}.items() <= {
        k: r.value for k, r in rows.items()
    }.items()


@pytest.mark.parametrize("columns", [("days",), ("dead",), ("days", "dead")])
@pytest.mark.parametrize("what", ["words", "gone", "empty"])
def test_columns_of_an_endpoint_are_not_opened(matched, columns, what):
    whole = locked(matched.write())
    for name in columns:
        if what == "gone":
            del matched.columns[name]
        else:
            matched.columns[name] = ["never" if what == "words" else ""] * len(matched.columns["id"])
    for file in ("design.lock", "design.html"):
        (matched.folder / file).unlink()
    study = locked(matched.write())
    assert made(study) == made(whole) and study.lock.lock.data == whole.lock.lock.data
    there = study.sources.engine.columns("patients")
    assert not {"days", "dead"} & set(there)


def test_what_an_exclusion_asks_is_read_and_nothing_beside_it(tiny):
    asked = '        - {reason: "No readable scan", table: visit_imaging, where: "evaluable", absent: true, known: index}\n'
    tiny.protocol = tiny.protocol.replace("covariates:\n", asked + "covariates:\n", 1)
    whole = locked(tiny.write())
    for row in tiny.tables["visit_imaging"]:
        row["scheduled"] = "whenever"  # a column that nobody asks
    study = locked(tiny.write(), 1)
    assert made(study) == made(whole) and study.lock.lock.locked == whole.lock.lock.locked
    assert set(study.sources.tables) == {"patient", "index_treatment", "observation", "visit_imaging"}
    read = study.lock.lock.data["visit_imaging"]["columns"]
    assert set(read) == {"patient_id", "visit", "date", "evaluable"}
    tiny.tables["visit_imaging"][0]["evaluable"] = "perhaps"
    with pytest.raises(DataError, match="visit_imaging.csv, row 2, column evaluable"):
        locked(tiny.write())


def test_a_covariate_known_later_is_not_read(matched):
    matched.columns["cycles"] = ["many"] * 60
    matched.protocol["covariates"]["cycles"] = {
        "label": "Cycles given", "kind": "continuous", "from": "cycles", "known": "after_index",
    }  # fmt: skip
    study = locked(matched.write())
    assert "cycles" not in study.covariates.values and "cycles" not in study.sources.engine.columns("patients")


def test_closing_twice_is_closing_once(tiny, matched):
    for path in (tiny.write(), matched.write()):
        once = without_outcomes(load_protocol(path))
        assert without_outcomes(once) == once and not once.endpoints and not once.sources and once.response is None
        assert read_sources(once).tables.keys() <= {"patient", "index_treatment", "observation", "patients"}


def test_a_fault_of_the_baseline_still_stops(tiny):
    tiny.tables["patient"][0]["age_index"] = 640
    with pytest.raises(DataError, match="age_index: out of range"):
        locked(tiny.write())
    assert not (tiny.folder / "design.lock").exists()
