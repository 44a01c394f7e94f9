"""The planned schedule of imaging assessments."""

from __future__ import annotations

from pydantic import Field

from equipoise.protocol.part import Part


class Assessment(Part):
    """The planned imaging schedule. A scan is missed where two follow each other, or the first follows the index date, by
    more than the interval and its window; two are missed beyond twice that. blinded: whether readers knew the arm, where stated.
    """

    scan_interval_days: int = Field(ge=7, le=400)
    scan_window_days: int = Field(7, ge=0, le=90)
    blinded: bool | None = None

    @property
    def longest_gap(self) -> int:
        """Days from one adequate scan to an event after which two scans were missed."""
        return 2 * (self.scan_interval_days + self.scan_window_days)
