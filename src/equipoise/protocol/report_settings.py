"""How the report is written, beside what is estimated."""

from __future__ import annotations

from typing import Literal, get_args

from equipoise.protocol.part import Part

ChecklistName = Literal["strobe", "record", "record_pe", "target", "esmo_grow"]
CHECKLISTS: tuple[str, ...] = get_args(ChecklistName)


class ReportSettings(Part):
    """checklists: reporting checklists that are filled in; None: STROBE, and TARGET where the study emulates a target trial."""

    checklists: list[ChecklistName] | None = None
