from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import studies

from equipoise.records import Study


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Study]:
    """The study of that name as it is, run once."""
    made: dict[str, Study] = {}

    def study(name: str) -> Study:
        if name not in made:
            made[name] = getattr(studies, name)().run(tmp_path_factory.mktemp(name))
        return made[name]

    return study


@pytest.fixture
def again(tmp_path: Path) -> Callable[[studies.Example], Study]:
    """Run a changed example in a folder of its own."""
    count = iter(range(1000))
    return lambda example: example.run(tmp_path / f"study{next(count)}")
