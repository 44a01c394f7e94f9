"""The target trial beside its emulation: every element, in the protocol's words and as the study did it."""

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol
from equipoise.protocol.target_trial import ELEMENTS
from equipoise.report.assemble import report_document
from equipoise.report.lookup import Numbers
from equipoise.report.tables.target_trial import target_trial_table
from equipoise.study import run_study

BLOCK = "target_trial:\n" + "".join(f'  {element}: "trial {element}"\n' for element in ELEMENTS)


def cells(table):
    return {row.cells[0].text: [c.text for c in row.cells[1:]] for row in table.body}


def test_every_element_has_its_specification_and_emulation(tiny):
    tiny.protocol += BLOCK
    rows = cells(target_trial_table(Numbers(run_study(tiny.write()))))
    assert [asked for asked, _ in rows.values()] == [f"Trial {element}" for element in ELEMENTS]
    assert rows["Eligibility criteria"][1] == "Patients in the registry. Excluded: received gammacid; under age"
    assert rows["Assignment"][1] == "Treatment was chosen in routine care; assignment is taken as random given age"
    assert rows["Follow-up"][1] == "From the first dose to the event or censoring"
    assert rows["Outcomes"][1] == "Overall survival (death); Progression-free survival (progression or death)"
    assert all(emulated for _, emulated in rows.values())


def test_words_of_the_protocol_stand_in_place_of_ours(tiny):
    tiny.protocol += BLOCK + '  emulation: {assumptions: "See the supplement"}\n'
    assert cells(target_trial_table(Numbers(run_study(tiny.write()))))["Identifying assumptions"][1] == "See the supplement"


def test_a_trial_that_leaves_out_an_element_is_a_fault(tiny):
    tiny.protocol += BLOCK.replace('  assumptions: "trial assumptions"\n', "")
    with pytest.raises(ProtocolError, match="assumptions"):
        load_protocol(tiny.write())


def test_with_a_target_trial_its_checklist_is_filled_in(undrawn, tiny):
    without = report_document(run_study(tiny.write()), {})
    tiny.protocol += BLOCK
    tables = {t.name: t for t in report_document(run_study(tiny.write()), {}).tables()}
    assert "table_checklist_target" in tables and "table_checklist_target" not in {t.name for t in without.tables()}
    answers = {row.cells[0].text: row.cells[3].text for row in tables["table_checklist_target"].body}
    assert answers["6a"] == answers["7a"] == tables["table_target_trial"].number
