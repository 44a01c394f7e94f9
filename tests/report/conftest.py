"""The studies that the report tests look at, each run once: the spreadsheet example, the founding study, the tiny one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.document.model import Document
from equipoise.records import Study
from equipoise.report.assemble import report_document
from equipoise.report.bundle import write_report
from equipoise.study import run_study
from tiny import tiny_in


@pytest.fixture(scope="session")
def spreadsheet(repository: Path) -> Study:
    return run_study(repository / "examples" / "gbsg2" / "study.yaml")


@pytest.fixture(scope="session")
def founding(repository: Path) -> Study:
    return run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")


@pytest.fixture(scope="session")
def one_arm(lenvatinib_alone: Path) -> Study:
    return run_study(lenvatinib_alone)


@pytest.fixture(scope="session")
def tiny_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return run_study(tiny_in(tmp_path_factory.mktemp("tiny") / "tiny").write())


@pytest.fixture(scope="session")
def undrawn_pages(leave_undrawn: Callable[[pytest.MonkeyPatch], None]) -> Callable[[Study], Document]:
    """The report of a study with blank figures."""

    def pages(study: Study) -> Document:
        with pytest.MonkeyPatch.context() as patch:
            leave_undrawn(patch)
            return report_document(study, {})

    return pages


@pytest.fixture(scope="session")
def spreadsheet_folder(spreadsheet: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(spreadsheet, tmp_path_factory.mktemp("spreadsheet") / "out", log=["a line"])


@pytest.fixture(scope="session")
def spreadsheet_document(undrawn_pages, spreadsheet: Study) -> Document:
    return undrawn_pages(spreadsheet)


@pytest.fixture(scope="session")
def founding_document(undrawn_pages, founding: Study) -> Document:
    return undrawn_pages(founding)


@pytest.fixture(scope="session")
def one_arm_document(undrawn_pages, one_arm: Study) -> Document:
    return undrawn_pages(one_arm)


@pytest.fixture(scope="session")
def tiny_document(undrawn_pages, tiny_study: Study) -> Document:
    return undrawn_pages(tiny_study)


@pytest.fixture(scope="session")
def documents(
    spreadsheet_document: Document, founding_document: Document, tiny_document: Document, one_arm_document: Document
) -> list[Document]:
    return [spreadsheet_document, founding_document, tiny_document, one_arm_document]


@pytest.fixture(scope="session")
def reports(founding_document: Document, spreadsheet_document: Document, one_arm_document: Document) -> dict[str, Document]:
    """The reports of three studies, a dot for each figure."""
    return {"founding": founding_document, "spreadsheet": spreadsheet_document, "one_arm": one_arm_document}
