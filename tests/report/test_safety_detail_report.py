"""Safety beyond Table 5: every cell is a row, and a study without the rows has no table."""

from equipoise.document.model import table_csv
from equipoise.report.figures.first_event import first_event_alt, first_event_figure
from equipoise.report.lookup import Numbers
from equipoise.report.tables.safety_detail import laboratory_table, led_to_table, rate_table


def test_what_events_led_to_by_term(founding):
    table = table_csv(led_to_table(Numbers(founding)))
    assert "Discontinuation,28 (22.2),12 (30.0),16 (18.6),0.152" in table  # as the publication prints them
    assert "  Proteinuria,8 (6.3),8 (20.0),0,<0.001" in table


def test_rates_with_exact_limits_and_the_number_of_tests(founding):
    table = rate_table(Numbers(founding))
    # R: poisson.test(c(334, 283), c(206.7333, 151.3)) and poisson.test(283, 1.513)
    assert "Any adverse event,283,187.0 (165.9–210.2),334,161.6 (144.7–179.9),0.86 (0.74–1.02),0.073" in table_csv(table)
    assert "23 terms were tested" in table.notes[1]


def test_laboratory_grades_stand_apart_with_their_own_denominators(founding):
    table = laboratory_table(Numbers(founding))
    assert "Proteinuria,26/95 (27.4)" in table_csv(table)
    assert "no attribution" in table.notes[0]


def test_the_first_event_names_grays_test(founding):
    words = " ".join(t.get_text() for axes in first_event_figure(founding).axes for t in axes.texts)
    assert "Gray's test P" in words and "Number at risk" in words
    assert "at 3 months" in first_event_alt(Numbers(founding))


def test_a_spreadsheet_without_events_has_none_of_it(spreadsheet):
    numbers = Numbers(spreadsheet)
    assert led_to_table(numbers) is rate_table(numbers) is laboratory_table(numbers) is first_event_figure(spreadsheet) is None
