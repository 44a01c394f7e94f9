"""What was done to a spreadsheet before it was a table of patients, in the words of the Methods: rows left out, values at a limit
of measurement. How many stands among the findings of the data."""

from __future__ import annotations

from equipoise.protocol.expressions import columns_of
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.words import words


def as_read(numbers: Numbers) -> list[str]:
    """Sentences; none where the file had a row for each patient and numbers alone."""
    sources, said = numbers.study.sources, []
    if sources.reduced is not None:
        said.append(words(f"methods.as_read.{sources.reduced.keep}_row"))
    for rule in ("at_limit", "half", "root_two"):
        columns = {at.column for at in sources.limits if at.rule == rule}
        labels = [c.label for c in numbers.protocol.covariates.values() if columns & set(columns_of(c.from_))]
        if labels:
            said.append(words(f"methods.as_read.{rule}", covariates=fmt.listed([fmt.lower_first(label) for label in labels])))
    return said
