"""The only writer of results: one folder, built beside its place and renamed into it, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from equipoise.audit.audit import NAME as AUDIT
from equipoise.audit.audit import audit_folder
from equipoise.audit.finding import Finding, findings_csv
from equipoise.contract import codebook
from equipoise.document.html import render_html
from equipoise.document.latex import book_latex, table_latex
from equipoise.document.model import Figure, Table, table_csv
from equipoise.document.xlsx import tables_xlsx
from equipoise.engine.files import write_parquet
from equipoise.folders import MANIFEST, replaced
from equipoise.folders import write as _write
from equipoise.records import Study
from equipoise.report.abbreviations import abbreviations
from equipoise.report.assemble import report_document
from equipoise.report.bibliography import bibliography
from equipoise.report.figures.graphical_abstract import PAGE_WIDE, graphical_abstract
from equipoise.report.figures.tiff import tiff
from equipoise.report.formats import RENDERERS
from equipoise.report.language import written
from equipoise.report.manifest import manifest, versions
from equipoise.report.pages.comparison import comparison_document
from equipoise.report.pages.numbers import FILE as NUMBERS
from equipoise.report.pages.numbers import keys_of, linked, numbers_document
from equipoise.report.pages.quality import quality_document
from equipoise.report.paper import manuscript, page, references_bib, supplement
from equipoise.report.progress import Tell, began, telling
from equipoise.report.readme import readme
from equipoise.report.rows import patients_csv, results_csv, results_parquet
from equipoise.report.sections import parts
from equipoise.report.themes import at_width
from equipoise.report.words import words

ON_PAPER = {"manuscript": manuscript, "supplement": supplement}  # file -> what part of the report stands in it


def write_report(
    study: Study,
    out: Path,
    *,
    with_patient_rows: bool = False,
    log: Sequence[str] = (),
    formats: Collection[str] = ("html",),
    tell: Tell | None = None,
    audited: Callable[[Sequence[Finding]], None] = lambda findings: None,
) -> Path:
    """Write the whole report of a study to the folder `out` and return it.

    The folder is built beside `out` and renamed: a run that fails leaves the last good folder as it was. A folder that
    Equipoise did not write, or that holds anything else, is never replaced (EquipoiseError). Patient rows are written
    only when asked for. log: lines for log.txt. formats: of manuscript and supplement, and tiff for figures; the whole report and
    the other pages are always html, figures svg and pdf, with `docx` also png. tell: is called with the name of each figure as it
    is drawn. audited: is called with what the finished files do not agree in, which also stands in audit.csv.
    """
    out = Path(out)
    with replaced(out) as folder, telling(tell), written(study.protocol):
        _pages(study, folder, formats, with_patient_rows)
        _results(study, folder)
        _sql(study, folder, with_patient_rows)
        if study.protocol.data.tables is not None:
            _write(folder / "codebook.md", codebook(study.protocol.contract))
        if with_patient_rows:
            _write(folder / "patients.csv", patients_csv(study))
        findings = audit_folder(folder)
        _write(folder / AUDIT, findings_csv(findings))
        _write(folder / "README.txt", readme(study, folder))
        _write(folder / "log.txt", "".join(f"{line}\n" for line in log))
        _write(folder / MANIFEST, manifest(study, folder))
    audited(findings)
    return out


def _pages(study: Study, folder: Path, formats: Collection[str], patients: bool) -> None:
    """report.html and the page of its numbers, manuscript and supplement in each format, comparison.html where the protocol
    names a publication, and each table and figure as files."""
    comparison = comparison_document(study)
    links = ((words("pages.comparison"), "comparison.html"),) if comparison is not None else ()
    quality = quality_document(study)
    if quality is not None:
        links += ((words("pages.quality"), "quality.html"),)
        _write(folder / "quality.html", render_html(quality, NUMBERS))
    links += ((words("pages.numbers"), NUMBERS),)
    report = report_document(study, versions(study.sources.engine), links)
    _write(folder / "report.html", render_html(linked(page(report), study.estimates.rows), NUMBERS))
    papers, known = bibliography(study.protocol, study.published), abbreviations(study.protocol)
    _write(folder / "references.bib", references_bib(report, papers))
    for file, part in ON_PAPER.items():
        for name in [f for f in formats if f in RENDERERS]:
            _write(folder / f"{file}.{name}", RENDERERS[name](part(report, papers, known)))
    if comparison is not None:
        _write(folder / "comparison.html", render_html(comparison, NUMBERS))
    documents = [document for document in (report, comparison, quality) if document is not None]
    shown = [figure for document in documents for figure in document.figures()]
    numbers = numbers_document(study, keys_of(documents), _sql_files(study), patients, shown)
    _write(folder / NUMBERS, render_html(numbers))
    _tables(report.title, [table for document in documents for table in document.tables()], folder)
    _figures(shown, folder, formats)
    _graphical_abstract(study, folder)


def _graphical_abstract(study: Study, folder: Path) -> None:
    began("graphical abstract")
    with at_width(PAGE_WIDE):
        drawing = parts.render(graphical_abstract(study))
    for kind in ("svg", "pdf", "png"):
        _write(folder / f"graphical_abstract.{kind}", getattr(drawing, kind))


def _tables(title: str, tables: list[Table], folder: Path) -> None:
    """Each as csv and as LaTeX, all of them as one workbook and one LaTeX document."""
    files = []
    for table in tables:
        name = f"tables/{table.name.removeprefix('table_')}"
        _write(folder / f"{name}.csv", "\ufeff" + table_csv(table))
        _write(folder / f"{name}.tex", table_latex(table))
        files.append(name)
    _write(folder / "tables.xlsx", tables_xlsx(tables))
    _write(folder / "tables.tex", book_latex(title, files))


def _figures(figures: list[Figure], folder: Path, formats: Collection[str]) -> None:
    """Each as svg and pdf; as png, which takes the longest, where Word holds it or it is asked for, and so as tiff."""
    for figure in figures:
        name = figure.name.removeprefix("figure_")
        _write(folder / "figures" / f"{name}.svg", figure.drawing.svg)
        _write(folder / "figures" / f"{name}.pdf", figure.drawing.pdf)
        if "docx" in formats or "png" in formats:
            _write(folder / "figures" / f"{name}.png", figure.drawing.png)
        if "tiff" in formats:
            _write(folder / "figures" / f"{name}.tiff", tiff(figure.drawing.png))


def _results(study: Study, folder: Path) -> None:
    _write(folder / "results.csv", results_csv(study.estimates, study.protocol))
    results_parquet(study.estimates, study.protocol, folder / "results.parquet")


def _sql(study: Study, folder: Path, patients: bool) -> None:
    """Each derived relation as a statement that runs alone in the data folder, in the order they were made; with rows of patients
    the copies of files that no statement can read as they are."""
    for name, columns in sorted(study.sources.engine.copies.items()) if patients else ():
        (folder / "sql").mkdir(exist_ok=True)
        write_parquet(folder / "sql" / name, columns())
    for name, file in _sql_files(study).items():
        _write(folder / file, study.sources.engine.script(name))


def _sql_files(study: Study) -> dict[str, str]:
    """Derived relation -> its file."""
    derived = [r.name for r in study.sources.engine.relations.values() if not r.base]
    return {name: f"sql/{i:02d}_{name}.sql" for i, name in enumerate(derived, 1)}
