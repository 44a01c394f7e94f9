"""Reporting checklists: complete by their statements, filled in from what the report holds and nothing else."""

import re
from pathlib import Path

import pytest

import equipoise.report as report
from equipoise.document.model import Figure, Table
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.report_settings import CHECKLISTS
from equipoise.report.assemble import report_document
from equipoise.report.checklists import AUTHORS, REPORTED, Item, answer, checklist
from equipoise.report.checklists.facts import FACTS
from equipoise.report.lookup import Numbers
from equipoise.study import run_study

# How many items each statement has (STROBE for cohort studies with its sub-items), its first and its last.
SIZES = {"strobe": (34, "1a", "22"), "record": (13, "1.1", "22.1"), "record_pe": (15, "4.a", "20.a"), "target": (39, "1a", "21")}
SOURCES = "".join(p.read_text() for p in Path(report.__file__).parent.rglob("*.py"))
LATER = {"abstract", "limitations", "back_matter", "published", "figure_design_diagram"}


@pytest.mark.parametrize("key", SIZES)
def test_a_checklist_has_every_item_of_its_statement(key):
    items = checklist(key).items
    numbers = [item.no for item in items]
    assert (len(items), numbers[0], numbers[-1]) == SIZES[key]
    assert len(set(numbers)) == len(numbers)


def test_the_items_of_target_are_21_with_their_parts():
    numbers = [item.no for item in checklist("target").items]
    assert list(dict.fromkeys(re.match(r"\d+", n)[0] for n in numbers)) == [str(n) for n in range(1, 22)]
    assert [n for n in numbers if n[0] == "6"] == [f"6{part}" for part in "abcdefgh"]
    assert [n for n in numbers if n[0] == "7"] == [*(f"7{part}" for part in "abcdef"), "7g.i", "7g.ii", "7h.i", "7h.ii"]


@pytest.mark.parametrize("key", CHECKLISTS)
def test_what_a_checklist_asks_for_exists(key):
    """Every fact is known, every place is one that a report can hold, and there is always something to say."""
    for item in checklist(key).items:
        of_report = {need for need in item.needs if need not in FACTS}
        assert all(need.startswith("table_") for need in of_report), item.no
        for name in (*item.where, *of_report):
            assert name in LATER or re.search(rf'"{name}["_]', SOURCES), (item.no, name)
        assert item.where or item.task, item.no
        assert item.task or item.absent or not item.needs, item.no


def test_an_item_is_reported_only_where_it_stands():
    item = Item("1", "Flow", where=("figure_flow",), task="Draw it.")
    assert answer(item, None, {"figure_flow": ""}).status == REPORTED
    missing = answer(item, None, {"table_baseline": ""})
    assert (missing.status, missing.words) == (AUTHORS, "Draw it.")


def test_an_item_of_which_a_part_is_left_is_the_authors(tiny_study):
    item = Item("1", "Flow, and why", where=("figure_flow",), also="Say why.")
    found = answer(item, Numbers(tiny_study), {"figure_flow": ""})
    assert (found.status, found.places, found.words) == (AUTHORS, ("figure_flow",), "Say why.")
    item = Item("1", "Dose", where=("methods",), needs=("table_exposure",), task="Describe it.")
    assert answer(item, Numbers(tiny_study), {"methods": ""}).status == AUTHORS
    assert answer(item, Numbers(tiny_study), {"methods": "", "table_exposure": ""}).status == REPORTED


def test_a_report_holds_its_checklists_and_they_point_to_what_is_there(undrawn, tiny):
    study = run_study(tiny.write())
    document = report_document(study, {})
    table = next(t for t in document.tables() if t.name == "table_checklist_strobe")
    rows = {row.cells[0].text: [c.text for c in row.cells[2:]] for row in table.body}
    flow = next(b for b in document.blocks() if isinstance(b, Figure) and b.name == "figure_flow")
    baseline = next(b for b in document.blocks() if isinstance(b, Table) and b.name == "table_baseline")
    assert rows["13c"] == ["Reported", flow.number]
    assert rows["14a"] == ["Reported", baseline.number]
    assert rows["2"][0] == rows["22"][0] == "To be completed by the authors"
    named = {b.number for b in document.blocks() if isinstance(b, Table | Figure)}
    told = re.findall(r"(?:Table|Figure) S?\d+", " ".join(w for cells in rows.values() for w in cells))
    assert told and set(told) <= named


@pytest.mark.parametrize(
    ("metadata", "told"), [('{Funding: "None."}', True), ('{Funding: " "}', False), ('{Ethics: "waived"}', False), ("{}", False)]
)
def test_metadata_answer_an_item_and_an_empty_value_does_not(tiny, metadata, told):
    tiny.protocol = tiny.protocol.replace("study:\n", f"study:\n  metadata: {metadata}\n", 1)
    assert FACTS["metadata_funding"](Numbers(run_study(tiny.write()))) is told


def test_another_name_of_a_checklist_is_a_fault_with_its_line(tiny):
    tiny.protocol += "report: {checklists: [consort]}\n"
    with pytest.raises(ProtocolError, match="checklists"):
        load_protocol(tiny.write())


def test_no_checklist_where_none_is_asked_for(undrawn, tiny):
    tiny.protocol += "report: {checklists: []}\n"
    document = report_document(run_study(tiny.write()), {})
    assert not any(t.name.startswith("table_checklist") for t in document.tables())
