"""The studies that the report tests look at, each run once: the spreadsheet example, the founding study, the tiny one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.document.model import Document, Drawing
from equipoise.records import Study
from equipoise.report.assemble import report_document
from equipoise.report.bundle import write_report
from equipoise.study import run_study

TINY_RUN: list[Study] = []


@pytest.fixture(scope="session")
def spreadsheet(repository: Path) -> Study:
    return run_study(repository / "examples" / "gbsg2" / "study.yaml")


@pytest.fixture(scope="session")
def founding(repository: Path) -> Study:
    return run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")


@pytest.fixture(scope="session")
def one_arm(lenvatinib_alone: Path) -> Study:
    return run_study(lenvatinib_alone)


@pytest.fixture
def tiny_study(tiny) -> Study:
    if not TINY_RUN:
        TINY_RUN.append(run_study(tiny.write()))
    return TINY_RUN[0]


@pytest.fixture(scope="session")
def spreadsheet_folder(spreadsheet: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(spreadsheet, tmp_path_factory.mktemp("spreadsheet") / "out", log=["a line"])


@pytest.fixture
def documents(undrawn, spreadsheet: Study, founding: Study, tiny_study: Study, one_arm: Study) -> list[Document]:
    return [report_document(study, {}) for study in (spreadsheet, founding, tiny_study, one_arm)]


def dotted(figure: object) -> Drawing:
    """A blank in the place of a figure."""
    return Drawing('<svg xmlns="http://www.w3.org/2000/svg" width="10pt" height="10pt"></svg>')


@pytest.fixture(scope="session")
def dot() -> Callable[[object], Drawing]:
    return dotted


@pytest.fixture(scope="session")
def reports(founding: Study, spreadsheet: Study, one_arm: Study) -> dict[str, Document]:
    """The reports of three studies, a dot for each figure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.report.sections.parts.render", dotted)
        studies = {"founding": founding, "spreadsheet": spreadsheet, "one_arm": one_arm}
        return {name: report_document(study, {}) for name, study in studies.items()}
