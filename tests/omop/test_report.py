"""What the report says of a study on OMOP tables, from the protocol alone."""

from __future__ import annotations

import pytest

from equipoise.document.model import Table
from equipoise.protocol.load import load_protocol
from equipoise.report.assemble import report_document
from equipoise.study import run_study
from omop_cdm import Database


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    database = Database(tmp_path_factory.mktemp("report"))
    database.replaced("{prior_observation_days: 100}", "{washout_days: 180, prior_observation_days: 100}")
    risk = "{kind: on_treatment, gap_days: 30, surveillance_days: 60, switch: censored, days: 365}"
    database.replaced("arms:\n  groups", f"  risk_window: {risk}\narms:\n  groups")
    return report_document(run_study(database.write()), {})


def said(document) -> str:
    return "\n".join(block.text if hasattr(block, "text") else str(block) for block in document.blocks())


@pytest.mark.parametrize(
    "sentence",
    [
        "The index date of a person was the first new record of alfa or beta: the first that began after 180 days without such",
        "back pain (days −60 to 0); albumin, g/dL (any day up to 0)",
        "Of repeated measurements the latest in the window was used (albumin, g/dL).",
        "Time to bleeding (Bleeding) was the time from the index date to the first record of bleeding.",
        "Overall survival (OS) was the time from the index date to death from any cause.",
        "60 days after the end of treatment (exposures at most 30 days apart being one treatment)",
        "the first record of another arm",
    ],
)
def test_methods(document, sentence: str):
    assert sentence in said(document)


def test_concepts_are_listed(document):
    (table,) = [t for t in document.tables() if t.name == "table_concepts"]
    assert isinstance(table, Table)
    cells = [[cell.text for cell in row.cells] for row in table.body]
    assert ["bleeding", "201", "Bleeding", "with descendants", "2"] in cells
    assert ["pain", "203", "Back pain", "alone", "1"] in cells


def test_diagram_has_the_windows(document):
    (figure,) = [f for f in document.figures() if "design_diagram" in f.name]
    assert "Washout, days −180 to −1, no record of any arm" in figure.alt
    assert "Under observation, days −100 to 0" in figure.alt
    assert "Baseline variables, day 0, age" in figure.alt
    assert "Time to bleeding, from day 1, until bleeding" in figure.alt


def test_an_outcome_without_an_event_of_its_own_is_the_time_to_it(tmp_path):
    """So that its curve says who is free of it, and overall survival stays what it is."""
    endpoints = load_protocol(Database(tmp_path).write()).endpoints
    found = {name: (endpoint.label, endpoint.event_label) for name, endpoint in endpoints.items()}
    assert found == {"bleed": ("Time to bleeding", "Bleeding"), "death": ("Overall survival", "Death")}
