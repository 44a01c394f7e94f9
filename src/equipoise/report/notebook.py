"""The tables and figures of a study in a notebook: each shows itself, and a figure can be changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.document.html import render_block
from equipoise.document.model import Figure, Table, table_csv
from equipoise.records import Study
from equipoise.report.assemble import report_document
from equipoise.report.figures.canvas import render
from equipoise.report.kept import keeping
from equipoise.report.manifest import versions
from equipoise.report.themes import Theme, asked, themed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawn


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as the report prints it."""

    table: Table

    def _repr_html_(self) -> str:
        return render_block(self.table)

    def frame(self) -> pd.DataFrame:
        """The cells as printed, text all of them; labels under one another are indented by two blanks."""
        import pandas as pd

        heads, *rows = csv.reader(io.StringIO(table_csv(self.table)))
        return pd.DataFrame(rows, columns=heads)


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure as the report prints it. drawn: as matplotlib drew it. theme: of the report."""

    figure: Figure
    drawn: Drawn
    theme: Theme

    def _repr_html_(self) -> str:
        return render_block(self.figure)

    def restyled(self, change: Callable[[Drawn], object]) -> FigureView:
        """The figure after `change`, which is given what matplotlib drew; changes add up."""
        change(self.drawn)
        with themed(self.theme):
            drawing = render(self.drawn)
        return replace(self, figure=replace(self.figure, drawing=drawing))

    def save(self, path: str | Path) -> Path:
        """Write the figure as svg, pdf or png, by the ending of the name. ValueError for another ending."""
        target = Path(path)
        kinds: dict[str, Callable[[], str | bytes]] = {
            ".svg": lambda: self.figure.drawing.svg,
            ".pdf": lambda: self.figure.drawing.pdf,
            ".png": lambda: self.figure.drawing.png,
        }
        if target.suffix not in kinds:
            raise ValueError(f"a figure is saved as {', '.join(kinds)}, not as '{target.suffix}'")
        made = kinds[target.suffix]()
        target.write_bytes(made.encode("utf-8") if isinstance(made, str) else made)
        return target


@dataclass(frozen=True, slots=True)
class Views:
    """The tables and figures of a study by the names of their files."""

    tables: Mapping[str, TableView]
    figures: Mapping[str, FigureView]

    def __getitem__(self, name: str) -> TableView | FigureView:
        """KeyError, which lists the names, for one that the study has not."""
        found = {**self.tables, **self.figures}
        if name not in found:
            raise KeyError(f"'{name}' is none of {', '.join(found)}")
        return found[name]

    def _repr_html_(self) -> str:
        shown = [(name, v.table) for name, v in self.tables.items()] + [(name, v.figure) for name, v in self.figures.items()]
        rows = (f"<tr><td>{escape(b.number)}</td><td>{escape(name)}</td><td>{escape(b.title)}</td></tr>" for name, b in shown)
        return f"<table><thead><tr><th>Number</th><th>Name</th><th>Title</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"


def shown(study: Study) -> Views:
    """Every table and figure of the report of a study, drawn now."""
    look = asked(study.protocol.report)
    with keeping() as drawn:
        report = report_document(study, versions(study.sources.engine))
    tables = {t.name.removeprefix("table_"): TableView(t) for t in report.tables()}
    figures = {f.name.removeprefix("figure_"): FigureView(f, drawn[f.name], look) for f in report.figures()}
    return Views(tables, figures)
