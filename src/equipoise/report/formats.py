"""The formats that a report and a study plan may be asked for, and what writes each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from equipoise.document.docx import render_docx
from equipoise.document.html import render_html
from equipoise.document.model import Document
from equipoise.document.pdf import render_pdf
from equipoise.errors import EquipoiseError, Fault

RENDERERS: dict[str, Callable[[Document], str | bytes]] = {"html": render_html, "docx": render_docx, "pdf": render_pdf}
PICTURES = ("png", "tiff")  # of figures


def formats_of(asked: str) -> tuple[str, ...]:
    """`html,docx` -> the formats of the report and of its figures, in the order of RENDERERS and PICTURES. Raises EquipoiseError
    for another one, or none."""
    return _chosen(asked, (*RENDERERS, *PICTURES), "a report")


def plan_formats(asked: str) -> tuple[str, ...]:
    """`html,docx` -> the formats of the study plan. Raises EquipoiseError for another one, or none."""
    return _chosen(asked, tuple(RENDERERS), "a plan")


def _chosen(asked: str, there: Sequence[str], what: str) -> tuple[str, ...]:
    named = [word.strip().lower() for word in asked.split(",") if word.strip()]
    strange = [word for word in named if word not in there]
    if strange or not named:
        wrong = f"'{strange[0]}' is none of them" if strange else "none was named"
        raise EquipoiseError(Fault("--formats", "unknown name", f"{what} is written as {', '.join(there)}; {wrong}"))
    return tuple(name for name in there if name in named)
