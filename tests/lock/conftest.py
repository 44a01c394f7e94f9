"""A matched study of a spreadsheet, without drawings."""

from __future__ import annotations

import pytest

from sheet import Sheet


@pytest.fixture(autouse=True)
def _undrawn(undrawn):
    """What the page says is looked at, not its figures."""


@pytest.fixture
def matched(sheet) -> Sheet:
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.5}
    return sheet
