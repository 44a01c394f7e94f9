"""The section of a grouping known after the index date: naive beside corrected, in tables, figures and sentences."""

from equipoise.document.model import table_csv
from equipoise.report.figures.post_index import post_index_figure
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.post_index import post_index
from equipoise.report.tables.post_index import comparison_table, uptake_table


def words(figure) -> str:
    return " ".join(t.get_text() for axes in figure.axes for t in axes.texts).replace("\u00a0", " ")


def test_the_table_holds_naive_and_corrected(founding):
    table = table_csv(comparison_table(Numbers(founding), "third_line", "yes_no"))
    assert '"  Naive, from the index date",86,61,0.51 (0.31–0.85),0.010,0.009' in table
    assert "  Time-dependent Cox model,65,50,0.54 (0.27–1.08),0.080," in table
    assert "Clone-censor-weight" in table and "Landmark" in table


def test_regimens_by_arm_and_cohort(founding):
    table = table_csv(uptake_table(Numbers(founding), "third_line"))
    assert "18 (45.0),44 (51.2)" in table and "15 (83.3)" in table
    assert "of those with progression" in table


def test_no_p_by_type_in_an_arm_with_types_of_one_patient(founding):
    shown = words(post_index_figure(founding, "third_line", "type", "naive"))
    assert "Naive log-rank: no P" in shown and "P < 0.001" not in shown
    assert "Naive log-rank P = 0.953" in shown


def test_each_naive_panel_carries_the_corrected_result(founding):
    shown = words(post_index_figure(founding, "third_line", "yes_no", "naive"))
    assert "Naive log-rank P = 0.009" in shown and "Time-dependent HR 0.54 (0.27–1.08)" in shown


def test_sentences_set_them_side_by_side(founding):
    said = " ".join(post_index(Numbers(founding), "third_line"))
    assert "45.0% (18/40) with lenvatinib and 51.2% (44/86) with sorafenib" in said
    assert "In the unadjusted cohort, with third-line treatment as a time-dependent covariate, the hazard ratio for death" in said
    assert "0.54 (0.27–1.08) with sorafenib; the naive comparison" in said and "0.51 (0.31–0.85) with sorafenib." in said


def test_a_study_without_such_a_block_has_no_such_section(spreadsheet):
    assert not [r for r in spreadsheet.estimates.rows.values() if r.phase == "post_index"]
