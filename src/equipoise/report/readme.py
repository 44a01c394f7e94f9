"""README.txt of an output folder: what lies there, file by file, and how to cite it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from equipoise.records import Study
from equipoise.report.manifest import versions

FILES = {
    "manuscript.docx": "title page, abstract, methods, results, tables and figures for a journal (Word)",
    "manuscript.pdf": "the same as a tagged PDF",
    "manuscript.html": "the same as one web page",
    "supplement.docx": "supplementary methods, tables and figures (Word)",
    "supplement.pdf": "the same as a tagged PDF",
    "supplement.html": "the same as one web page",
    "graphical_abstract.svg": "the study in one picture: flow, arms, curves and three numbers",
    "graphical_abstract.pdf": "the same with embedded fonts",
    "graphical_abstract.png": "the same at 300 dots per inch, 174 mm wide",
    "report.html": "the whole report on one page, with settings and provenance; open it in a browser",
    "numbers.html": "where each number of the report comes from: its row, its method, the SQL of its input",
    "comparison.html": "the results beside those of the publication that the protocol names",
    "quality.html": "findings of data quality, by rule",
    "tables.xlsx": "every table as a sheet of one workbook, cells as text exactly as printed",
    "tables.tex": "a LaTeX document that reads every table of the folder tables",
    "results.csv": "every estimated number, one per row: key, value, unit, interval, method, convention",
    "results.parquet": "the same rows, typed, for R, Python or SAS",
    "audit.csv": "what does not agree in the finished files, read back from disk; a heading alone: nothing",
    "manifest.json": "protocol settings, versions, and SHA-256 of every input and every file written",
    "codebook.md": "the tables, columns, items and units that the study may bring",
    "references.bib": "the references of the manuscript, for a reference manager",
    "patients.csv": "ONE ROW PER PATIENT: keep it where patient data may lie",
    "log.txt": "what the run said, phase by phase",
}
FOLDERS = {
    "tables": "every table as files of its own; a csv opens in a spreadsheet, a tex is read by a LaTeX document",
    "figures": "every figure as files of its own, at the size it is printed",
    "sql": "the SQL of every derived table, in the order it was run; each runs alone in the data folder, or says which file "
    "to put there",
}
WIDTH, STUB = 100, 20


def readme(study: Study, folder: Path) -> str:
    """The text, for the files that lie in the folder now and those that are always added."""
    files = {p.name for p in folder.iterdir() if p.is_file()} | {"log.txt", "manifest.json"}
    kinds = {p.name: _kinds(p.iterdir()) for p in sorted(folder.iterdir()) if p.is_dir()}
    protocol = study.protocol
    lines = [protocol.study.title, "=" * min(len(protocol.study.title), WIDTH), ""]
    if protocol.study.notice:
        lines += [*_wrapped(f"NOTE: {protocol.study.notice}"), ""]
    lines += ["What lies in this folder", "------------------------", ""]
    for name in [*FILES, *sorted(files - set(FILES))]:
        if name in files:
            lines += _entry(name, FILES.get(name, ""))
    lines += [line for name, held in kinds.items() for line in _entry(f"{name}/", f"{FOLDERS.get(name, '')} ({held})")]
    lines += ["", "How to cite", "-----------", "", *_cited(study), ""]
    return "\n".join(line.rstrip() for line in lines)


def _cited(study: Study) -> Iterator[str]:
    made = versions()
    yield from _wrapped(
        f"Analyses were performed with Equipoise {made['Equipoise']} (Python {made['Python']}) from the protocol "
        f"{Path(study.protocol.file).name}, SHA-256 {study.protocol.sha256}."
    )
    yield ""
    yield from _wrapped(
        "A number is cited by its key in results.csv; the same protocol, data and versions give the same bytes again."
    )


def _kinds(files: Iterable[Path]) -> str:
    """`22 csv, 22 xlsx` of the files of a folder."""
    count: dict[str, int] = {}
    for file in sorted(files):
        kind = file.suffix.removeprefix(".") or "file"
        count[kind] = count.get(kind, 0) + 1
    return ", ".join(f"{n} {kind}" for kind, n in sorted(count.items()))


def _entry(name: str, said: str) -> list[str]:
    return _wrapped(f"{name:<{STUB - 1}} {said}", " " * STUB)


def _wrapped(said: str, indent: str = "") -> list[str]:
    return textwrap.wrap(said, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
