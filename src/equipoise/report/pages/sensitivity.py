"""The sensitivity bundle as a page of its own, with its numbers as a table; written into a folder of its own."""

from __future__ import annotations

from pathlib import Path

from equipoise.document.html import render_html
from equipoise.document.model import Document, Section, numbered, text
from equipoise.errors import EquipoiseError, Fault
from equipoise.folders import added, write
from equipoise.records import Estimates, Row, Study
from equipoise.report.language import written
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.lock import locked
from equipoise.report.rows import results_csv
from equipoise.report.sections.bundle import bundle_section
from equipoise.report.words import words


def write_sensitivity(study: Study, out: Path) -> Path:
    """sensitivity.csv, sensitivity.html and the forest (svg, pdf, png); the page's path. Raises EquipoiseError where there are no
    two arms to compare."""
    with written(study.protocol), added(Path(out), "sensitivity", whole=True) as folder:
        document = sensitivity_document(study)
        write(folder / "sensitivity.csv", results_csv(of_bundle(study), study.protocol))
        write(folder / "sensitivity.html", render_html(document))
        for figure in document.figures():
            write(folder / "forest.svg", figure.drawing.svg)
            write(folder / "forest.pdf", figure.drawing.pdf)
            write(folder / "forest.png", figure.drawing.png)
    return Path(out) / "sensitivity.html"


def sensitivity_document(study: Study) -> Document:
    """What the lock says, then the bundle, in the theme of the study's report."""
    with written(study.protocol):
        return _document(study, Numbers(study))


def _document(study: Study, numbers: Numbers) -> Document:
    bundle = bundle_section(numbers)
    if bundle is None:
        message = "the sensitivity bundle looks at the difference between arms, and no arms could be compared"
        raise EquipoiseError(Fault(study.protocol.file, "nothing to compare", message))
    said = locked(numbers)
    blocks = (*([text(" ".join(said))] if said else []), *bundle.blocks)
    info = study.protocol.study
    section = Section(bundle.anchor, bundle.title, blocks)
    return numbered(
        Document(
            words("sensitivity.title", study=info.title),
            (section,),
            (words("sensitivity.lead"),),
            info.notice,
            foot=words("sensitivity.foot"),
        )
    )


def of_bundle(study: Study) -> Estimates:
    """The rows that the page prints: of the bundle, and the effects that the study has anyway."""
    return Estimates({key: row for key, row in study.estimates.rows.items() if _printed(row)})


def _printed(row: Row) -> bool:
    effect = row.phase == "survival" and row.analysis in ("cox", "cox_imputed") and row.statistic in ("hr", "p")
    return effect or row.phase == "sensitivity" or (row.phase == "effect" and row.analysis == "rmst")
