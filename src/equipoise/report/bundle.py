"""The only writer of results: one folder, built beside its place and renamed into it, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from equipoise.contract import codebook
from equipoise.document.html import render_html
from equipoise.document.model import Document, table_csv
from equipoise.folders import MANIFEST, replaced
from equipoise.folders import write as _write
from equipoise.records import Study
from equipoise.report.assemble import report_document
from equipoise.report.figures.fonts import undrawn_signs
from equipoise.report.manifest import manifest, versions
from equipoise.report.pages.comparison import comparison_document
from equipoise.report.pages.quality import quality_document
from equipoise.report.rows import patients_csv, results_csv, results_parquet


def write_report(study: Study, out: Path, *, with_patient_rows: bool = False, log: Sequence[str] = ()) -> Path:
    """Write the whole report of a study to the folder `out` and return it.

    The folder is built beside `out` and renamed: a run that fails leaves the last good folder as it was. A folder that
    Equipoise did not write, or that holds anything else, is never replaced (EquipoiseError). Patient rows are written
    only when asked for. log: lines for log.txt.
    """
    out = Path(out)
    with replaced(out) as folder:
        _pages(study, folder)
        _results(study, folder)
        _sql(study, folder)
        if study.protocol.data.tables is not None:
            _write(folder / "codebook.md", codebook(study.protocol.contract))
        if with_patient_rows:
            _write(folder / "patients.csv", patients_csv(study))
        _write(folder / "log.txt", "".join(f"{line}\n" for line in log))
        _write(folder / MANIFEST, manifest(study, folder))
    return out


def drawing_remark(study: Study) -> str:
    """A sentence where no typeface of this machine has signs that the protocol's words hold; else ''."""
    words = json.dumps(study.protocol.describe(), ensure_ascii=False)
    missing = undrawn_signs("".join(sorted(set(words))))
    if not missing:
        return ""
    shown = " ".join(missing[:10]) + (" ..." if len(missing) > 10 else "")
    return f"no typeface of this machine has the signs {shown}; figures show boxes in their place: install one that has them"


def _pages(study: Study, folder: Path) -> None:
    """report.html, comparison.html where the protocol names a publication, and each table and figure as files."""
    comparison = comparison_document(study)
    links = (("Comparison", "comparison.html"),) if comparison is not None else ()
    quality = quality_document(study)
    if quality is not None:
        links += (("Data quality", "quality.html"),)
        _write(folder / "quality.html", render_html(quality))
    report = report_document(study, versions(), links)
    _write(folder / "report.html", render_html(report))
    if comparison is not None:
        _write(folder / "comparison.html", render_html(comparison))
    for document in (report, comparison, quality):
        if document is not None:
            _parts(document, folder)


def _parts(document: Document, folder: Path) -> None:
    for table in document.tables():
        _write(folder / "tables" / f"{table.name.removeprefix('table_')}.csv", "\ufeff" + table_csv(table))
    for figure in document.figures():
        name = figure.name.removeprefix("figure_")
        _write(folder / "figures" / f"{name}.svg", figure.drawing.svg)
        _write(folder / "figures" / f"{name}.pdf", figure.drawing.pdf)
        _write(folder / "figures" / f"{name}.png", figure.drawing.png)


def _results(study: Study, folder: Path) -> None:
    _write(folder / "results.csv", results_csv(study.estimates))
    results_parquet(study.estimates, folder / "results.parquet")


def _sql(study: Study, folder: Path) -> None:
    """Each derived relation as a statement that runs alone in the data folder, in the order they were made."""
    derived = [r for r in study.sources.engine.relations.values() if not r.base]
    for i, relation in enumerate(derived, 1):
        _write(folder / "sql" / f"{i:02d}_{relation.name}.sql", study.sources.engine.script(relation.name))
