"""Small cells of whole studies: nothing that a run wrote or said tells a count below the minimum, nor can one be computed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from attacker import Attack, rows_of
from tests.conftest import blank
from tests.sheet import Sheet

from equipoise.audit.audit import audit_folder
from equipoise.audit.web import read_html
from equipoise.audit.word import read_docx
from equipoise.disclosure.mask import masked_study
from equipoise.errors import EquipoiseError
from equipoise.records import Study
from equipoise.report.bundle import write_report
from equipoise.report.rows import results_csv
from equipoise.reproduce.write import export_study
from equipoise.study import run_study

LEAST = 5
WHO = r"(?:patients?|events?|pairs?|deaths?|responders?|partners?)"
SMALL = [
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d.,<\u2013-])[1-4]\s?{WHO}\b",  # 3 patients
        rf"(?<![\d.,<\u2013-])[1-4] of (?:the )?[\d,]+ {WHO}\b",  # 3 of 40 patients
        r"(?<![\d.,<\u2013/-])[1-4] (?:had|could|did|were|was)\b",  # 4 had no partner
        r"(?<![\d./])[1-4]/\d+(?![\d.])",  # 3/40
        r"^[1-4] \([\d.]+\)$",  # 3 (7.5)
        r"\b(?:only one|a single) patient\b",
    )
]
# The sizes of the arms in each design are always shown (docs/protocol.md), and with them how many a design lost of an arm.
SIZES = re.compile(r"^lost\.lost\.\w+\.all\.\w+\.n$")


def masked(study: Study, folder: Path) -> Path:
    asked = study.protocol.model_copy(update={"minimum_cell": LEAST})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.report.sections.parts.render", blank)
        hidden = masked_study(replace(study, protocol=asked))
        write_report(hidden, folder / "out", formats=("html", "docx"))
    (folder / "true.csv").write_text(results_csv(study.estimates, study.protocol), encoding="utf-8")
    return folder


def few(folder: Path, name: str) -> Sheet:
    """A spreadsheet of sixty patients in which levels, events and subgroups are small."""
    sheet = Sheet(folder)
    if name == "rare":  # a level that few have, and an arm with few events
        sheet.columns["stage"] = [s if i % 3 else "I" for i, s in enumerate(sheet.columns["stage"])]
        sheet.columns["stage"] = [
            "III" if i in (4, 17, 31) else "II" if s == "III" else s for i, s in enumerate(sheet.columns["stage"])
        ]
        sheet.columns["dead"] = [d if a == "B" or i % 7 == 0 else 0 for i, (d, a) in enumerate(
            zip(sheet.columns["dead"], sheet.columns["arm"], strict=True))]  # fmt: skip
    if name == "missing":
        sheet.columns["age"] = ["" if i % 17 == 0 else age for i, age in enumerate(sheet.columns["age"])]
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.2}
    sheet.protocol["subgroups"] = {"old": {"label": "Age group", "levels": {"<75": "age < 75", "\u226575": "age >= 75"}}}
    return sheet


@pytest.fixture(scope="module")
def founding_masked(repository: Path, tmp_path_factory) -> Path:
    study = run_study(repository / "src" / "equipoise" / "founding" / "study.yaml")
    return masked(study, tmp_path_factory.mktemp("founding"))


def nothing_follows(folder: Path) -> None:
    attack = Attack(rows_of(folder / "true.csv"), rows_of(folder / "out" / "results.csv"), LEAST)
    hidden = [n for n in attack.exact if n not in attack.shown and 0 < attack.exact[n] < LEAST]
    assert hidden and attack.sums(), "nothing small was there to attack"
    told = [n for n, value in attack.shown.items() if 0 < value < LEAST and n[9] not in ("of", "rows")]
    assert not told
    found = [(".".join(w for w in n if w), *ends) for n, *ends in attack.determined()]
    assert [f for f in found if not SIZES.match(f[0])] == []


def words_of(folder: Path) -> Iterator[tuple[str, str]]:
    """File and text of everything that a reader finds in an output folder."""
    for path in sorted([*folder.glob("*.html"), *folder.glob("*.docx")]):
        page = read_html(path) if path.suffix == ".html" else read_docx(path)
        for paragraph in page.paragraphs:
            yield path.name, paragraph.text
        for figure in page.figures:
            yield path.name, figure.words
        for table in page.tables:
            yield path.name, table.below
            for column, row in ((c, r) for r in table.rows() for c in r.cells):
                if path.name != "comparison.html" or table.columns()[column] == "Obtained":
                    yield f"{path.name} {table.number} {row.label}", row.cells[column].text
    for name in ("log.txt", "README.txt"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            yield name, line


def told(words: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(where, said) for where, said in words if any(p.search(said) for p in SMALL)]


@pytest.mark.slow
def test_nothing_small_follows_from_the_results_of_the_founding_study(founding_masked: Path):
    nothing_follows(founding_masked)


@pytest.mark.slow
def test_no_page_of_the_founding_study_tells_a_small_count(founding_masked: Path):
    assert told(words_of(founding_masked / "out")) == []
    assert [f.sentence() for f in audit_folder(founding_masked / "out")] == []


@pytest.mark.slow
def test_a_comparison_does_not_judge_what_is_masked(founding_masked: Path):
    page = read_html(founding_masked / "out" / "comparison.html")
    rows = [(r, t.columns()) for t in page.tables for r in t.rows() if "Verdict" in t.columns()]
    hidden = [r.cells[c.index("Verdict")].text for r, c in rows if r.cells[c.index("Obtained")].text in ("<5", "masked")]
    assert len(hidden) > 100 and set(hidden) == {"not judged"}


@pytest.mark.parametrize("name", ["plain", "rare", "missing"])
def test_nothing_small_follows_from_a_spreadsheet(name: str, tmp_path: Path):
    folder = masked(run_study(few(tmp_path / "study", name).write()), tmp_path)
    nothing_follows(folder)
    assert told(words_of(folder / "out")) == []
    assert [f.sentence() for f in audit_folder(folder / "out")] == []


def test_no_line_on_the_screen_tells_a_small_count(tmp_path: Path):
    sheet = few(tmp_path, "plain")
    sheet.columns["dead"] = [int(i in (3, 9, 21)) for i in range(60)]
    sheet.protocol["minimum_cell"] = LEAST
    sheet.protocol["cox"] = {}
    lines: list[str] = []
    study = run_study(sheet.write(), lines.append)
    assert "outcomes    OS <5 events" in lines
    assert told(("screen", line) for line in lines) == []
    with pytest.raises(EquipoiseError, match="an export holds every patient"):
        export_study(study, tmp_path / "export", "r")
    assert not (tmp_path / "export").exists()
    assert export_study(study, tmp_path / "export", "r", with_patient_rows=True).is_file()
