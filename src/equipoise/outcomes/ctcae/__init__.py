"""Laboratory values graded by the Common Terminology Criteria for Adverse Events (CTCAE): rules as data, one SQL for all.

`define_lab_grades(engine)` reads the tables of the contract; `define_rules(engine)` and the text of lab_grade.sql grade any
relation `lab_value`. See README.md for the form of the rules and their sources.
"""

from equipoise.outcomes.ctcae.lab_grades import define_lab_grades
from equipoise.outcomes.ctcae.rules import define_rules, undecided_grades

__all__ = ["define_lab_grades", "define_rules", "undecided_grades"]
