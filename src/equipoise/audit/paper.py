"""A PDF as a reader of it: whether it says what its page says. Its text is read by pdftotext (poppler) where that is
installed; elsewhere the file is not read, and `unread` says so."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from equipoise.audit.finding import Finding
from equipoise.audit.page import Page

READER = "pdftotext"
SECONDS = 120
RULE = "the same in every file"
LETTERS = re.compile(r"[^A-Za-z0-9.,\u00b7\u2212<>=%()\u2013-]")  # everything else may be drawn in another order, or as one sign
RIGHT_TO_LEFT = ("R", "AL", "RLE", "RLO", "RLI")
PAGE_NUMBER = re.compile(r"\n\s*\d+\s*\Z")


def unread(folder: Path) -> str:
    """Why the PDFs of a folder cannot be read, a clause; '' where they can or there is none."""
    return f"PDF not read: {READER} is not installed" if any(folder.glob("*.pdf")) and shutil.which(READER) is None else ""


def pdf_agrees(page: Page, path: Path) -> Iterator[Finding]:
    """Paragraphs, cells, notes and titles of a page that the PDF of the same name does not hold; each text once."""
    told = _text(path, page.notice)
    if told is None:
        return
    seen: set[str] = set()
    for place, row, column, words in _texts(page):
        bare = _bare(words)
        if bare in seen or _turned(words):
            continue
        seen.add(bare)
        if bare not in told:
            shown = words if len(words) <= 60 else f"{words[:60]}..."
            yield Finding(path.name, place, RULE, f"'{shown}' of {page.file} is not in its text", row, column)


def _texts(page: Page) -> Iterator[tuple[str, str, str, str]]:
    for paragraph in page.paragraphs:
        yield paragraph.section, "", "", paragraph.text
    for table in page.tables:
        yield table.number, "", "", table.title
        yield table.number, "", "", table.below
        for row in table.head:
            yield from ((table.number, "", "", cell.text) for cell in row)
        columns = table.columns()
        for line in table.rows():
            yield from ((table.number, line.label, columns[at], cell.text) for at, cell in line.cells.items())
    for figure in page.figures:
        yield figure.number, "", "", figure.title


def _text(path: Path, notice: str) -> str | None:
    """The text of all pages in the order in which it was written, without what stands above and below each of them; None where
    nothing reads it."""
    reader = shutil.which(READER)
    if reader is None or not path.is_file():
        return None
    command = [reader, "-raw", "-enc", "UTF-8", str(path), "-"]
    try:
        read = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    pages = read.stdout.decode("utf-8", errors="replace").split("\f")
    return "".join(_bare(PAGE_NUMBER.sub("", page.rstrip())).removeprefix(_bare(notice)) for page in pages)


def _bare(words: str) -> str:
    return LETTERS.sub("", unicodedata.normalize("NFKC", words))


def _turned(words: str) -> bool:
    """Whether a part of it is written from right to left."""
    return any(unicodedata.bidirectional(sign) in RIGHT_TO_LEFT for sign in words)
