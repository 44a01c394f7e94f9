"""How the report is written, beside what is estimated."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from equipoise.protocol.part import Part

ChecklistName = Literal["strobe", "record", "record_pe", "target", "esmo_grow"]
CHECKLISTS: tuple[str, ...] = get_args(ChecklistName)
ThemeName = Literal["plain", "jama", "nejm", "lancet", "bmj", "cmh"]
THEMES: tuple[str, ...] = get_args(ThemeName)
Millimetres = Literal[85, 120, 174]
WIDTHS: tuple[int, ...] = get_args(Millimetres)
Color = Literal["color", "greyscale"]
COLORS: tuple[str, ...] = get_args(Color)


def _whole(given: Any) -> Any:
    """A scalar of YAML is a word until its field says otherwise."""
    return int(given) if isinstance(given, str) and given.isdecimal() else given


Decimals = Annotated[Literal[1, 2, 3], BeforeValidator(_whole)]
Width = Annotated[Millimetres, BeforeValidator(_whole)]


class ReportSettings(Part):
    """checklists: reporting checklists that are filled in; None: STROBE, and TARGET where the study emulates a target trial.
    theme: the journal whose numbers, footnotes and figures the report imitates. width: of its figures on paper, mm.
    ratio_decimals: of hazard, odds and risk ratios. None: as the theme says. language: a folder beside the protocol
    with the texts of another language, in files like those that ship; None: English."""

    checklists: list[ChecklistName] | None = None
    theme: ThemeName = "plain"
    width: Width | None = None
    color: Color = "color"
    ratio_decimals: Decimals | None = None
    language: str | None = Field(None, min_length=1, max_length=500)
