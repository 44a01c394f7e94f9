"""A small invented database of the common data model, and what a study makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from omop_cdm import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)
