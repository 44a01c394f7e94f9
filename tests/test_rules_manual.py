"""The manual's chapters on the clinical rules are those that the rules and their tests give."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "docs" / "make_rules.py"


@pytest.fixture(scope="module")
def make_rules():
    import sys

    spec = importlib.util.spec_from_file_location("make_rules", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_rules"] = module
    spec.loader.exec_module(module)
    return module


def test_committed_chapters_are_current(make_rules):
    for name, text in make_rules.chapters().items():
        committed = SCRIPT.parent / "rules" / name
        assert committed.is_file(), name
        assert committed.read_text(encoding="utf-8") == text, f"{name} is not current: run python docs/make_rules.py"


def test_every_committed_chapter_is_made(make_rules):
    assert {p.name for p in (SCRIPT.parent / "rules").glob("*.md")} == set(make_rules.chapters())


def test_every_rule_belongs_to_a_chapter_with_drawn_patients(make_rules):
    """Every .sql file that decides something must stand in a chapter."""
    root = make_rules.SQL
    said = {
        f.relative_to(root).as_posix() for c in make_rules.CHAPTERS for name in c.sql for f in make_rules._sql_files(root / name)
    }
    rules = {f.relative_to(root).as_posix() for folder in ("derive", "outcomes", "packs") for f in (root / folder).rglob("*.sql")}
    assert rules <= said
    assert all(c.tests or c.pack for c in make_rules.CHAPTERS), "a pack of expressions holds its own vectors"


def test_settings_are_those_of_the_protocol(make_rules):
    best = make_rules.chapters()["best_response.md"]
    assert "| `response.sd_minimum_days` | 42 |" in best and "| `response.confirmation` | no |" in best


def test_cuts_are_those_of_the_rules(make_rules):
    words = make_rules.chapters()["ctcae.md"]
    assert "| Platelet count decreased | platelets | 10^9/L | < LLN | < 75 | < 50 | < 25 |" in words


def test_a_chapter_holds_rule_paper_and_cases(make_rules):
    liver = make_rules.chapters()["liver.md"]
    assert "Pugh et al., Br J Surg 1973" in liver
    assert "| 7-9 is class B either way | inr –, ascites moderate | 7 | 9 | B |" in liver
