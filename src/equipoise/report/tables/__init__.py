"""The tables of a report, one function each, from rows to document.Table; None where the study has no such rows."""
