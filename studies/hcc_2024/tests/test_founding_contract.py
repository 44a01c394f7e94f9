"""The raw tables satisfy the contract: columns, types, codes, ranges, keys, known patients, dates in order; and are anonymous."""

from datetime import date

import pytest

from hcc_2024.raw_engine import ORDER, TABLES

CUTOFF = "2023-09-30"
OPTIONAL = {"prior_treatment", "recorded_response"}  # tables that the founding study does not bring
ALLOWED_TEXT = {"site": {"Site A", "Site B"}}


def test_all_tables_are_there(founding):
    assert set(founding.tables) == set(TABLES) - OPTIONAL
    assert sum(p.stat().st_size for p in founding.folder.iterdir()) < 3_000_000


@pytest.mark.parametrize("name", sorted(set(TABLES) - OPTIONAL))
def test_columns_types_codes_ranges(founding, name):
    table, rows = TABLES[name], founding.tables[name]
    given = [c for c in table.columns if rows and c.name in rows[0]]
    names = [c.name for c in given]
    assert rows and list(rows[0]) == [c for c in ORDER.get(name, names) if c in names]
    assert not [c.name for c in table.columns if c.required and c not in given]
    for column in given:
        for text in (r[column.name] for r in rows):
            if text == "":
                assert not column.required, column.name
                continue
            if column.kind == "date":
                assert date.fromisoformat(text).isoformat() == text
            elif column.kind == "boolean":
                assert text in ("true", "false")
            elif column.kind in ("integer", "number"):
                value = int(text) if column.kind == "integer" else float(text)
                assert column.low is None or value >= column.low
                assert column.high is None or value <= column.high
            assert not column.values or text in column.values, (column.name, text)


@pytest.mark.parametrize("name", sorted(set(TABLES) - OPTIONAL))
def test_keys_and_patients(founding, name):
    table, rows = TABLES[name], founding.tables[name]
    people = {r["patient_id"] for r in founding.tables["patient"]}
    assert {r["patient_id"] for r in rows} <= people
    if table.key:
        keys = [tuple(r[k] for k in table.key) for r in rows]
        assert len(keys) == len(set(keys))


def test_no_date_after_cutoff_or_last_contact(founding):
    end = {r["patient_id"]: r["last_contact"] for r in founding.tables["followup"]}
    for name, rows in founding.tables.items():
        columns = [c.name for c in TABLES[name].columns if c.kind == "date" and c.name != "data_cutoff"]
        for r in rows:
            for c in columns:
                assert r.get(c, "") <= min(CUTOFF, end[r["patient_id"]]), (name, r)


def test_same_day_results_are_identical(founding):
    for name, item in (("lab", "analyte"), ("observation", "item"), ("serology", "test")):
        seen = {}
        for r in founding.tables[name]:
            key = (r["patient_id"], r["date"], r[item])
            assert seen.setdefault(key, r) == r, key


def test_events_and_doses_in_order(founding):
    for r in founding.tables["ae"] + founding.tables["exposure"]:
        assert not r["stop"] or r["stop"] >= r["start"]
        assert founding.days(r["patient_id"], r["start"]) >= 0


def test_nobody_real(founding):
    """Pseudonyms only, two unnamed sites, and a README that says what the data are."""
    for r in founding.tables["patient"]:
        assert r["patient_id"][0] == "P" and r["patient_id"][1:].isdigit() and len(r["patient_id"]) == 4
        assert r["site"] in ALLOWED_TEXT["site"]
    readme = (founding.folder / "README.md").read_text(encoding="utf-8").lower()
    assert "synthetic" in readme and "no real person" in readme and "seed" in readme
